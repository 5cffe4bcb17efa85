"""A language model of true size under two conversations at once: whose reading is kept, and how late the loop is."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Final

import anyio

from bench.report import Figure, Section, percentile
from bench.true_size.models import ANSWER, QUESTION
from bench.turn import LAG_GOAL_MS
from bench.usage import Lag, measure_lag
from graph.models.llama_cpp import open_llama_cpp
from graph.models.reading_ahead import REST_SECONDS
from graph.prompts import SYSTEM
from graph.protocols import LanguageModel
from graph.settings import LlamaCppSpec
from graph.types import Message, Prompt

HISTORY: Final = (Message("user", QUESTION), Message("assistant", ANSWER)) * 5

PAUSE_SECONDS: Final = REST_SECONDS + 4.0
"""In which an answer would sound."""


async def time_thinking(title: str, spec: LlamaCppSpec, times: int, *, pause_seconds: float = PAUSE_SECONDS) -> Section:
    """Milliseconds until the first words, in conversations of a dozen messages."""
    new: list[float] = []
    kept: list[float] = []
    ahead: list[float] = []
    crossed: list[float] = []
    lags: list[Lag] = []
    async with open_llama_cpp(spec) as model, anyio.create_task_group() as tasks:
        tasks.start_soon(measure_lag, lags)
        for n in range(times):
            one, other = (_prompt(f"{n} {who}") for who in ("one", "other"))
            new += [await _first_words(model, each) for each in (one, other)]
            kept += [await _first_words(model, _going_on(each)) for each in (one, other)]
            await anyio.sleep(pause_seconds)
            ahead += [await _first_words(model, _going_on(each, 2)) for each in (one, other)]
            crossed += await _both(model, [_going_on(each, 3) for each in (one, other)])
        tasks.cancel_scope.cancel()
    late, work = [1000 * each.late for each in lags], [1000 * each.work for each in lags]
    return Section(
        title,
        (
            Figure("a conversation that is new to it → first words", "ms", tuple(new)),
            Figure("one that goes on after another had its turn → first words", "ms", tuple(kept)),
            Figure("the same after a pause, in which it was read ahead → first words", "ms", tuple(ahead)),
            Figure("two at once → first words of each", "ms", tuple(crossed)),
            Figure("event loop late, p95", "ms", (percentile(late, 0.95),)),
            Figure("event loop late, worst", "ms", (max(late),), goal=LAG_GOAL_MS),
            Figure("event loop at work in one go, processor time, worst", "ms", (max(work),), goal=LAG_GOAL_MS),
        ),
        ("What of the loop's lateness is not its own work is other threads and programs.",),
    )


def _prompt(conversation: str) -> Prompt:
    """Its first message is its own, so that nothing of it was read for another."""
    history = (Message("user", conversation), Message("assistant", ANSWER), *HISTORY)
    now = datetime.now().astimezone()
    return Prompt(SYSTEM, history, memories=(), now=now, question=QUESTION, conversation=conversation)


def _going_on(prompt: Prompt, turns: int = 1) -> Prompt:
    said = (Message("user", prompt.question), Message("assistant", ANSWER))
    return replace(prompt, history=(*prompt.history, *said * turns))


async def _first_words(model: LanguageModel, prompt: Prompt) -> float:
    began = anyio.current_time()
    first = 0.0
    async with aclosing(model.generate(prompt)) as pieces:
        async for _ in pieces:
            first = first or anyio.current_time() - began
    return 1000 * first


async def _both(model: LanguageModel, prompts: Sequence[Prompt]) -> list[float]:
    waited: list[float] = []

    async def ask(prompt: Prompt) -> None:
        waited.append(await _first_words(model, prompt))

    async with anyio.create_task_group() as tasks:
        for each in prompts:
            tasks.start_soon(ask, each)
    return waited
