"""The desk: what a user can ask of the house by word. It looks, and says what will be done; `app.deeds` does it.

One for each session. The same errand may be asked several times before its turn stands, and each time it finds what it
found before: nothing is changed here.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal, Protocol, assert_never

from app.desk_words import count_messages, say, tell_when
from app.finding import Shelf, fitting, place_of
from app.languages import which_languages
from app.learnt import Learnt
from app.own_manner import OwnManner
from app.reading_out import portions, snippet
from app.reviewing import Listed, Review
from app.standing import Standing
from app.taking_back import TakingBack
from app.troubles import HOUSE_PARTS, LADDERS, what_went_wrong, which_engines, which_voices
from app.whereabouts import AT_ONCE, Doomed, Found, Reading, Whereabouts
from graph.types import (
    AnswerLength,
    Delete,
    Errand,
    FallAsleep,
    GoTo,
    Language,
    LeafTo,
    Mute,
    Prefers,
    Rename,
    Seen,
    TakeBack,
)
from memory.types import UserId
from voice.choosing import voice_called
from voice.wake.words import GOOD, said

LONGEST_TITLE: Final = 80
USUAL_VOICE: Final = frozenset({"usual", "normal", "default", "habituelle", "normale", "üblich", "habitual"})


class Conversations(Shelf, Protocol):
    """One user's, out of the history. Everything raises `EngineError`."""

    async def one(self, user: UserId, thread: str) -> Listed | None: ...

    async def review(self, user: UserId, thread: str) -> Review | None: ...


