"""What a llama.cpp model has read of each conversation is kept, and changes nothing of what it says."""

from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from resilience.errors import EngineBusy
from tests.graph.llamas import answer, aside, llama, said, work_of
from tests.graph.prompts import asking
from tests.made.gguf import make_gguf

pytestmark = pytest.mark.anyio

FOX = ("Tell me a long story about a fox. " * 12, "There was a fox.")
HEN = ("Tell me a long story about a hen. " * 12, "There was a hen.")


@pytest.fixture
def anyio_backend() -> str:
    """On a real clock: the engine has real threads."""
    return "asyncio"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_gguf(tmp_path_factory.mktemp("models") / "small.gguf", preset="small", layers=2)


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_gguf(tmp_path_factory.mktemp("models") / "endless.gguf", reply="on and yet more", endless=True)


async def test_of_two_conversations_in_turn_only_what_is_new_is_read(small: Path) -> None:
    async with llama(small, max_tokens=4, temperature=0) as model:
        await said(model, "And then?", *FOX, conversation="fox")
        await said(model, "And then?", *HEN, conversation="hen")
        for _ in range(2):
            for name, history in (("fox", FOX), ("hen", HEN)):
                work_of(model)
                await said(model, "And after that?", *history, conversation=name)
                assert work_of(model).read < 60


async def test_without_room_for_it_a_conversation_is_read_again(small: Path) -> None:
    async with llama(small, max_tokens=4, temperature=0, kept_megabytes=0) as model:
        await said(model, "And then?", *FOX, conversation="fox")
        await said(model, "And then?", *HEN, conversation="hen")
        work_of(model)
        await said(model, "And then?", *FOX, conversation="fox")
        assert work_of(model).read > 100


async def test_what_is_said_is_the_same_with_and_without_what_was_kept(small: Path) -> None:
    async def talk(kept_megabytes: int) -> list[str]:
        answers = []
        async with llama(small, max_tokens=8, temperature=0, kept_megabytes=kept_megabytes) as model:
            for question in ("And then?", "And after that?"):
                for name, history in (("fox", FOX), ("hen", HEN)):
                    answers.append(await said(model, question, *history, conversation=name))
                answers.append(await answer(model, aside(question)))
        return answers

    assert await talk(kept_megabytes=64) == await talk(kept_megabytes=0)


async def test_an_answer_that_was_left_changes_nothing_of_the_next(small: Path) -> None:
    async with llama(small, max_tokens=16, temperature=0) as model:
        undisturbed = await said(model, "And then?", *FOX, conversation="fox")
        for _ in range(3):
            left = replace(asking("What else?", *FOX), conversation="fox")
            async with aclosing(model.generate(left)) as pieces:
                await anext(pieces)
            with anyio.move_on_after(0.02):
                await said(model, "word " * 800, conversation="hen")
            assert await said(model, "And then?", *FOX, conversation="fox") == undisturbed


async def test_a_window_that_overflowed_changes_nothing_of_the_next_answer(small: Path) -> None:
    async with llama(small, context_tokens=512, max_tokens=60, temperature=0) as model:
        undisturbed = await said(model, "And then?", "Hello.", "Hi.", conversation="fox")
        for name in ("fox", "hen"):
            await said(model, "word " * 300, *FOX * 4, conversation=name)
        assert await said(model, "And then?", "Hello.", "Hi.", conversation="fox") == undisturbed


async def test_what_is_kept_stays_within_its_bounds(small: Path) -> None:
    async with llama(small, max_tokens=4, kept_megabytes=1) as model:
        for number in range(8):
            await said(model, f"{number} is a number. " * 40, conversation=str(number))
        kept = model._model.reading
        assert 0 < kept.bytes_aside <= 1_000_000
        assert 0 < len(kept._aside) < 7
        assert list(kept._aside)[-1] == "6"


@pytest.mark.parametrize("forgotten", ["fox", "hen"])
async def test_what_was_read_of_a_forgotten_conversation_is_gone(small: Path, forgotten: str) -> None:
    """The one is put aside, the other stands in the context."""
    async with llama(small, max_tokens=4, temperature=0) as model:
        await said(model, "And then?", *FOX, conversation="fox")
        await said(model, "And then?", *HEN, conversation="hen")
        await model.forget(forgotten)
        for name, history in (("fox", FOX), ("hen", HEN)):
            work_of(model)
            await said(model, "And after that?", *history, conversation=name)
            assert (work_of(model).read > 100) == (name == forgotten)


async def test_nothing_is_kept_of_an_aside(small: Path) -> None:
    async with llama(small, max_tokens=40) as model:
        await said(model, conversation="fox")
        await answer(model, aside("What is worth keeping?"))
        await said(model, conversation="hen")
        assert set(model._model.reading._aside) <= {"", "fox"}


async def test_an_aside_makes_way_for_who_waits_and_goes_on_where_it_was(small: Path) -> None:
    ended: list[str] = []
    async with llama(small, max_tokens=60, temperature=0) as model:
        undisturbed = await answer(model, aside("What is worth keeping?"))
        spoken = await said(model, "And then?", *FOX, conversation="fox")

        async def study() -> None:
            assert await answer(model, aside("What is worth keeping?")) == undisturbed
            ended.append("aside")

        async def ask() -> None:
            assert await said(model, "And then?", *FOX, conversation="fox") == spoken
            ended.append("answer")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(study)
            while model._turns.free:
                await anyio.sleep(0)
            tasks.start_soon(ask)
        assert ended == ["answer", "aside"]


async def test_a_long_answer_lets_another_one_begin(endless: Path) -> None:
    words: list[str] = []
    async with llama(endless, max_tokens=150) as model:

        async def speak(name: str) -> None:
            async with aclosing(model.generate(replace(asking(), conversation=name))) as pieces:
                async for piece in pieces:
                    words.append(name)
                    assert piece

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(speak, "fox")
            while not words:
                await anyio.sleep(0)
            tasks.start_soon(speak, "hen")
    assert words.index("hen") < 60
    assert words.count("fox") == words.count("hen") == 150


async def test_who_would_wait_too_long_is_told_that_it_is_busy(endless: Path) -> None:
    async with llama(endless, max_tokens=2000, first_output_seconds=0.01) as model:
        async with aclosing(model.generate(asking())) as pieces:
            await anext(pieces)
            with pytest.raises(EngineBusy):
                await said(model, conversation="hen")
