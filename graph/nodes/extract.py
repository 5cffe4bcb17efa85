"""First step: take the user's words into the thread, and note what they tell about the user.

Only the user's own words are looked at, never recalled memories or answers: what is remembered cannot feed itself.
"""

from langgraph.runtime import Runtime

from graph.context import GraphContext
from graph.facts import facts_in
from graph.state import Said, State, Update, placed
from graph.words import plain
from memory.types import NewMemory, Source


async def extract(state: State, runtime: Runtime[GraphContext]) -> Update:
    now = runtime.context.clock()
    source = Source(runtime.context.thread, state.turn)
    news = [
        NewMemory(
            # A day that is told relative to today needs the day it was told.
            text=f"{fact.text[:-1]} (said on {now.day} {now:%B %Y})." if fact.kind == "event" else fact.text,
            kind=fact.kind,
            said_at=now,
            source=source,
            topic=fact.topic,
            many=fact.many,
            confidence=fact.confidence,
        )
        for fact in facts_in(state.question)
    ]
    said_before = [each for each in state.messages if (each.turn, each.role) != (state.turn, "assistant")]
    return {
        "messages": placed(said_before, Said(state.turn, "user", state.question))
        if plain(state.question)
        else said_before,
        # Earlier turns that were never settled keep theirs; this turn's own are replaced, for it may have grown.
        "candidates": [each for each in state.candidates if each.source.turn != state.turn] + news,
        "notes": [],
        "answer": "",
        "asks": "",
        "forgets": [],
        "heard": "",
        "complete": True,
        "troubles": [],
    }
