"""The words this room uses."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType

UserId = NewType("UserId", str)
MemoryId = NewType("MemoryId", str)

Kind = Literal["fact", "preference", "emotion", "event", "task", "relation"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a memory was learnt."""

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


@dataclass(frozen=True, slots=True)
class Recalled:
    memory: Memory
    score: float
    """Comparable within one search only; higher is better."""
