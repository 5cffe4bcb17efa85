"""The words this room uses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

TurnId = NewType("TurnId", str)


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that a language model is told, ordered so that its KV cache survives from turn to turn.

    `system`, `summary` and `history` change rarely and come first; `memories` and `now` are new every
    turn and stand last, just before what the user said.
    """

    system: str
    history: tuple[Message, ...]
    memories: tuple[str, ...]
    now: datetime
    question: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class SpeakingRate:
    """Speak faster or slower from now on: 1 is the voice's own rate."""

    factor: float
    relative: bool = True
    """Whether the factor multiplies the present rate, or replaces it."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Speak louder or quieter from now on."""

    factor: float
    relative: bool = True


@dataclass(frozen=True, slots=True)
class Quiet:
    """Say nothing more: the user asked for silence."""


Directive = SpeakingRate | Loudness | Quiet
"""What the user asked of the assistant's manner rather than of its mind; the session carries it out."""
