from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

import anyio
import pytest

from graph.ladders import LONGEST_ANSWER, TieredLanguageModel, is_looping, stopped
from graph.models.offline import open_offline
from graph.protocols import LanguageModel
from graph.settings import OfflineSpec
from graph.types import Prompt
from resilience.breaker import BreakerState, CircuitBreaker
from resilience.errors import EngineFailed, EngineUnavailable
from resilience.ladder import Ladder, Rung, StepDown
from resilience.settings import BreakerSettings
from tests.graph.fakes import HangingModel, ScriptedModel

pytestmark = pytest.mark.anyio

PROMPT = Prompt(system="", history=(), memories=(), now=datetime(2025, 3, 3, tzinfo=UTC), question="hm?")
PATIENT = BreakerSettings(open_seconds=60, longest_open_seconds=60)


class EndlessModel:
    """Says its pieces again and again, without ever waiting for anything."""

    def __init__(self, *pieces: str) -> None:
        self.pieces = pieces

    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        while True:
            for piece in self.pieces:
                yield piece


def laddered(*models: LanguageModel, events: list[StepDown] | None = None) -> Ladder[LanguageModel]:
    rungs = [Rung(f"m{n}", each, CircuitBreaker(f"m{n}", PATIENT), 5, 5) for n, each in enumerate(models)]
    return Ladder("language", rungs, stepped_down=(events if events is not None else []).append)


def tiered(*models: LanguageModel) -> TieredLanguageModel:
    return TieredLanguageModel(laddered(*models))


async def answer(model: LanguageModel) -> str:
    async with aclosing(model.generate(PROMPT)) as pieces:
        return "".join([piece async for piece in pieces])


async def test_a_model_that_is_not_there_is_passed_over() -> None:
    model = tiered(ScriptedModel(dies=EngineUnavailable("m0", "no file")), ScriptedModel("Good ", "day."))
    assert await answer(model) == "Good day."


async def test_a_model_that_dies_in_mid_answer_is_never_followed_by_silence() -> None:
    spare = ScriptedModel("From the spare.")
    model = tiered(ScriptedModel("It is", dies=EngineFailed("m0", "gone")), spare)
    assert await answer(model) == "It is" + stopped("en")
    assert await answer(model) == "From the spare."


async def test_a_model_that_dies_before_its_first_word_leaves_the_answer_to_the_next_one() -> None:
    model = tiered(ScriptedModel("\n", " *", dies=EngineFailed("m0", "gone")), ScriptedModel("From the spare."))
    assert await answer(model) == "From the spare."


async def test_what_comes_before_the_first_word_is_said_with_it() -> None:
    assert await answer(tiered(ScriptedModel("", "* ", "**", "Two", "** eggs", "."))) == "* **Two** eggs."


@pytest.mark.usefixtures("virtual_time")
async def test_a_model_that_hangs_is_a_model_that_failed() -> None:
    assert await answer(tiered(HangingModel(), ScriptedModel("Here."))) == "Here."


@pytest.mark.usefixtures("virtual_time")
async def test_a_model_that_hangs_after_its_first_words_is_never_followed_by_silence() -> None:
    assert await answer(tiered(HangingModel("Well"), ScriptedModel("Here."))) == "Well" + stopped("en")


async def test_with_no_rung_left_it_fails_as_one_engine_does() -> None:
    with pytest.raises(EngineFailed, match="no file"):
        await answer(tiered(ScriptedModel(dies=EngineUnavailable("m0", "no file"))))


@pytest.mark.parametrize("pieces", [(), ("",), (" ", "\n"), ("…", "**")])
async def test_a_model_that_ends_without_a_word_has_failed(pieces: tuple[str, ...]) -> None:
    ladder = laddered(ScriptedModel(*pieces), ScriptedModel("Here."))
    for _ in range(3):
        assert await answer(TieredLanguageModel(ladder)) == "Here."
    assert ladder.rungs[0].breaker.state is BreakerState.OPEN


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])  # a clock that jumps stands still for who never sleeps
@pytest.mark.parametrize("blank", ["", " "])
async def test_a_model_that_gives_nothing_without_end_is_left_at_its_deadline(blank: str) -> None:
    rungs: list[Rung[LanguageModel]] = [
        Rung("empty", EndlessModel(blank), CircuitBreaker("empty"), 0.05, 0.05),
        Rung("spare", ScriptedModel("Here."), CircuitBreaker("spare"), 5, 5),
    ]
    assert await answer(TieredLanguageModel(Ladder("language", rungs))) == "Here."


async def test_a_model_that_says_the_same_without_end_is_stopped() -> None:
    said = await answer(tiered(EndlessModel("I said ", "so. ")))
    assert said.endswith(stopped("en"))
    assert len(said) < 1000


async def test_a_model_that_never_comes_to_an_end_is_stopped() -> None:
    numbers = ScriptedModel(*[f"{number} " for number in range(LONGEST_ANSWER // 4)])
    said = await answer(tiered(numbers))
    assert said.endswith(stopped("en"))
    assert len(said) < LONGEST_ANSWER + 1000


def test_what_comes_back_a_few_times_is_no_loop() -> None:
    verse = "Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream. "
    assert not is_looping("ha " * 100)
    assert not is_looping(verse * 3)
    assert is_looping("Very well: " + verse * 5)
    assert is_looping("ha " * 200)
    assert not is_looping("".join(f"{number} bottles of beer on the wall. " for number in range(99, 0, -1)))


async def test_a_bug_in_a_model_costs_nobody_their_answer() -> None:
    assert await answer(tiered(ScriptedModel(dies=KeyError("x")), ScriptedModel("Here."))) == "Here."


async def test_when_every_model_is_gone_the_offline_answerer_answers() -> None:
    who: list[str] = []
    async with open_offline(OfflineSpec()) as offline:
        model = tiered(ScriptedModel(dies=EngineUnavailable("m0", "no file")), ScriptedModel("\n"), offline)
        async with aclosing(model.generate(PROMPT, answering=who.append)) as pieces:
            said = "".join([piece async for piece in pieces])
    assert any(map(str.isalnum, said))
    assert who == ["m2"]


async def test_two_who_ask_at_once_each_learn_who_answers_them() -> None:
    ladder = laddered(HangingModel("slow"), ScriptedModel("quick"))
    model = TieredLanguageModel(ladder)
    first: list[str] = []
    second: list[str] = []
    async with aclosing(model.generate(PROMPT, answering=first.append)) as one:
        assert await anext(one) == "slow"
        ladder.rungs[0].breaker.trip("boom")
        async with aclosing(model.generate(PROMPT, answering=second.append)) as two:
            assert await anext(two) == "quick"
    assert (first, second) == (["m0"], ["m1"])


async def test_a_cancelled_answer_blames_nobody() -> None:
    ladder = laddered(HangingModel("Well"))
    for _ in range(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(answer, TieredLanguageModel(ladder))
            await anyio.wait_all_tasks_blocked()
            tasks.cancel_scope.cancel()
    assert ladder.rungs[0].breaker.state is BreakerState.CLOSED
