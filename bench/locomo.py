"""Long conversations with questions about them, in the form of LoCoMo (Maharana et al., ACL 2024), told to a memory.

Each turn is told as one memory: what was said is its text, whoever said it its subject, the two turns before it its
context. What the file says of a picture that was shown counts as words of the turn.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from memory.types import NewMemory, Source

ADVERSARIAL: Final = 5
"""The category of questions that have no answer."""
_BEFORE = 2


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    category: int
    evidence: frozenset[str]
    """The turns that answer it."""


@dataclass(frozen=True, slots=True)
class Talk:
    name: str
    turns: tuple[NewMemory, ...]
    """The turn's name is its source's."""
    questions: tuple[Question, ...]
    """Those that have evidence."""

    @property
    def asked_at(self) -> datetime:
        return max(turn.said_at for turn in self.turns) + timedelta(days=1)


def read_talks(file: Path) -> tuple[Talk, ...]:
    return tuple(_talk(name, talk) for name, talk in json.loads(file.read_text()).items())


def _talk(name: str, talk: dict[str, Any]) -> Talk:
    sessions = sorted(
        (key for key, value in talk.items() if re.fullmatch(r"session_\d+", key) and value),
        key=lambda key: int(key.removeprefix("session_")),
    )
    turns = [new for session in sessions for new in _turns(talk[session], session, talk[f"{session}_date_time"])]
    known = {turn.source.turn for turn in turns}
    asked = [
        Question(each["question"], each["category"], _evidence(each.get("evidence", ())) & known)
        for each in talk["qa"]
        if each["category"] != ADVERSARIAL
    ]
    return Talk(name, tuple(turns), tuple(each for each in asked if each.evidence))


def _turns(turns: Sequence[dict[str, Any]], session: str, when: str) -> list[NewMemory]:
    said_at = datetime.strptime(when, "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
    spoken = [
        f"{turn['text']} [{turn['blip_caption']}]" if turn.get("blip_caption") else turn["text"] for turn in turns
    ]
    lines = [f"{turn['speaker']}: {text}" for turn, text in zip(turns, spoken, strict=True)]
    return [
        NewMemory(
            text,
            "event",
            said_at,
            Source(session, turn["dia_id"]),
            topic="",
            many=True,
            subject=turn["speaker"],
            context="\n".join(lines[max(0, number - _BEFORE) : number]),
        )
        for number, (turn, text) in enumerate(zip(turns, spoken, strict=True))
    ]


def _evidence(written: Sequence[str]) -> frozenset[str]:
    """Some are written "D8:6; D9:17", some "D:11:26"."""
    found = (match for each in written for match in re.finditer(r"D:?(\d+):(\d+)", each))
    return frozenset(f"D{match[1]}:{match[2]}" for match in found)
