"""What is exported, as it is written: for programs as JSON, for people as Markdown."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, SecretStr

from memory.documents.passages import whole_text
from memory.documents.types import Document, Passage
from memory.types import Memory


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode()


def open_part(value: Any) -> Any:
    """Without keys, and without the names and passwords that an address may carry."""
    match value:
        case SecretStr():
            return None
        case BaseModel():
            return {name: open_part(getattr(value, name)) for name in type(value).model_fields}
        case dict():
            return {str(name): open_part(each) for name, each in value.items()}
        case tuple() | list() | set() | frozenset():
            return [open_part(each) for each in value]
        case None | bool() | int() | float() | str():
            return _without_login(value) if isinstance(value, str) else value
        case _:
            return _without_login(str(value))


def _without_login(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}{separator}{place.rpartition('@')[2]}{slash}{path.partition('?')[0]}" if separator else text


def memories_table(memories: Iterable[Memory]) -> bytes:
    return as_json([asdict(each) for each in memories])


def memories_page(memories: Iterable[Memory]) -> bytes:
    lines = ["# What Nightingale remembers", ""]
    for each in sorted(memories, key=lambda each: (each.kind, each.said_at)):
        past = " (no longer: something newer took its place)" if each.superseded_by else ""
        lines.append(f"- {each.kind}, {each.said_at:%d %B %Y}: {' '.join(each.text.split())}{past}")
    return ("\n".join(lines) + "\n").encode()


def document_page(document: Document, passages: Iterable[Passage]) -> str:
    """Passages may begin with the sentence that the last one ended with."""
    about = {"name": document.name, "title": document.title, "added": document.added_at.isoformat()}
    lines = ["---", *(f"{key}: {_quoted(value)}" for key, value in about.items())]
    if document.metadata:
        lines += ["about:", *(f"  {_quoted(key)}: {_quoted(value)}" for key, value in document.metadata.items())]
    lines += ["---"]
    for place, some in itertools.groupby(passages, key=lambda each: each.place):
        lines += ["", f"## {place}"] if place else []
        lines += ["", whole_text(some)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
