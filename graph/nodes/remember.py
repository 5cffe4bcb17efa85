"""Fifth step, once the reply was heard or cut: keep of it what was heard, and write into the notebook what is to be
kept and what is to be forgotten.

It is on disk before the turn is settled. What the notebook does not take now is tried again with the next turn.
"""

from collections.abc import Sequence

import anyio
import structlog
from langgraph.runtime import Runtime

from graph.context import GraphContext
from graph.facts import LONGEST_SPOKEN
from graph.intent_words import ASIDES
from graph.prompts import MESSAGE_CHARACTERS, clip
from graph.state import Note, Said, State, Update, answered_to, placed
from graph.types import Quote
from memory.documents.types import DocumentId
from memory.gate import Telling
from memory.masking import masked
from memory.notes import Struck
from memory.types import MemoryId, NewMemory, Source
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

REMOVAL_SECONDS = 10.0
STUDIED = frozenset({"chat", "remember", "greeting", "thanks", "goodbye"})
"""Turns that may tell more than the rules can find."""
KNOWING = frozenset({"chat", "recall", "recall-when", "recall-everything"})
"""Turns whose answers are made of memories, if there are any."""


async def remember(state: State, runtime: Runtime[GraphContext]) -> Update:
    context = runtime.context
    heard = state.heard.strip()
    messages = state.messages
    if heard:
        messages = placed(messages, Said(state.turn, "assistant", heard, cut=not state.complete))
    news = state.candidates
    if state.intent in {"confirm", "forget-last"}:
        news = [each for each in news if each.source.turn == state.turn]
    gone = [*state.to_forget, *(each for each in state.forgets if each not in state.to_forget)]
    troubles = [*state.troubles]
    try:
        if gone:
            await context.notebook.strike(context.user, _struck(gone, everything=state.intent == "confirm"))
        gone = []
        await context.notebook.note(context.user, news, _telling(state, context, news))
        news = []
    except EngineError as exc:
        log.warning("not noted", code=exc.code)
        troubles.append(f"memory:{exc.code}")
    to_remove = [*state.to_remove, *(each for each in state.removes if each not in state.to_remove)]
    try:
        if to_remove:
            with anyio.fail_after(REMOVAL_SECONDS):
                await context.library.remove(context.user, [DocumentId(each.id) for each in to_remove])
        to_remove = []
    except EngineError as exc:
        log.warning("documents not removed", code=exc.code)
        troubles.append(f"documents:{exc.code}")
    except TimeoutError:
        log.warning("documents not removed", code="engine-timeout")
        troubles.append("documents:engine-timeout")
    confirming = state.asks if state.complete or len(heard) > len(state.answer) // 2 else ""
    return {
        "messages": messages,
        "last_answer": state.answer if heard and state.answer and state.intent not in ASIDES else state.last_answer,
        # A question that was not heard cannot be answered with yes.
        "confirming": confirming,
        "pending": state.errand if confirming == "errand" else None,
        "leafing": state.leafing if state.intent in ASIDES else state.leafs,
        "doomed": state.papers if confirming == "remove-document" else [],
        "to_remove": to_remove,
        "candidates": news,
        "to_forget": gone,
        "off_the_record": "" if state.intent == "on-record" else state.off_the_record,
        "known": _known(state),
        "quoted": _quoted(state),
        "told_back": state.intent in {"recall", "recall-when", "why"},
        "asks": "",
        "leafs": "",
        "errand": None,
        "forgets": [],
        "removes": [],
        "notes": [],
        "quotes": [],
        "cited": [],
        "papers": [],
        "withheld": [],
        "troubles": troubles,
    }


def _struck(gone: Sequence[Note], *, everything: bool) -> Struck:
    return Struck(
        ids=tuple(MemoryId(each.id) for each in gone if each.id),
        sources=tuple({Source(each.thread, each.turn): None for each in gone}),
        turns=tuple({Source(each.thread, each.turn): None for each in gone if not each.id}),
        everything=everything,
    )


def _telling(state: State, context: GraphContext, news: list[NewMemory]) -> Telling | None:
    """What a model may study, without the secrets in it."""
    if state.unnoted or state.intent not in STUDIED or len(state.question) > LONGEST_SPOKEN:
        return None
    return Telling(
        source=Source(context.thread, state.turn),
        said_at=context.clock(),
        words=masked(state.question).text,
        language=context.desk.language if context.desk else "en",
        answers=masked(clip(answered_to(state), MESSAGE_CHARACTERS)).text,
        recalled=_texts(*state.notes, *state.known, *state.quotes, *state.quoted),
        noted=tuple(each.text for each in news),
    )


def _known(state: State) -> list[Note]:
    """What was forgotten is not known any more; a turn about manner changes nothing."""
    if state.forgets:
        return []
    return state.notes if state.notes or state.intent in KNOWING else state.known


def _quoted(state: State) -> list[Quote]:
    """As `_known`: what was removed is not quoted any more."""
    if state.removes:
        return []
    return state.cited if state.cited or state.intent in KNOWING else state.quoted


def _texts(*shown: Note | Quote) -> tuple[str, ...]:
    return tuple(each.text for each in shown)
