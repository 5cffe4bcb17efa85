"""Fourth step: answer, in code where that is certain, else by a language model, piece by piece. Never silent."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Final

import anyio
import structlog
from langgraph.runtime import Runtime

from graph import strings as words
from graph.commands import Answer, answer
from graph.context import GraphContext
from graph.errands import errand_in, seen_to
from graph.prompts import QUESTION_CHARACTERS, prompt_for
from graph.quoting import citation, rests_on
from graph.settings import OFFLINE
from graph.state import State, Update
from graph.types import Account, ContentLevel, Fetched, Language, Quote
from memory.checkpoints import thread_key
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

TITLE_SECONDS: Final = 0.5


async def generate(state: State, runtime: Runtime[GraphContext]) -> Update:
    context = runtime.context
    language: Language = context.desk.language if context.desk else "en"
    said: list[str] = []
    models: list[str] = []
    update: Update = {}
    with context.listener.while_they_listen():
        await context.listener.tell(Fetched())
        errand = errand_in(state)
        if errand is not None:
            known: Answer | None = await seen_to(errand, context, language)
        else:
            known = answer(state, context.clock(), await _titles(state, context), language)
        if known:
            update = {
                "asks": known.asks,
                "forgets": [*known.forgets],
                "removes": [*known.removes],
                "leafs": known.leafs,
            }
            update["errand"] = errand if known.asks == "errand" else None
            for directive in known.directives:
                await context.listener.tell(directive)
            if known.text:
                said.append(known.text)
                await context.listener.tell(known.text)
        else:
            async with aclosing(_thought(state, context, language, models.append)) as pieces:
                async for piece in pieces:
                    said.append(piece)
                    await context.listener.tell(piece)
            cited = _cited(state, "".join(said))
            update = {"cited": cited}
            if source := citation(cited, "".join(said)):
                said.append(f" {source}")
                await context.listener.tell(said[-1])
        for told in state.withheld:
            said.append(f" {told}" if said else told)
            await context.listener.tell(said[-1])
        await context.listener.tell(_account(state, models))
    context.listener.over()
    return {**update, "answer": "".join(said)}


def _cited(state: State, answer: str) -> list[Quote]:
    """Whatever the model says of its sources, this is told by comparing words."""
    return rests_on(answer, state.quotes, question=state.question, notes=[note.text for note in state.notes])


async def _titles(state: State, context: GraphContext) -> Mapping[str, str]:
    """Of the conversations that an answer has to name."""
    if state.intent != "why":
        return {}
    threads = {note.thread for note in state.notes} - {context.thread}
    try:
        with anyio.fail_after(TITLE_SECONDS):
            return {context.thread: ""} | {thread: await context.title_of(thread) for thread in sorted(threads)}
    except (EngineError, TimeoutError):
        return {context.thread: ""}


def _account(state: State, models: list[str]) -> Account:
    level: ContentLevel = (
        "without-memory" if any(each.startswith("memory:") for each in state.troubles) else "with-memory"
    )
    if models and models[-1] == OFFLINE:
        level = "offline"
    return Account(level, models[-1] if models else "", tuple(state.troubles))


async def _thought(
    state: State, context: GraphContext, language: Language, answering: Callable[[str], None]
) -> AsyncGenerator[str, None]:
    prompt = prompt_for(
        state.question,
        history=[each for each in state.messages if each.turn != state.turn],
        memories=[note.text for note in state.notes],
        quotes=state.quotes,
        summary=state.summary,
        now=context.clock(),
        noted=[each.text for each in state.candidates if each.source.turn == state.turn],
        off_the_record=state.unnoted,
        conversation=thread_key(context.user, context.thread),
        length=context.desk.length if context.desk else "normal",
        language=language,
    )
    if len(state.question) > QUESTION_CHARACTERS:
        yield f"{words.said(language, 'too-long')} "
    spoken = False
    try:
        async with aclosing(context.models.generate(prompt, answering=answering)) as pieces:
            async for piece in pieces:
                spoken = spoken or bool(piece.strip())
                yield piece
    except EngineError as exc:
        log.warning("no answer", code=exc.code, reason=exc.reason)
        away = words.said(language, "model-away")
        yield f" … {away}" if spoken else away
    else:
        if not spoken:
            yield words.said(language, "no-answer")
