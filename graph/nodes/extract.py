"""First step: take the user's words into the thread, and note what they tell about the user.

Only the user's own words are looked at, never recalled memories or answers, and all passes the gate: what is
remembered cannot feed itself.
"""

from langgraph.runtime import Runtime

from graph.context import GraphContext
from graph.facts import LONGEST_SPOKEN, told_in
from graph.noting import news_in
from graph.prompts import MESSAGE_CHARACTERS, clip
from graph.record import is_aside
from graph.state import Said, State, Update, answered_to, placed
from graph.types import Language
from graph.withholding import not_kept, withheld
from graph.words import plain
from memory.gate import Telling, Verdict, pass_on
from memory.masking import masked
from memory.types import Source


async def extract(state: State, runtime: Runtime[GraphContext]) -> Update:
    context = runtime.context
    language: Language = context.desk.language if context.desk else "en"
    said_before = [each for each in state.messages if (each.turn, each.role) != (state.turn, "assistant")]
    # A turn that has grown may have asked for it before it grew.
    off_the_record = "" if state.off_the_record == state.turn else state.off_the_record
    unnoted = bool(off_the_record) or is_aside(state.question) or await context.notebook.paused(context.user)
    telling = Telling(
        source=Source(context.thread, state.turn),
        said_at=context.clock(),
        words=state.question,
        answers=clip(answered_to(state), MESSAGE_CHARACTERS),
        language=told_in(state.question, language),
        recalled=(*(note.text for note in state.known), *(quote.text for quote in state.quoted)),
    )
    verdict = Verdict((), ()) if unnoted else pass_on(news_in(telling), telling)
    return {
        "messages": placed(said_before, Said(state.turn, "user", state.question))
        if plain(state.question)
        else said_before,
        # Earlier turns that were never settled keep theirs; this turn's own are replaced, for it may have grown.
        "candidates": [each for each in state.candidates if each.source.turn != state.turn] + [*verdict.passed],
        "off_the_record": off_the_record,
        "unnoted": unnoted,
        "withheld": [] if unnoted else _withheld(verdict, telling, language),
        "notes": [],
        "quotes": [],
        "cited": [],
        "papers": [],
        "answer": "",
        "asks": "",
        "leafs": "",
        "errand": None,
        "forgets": [],
        "removes": [],
        "heard": "",
        "complete": True,
        "troubles": [],
    }


def _withheld(verdict: Verdict, telling: Telling, language: Language) -> list[str]:
    """Secrets are told of even where nothing else was found in their turn, if it was no pasted page."""
    told = withheld(verdict, language)
    secrets = masked(telling.words).kinds if len(telling.words) <= LONGEST_SPOKEN else ()
    if secrets and not verdict.left_out and not any(each.why == "secret" for each in verdict.refused):
        told.append(not_kept(secrets, language))
    return told
