"""What is answered without a model: requests about manner, about memory, and about the clock.

An answer only says and asks. What it wants done to long-term memory is done when the turn is settled, because a turn
may still be taken back while it is being answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from graph.dates import tell_day
from graph.intent_words import Asks, Intent
from graph.intents import WHICH
from graph.persons import inside, second_person
from graph.quoting import gist, where
from graph.state import Note, Paper, State
from graph.types import Directive, Loudness, Quiet, SpeakingRate, TurnEnd, Waiting

FASTER, SLOWER = 1.2, 1 / 1.2
LOUDER, QUIETER = 1.25, 0.8

WHENCE_AT_ONCE = 3
READ_OUT_AT_ONCE = 8
"""More memories than this are too many to listen to."""

CAN_DO: Final = (
    "You can tell me things about yourself, and ask me for them later. You can ask for the time or the date. "
    "You can say: stop, repeat that, slower, faster, louder, or quieter. If I answer too soon, say: take your time; "
    "or: I will say over. Say: remember that, followed by a thing to keep. Ask: what do you know about me. Say: "
    "forget, followed by a thing to lose. Give me documents to read, on the page My memory, and ask me about them."
)
HOW_TO_GET_A_MODEL: Final = (
    "To get a language model, open the Engines page, or run the command: nightingale models pull. "
    "It needs the internet once. After that it works without."
)
OFF_THE_RECORD: Final = (
    "We are off the record. I note nothing of what you tell me in this conversation until you say: on the record. "
    "The conversation itself stays until you delete it."
)
MEMORY_IS_AWAY: Final = "I cannot reach my memory just now. Please ask me again in a moment."
LIBRARY_IS_AWAY: Final = "I cannot reach your documents just now. Please ask me again in a moment."
NOTHING_TO_READ: Final = (
    "You have given me no documents yet. Add some on the page My memory, or run the command: nightingale ingest."
)


_WHICH_DOCUMENT: Final = {
    "": NOTHING_TO_READ,
    WHICH: "Which one? Say: remove the document, followed by its name.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    text: str = ""
    directives: tuple[Directive, ...] = ()
    forgets: tuple[Note, ...] = ()
    removes: tuple[Paper, ...] = ()
    asks: Asks = ""


_ALWAYS_THE_SAME: dict[Intent, Answer] = {
    "empty": Answer("I did not catch that. Please say it again, or type it."),
    "stop": Answer(directives=(Quiet(),)),
    "nevermind": Answer("All right."),
    "slower": Answer("All right, slower.", (SpeakingRate(SLOWER),)),
    "faster": Answer("All right, faster.", (SpeakingRate(FASTER),)),
    "normal-speed": Answer("Back to my normal speed.", (SpeakingRate(1.0, relative=False),)),
    "louder": Answer("All right, louder.", (Loudness(LOUDER),)),
    "quieter": Answer("All right, quieter.", (Loudness(QUIETER),)),
    "normal-loudness": Answer("Back to my normal volume.", (Loudness(1.0, relative=False),)),
    "more-patient": Answer("All right, I wait longer before I answer.", (Waiting(1),)),
    "less-patient": Answer("All right, I answer sooner.", (Waiting(-1),)),
    "say-over": Answer("All right. I listen until you say: over.", (TurnEnd("over"),)),
    "normal-waiting": Answer(
        "All right. I wait as long as usual, and you need not say: over.",
        (Waiting(relative=False), TurnEnd("silence")),
    ),
    "normal-manner": Answer(
        "Back to normal: my speed, my volume, and how long I wait for you.",
        (
            SpeakingRate(1.0, relative=False),
            Loudness(1.0, relative=False),
            Waiting(relative=False),
            TurnEnd("silence"),
        ),
    ),
    "help": Answer(CAN_DO),
    "models": Answer(HOW_TO_GET_A_MODEL),
    "off-record": Answer(OFF_THE_RECORD),
}
FIXED: Final = tuple(each.text for each in _ALWAYS_THE_SAME.values() if each.text)
"""Answers that are said in these very words."""


def answer(state: State, now: datetime, titles: Mapping[str, str]) -> Answer | None:
    """What to say to a turn that needs no model; None when it needs one. `titles`: of the threads of its notes."""
    match state.intent:
        case "repeat":
            return Answer(state.last_answer or "I have not said anything yet.")
        case "time":
            return Answer(tell_time(now))
        case "date":
            return Answer(tell_date(now))
        case "remember":
            return Answer(_remembering(state))
        case "forget" | "forget-last" | "forget-everything" | "confirm" | "decline":
            return _forgetting(state)
        case "documents":
            return Answer(_documents(state))
        case "remove-document" | "confirm-removal":
            return _removing(state)
        case "recall" if state.quotes:
            return None
        case "recall" | "recall-everything" | "recall-when":
            return Answer(_recalling(state))
        case "why":
            return Answer(_why(state, titles))
        case "on-record":
            was_off = "Back on the record" if state.off_the_record else "We are on the record"
            return Answer(f"{was_off}: I note what you tell me about yourself.")
        case _:
            return _ALWAYS_THE_SAME.get(state.intent)


def tell_time(now: datetime) -> str:
    return f"It is {now:%H:%M}."


def tell_date(now: datetime) -> str:
    return f"Today is {now:%A}, {now.day} {now:%B} {now.year}."


def told_back(texts: Sequence[str]) -> str:
    """Memories as sentences to the user."""
    return " ".join(second_person(text) for text in texts)


def will_remember(texts: Sequence[str]) -> str:
    match [inside(second_person(text)) for text in texts]:
        case []:
            return ""
        case [only]:
            return f"I will remember that {only}."
        case [*most, last]:
            return f"I will remember that {', that '.join(most)}, and that {last}."
        case _:
            raise AssertionError("a list is empty, or has a last element")


def _remembering(state: State) -> str:
    news = [each.text for each in state.candidates if each.source.turn == state.turn]
    if state.unnoted:
        return "I note nothing, for we are off the record. Say: on the record, and tell me again."
    if not news and state.withheld:
        return ""
    if not news:
        return (
            "I keep notes about you, and I heard nothing in that to note down. "
            "Say, for example: remember that my car is on level three."
        )
    return f"All right. {will_remember(news)}"


def _forgetting(state: State) -> Answer:
    known = tuple(state.notes)
    if state.intent == "decline":
        return Answer("All right, I keep everything.")
    if _memory_failed(state):
        return Answer(MEMORY_IS_AWAY)
    if not known:
        return Answer("I find nothing like that in my memory.")
    if state.intent == "forget-everything":
        return Answer(
            f"That would erase the {_things(len(known))} I know about you, for good. Shall I? Yes or no?",
            asks="forget-everything",
        )
    if state.intent == "confirm":
        return Answer(
            f"All right. I forget the {_things(len(known))} I knew about you. "
            "Our conversations stay until you delete them.",
            forgets=known,
        )
    match [inside(second_person(note.text)) for note in state.notes]:
        case [only]:
            return Answer(f"All right. I forget that {only}.", forgets=known)
        case several:
            return Answer(f"All right. I forget {len(several)} things: that {', that '.join(several)}.", forgets=known)


def _recalling(state: State) -> str:
    if _memory_failed(state):
        return MEMORY_IS_AWAY
    texts = [note.text for note in state.notes]
    if state.intent == "recall":
        return told_back(texts) if texts else "I do not know that yet. Tell me, and I will remember it."
    if state.intent == "recall-when" and not texts:
        return "I have noted nothing that you told me then."
    if not texts:
        return "Nothing yet. Tell me something about you, and I will remember it."
    more = len(texts) - READ_OUT_AT_ONCE
    return told_back(texts[-READ_OUT_AT_ONCE:]) + (f" And I know {_things(more)} more." if more > 0 else "")


def _why(state: State, titles: Mapping[str, str]) -> str:
    if _memory_failed(state):
        return MEMORY_IS_AWAY
    if state.quotes and not state.about:
        return " ".join(
            f"That is from your document {where(each)}. It says: “{gist(each, state.last_answer)}”"
            for each in state.quotes[:WHENCE_AT_ONCE]
        )
    if not state.notes:
        about = " I know nothing of that." if state.about else ""
        return f"That does not come from my notes about you.{about}"
    told = [_told(note, titles) for note in state.notes[:WHENCE_AT_ONCE]]
    more = len(state.notes) - len(told)
    return " ".join(told) + (f" And {_things(more)} more." if more > 0 else "")


def _told(note: Note, titles: Mapping[str, str]) -> str:
    """When it was told, in which conversation, and in which words."""
    title = titles.get(note.thread)
    where = "" if title is None else f", in our conversation “{title}”" if title else ", in this conversation"
    when = f"on {tell_day(note.said_at)}" if note.said_at else "a moment ago"
    words = f" You said: “{note.words}”." if note.words else ""
    return f"That {inside(second_person(note.text))}: you told me {when}{where}.{words}"


def _documents(state: State) -> str:
    if _library_failed(state):
        return LIBRARY_IS_AWAY
    names = [f"“{each.name}”" for each in state.papers]
    match len(names):
        case 0:
            return NOTHING_TO_READ
        case 1:
            return f"I have one document of yours: {names[0]}."
        case count if count <= READ_OUT_AT_ONCE:
            return f"I have {count} documents of yours: {', '.join(names[:-1])} and {names[-1]}."
        case count:
            told = ", ".join(names[:READ_OUT_AT_ONCE])
            return f"I have {count} documents of yours. The newest are {told}. All are on the page My memory."


def _removing(state: State) -> Answer:
    papers = tuple(state.papers)
    if _library_failed(state):
        return Answer(LIBRARY_IS_AWAY)
    if not papers:
        return Answer(_WHICH_DOCUMENT.get(state.about, "I have no document of that name."))
    match [f"“{each.name}”" for each in papers]:
        case [only]:
            which = f"the document {only}"
        case several:
            count = len(several)
            which = f"{count} documents: {', '.join(several[:READ_OUT_AT_ONCE])}" + (
                f" and {count - READ_OUT_AT_ONCE} more" if count > READ_OUT_AT_ONCE else ""
            )
    if state.intent == "confirm-removal":
        return Answer(f"All right. I erase {which}.", removes=papers)
    return Answer(f"That would erase {which}, for good. Shall I? Yes or no?", asks="remove-document")


def _library_failed(state: State) -> bool:
    return any(each.startswith("documents:") for each in state.troubles)


def _memory_failed(state: State) -> bool:
    return any(each.startswith("memory:") for each in state.troubles)


def _things(count: int) -> str:
    return "one thing" if count == 1 else f"{count} things"


def name_in(texts: Sequence[str]) -> str:
    """What to call the user, as far as these memories tell."""
    for start in ("The user wants to be called ", "The user's name is "):
        for text in texts:
            if text.startswith(start):
                return text.removeprefix(start).rstrip(".")
    return ""
