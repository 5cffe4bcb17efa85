"""The words this room uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NewType

TurnId = NewType("TurnId", str)


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage of a document as the graph carries it about."""

    document: str
    name: str
    """What it is called when it is cited."""
    place: str
    """As one says it: "page 3"; empty where its format knows none."""
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that a language model is told, ordered so that its KV cache survives from turn to turn.

    `system`, `summary` and `history` change rarely and come first; `memories`, `quotes` and `now` are new
    every turn and stand last, just before what the user said.
    """

    system: str
    history: tuple[Message, ...]
    memories: tuple[str, ...]
    now: datetime
    question: str
    summary: str = ""
    quotes: tuple[Quote, ...] = ()
    """What the user's documents say about it, the best first."""
    noted: tuple[str, ...] = ()
    """What is being learnt from the question, for a model that can say no more than that."""
    off_the_record: bool = False
    """Whether nothing is being learnt from it, at the user's wish."""
    schema: Mapping[str, Any] | None = None
    """The JSON schema that the answer must fit. Every string in it needs a `maxLength`."""
    aside: bool = False
    """Nobody waits for the answer: it makes way for those that somebody waits for."""
    conversation: str = ""
    """Which conversation it belongs to, by a name that no other user's has: what was read of it can be kept."""


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
class Waiting:
    """Wait longer, or less long, for the user to go on: so many steps of patience more."""

    steps: int = 0
    relative: bool = True
    """False: as long as is usual."""


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """What ends what the user says, from now on."""

    by: Literal["silence", "over"]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Say nothing more: the user asked for silence."""


ContentLevel = Literal["with-memory", "without-memory", "offline"]
"""What an answer could be made of: all there is; no memory, for it was away or left out; nor a language model."""


@dataclass(frozen=True, slots=True)
class Account:
    """How the answer that was just given came about, for the turn's record."""

    level: ContentLevel
    model: str
    """The language model that answered; empty where none was needed."""
    troubles: tuple[str, ...]
    """What failed or was left out without ending the turn, as `part:code`."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the answer may draw on is at hand; it is being made."""


Directive = SpeakingRate | Loudness | Waiting | TurnEnd | Quiet | Fetched | Account
"""What a reply says to the session rather than to the user: what they asked of the assistant's manner, which the
session carries out; and how the answer came about.
"""
