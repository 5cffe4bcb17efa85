"""Third step: fetch the memories that this turn is about, and beside them what the user's documents say about it.

A memory that is away costs its notes, and a library its quotes; never the turn.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import anyio
import structlog
from langgraph.runtime import Runtime

from graph.context import GraphContext
from graph.dates import Period, period_in
from graph.intents import asked_topic
from graph.noting import words_of
from graph.quoting import asked_of, called, named_in, quote_of
from graph.state import Note, Paper, State, Update
from graph.tongues.asking import WHICH, day_asked
from graph.topics import closest, of_topic
from graph.types import Quote
from memory.types import Memory, NewMemory, Part, Source
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 1.5
OPTIONAL = frozenset({"chat", "thanks", "greeting", "goodbye"})
"""Turns that can be answered without memories: under pressure theirs is the first step to be left out."""
NEWEST, FOUND = 2_000, 50
"""Of memories, where all of them would be too many to be looked through while somebody waits."""
READING = frozenset({"chat", "recall"})
"""Turns that documents may answer: of what the user told, only where memory knows nothing."""


async def retrieve(state: State, runtime: Runtime[GraphContext]) -> Update:
    context = runtime.context
    if context.hurried and state.intent in OPTIONAL:
        return {"notes": [], "quotes": [], "papers": [], "troubles": [*state.troubles, "memory:shed"]}
    notes: list[Note] = []
    quotes: list[Quote] = []
    papers: list[Paper] = []
    troubles = [*state.troubles]

    async def remembered() -> None:
        notes.extend(await _found(state, context))

    async def read() -> None:
        quotes.extend(await _quotes(state, context))
        papers.extend(await _papers(state, context))

    with context.listener.while_they_listen():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_look, "memory", remembered, troubles)
            tasks.start_soon(_look, "documents", read, troubles)
    if notes and state.intent == "recall":
        quotes = []
    return {"notes": notes, "quotes": quotes, "papers": papers, "troubles": troubles}


async def _look(part: str, fetch: Callable[[], Awaitable[None]], troubles: list[str]) -> None:
    """Into `troubles` goes why it could not."""
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            await fetch()
    except EngineError as exc:
        log.warning("not reached", part=part, code=exc.code, reason=exc.reason)
        troubles.append(f"{part}:{exc.code}")
    except TimeoutError:
        log.warning("not reached", part=part, code="engine-timeout")
        troubles.append(f"{part}:engine-timeout")


async def _quotes(state: State, context: GraphContext) -> Sequence[Quote]:
    limit = context.settings.passages_per_turn
    if state.intent == "why" and not state.about:
        return state.quoted
    if state.intent not in READING or not limit or context.hurried:
        return ()
    where, what = asked_of(state.question)
    if where and named_in(await context.library.documents(context.user), where):
        what = f"{where} {what}"  # a passage is found by what its document is called, too
    return [quote_of(each) for each in await context.library.search(context.user, what, limit=limit)]


async def _papers(state: State, context: GraphContext) -> Sequence[Paper]:
    match state.intent:
        case "confirm-removal":
            return state.doomed
        case "documents":
            known = await context.library.documents(context.user)
        case "remove-document":
            known = await context.library.documents(context.user)
            if state.about == WHICH:
                known = known if len(known) == 1 else ()
            elif state.about:
                known = tuple(named_in(known, state.about))
        case _:
            return ()
    return [Paper(each.id, called(each.name)) for each in known]


async def _found(state: State, context: GraphContext) -> Sequence[Note]:
    memory, user = context.memory, context.user
    if state.intent == "forget-last":
        return await _last(state, context)
    if state.intent == "why" and not state.about:
        return state.known
    await context.notebook.caught_up(user)
    match state.intent:
        case "recall-everything" | "forget-everything" | "confirm":
            return _notes((await memory.page(user, limit=NEWEST)).memories[::-1])
        case "recall":
            return _notes(_of_time(of_topic(await _likely(state.about, context), state.about), state, context.clock()))
        case "recall-when":
            what, _, _ = state.about.partition("|")
            known = await _likely(what, context, asked_topic(what))
            return _notes(_told_when(known, state.about, context.clock()))
        case "forget" | "why":
            topic = asked_topic(state.about)
            known = await _likely(state.about, context, topic)
            return _notes(of_topic(known, topic) or closest(known, state.about))
        case "greeting" | "goodbye":
            page = await memory.page(user, Part(topics=("name", "preferred name", "surname")))
            return _notes(of_topic(page.memories[::-1], "name"))
        case "chat" | "thanks" if limit := context.settings.memories_per_turn:
            hits = await memory.search(user, state.question, limit=limit, now=context.clock())
            return _notes([hit.memory for hit in hits])
        case _:
            return ()


async def _likely(words: str, context: GraphContext, topic: str = "") -> Sequence[Memory]:
    """All there is, oldest first; of very much the newest, what is filed under that topic, and what a search finds."""
    memory, user = context.memory, context.user
    newest = await memory.page(user, limit=NEWEST)
    found = {each.id: each for each in newest.memories}
    if newest.after is not None:
        filed = await memory.page(user, Part(topics=tuple(dict.fromkeys(each for each in (topic, words) if each))))
        hits = await memory.search(user, words, limit=FOUND, now=context.clock())
        found |= {each.id: each for each in (*filed.memories, *(hit.memory for hit in hits))}
    oldest_first = [*found.values()][::-1]
    return sorted(oldest_first, key=lambda each: each.said_at)


async def _last(state: State, context: GraphContext) -> Sequence[Note]:
    """What "that" is in "forget that": what was just told back, or else what the user told us last."""
    if state.told_back:
        return state.known
    before = [each.turn for each in state.messages if each.role == "user" and each.turn != state.turn][-1:]

    def is_meant(told: Memory | NewMemory) -> bool:
        return told.source.thread == context.thread and told.source.turn in before

    waiting = [each for each in await context.notebook.pending(context.user) if is_meant(each)]
    if waiting and not await context.notebook.caught_up(context.user):
        return [Note("", each.text, each.source.thread, each.source.turn) for each in waiting]
    pages = [await context.memory.page(context.user, Part(turn=Source(context.thread, turn))) for turn in before]
    return _notes([each for page in pages for each in page.memories[::-1]])


def _notes(memories: Sequence[Memory]) -> list[Note]:
    return [
        Note(each.id, each.text, each.source.thread, each.source.turn, each.said_at, words_of(each.context))
        for each in memories
    ]


def _of_time(memories: Sequence[Memory], state: State, now: datetime) -> Sequence[Memory]:
    """Of plans, those of the days that were asked for, or else those to come."""
    if state.about not in {"plan", "task"}:
        return memories
    period = period_in(state.question, now) or period_in(day_asked(state.question), now)
    asked = period or Period(now, None)
    return [each for each in memories if _overlap(asked, each) and not (period and each.valid_from is None)]


def _overlap(period: Period, memory: Memory) -> bool:
    begins_in_time = period.ends is None or memory.valid_from is None or memory.valid_from < period.ends
    return begins_in_time and (
        period.begins is None or memory.valid_until is None or memory.valid_until > period.begins
    )


def _told_when(memories: Sequence[Memory], about: str, now: datetime) -> Sequence[Memory]:
    """What was told at that time, about that."""
    topic, _, when = about.partition("|")
    period = period_in(when, now, past=True)
    if period is None:
        return ()
    told = [
        each
        for each in memories
        if (period.begins is None or each.said_at >= period.begins)
        and (period.ends is None or each.said_at < period.ends)
    ]
    return (of_topic(told, asked_topic(topic)) or closest(told, topic)) if topic else told
