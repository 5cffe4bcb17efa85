"""What is answered without a model: requests about manner, about memory, and about the clock.

An answer only says and asks. What it wants done to long-term memory is done when the turn is settled, because a turn
may still be taken back while it is being answered.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from graph.dates import tell_day
from graph.intent_words import Asks
from graph.manner import leafed, manner
from graph.persons import inside, second_person
from graph.quoting import gist, where
from graph.saying_again import again, rest, spelt
from graph.state import Note, Paper, State
from graph.strings import all_of, said
from graph.tongues.asking import WHICH
from graph.types import Directive, Forget, Language
from memory.types import MemoryId, Source

_CALLED: Final = (
    re.compile(
        r"(?:The user wants to be called |Du willst |Tu veux qu'on t'appelle |"
        r"Quieres que te llamen )(.+?)(?: genannt werden)?\."
    ),
    re.compile(r"(?:The user's name is |Du heißt (?!mit Nachnamen)|Tu t'appelles |Te llamas )(.+)\."),
)
_WHICH_DOCUMENT: Final = {"": "no-documents", WHICH: "which-document"}
WHENCE_AT_ONCE = 3
READ_OUT_AT_ONCE = 8
"""More memories than this are too many to listen to."""


@dataclass(frozen=True, slots=True)
class Answer:
    text: str = ""
    directives: tuple[Directive, ...] = ()
    forgets: tuple[Note, ...] = ()
    removes: tuple[Paper, ...] = ()
    asks: Asks = ""
    leafs: str = ""
    """What "more" goes on with: as `State.leafing`."""


def answer(state: State, now: datetime, titles: Mapping[str, str], language: Language = "en") -> Answer | None:
    """What to say to a turn that needs no model; None when it needs one. `titles`: of the threads of its notes."""
    say = Phrases(language)
    match state.intent:
        case "repeat":
            return Answer(again(state, language))
        case "go-on" if left := rest(state):
            return Answer(left)
        case "spell":
            return Answer(spelt(state.about, state.last_answer, language))
        case "help" | "next" | "go-on":
            text, leafs = leafed(state, language)
            return Answer(text, leafs=leafs) if text else None
        case "time":
            return Answer(tell_time(now, language))
        case "date":
            return Answer(tell_date(now, language))
        case "empty" | "nevermind" | "models":
            return Answer(say(state.intent))
        case _:
            wished = manner(state.intent, state.about, language)
            return Answer(*wished) if wished else _about_memory(state, titles, say)


def _about_memory(state: State, titles: Mapping[str, str], say: "Phrases") -> Answer | None:
    match state.intent:
        case "remember":
            return Answer(_remembering(state, say))
        case "decline" if state.confirming == "errand":
            return Answer(say("left-alone"))
        case "forget" | "forget-last" | "forget-everything" | "confirm" | "decline":
            return _forgetting(state, say)
        case "documents":
            return Answer(_documents(state, say))
        case "remove-document" | "confirm-removal":
            return _removing(state, say)
        case "recall" if state.quotes:
            return None
        case "recall" | "recall-everything" | "recall-when":
            return Answer(_recalling(state, say))
        case "why":
            return Answer(_why(state, titles, say))
        case "off-record":
            return Answer(say("off-record"))
        case "on-record":
            return Answer(say("back-on-record" if state.off_the_record else "on-record"))
        case _:
            return None


class Phrases:
    """Those of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        return said(self.language, key, **values)

    def day(self, moment: datetime) -> str:
        return tell_day(moment) if self.language == "en" else _day(moment, self.language, "day")


def tell_time(now: datetime, language: Language = "en") -> str:
    return said(language, "time", time=f"{now:%H:%M}")


def tell_date(now: datetime, language: Language = "en") -> str:
    return _day(now, language, "date")


def _day(moment: datetime, language: Language, key: str) -> str:
    weekday, month = all_of(language, "days")[moment.weekday()], all_of(language, "months")[moment.month - 1]
    return said(language, key, weekday=weekday, day=moment.day, month=month, year=moment.year)


def told_back(texts: Sequence[str]) -> str:
    """Memories as sentences to the user."""
    return " ".join(second_person(text) for text in texts)


def will_remember(texts: Sequence[str], language: Language = "en") -> str:
    if not texts:
        return ""
    *most, last = (inside(second_person(text)) for text in texts)
    what = said(language, "that-and-last").join([said(language, "that-and").join(most), last] if most else [last])
    return said(language, "will-remember", what=what)


def _remembering(state: State, say: Phrases) -> str:
    news = [each.text for each in state.candidates if each.source.turn == state.turn]
    if state.unnoted:
        return say("noted-nothing-off-record")
    if not news and state.withheld:
        return ""
    if not news:
        return say("noted-nothing")
    return say("noted", what=will_remember(news, say.language))


