"""Sixth step, off the clock: fold the older messages of a long thread into a few sentences.

Nothing is taken out before its summary stands: where the model fails, or the user speaks on, it is tried next time.
"""

from contextlib import aclosing

import structlog
from langgraph.runtime import Runtime

from graph.context import GraphContext
from graph.ladders import stopped
from graph.prompts import HISTORY_CHARACTERS, MESSAGE_CHARACTERS, SUMMARISE, WRITE_THE_MINUTES, clip
from graph.state import Said, State, Update
from graph.types import Message, Prompt
from resilience.errors import EngineError

log = structlog.get_logger(__name__)


async def summarise(state: State, runtime: Runtime[GraphContext]) -> Update:
    context = runtime.context
    older = _older(state.messages, context.settings.keep_messages)
    long = sum(min(len(each.text), MESSAGE_CHARACTERS) for each in state.messages) > HISTORY_CHARACTERS
    if not older or not (long or len(state.messages) > context.settings.summarise_after_messages):
        return {}
    prompt = Prompt(
        system=SUMMARISE,
        history=tuple(Message(each.role, clip(each.as_heard, MESSAGE_CHARACTERS)) for each in older),
        memories=(),
        now=context.clock(),
        question=WRITE_THE_MINUTES,
        summary=state.summary,
        aside=True,
    )
    pieces: list[str] = []
    with context.listener.while_they_listen():
        try:
            async with aclosing(context.models.generate(prompt)) as output:
                pieces = [piece async for piece in output]
        except EngineError as exc:
            log.warning("thread not summarised", code=exc.code, reason=exc.reason)
    summary = "".join(pieces).strip()
    if not summary or stopped(prompt.language) in f" {summary}":
        return {}
    return {"summary": clip(summary, MESSAGE_CHARACTERS), "messages": state.messages[len(older) :]}


def _older(messages: list[Said], keep: int) -> list[Said]:
    """All but the newest, cut where a turn of the user's begins."""
    cut = max(len(messages) - keep, 0)
    while cut > 0 and messages[cut].role == "assistant":
        cut -= 1
    return messages[:cut]
