"""Third step: fetch the memories that this turn is about. A memory that is away costs its notes, never the turn."""

from collections.abc import Sequence

import anyio
import structlog
from langgraph.runtime import Runtime

from graph.context import GraphContext
from graph.intents import asked_topic
from graph.state import Note, State, Update
from graph.words import content_words, stem
from memory.types import Memory
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 1.5
OPTIONAL = frozenset({"chat", "thanks", "greeting", "goodbye"})
"""Turns that can be answered without memories: under pressure theirs is the first step to be left out."""

_KINDRED = {
    "name": ("name", "preferred name", "surname"),
    "home": ("home", "address"),
    "work": ("work", "studies"),
    "birthday": ("birthday", "birth year"),
    "health": ("health", "allergy", "diet"),
}
_BY_KIND = {"family": ("relation",), "plan": ("event", "task"), "task": ("task", "event")}


async def retrieve(state: State, runtime: Runtime[GraphContext]) -> Update:
    troubles = [*state.troubles]
    found: Sequence[Memory] = ()
    if runtime.context.hurried and state.intent in OPTIONAL:
        return {"notes": [], "troubles": [*troubles, "memory:shed"]}
    with runtime.context.listener.while_they_listen():
        try:
            with anyio.fail_after(PATIENCE_SECONDS):
                found = await _found(state, runtime.context)
        except EngineError as exc:
            log.warning("memories not reached", code=exc.code, reason=exc.reason)
            troubles.append(f"memory:{exc.code}")
        except TimeoutError:
            log.warning("memories not reached", code="engine-timeout")
            troubles.append("memory:engine-timeout")
    return {"notes": [Note(each.id, each.text) for each in found], "troubles": troubles}


async def _found(state: State, context: GraphContext) -> Sequence[Memory]:
    memory, user = context.memory, context.user
    match state.intent:
        case "recall-everything" | "forget-everything" | "confirm":
            return await memory.everything(user)
        case "recall":
            return _of_topic(await memory.everything(user), state.about)
        case "forget":
            known = await memory.everything(user)
            return _of_topic(known, asked_topic(state.about)) or _closest(known, state.about)
        case "forget-last":
            before = [each.turn for each in state.messages if each.role == "user" and each.turn != state.turn]
            return [
                each
                for each in await memory.everything(user)
                if each.source.thread == context.thread and each.source.turn in before[-1:]
            ]
        case "greeting" | "goodbye":
            return _of_topic(await memory.everything(user), "name")
        case "chat" | "thanks" if limit := context.settings.memories_per_turn:
            return [each.memory for each in await memory.search(user, state.question, limit=limit)]
        case _:
            return ()


def _of_topic(known: Sequence[Memory], topic: str) -> list[Memory]:
    """What is filed under the topic, or else what a note of the user's says of it."""
    if not topic:
        return []
    if kinds := _BY_KIND.get(topic):
        return [each for each in known if each.kind in kinds]
    topics = _KINDRED.get(topic, (topic, stem(topic)))
    filed = [
        each for each in known if each.topic in topics or (topic == "likes" and each.topic.startswith("favourite"))
    ]
    return filed or [each for each in known if each.topic == "note" and content_words(topic) & content_words(each.text)]


def _closest(known: Sequence[Memory], words: str) -> list[Memory]:
    """The memories that have the most of these words, if that is most of the words."""
    wanted = content_words(words)
    shared = [(len(wanted & content_words(each.text)), each) for each in known]
    best = max((count for count, _ in shared), default=0)
    return [each for count, each in shared if count == best] if best and 2 * best >= len(wanted) else []