def _forgetting(state: State, say: Phrases) -> Answer:
    known = tuple(state.notes)
    if state.intent == "decline":
        return Answer(say("kept"))
    if _memory_failed(state):
        return Answer(say("memory-away"))
    if not known:
        return Answer(say("nothing-like-that"))
    if state.intent == "forget-everything":
        return Answer(say("forget-asked", things=_things(len(known), say)), asks="forget-everything")
    if state.intent == "confirm":
        return Answer(say("forgotten-all", things=_things(len(known), say)), (_forget(known, for_good=True),), known)
    match [inside(second_person(note.text)) for note in state.notes]:
        case [only]:
            text = say("forgotten-one", what=only)
        case several:
            text = say("forgotten-some", count=len(several), what=", that ".join(several))
    return Answer(text, (_forget(known),), known)


def _forget(known: Sequence[Note], *, for_good: bool = False) -> Forget:
    return Forget(
        tuple(each.text for each in known),
        ids=tuple(MemoryId(each.id) for each in known if each.id),
        turns=tuple({Source(each.thread, each.turn): None for each in known if not each.id}),
        for_good=for_good,
    )


def _recalling(state: State, say: Phrases) -> str:
    if _memory_failed(state):
        return say("memory-away")
    texts = [note.text for note in state.notes]
    if state.intent == "recall":
        return told_back(texts) if texts else say("unknown")
    if state.intent == "recall-when" and not texts:
        return say("noted-nothing-then")
    if not texts:
        return say("knows-nothing")
    more = len(texts) - READ_OUT_AT_ONCE
    return told_back(texts[-READ_OUT_AT_ONCE:]) + (
        f" {say('knows-more', things=_things(more, say))}" if more > 0 else ""
    )


def _why(state: State, titles: Mapping[str, str], say: Phrases) -> str:
    if _memory_failed(state):
        return say("memory-away")
    if state.quotes and not state.about:
        return " ".join(
            say("from-document", where=where(each), words=gist(each, state.last_answer))
            for each in state.quotes[:WHENCE_AT_ONCE]
        )
    if not state.notes:
        about = f" {say('nothing-of-that')}" if state.about else ""
        return say("not-from-notes") + about
    told = [_told(note, titles, say) for note in state.notes[:WHENCE_AT_ONCE]]
    more = len(state.notes) - len(told)
    return " ".join(told) + (f" {say('things-more', things=_things(more, say))}" if more > 0 else "")


def _told(note: Note, titles: Mapping[str, str], say: Phrases) -> str:
    """When it was told, in which conversation, and in which words."""
    title = titles.get(note.thread)
    where = "" if title is None else say("in-conversation", title=title) if title else say("in-this-conversation")
    when = say("on-day", day=say.day(note.said_at)) if note.said_at else say("a-moment-ago")
    words = f" {say('told-words', words=note.words)}" if note.words else ""
    known = second_person(note.text)
    what = inside(known) if say.language == "en" else known.rstrip(".")
    return say("told", what=what, when=when, where=where) + words


def _documents(state: State, say: Phrases) -> str:
    if _library_failed(state):
        return say("library-away")
    names = [f"“{each.name}”" for each in state.papers]
    match len(names):
        case 0:
            return say("no-documents")
        case 1:
            return say("one-document", name=names[0])
        case count if count <= READ_OUT_AT_ONCE:
            return say("some-documents", count=count, names=", ".join(names[:-1]) + say("and") + names[-1])
        case count:
            told = ", ".join(names[:READ_OUT_AT_ONCE])
            return say("many-documents", count=count, names=told)


def _removing(state: State, say: Phrases) -> Answer:
    papers = tuple(state.papers)
    if _library_failed(state):
        return Answer(say("library-away"))
    if not papers:
        return Answer(say(_WHICH_DOCUMENT.get(state.about, "no-such-document")))
    match [f"“{each.name}”" for each in papers]:
        case [only]:
            which = say("the-document", name=only)
        case several:
            count = len(several)
            names = ", ".join(several[:READ_OUT_AT_ONCE])
            if count > READ_OUT_AT_ONCE:
                names = say("and-more", names=names, count=count - READ_OUT_AT_ONCE)
            which = say("the-documents", count=count, names=names)
    if state.intent == "confirm-removal":
        return Answer(say("documents-erased", which=which), removes=papers)
    return Answer(say("documents-asked", which=which), asks="remove-document")


def _library_failed(state: State) -> bool:
    return any(each.startswith("documents:") for each in state.troubles)


def _memory_failed(state: State) -> bool:
    return any(each.startswith("memory:") for each in state.troubles)


def _things(count: int, say: Phrases) -> str:
    return say("one-thing") if count == 1 else say("things", count=count)


def name_in(texts: Sequence[str]) -> str:
    """What to call the user, as far as these memories tell."""
    for pattern in _CALLED:
        for text in texts:
            if match := pattern.fullmatch(text):
                return match[1]
    return ""
