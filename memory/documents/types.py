"""The words this room uses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType, TypeAlias

DocumentId = NewType("DocumentId", str)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a document as its format tells them apart, in reading order."""

    place: str
    """Where that is, as one says it: "page 3", "section Paying back"; empty where the format knows none."""
    text: str


@dataclass(frozen=True, slots=True)
class NewDocument:
    """What was read out of a file, and is not kept yet."""

    name: str
    """Its file's name, by which it is cited, and replaced when it is added again."""
    title: str
    """As the document itself calls it; its name where it does not."""
    parts: tuple[Part, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    """What it says about itself: author, date, tags, from front matter or the file's properties."""


@dataclass(frozen=True, slots=True)
class Document:
    id: DocumentId
    name: str
    title: str
    added_at: datetime
    characters: int
    passages: int
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """Some sentences of a document that stand together."""

    document: DocumentId
    name: str
    title: str
    place: str
    position: int
    """Counted from 0 through the document."""
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    passage: Passage
    score: float
    """Comparable within one search only; higher is better."""


Progress: TypeAlias = Callable[[int, int], None]
"""Told how many passages are kept by now, and how many there will be."""
