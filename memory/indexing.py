"""How a memory lies in Qdrant, in either of the two stores: its payload, and its vectors by name.

| vector | of | kind |
|---|---|---|
| `words_around` | its text together with its context | sparse, IDF |
| `meaning_around-…` | the same, by the embedding model that the name stands for | dense, cosine |
| `meaning-…` | its text alone, by that model | dense, cosine |

A model has vectors of its own, so that those of two models never meet. What was superseded has none at all: it is
kept, and never found.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from qdrant_edge import SparseVector

from memory.keeping import Kept, kin_of
from memory.ranking import writable
from memory.reading import indexed
from memory.types import USER, Memory, MemoryId, Source, UserId, Vectors

WORDS_AROUND: Final = "words_around"
KEYWORDS: Final = (
    *("user", "standing", "kind", "subject", "place", "thread", "topic_key", "fingerprint", "superseded_by"),
    "embedding",
)
"""What of a payload is looked up by its value."""
NUMBERS: Final = ("position", "kept_at")
"""What it is sorted by."""
NOT_EMBEDDED: Final = ""

Payload: TypeAlias = dict[str, Any]
Vector: TypeAlias = SparseVector | npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Model:
    """An embedding model, and what its vectors are called."""

    name: str
    """With its version."""
    dimensions: int

    @property
    def label(self) -> str:
        """What is written beside the vectors: two with one label may be compared."""
        return f"{self.name} ({self.dimensions})"

    @property
    def meanings(self) -> tuple[str, str]:
        """Of the text, and of the text with its context."""
        return meanings_of(self.label)


def meanings_of(label: str) -> tuple[str, str]:
    mark = hashlib.sha256(label.encode()).hexdigest()[:16]
    return f"meaning-{mark}", f"meaning_around-{mark}"


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors for a number of texts, then for as many of the same texts with their contexts."""

    model: Model
    rows: Vectors

    def of(self, number: int) -> dict[str, Vector]:
        text, around = self.model.meanings
        return {text: self.rows[number], around: self.rows[number + len(self.rows) // 2]}


@dataclass(frozen=True, slots=True)
class Point:
    id: str
    vectors: Mapping[str, Vector]
    payload: Payload


def point_of(user: UserId, kept: Kept, meanings: Mapping[str, Vector], label: str) -> Point:
    """`meanings`: the dense vectors, by the model of that label; or none, and `NOT_EMBEDDED`."""
    memory, owner = kept.memory, writable(user)
    kin = kin_of(memory)
    payload: Payload = {
        "user": owner,
        "text": memory.text,
        "kind": memory.kind,
        "subject": memory.subject,
        "topic": memory.topic,
        "said_at": memory.said_at.isoformat(),
        "valid_from": memory.valid_from and memory.valid_from.isoformat(),
        "valid_until": memory.valid_until and memory.valid_until.isoformat(),
        "thread": memory.source.thread,
        "turn": memory.source.turn,
        "position": kept.position,
        "confidence": memory.confidence,
        "context": memory.context,
        "topic_key": kin.topic,
        "fingerprint": kin.fingerprint,
        "many": memory.many,
        "kept_at": kept.kept_at,
    }
    if memory.superseded_by is not None:
        return Point(memory.id, {}, payload | {"superseded_by": memory.superseded_by})
    place = place_of(memory.source.thread, kept.position)
    look = indexed(memory)
    vectors = {WORDS_AROUND: look.words_around, **meanings}
    return Point(memory.id, vectors, payload | {"standing": owner, "place": place, "embedding": label})


def kept_of(id_: str, payload: Payload) -> Kept:
    """Raises `ValueError` when that is no memory. What older versions did not write yet may be missing."""
    try:
        memory = Memory(
            id=MemoryId(id_),
            text=payload["text"],
            kind=payload["kind"],
            said_at=datetime.fromisoformat(payload["said_at"]),
            source=Source(payload["thread"], payload["turn"]),
            topic=payload["topic"],
            confidence=payload["confidence"],
            superseded_by=payload.get("superseded_by"),
            subject=payload.get("subject", USER),
            context=payload.get("context", ""),
            valid_from=_moment(payload.get("valid_from")),
            valid_until=_moment(payload.get("valid_until")),
            many=payload["many"],
        )
        return Kept(memory, payload["kept_at"], payload.get("position", 0))
    except (KeyError, TypeError) as exc:
        raise ValueError(type(exc).__name__) from exc


def place_of(thread: str, position: int) -> str:
    return f"{position} {thread}"


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
