"""What a llama.cpp model will be given next is read before somebody waits for it."""

from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from graph.models.llama_cpp import LlamaCpp
from tests.graph.llamas import NOTHING, llama, said, work_of
from tests.graph.prompts import asking
from tests.made.gguf import make_gguf

pytestmark = pytest.mark.anyio

LONG = "Tell me a long story about a fox. " * 12
LATE = 600.0


@pytest.fixture
def anyio_backend() -> str:
    """On a real clock: the engine has real threads."""
    return "asyncio"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_gguf(tmp_path_factory.mktemp("models") / "small.gguf", preset="small", layers=2)


async def everything_is_read(model: LlamaCpp) -> None:
    while model._ahead._coming:
        await anyio.sleep(0.01)


@pytest.mark.parametrize(("rest_seconds", "read_before"), [(0.0, True), (LATE, False)])
async def test_the_last_question_and_its_answer_are_not_read_while_somebody_waits(
    small: Path, rest_seconds: float, read_before: bool
) -> None:
    async with llama(small, max_tokens=4, temperature=0, rest_seconds=rest_seconds) as model:
        answer = await said(model, LONG, conversation="fox")
        if read_before:
            await everything_is_read(model)
        work_of(model)
        await said(model, "And then?", LONG, answer, conversation="fox")
        assert (work_of(model).read < 25) == read_before


async def test_what_is_said_is_the_same_whether_it_was_read_ahead_or_not(small: Path) -> None:
    async def talk(rest_seconds: float) -> list[str]:
        history: list[str] = []
        async with llama(small, max_tokens=8, temperature=0, rest_seconds=rest_seconds) as model:
            for question in ("Who are you?", "And then?", "And after that?"):
                history += [question, await said(model, question, *history, conversation="fox")]
                if not rest_seconds:
                    await everything_is_read(model)
        return history

    assert await talk(0.0) == await talk(LATE)


async def test_what_is_forgotten_is_not_read_ahead(small: Path) -> None:
    async with llama(small, max_tokens=4, rest_seconds=0.05) as model:
        await said(model, LONG, conversation="fox")
        await model.forget("fox")
        work_of(model)
        await anyio.sleep(0.1)
        assert work_of(model) == NOTHING


async def test_reading_ahead_makes_way_for_who_asks_and_goes_on_afterwards(small: Path) -> None:
    async with llama(small, max_tokens=4, temperature=0, rest_seconds=0.0, context_tokens=8192) as model:
        answer = await said(model, LONG * 4, conversation="fox")
        while model._turns.free:
            await anyio.sleep(0)
        await said(model, "Who are you?", conversation="hen")
        assert "fox" in model._ahead._coming
        await everything_is_read(model)
        work_of(model)
        await said(model, "And then?", LONG * 4, answer, conversation="fox")
        assert work_of(model).read < 25


async def test_of_what_fits_no_window_nothing_is_read_ahead(small: Path) -> None:
    async with llama(small, context_tokens=512, max_tokens=60, temperature=0, rest_seconds=0.0) as model:
        undisturbed = await said(model, "And then?", LONG * 3, "Once.", conversation="fox")
        await everything_is_read(model)
        assert await said(model, "And then?", LONG * 3, "Once.", conversation="fox") == undisturbed


async def test_of_an_aside_and_of_what_belongs_to_no_conversation_nothing_is_read_ahead(small: Path) -> None:
    async with llama(small, max_tokens=4, rest_seconds=0.05) as model:
        await said(model)
        async for _ in model.generate(replace(asking(), aside=True, conversation="fox")):
            pass
        assert not model._ahead._coming