class Desk:
    def __init__(
        self,
        user: UserId,
        thread: str,
        *,
        here: Whereabouts,
        past: Conversations,
        learnt: Learnt,
        manner: OwnManner,
        standing: Callable[[], Sequence[Standing]],
        clock: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """`standing`: how the engines and parts of the house are."""
        self._user = user
        self._thread = thread
        self._here = here
        self._past = past
        self._taking_back = TakingBack(
            user, thread, here=here, past=past, learnt=learnt, language=lambda: self.language
        )
        self._manner = manner
        self._standing = standing
        self._clock = clock

    @property
    def language(self) -> Language:
        return self._manner.tongue

    @property
    def length(self) -> AnswerLength:
        return self._manner.now.length

    async def see_to(self, errand: Errand) -> Seen:
        about = errand.about.strip()
        match errand.name:
            case "new-conversation":
                return Seen(self._say("new"), (GoTo(""),))
            case "open-conversation":
                return await self._open(about)
            case "which-conversation":
                return await self._this()
            case "read-conversation":
                return await self._read(about)
            case "search-conversations":
                return await self._search(about)
            case "next" | "previous":
                return await self._leaf(1 if errand.name == "next" else -1)
            case "rename-conversation":
                return self._renamed(about)
            case "delete-conversation":
                return await self._delete(about, confirmed=errand.confirmed)
            case "undo":
                return await self._taking_back.undo()
            case "meant":
                return Seen("", (TakeBack(meant=about),))
            case "mute" | "sleep" | "which-wake-word" | "what-went-wrong" | "which-engines":
                return self._of_the_house(errand.name)
            case "which-languages":
                return Seen(which_languages(self.language, about, self._standing()))
            case "which-voices":
                return self._voice(about) if about else Seen(which_voices(self.language, self._manner.voices()))
            case _:
                assert_never(errand.name)

    # -- conversations ---------------------------------------------------------------------------------------

    async def _open(self, about: str) -> Seen:
        which = await self._which(about, last=True)
        if isinstance(which, Seen):
            return which
        if which.id == self._thread:
            return Seen(self._say("here-already", title=which.title))
        return Seen(self._say("opening", title=which.title), (GoTo(which.id),))

    async def _this(self) -> Seen:
        this = await self._past.one(self._user, self._thread)
        if this is None or not this.messages:
            return Seen(self._say("this-is-new"))
        return Seen(
            self._say(
                "this-is", title=this.title, day=self._day(this), messages=count_messages(self.language, this.messages)
            )
        )

    async def _read(self, about: str) -> Seen:
        which = await self._which(about, last=True)
        if isinstance(which, Seen):
            return which
        review = await self._past.review(self._user, which.id)
        read = portions(self.language, review) if review is not None else ()
        if not read:
            return Seen(self._say("no-words", title=which.title))
        reading = Reading(which, read)
        messages = count_messages(self.language, which.messages)
        text = self._say(
            "reading", title=which.title, day=self._day(which), messages=messages, text=self._portion(reading)
        )
        return Seen(text, (LeafTo(reading),))

    async def _search(self, sought: str) -> Seen:
        """Nothing sought: the latest."""
        page = await self._past.threads(self._user, sought)
        hits = tuple(each for each in page.threads if each.id != self._thread)
        if not hits:
            return Seen(self._say("found-none", sought=sought) if sought else self._say("none-yet"))
        found = Found(sought, hits, more=page.next is not None)
        key = "latest" if not sought else "found-one" if len(hits) == 1 else "found-many" if found.more else "found"
        text = self._say(key, count=len(hits), sought=sought, hits=await self._hits(found))
        return Seen(text, (LeafTo(found),))

    async def _leaf(self, step: int) -> Seen:
        match self._here.leaf:
            case Reading() as reading:
                at = reading.at + step
                if not 0 <= at < len(reading.portions):
                    return Seen(self._say("at-the-start" if at < 0 else "that-was-all"))
                there = replace(reading, at=at)
                return Seen(self._portion(there), (LeafTo(there),))
            case Found() as found:
                at = found.at + step * AT_ONCE
                if not 0 <= at < len(found.hits):
                    return Seen(self._say("at-the-start" if at < 0 else "no-more"))
                others = replace(found, at=at)
                return Seen(await self._hits(others), (LeafTo(others),))
            case None:
                return Seen(self._say("nothing-to-leaf"))

    def _renamed(self, title: str) -> Seen:
        title = " ".join(title.split())[:LONGEST_TITLE].strip()
        if not title:
            return Seen(self._say("rename-what"))
        title = f"{title[0].upper()}{title[1:]}"
        return Seen(self._say("renaming", title=title), (Rename(self._thread, title),))

    async def _delete(self, about: str, *, confirmed: bool) -> Seen:
        doomed = self._here.doomed
        if confirmed and doomed is not None and doomed.about == about:  # just what was asked, whatever came since
            which = doomed.which
            text = self._say("deleting-this" if which.id == self._thread else "deleting", title=which.title)
            return Seen(text, (Delete(which.id),))
        found = await self._which(about)
        if isinstance(found, Seen):
            return found
        if not found.messages:
            return Seen(self._say("nothing-here"))
        key = "delete-ask-this" if found.id == self._thread else "delete-ask"
        text = self._say(
            key, title=found.title, day=self._day(found), messages=count_messages(self.language, found.messages)
        )
        return Seen(text, (LeafTo(Doomed(about, found)),), confirm=True)

    async def _which(self, about: str, *, last: bool = False) -> Listed | Seen:
        """The one that is meant, or what to say instead. `last`: where nothing is named, the last one and not this."""
        place, found = place_of(about), self._here.found
        if place == 0 or not (about or last):
            return await self._own() or Seen(self._say("nothing-here"))
        if place == -1 or not about:
            others = [each for each in (await self._past.threads(self._user)).threads if each.id != self._thread]
            return others[0] if others else Seen(self._say("none-yet"))
        if place is not None:
            told = found.hits[found.at : found.at + AT_ONCE] if found is not None else ()
            return told[place - 1] if place <= len(told) else Seen(self._say("no-number", count=len(told)))
        match await fitting(self._past, self._user, about, but=self._thread):
            case ():
                return Seen(self._say("no-such", about=about))
            case (only,):
                return only
            case several:
                found = Found("", several)
                text = self._say("which-one", count=len(several), hits=await self._hits(found, more=False))
                return Seen(text, (LeafTo(found),))

    async def _own(self) -> Listed | None:
        return await self._past.one(self._user, self._thread)

    async def _hits(self, found: Found, *, more: bool = True) -> str:
        told: list[str] = []
        shown = found.hits[found.at : found.at + AT_ONCE]
        for number, each in enumerate(shown, 1):
            told.append(self._say("hit", number=number, title=each.title, day=self._day(each)))
            review = await self._past.review(self._user, each.id) if found.sought else None
            if review is not None and (words := snippet(review, found.sought)):
                told.append(self._say("snippet", words=words))
        if more and len(found.hits) > found.at + AT_ONCE:
            told.append(self._say("more-hits"))
        elif more and len(shown) > 1:
            told.append(self._say("choose"))
        return " ".join(told)

    def _portion(self, reading: Reading) -> str:
        parts, part = len(reading.portions), reading.at + 1
        text = reading.portions[reading.at]
        if parts > 1:
            text = self._say("part", part=part, parts=parts, text=text)
        return f"{text} {self._say('go-on' if part < parts else 'that-was-all')}"

    def _say(self, key: str, **values: object) -> str:
        return say(self.language, key, **values)

    def _day(self, each: Listed) -> str:
        return tell_when(self.language, each.at, self._clock())

    # -- the house -------------------------------------------------------------------------------------------

    def _of_the_house(
        self, name: Literal["mute", "sleep", "which-wake-word", "what-went-wrong", "which-engines"]
    ) -> Seen:
        match name:
            case "mute":
                return Seen(self._say("mute"), (Mute(),))
            case "sleep":
                word = self._manner.now.wake_word
                text = self._say("sleep") if word == "none" else self._say("sleep-word", word=said(word))
                return Seen(text, (FallAsleep(),))
            case "which-wake-word":
                return Seen(self._wake_words())
            case "what-went-wrong":
                missed = [each for each in self._standing() if each.kind in LADDERS | HOUSE_PARTS]
                return Seen(what_went_wrong(self.language, self._here, missed))
            case "which-engines":
                return Seen(which_engines(self.language, self._here, self._standing()))

    def _wake_words(self) -> str:
        """The one that is chosen first."""
        chosen = self._manner.now.wake_word
        others = self._say("wake-words", words=", ".join(said(each) for each in GOOD if each != chosen))
        now = self._say("no-wake-word") if chosen == "none" else self._say("wake-word-now", word=said(chosen))
        return f"{now} {others}"

    def _voice(self, about: str) -> Seen:
        """The answer is spoken in it."""
        if about.casefold() in USUAL_VOICE:
            return Seen(self._say("voice-usual"), (Prefers("voice", None),))
        voice = voice_called(self._manner.voices(), about)
        if voice is None:
            there_are = which_voices(self.language, self._manner.voices())
            return Seen(f"{self._say('voice-none', name=about)} {there_are}")
        return Seen(self._say("voice-set", name=voice.label), (Prefers("voice", voice.name),))
