"""How a document lies in Qdrant, in either of the two stores: a point that catalogues it, and one for each passage.

| vector of a passage | of | kind |
|---|---|---|
| `words_around` | its text, and what it stands under | sparse, IDF |
| `meaning-…` | the same, by the embedding model that the name stands for | dense, cosine |

Each adding of a document is an edition of its own. Its passages are found once they have a `standing`; but which
edition counts is told by the catalogue alone, by one write, so that a document is there whole or not at all.
"""

import hashlib
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from memory.documents.finding import words_of
from memory.documents.types import Document, DocumentId, NewDocument, Part, Passage
from memory.indexing import WORDS_AROUND, Payload, Point, Vector, meanings_of
from memory.ranking import writable
from memory.types import UserId

KEYWORDS: Final = ("user", "standing", "catalogued", "document", "edition", "embedding")
"""What of a payload is looked up by its value."""
_NAMES = uuid.UUID("5f0a3a0e-7d52-4d3c-9a54-3b1f6a1d2c77")


@dataclass(frozen=True, slots=True)
class Edition:
    """A document as it was added once."""

    document: Document
    key: str
    """Those that were begun later sort higher."""
    fingerprint: str
    """Two with the same say the same."""


def edition_of(user: UserId, new: NewDocument, passages: int) -> Edition:
    """The one that is just begun."""
    id_ = DocumentId(str(uuid.uuid5(_NAMES, f"{writable(user)}\0{writable(new.name)}")))
    characters = sum(len(each.text) for each in new.parts)
    document = Document(
        id=id_,
        name=writable(new.name),
        title=writable(new.title),
        added_at=datetime.now(UTC),
        characters=characters,
        passages=passages,
        metadata={writable(key): writable(value) for key, value in new.metadata.items()},
    )
    return Edition(document, f"{time.time_ns():020d}-{uuid.uuid4()}", fingerprint_of(new))


def fingerprint_of(new: NewDocument) -> str:
    said = (new.name, new.title, sorted(new.metadata.items()), [(each.place, each.text) for each in new.parts])
    return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()


def passage_of(document: Document, position: int, part: Part) -> Passage:
    return Passage(document.id, document.name, document.title, writable(part.place), position, writable(part.text))


def meaning_of(label: str) -> str:
    """What the vectors are called that a model of that label makes."""
    return meanings_of(label)[0]


def catalogue_point(user: UserId, edition: Edition) -> Point:
    document, owner = edition.document, writable(user)
    payload: Payload = {
        "user": owner,
        "catalogued": owner,
        "document": document.id,
        "current": edition.key,
        "fingerprint": edition.fingerprint,
        "name": document.name,
        "title": document.title,
        "added_at": document.added_at.isoformat(),
        "characters": document.characters,
        "passages": document.passages,
        "metadata": dict(document.metadata),
    }
    return Point(document.id, {}, payload)


def passage_point(
    user: UserId, edition: Edition, passage: Passage, meanings: Mapping[str, Vector], label: str
) -> Point:
    payload: Payload = {
        "user": writable(user),
        "document": passage.document,
        "edition": edition.key,
        "place": passage.place,
        "position": passage.position,
        "text": passage.text,
        "embedding": label,
    }
    id_ = str(uuid.uuid5(_NAMES, f"{edition.key} {passage.position}"))
    return Point(id_, {WORDS_AROUND: words_of(passage), **meanings}, payload)


def edition_from(payload: Payload) -> Edition:
    """Raises `ValueError` when that is no entry of a catalogue."""
    try:
        document = Document(
            id=DocumentId(payload["document"]),
            name=payload["name"],
            title=payload["title"],
            added_at=datetime.fromisoformat(payload["added_at"]),
            characters=payload["characters"],
            passages=payload["passages"],
            metadata=payload["metadata"],
        )
        return Edition(document, payload["current"], payload["fingerprint"])
    except (KeyError, TypeError) as exc:
        raise ValueError(type(exc).__name__) from exc


def passage_from(payload: Payload, edition: Edition) -> Passage:
    """Raises `ValueError` when that is no passage."""
    try:
        return passage_of(edition.document, payload["position"], Part(payload["place"], payload["text"]))
    except (KeyError, TypeError) as exc:
        raise ValueError(type(exc).__name__) from exc
