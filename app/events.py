"""What can happen to a session, in the order of its inbox; and the words for what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import anyio

from app.steps import Steps
from app.turn import SayingId
from voice.listening import HeardEvent
from voice.tiers import Ability, Means
from voice.types import Reason, Transcript

State = Literal["ready", "asleep", "listening", "hearing", "thinking", "speaking"]
Where = Literal["ear", "held", "reply", "waiting", "idle", "inbox"]
"""What stands still: the ear, in the middle of an utterance; a reply that is paused for nobody; one that does not come;
one that the user asked to wait; the picture of a session in which nothing is under way; the session's own hands.
"""
Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Typed:
    """On disk already, under this id."""

    text: str
    saying: SayingId


@dataclass(frozen=True, slots=True)
class Understood:
    """What a recogniser made of an utterance."""

    transcript: Transcript
    saying: SayingId
    sound_seconds: float
    """How much of what it was made out from is more than background."""
    steps: Steps


@dataclass(frozen=True, slots=True)
class MadeOut:
    """What could be made out of an utterance that may not be over."""

    text: str
    started_at: float
    """Which utterance: seconds of audio since the microphone opened."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """Nothing moves that should; see `app.watchdog`."""

    where: Where


@dataclass(frozen=True, slots=True)
class MicrophoneOpened: ...


@dataclass(frozen=True, slots=True)
class StopPressed: ...


@dataclass(frozen=True, slots=True)
class SleepAsked:
    """The user wants to be heeded no more, but for the wake word or a button."""


@dataclass(frozen=True, slots=True)
class WakeAsked:
    """The user wants to be heeded again: a button; or nobody is there who could hear the wake word."""


@dataclass(frozen=True, slots=True)
class NobodySpoke:
    """The follow-up window is over; see `app.sleeping`."""


@dataclass(frozen=True, slots=True)
class Left:
    """The user is gone for good."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """How the user wants to talk from now on."""

    manner: Mapping[str, object]
    """Fields of `app.manner.Manner`, by their names; None: as is usual."""


@dataclass(frozen=True, slots=True)
class MannerChanged:
    """The user has chosen something by voice, or in another session of theirs."""


@dataclass(frozen=True, slots=True)
class MeansChanged:
    """An engine went, or came back."""


@dataclass(frozen=True, slots=True)
class PageCame:
    """A page that knows nothing yet, and what its browser lets us do."""

    browser: Means


@dataclass(frozen=True, slots=True)
class BrowserCan:
    """The browser lets us hear, or be heard, or does not; None where nothing new is known."""

    hears: Ability | None = None
    speaks: Ability | None = None


@dataclass(frozen=True, slots=True)
class OnOffer:
    """What the user wants done with something that was said and never answered."""

    saying: SayingId
    answer: bool
    """False: dismiss it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment has come that something waited for."""


@dataclass(frozen=True, slots=True)
class Announce:
    """Something about the house that this user should know."""

    level: Level
    code: str
    what: Reason


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that the user asked for is done, or is not: said when nobody speaks, and kept in the thread."""

    text: str
    begun: anyio.Event = field(default_factory=anyio.Event, compare=False)
    """Set when it stands on the screen."""


Event = (
    HeardEvent
    | Typed
    | Understood
    | MadeOut
    | Stuck
    | MicrophoneOpened
    | StopPressed
    | SleepAsked
    | WakeAsked
    | NobodySpoke
    | Chosen
    | MannerChanged
    | MeansChanged
    | PageCame
    | BrowserCan
    | OnOffer
    | Tick
    | Announce
    | Mention
    | Left
)
