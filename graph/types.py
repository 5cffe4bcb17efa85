"""The words this room uses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NewType

from memory.types import MemoryId, Source

TurnId = NewType("TurnId", str)
AnswerLength = Literal["brief", "normal", "full"]
Language = Literal["en", "fr", "de", "es"]
ErrandName = Literal[
    "new-conversation",
    "open-conversation",
    "which-conversation",
    "read-conversation",
    "search-conversations",
    "next",
    "previous",
    "rename-conversation",
    "delete-conversation",
    "mute",
    "sleep",
    "what-went-wrong",
    "which-engines",
    "which-voices",
    "which-wake-word",
    "which-languages",
    "undo",
    "meant",
]
"""What a user may ask of the house, rather than of whoever answers."""


@dataclass(frozen=True, slots=True)
class Errand:
    name: ErrandName
    about: str = ""
    """The name of a conversation, what to search for, what was meant, the name of a voice; "#2": the second of those
    that were found; "#0": this conversation, "#-1": the one before it; empty: what is most likely meant, which is this
    one, and to be opened or read the one before it.
    """
    confirmed: bool = False
    """Whether the user has said yes to it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of an errand: what to say of it, and what is to be done. Nothing has been done yet."""

    text: str
    directives: "tuple[Directive, ...]" = ()
    confirm: bool = False
    """Whether the text asks for a yes or a no first."""


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
    language: Language = "en"
    """In which the user is answered where no language model does it."""
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
class Pitch:
    """Speak higher or lower from now on: 1 is the voice's own pitch."""

    factor: float
    relative: bool = True


@dataclass(frozen=True, slots=True)
class Prefers:
    """The user wants something of how they are talked to otherwise from now on."""

    what: str
    """A field of theirs, as `app.manner.Manner` calls it."""
    value: object
    """None: as is usual. For a voice, what the user called it."""
    how: Literal["set", "times", "with", "without"] = "set"
    """times: what it is, so many times; with, without: these of several things are added, or taken away."""


@dataclass(frozen=True, slots=True)
class GoTo:
    """Leave this conversation for another, once the answer was heard."""

    thread: str
    """Empty: a new one."""


@dataclass(frozen=True, slots=True)
class Rename:
    """Call a conversation something else."""

    thread: str
    title: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Erase a conversation, for good; where it is this one, a new one begins."""

    thread: str


@dataclass(frozen=True, slots=True)
class Mute:
    """Close the microphone: nothing is heard until the user opens it on the page."""


@dataclass(frozen=True, slots=True)
class FallAsleep:
    """Heed nothing but the wake word, or a button."""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Undo what the last turn did; with `meant`, answer that instead of what was understood."""

    meant: str = ""


@dataclass(frozen=True, slots=True)
class Forget:
    """What was learnt is forgotten. The graph sees to that; told so that it can be undone."""

    texts: tuple[str, ...]
    ids: tuple[MemoryId, ...] = ()
    turns: tuple[Source, ...] = ()
    """Of what is on its way to memory: all that was told there goes."""
    for_good: bool = False
    """Whether the user was asked first."""


@dataclass(frozen=True, slots=True)
class LeafTo:
    """Where in what is being read out, or found, the user is now; the desk knows what it means."""

    place: object


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


Deed = GoTo | Rename | Delete | Mute | FallAsleep | TakeBack | Forget | LeafTo
"""What the house does at the user's word, once the turn stands."""
Directive = SpeakingRate | Loudness | Pitch | Prefers | Waiting | TurnEnd | Quiet | Fetched | Account | Deed
"""What a reply says to the session rather than to the user: what they asked of the assistant's manner, which the
session carries out; and how the answer came about.
"""
