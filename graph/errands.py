"""What a user asks of the house is brought to the desk that sees to it, and what came of it is told."""

from dataclasses import replace
from typing import Final, cast

import anyio
import structlog

from graph.commands import Answer
from graph.context import GraphContext
from graph.intent_words import ERRANDS
from graph.saying_again import rest
from graph.state import State
from graph.strings import said
from graph.types import Errand, ErrandName, Language
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

DESK_SECONDS: Final = 5.0
LEAFS: Final = frozenset({"read-conversation", "search-conversations", "next", "previous"})
"""Errands after which "more" and "go on" mean the next of it."""


def errand_in(state: State) -> Errand | None:
    """What is asked of the house in this turn."""
    reads_help = state.leafing.startswith("help:")
    if state.intent == "confirm-errand" and state.pending:
        return replace(state.pending, confirmed=True)
    if state.intent == "go-on" and state.leafing == "errand" and not rest(state):
        return Errand("next")
    if state.intent in ERRANDS and not (state.intent == "next" and reads_help):
        return Errand(cast(ErrandName, state.intent), state.about)
    return None


async def seen_to(errand: Errand, context: GraphContext, language: Language) -> Answer:
    if context.desk is None:
        return Answer(said(language, "no-desk"))
    try:
        with anyio.fail_after(DESK_SECONDS):
            seen = await context.desk.see_to(errand)
    except EngineError as exc:
        log.warning("errand failed", code=exc.code, reason=exc.reason)
        return Answer(said(language, "desk-away"))
    except TimeoutError:
        log.warning("errand failed", code="engine-timeout")
        return Answer(said(language, "desk-away"))
    return Answer(
        seen.text,
        seen.directives,
        asks="errand" if seen.confirm else "",
        leafs="errand" if errand.name in LEAFS else "",
    )
