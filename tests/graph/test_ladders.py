from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from graph.ladders import STOPPED, TieredLanguageModel
from graph.protocols import LanguageModel
from graph.types import Prompt
from resilience.breaker import CircuitBreaker
from resilience.errors import EngineFailed, EngineUnavailable
from resilience.ladder import Ladder, Rung
from tests.graph.fakes import HangingModel, ScriptedModel

pytestmark = pytest.mark.anyio

PROMPT = Prompt(system="", history=(), memories=(), now=datetime(2025, 3, 3, tzinfo=UTC), question="hm?")


def tiered(*models: LanguageModel) -> TieredLanguageModel:
    return TieredLanguageModel(
        Ladder("language", [Rung(f"m{n}", each, CircuitBreaker(f"m{n}"), 5, 5) for n, each in enumerate(models)])
    )


async def answer(model: LanguageModel) -> str:
    async with aclosing(model.generate(PROMPT)) as pieces:
        return "".join([piece async for piece in pieces])


async def test_a_model_that_is_not_there_is_passed_over() -> None:
    model = tiered(ScriptedModel(dies=EngineUnavailable("m0", "no file")), ScriptedModel("Good ", "day."))
    assert await answer(model) == "Good day."


async def test_a_model_that_dies_in_mid_answer_is_never_followed_by_silence() -> None:
    spare = ScriptedModel("From the spare.")
    model = tiered(ScriptedModel("It is", dies=EngineFailed("m0", "gone")), spare)
    assert await answer(model) == "It is" + STOPPED
    assert await answer(model) == "From the spare."


@pytest.mark.usefixtures("virtual_time")
async def test_a_model_that_hangs_is_a_model_that_failed() -> None:
    assert await answer(tiered(HangingModel(), ScriptedModel("Here."))) == "Here."


async def test_with_no_rung_left_it_fails_as_one_engine_does() -> None:
    with pytest.raises(EngineFailed, match="no file"):
        await answer(tiered(ScriptedModel(dies=EngineUnavailable("m0", "no file"))))
