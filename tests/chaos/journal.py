"""What the app's own log complains of that it should not: exceptions that nobody caught, sessions that broke."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

TRACEBACK: Final = "Traceback (most recent call last)"
NEVER: Final = (
    "session ended by a bug",
    "exception was never retrieved",
    "was never awaited",
    "Exception in ASGI application",
    "Unhandled exception",
    "unhandled exception",
    "Exception ignored in",
    "Unclosed",
    "Task was destroyed but it is pending",
)
"""What libraries and we say when an exception or a resource has slipped through."""
CONTAINED: Final = "engine broke"
"""The ladder's own words about an engine with a bug; it goes on with the next rung. Ours are planted."""
FOREIGN: Final = ("chainlit", "socketio", "engineio")
"""Loggers of the shell: counted apart, for they are not ours to mend."""


@dataclass(frozen=True, slots=True)
class Complaint:
    line: int
    text: str
    ours: bool


def complaints(log: Path) -> list[Complaint]:
    return list(_complaints(log.read_text(errors="replace").splitlines()))


def _complaints(lines: list[str]) -> Iterator[Complaint]:
    raw: list[str] = []
    """What was printed rather than logged, since the last record."""
    for number, line in enumerate([*lines, "{}"], 1):
        record = _record(line)
        if record is None:
            raw.append(line)
            continue
        if any(TRACEBACK in each or any(words in each for words in NEVER) for each in raw):
            yield Complaint(number - len(raw), _gist(raw), ours=True)
        raw.clear()
        event = str(record.get("event", ""))
        excepted = _last(record.get("exception"))
        planted = event == CONTAINED and "planted" in excepted
        if any(words in event for words in NEVER) or (excepted and not planted):
            ours = not str(record.get("logger", "")).startswith(FOREIGN)
            yield Complaint(number, f"{event} {excepted}"[:600], ours)


def _gist(raw: list[str]) -> str:
    """Of a printed traceback: the exception at its end, and the last of our own lines on the way."""
    places = [line.strip() for line in raw if 'File "' in line]
    own = [place for place in places if "site-packages" not in place] or places
    return " ".join([*[line for line in raw if line.strip()][-1:], *own[-1:]])[:600]


def _record(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _last(excepted: Any) -> str:
    """The exception itself, of a group its first, and where it came from."""
    if not isinstance(excepted, list) or not excepted:
        return str(excepted or "")
    inner = excepted[0]
    while inner.get("exceptions"):
        inner = inner["exceptions"][0][0]
    where = [f"{frame['filename']}:{frame['lineno']}" for frame in inner.get("frames", [])[-3:]]
    return f"{inner.get('exc_type')}: {inner.get('exc_value')} at {' < '.join(reversed(where))}"
