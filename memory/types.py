"""The words this room uses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NewType, TypeAlias

import numpy as np
import numpy.typing as npt

UserId = NewType("UserId", str)
MemoryId = NewType("MemoryId", str)

Kind = Literal["fact", "preference", "emotion", "event", "task", "relation"]
Answer = Literal["time", "number", "name"]
"""What a question asks for, and words tell."""

FIRST_USER: Final = UserId("local")
"""Whose everything is where nobody logs people in."""
USER: Final = "user"
"""The subject of what the user tells about themselves."""

Vectors: TypeAlias = npt.NDArray[np.float32]
"""One row of unit length for each text."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a memory was learnt. What was recorded of it is found by the turn."""

    thread: str
    turn: str


@dataclass(frozen=True, slots=True)
class NewMemory:
    """Something the user said that is worth keeping, told in the third person: "The user's name is Sarah."."""

    text: str
    kind: Kind
    said_at: datetime
    source: Source
    topic: str
    """What it is about, in a word or two: "name", "home", "work", "dog". One value a topic unless `many`."""
    many: bool = False
    """Whether several memories of this topic may stand side by side (likes: yes; name: no)."""
    confidence: float = 1.0
    subject: str = USER
    """Whom it is about: the user, or somebody or something by name or relation ("sister", "Anna")."""
    context: str = ""
    """The words that it was taken from, and those they answered to: it is found by them, and never told from them."""
    valid_from: datetime | None = None
    """When it holds, or happens, where that is known."""
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    id: MemoryId
    text: str
    kind: Kind
    said_at: datetime
    source: Source
    topic: str
    confidence: float
    superseded_by: MemoryId | None = None
    subject: str = USER
    context: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    many: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """What is seen in a memory whatever is asked: to read it off takes longer than to weigh it."""

    terms: tuple[int, ...]
    """Of its text and topic: the stems, as `ranking` numbers them."""
    tells: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A memory that may be what a question is about, and what speaks for it: each figure is 0 where it is not known."""

    memory: Memory
    marks: Marks
    position: int
    """Orders the memories of one thread as they were told."""
    meaning: float = 0.0
    """Cosine of its text."""
    words_around: float = 0.0
    """BM25 of its text together with its context."""
    meaning_around: float = 0.0
    """Cosine of the same."""


@dataclass(frozen=True, slots=True)
class Recalled:
    memory: Memory
    score: float
    """Comparable within one search only; higher is better."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of what is known of a user: whatever meets all of this."""

    kind: Kind | None = None
    topics: tuple[str, ...] = ()
    """Under one of which it is filed, among what is told of the user themselves."""
    ids: tuple[MemoryId, ...] | None = None
    turn: Source | None = None
    words: str = ""
    """All of which stand in it, as they are written."""
    superseded: bool = False
    """With what was superseded."""


@dataclass(frozen=True, slots=True)
class Page:
    memories: tuple[Memory, ...]
    """The newest first. There may be few, or none, and more to come."""
    after: int | None
    """Where the next page begins; None when this was the last."""


EVERYTHING: Final = Part()
"""That stands."""
