"""The first start: a few questions, by which somebody who neither sees nor types sets up how we talk, in two minutes.

    sound ─▶ speed ─▶ voice ─▶ patience ─▶ waking ─▶ done

It stands before the conversation. What answers its question is heeded, and the next question follows; "skip this", "go
back" and "skip it all" lead through it. Whatever else is said is answered as ever, and the question asked once more;
to who goes on about other things it says how to come back to it, and steps aside. It begins by itself when a microphone
is opened, on two visits at most, and whenever the user asks for it.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import anyio

from app.ends import Conversation
from app.own_manner import OwnManner
from app.turn import is_question
from app.welcome.words import QUESTIONS, Move, move_of
from graph.strings import said
from graph.types import (
    Account,
    Directive,
    FallAsleep,
    GoTo,
    Loudness,
    Mute,
    Prefers,
    Quiet,
    SpeakingRate,
    TurnEnd,
    TurnId,
)
from graph.words import bare

SECTION: Final = "welcome"
"""Of the catalogue."""
LOUDER: Final = 1.25
FASTER: Final = 1.2
MOST_VISITS: Final = 2
"""On which it begins by itself."""
MOST_REMINDERS: Final = 1
"""Of one question."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in it the user is."""

    question: int | None = None
    """The one that is open."""
    others: int = 0
    """Turns since it was asked, or asked anew, that were about something else."""
    ours: bool = True
    """Whether it is what the user was asked last."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One answer of ours, and where it leaves us."""

    text: str
    at: int | None
    """The question that is asked; None: none any more."""
    directives: tuple[Directive, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answered:
    """A turn, and where it leaves us once another one comes: it may be asked again."""

    turn: TurnId
    place: _Place
    here: bool
    """Whether it was answered here."""


class Welcome:
    """Of one session: the conversation that it has, with the first start before it."""

    def __init__(self, conversation: Conversation, manner: OwnManner) -> None:
        self._conversation = conversation
        self._manner = manner
        self._began = False
        self._place = _Place()
        self._answered: _Answered | None = None
        self._provisional: TurnId | None = None
        self._stands = anyio.Event()

    def begins(self) -> str:
        """What to say to a user who has just opened their microphone; nothing to one who was welcomed before."""
        own = self._manner.now
        if self._began or own.welcomed or own.greeted >= MOST_VISITS:
            return ""
        self._began, self._place = True, _Place(self._first)
        self._manner.choose(greeted=own.greeted + 1)
        return f"{self._text('hello')} {self._question(self._first)}"

    async def reply(
        self, turn: TurnId, text: str, *, hurried: bool = False, provisional: bool = False
    ) -> AsyncGenerator[str | Directive, None]:
        self._go_on(turn)
        self._provisional = turn if provisional else None
        self._stands = anyio.Event()
        step = self._step(bare(text.rpartition("\n")[2]))
        if step is None:
            asked = self._conversation.reply(turn, text, hurried=hurried, provisional=provisional)
            async with aclosing(asked) as pieces, aclosing(self._with_reminder(turn, pieces)) as reminding:
                async for piece in reminding:
                    yield piece
            return
        self._answered = _Answered(turn, _Place(step.at), here=True)
        for directive in step.directives:
            yield directive
        yield step.text
        yield Account("with-memory", "", ())
        if provisional:
            await self._stands.wait()

    def stands(self, turn: TurnId) -> bool:
        if self._provisional == turn:
            self._provisional = None
        if not self._is_ours(turn):
            return self._conversation.stands(turn)
        self._stands.set()
        return True

    async def settle(self, turn: TurnId, heard: str, *, complete: bool) -> None:
        if not self._is_ours(turn):
            await self._conversation.settle(turn, heard, complete=complete)

    def _is_ours(self, turn: TurnId) -> bool:
        return self._answered is not None and self._answered.turn == turn and self._answered.here

    def _go_on(self, turn: TurnId) -> None:
        """From where the last turn left us; not where it is the same, asked again, or has never been."""
        last, self._answered = self._answered, None
        if last is not None and last.turn not in (turn, self._provisional):
            self._place = last.place

    async def _with_reminder(
        self, turn: TurnId, answer: AsyncGenerator[str | Directive, None]
    ) -> AsyncGenerator[str | Directive, None]:
        """The answer to something else, and our question once more; or that it can wait."""
        told, leaves = "", False
        async for piece in answer:
            match piece:
                case str():
                    told = piece.strip() or told
                case GoTo() | Mute() | FallAsleep() | Quiet():
                    leaves = True
                case Account() if self._place.question is not None:
                    asks = is_question(told)
                    place = self._beside(asks=asks)
                    self._answered = _Answered(turn, place, here=False)
                    if not asks and not leaves:
                        yield f" {self._reminder(place)}"
            yield piece

    def _beside(self, *, asks: bool) -> _Place:
        """Where a turn about something else leaves us; `asks`: its answer ends with a question of its own."""
        if self._place.others < MOST_REMINDERS:
            return replace(self._place, others=self._place.others + 1, ours=not asks)
        return _Place()

    def _reminder(self, place: _Place) -> str:
        if place.question is None:
            return self._text("aside")
        return f"{self._text('back')} {self._question(place.question)}"

    # -- the questions ---------------------------------------------------------------------------------------

    @property
    def _first(self) -> int:
        """Who wants to read is not asked how they like what they hear."""
        return QUESTIONS.index("patience") if self._manner.now.tier in ("stt-only", "text") else 0

    def _step(self, words: str) -> _Step | None:
        at = self._place.question if self._place.ours else None
        move = move_of(words, "" if at is None else QUESTIONS[at], (self._manner.tongue, "en"))
        if move == "begin":
            return _Step(self._question(self._first), self._first)
        if move is None or at is None:
            return None
        match move:
            case "leave":
                return _Step(self._text("left"), None, (Prefers("welcomed", True),))
            case "again":
                return _Step(self._question(at), at)
            case "back":
                return self._to(max(self._first, at - 1))
            case "pass":
                return self._to(at + 1)
            case "more" | "less" | "another":
                return _Step(f"{self._text('changed')} {self._question(at)}", at, self._wish(at, move))
            case _:
                return self._to(at + 1, self._wish(at, move))

    def _wish(self, at: int, move: Move) -> tuple[Directive, ...]:
        match QUESTIONS[at], move:
            case "sound", "more" | "less":
                return (Loudness(LOUDER if move == "more" else 1 / LOUDER),)
            case "speed", "more" | "less":
                return (SpeakingRate(FASTER if move == "more" else 1 / FASTER),)
            case "voice", "another":
                return (Prefers("voice", self._next_voice()),)
            case "patience", "over":
                return (TurnEnd("over"),)
            case "patience", "standard" | "unhurried" | "very-patient":
                return (Prefers("patience", move), TurnEnd("silence"))
            case "waking", "always":
                return (Prefers("hands_free", True), Prefers("wake_word", None))
            case "waking", "okay-nabu" | "hey-jarvis" | "alexa" | "hey-mycroft":
                return (Prefers("hands_free", True), Prefers("wake_word", move))
            case _:
                return ()

    def _next_voice(self) -> str | None:
        """The one after theirs; after the last, the house's."""
        voices = [each.name for each in self._manner.voices()]
        now = self._manner.now.voice
        at = voices.index(now) + 1 if now in voices else 0
        return voices[at] if at < len(voices) else None

    def _to(self, at: int, directives: tuple[Directive, ...] = ()) -> _Step:
        if at == len(QUESTIONS):
            return _Step(self._text("done"), None, (*directives, Prefers("welcomed", True)))
        return _Step(f"{self._text('good')} {self._question(at)}", at, directives)

    def _question(self, at: int) -> str:
        return self._text(QUESTIONS[at])

    def _text(self, key: str) -> str:
        return said(self._manner.tongue, key, SECTION)
