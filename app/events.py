"""What can happen to a session, in the order of its inbox; and the words for what it shows."""

from dataclasses import dataclass
from typing import Literal

from voice.listening import HeardEvent
from voice.types import Transcript

State = Literal["ready", "listening", "hearing", "thinking", "speaking"]
Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Typed:
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What a recogniser made of an utterance."""

    transcript: Transcript


@dataclass(frozen=True, slots=True)
class MicrophoneOpened: ...


@dataclass(frozen=True, slots=True)
class StopPressed: ...


@dataclass(frozen=True, slots=True)
class Left:
    """The user is gone for good."""


@dataclass(frozen=True, slots=True)
class SpeakReplies:
    """Whether replies are spoken or only shown."""

    on: bool


@dataclass(frozen=True, slots=True)
class Announce:
    """Something about the house that this user should know."""

    level: Level
    code: str
    text: str


Event = HeardEvent | Typed | Understood | MicrophoneOpened | StopPressed | SpeakReplies | Announce | Left
