"""Files that are their owner's alone, and names that any disk takes. Blocking; everything raises `OSError`."""

import os
import re
import unicodedata
from pathlib import Path

LONGEST_NAME = 60
RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
"""Names that Windows keeps for itself."""


def private_folder(folder: Path) -> Path:
    """With what leads to it: each that is not there yet."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def write_private(file: Path, content: bytes) -> None:
    """In place of what was there, at once and for good."""
    part = file.with_name(f"{file.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as new:
        new.write(content)
        new.flush()
        os.fsync(new.fileno())
    part.replace(file)
    make_lasting(file.parent)


def make_lasting(folder: Path) -> None:
    """The names in it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def safe_name(title: str, otherwise: str) -> str:
    """As much of a title as may stand in the name of a file, on any system."""
    flat = unicodedata.normalize("NFC", title)
    kept = "".join(each if each.isalnum() or unicodedata.category(each)[0] == "M" else "-" for each in flat)
    name = re.sub(r"-+", "-", kept)[:LONGEST_NAME].strip("-")
    while len(name.encode()) > 2 * LONGEST_NAME:
        name = name[:-1]
    return otherwise if not name or name.casefold() in RESERVED else name
