"""What the reader of a format gives, or why it does not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from memory.documents.types import Part


class Refused(Exception):
    """The file cannot be taken, in words for whoever gave it. It is put after the file's name."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a format says that there is."""

    parts: Iterable[Part]
    title: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


def section(heading: str) -> str:
    """The place under that heading."""
    return f"section {heading}" if heading else ""
