"""One conversation as files that open without Nightingale: JSON for programs, Markdown to read, WebVTT as captions."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from app.rights.files import safe_name

SECONDS_PER_CHARACTER = 0.065
"""About 165 words a minute: how long a caption stands when nothing says how long it was spoken."""
SHORTEST_SECONDS = 1.0
UNTITLED = "untitled"
YOU, ASSISTANT = "You", "Nightingale"


@dataclass(frozen=True, slots=True)
class Line:
    """What one of the two said."""

    speaker: str
    text: str
    at: datetime
    """When it began."""
    seconds: float | None = None
    """How long it was spoken, where that is known."""
    recording: str | None = None
    """The name of its file."""


@dataclass(frozen=True, slots=True)
class Transcript:
    thread: str
    title: str
    began_at: datetime
    lines: tuple[Line, ...]
    facts: Mapping[str, Any]
    """All else that is known of it, as JSON takes it."""

    @property
    def folder(self) -> PurePosixPath:
        """With a part of the id: titles repeat."""
        title = safe_name(self.title, UNTITLED)
        return PurePosixPath("threads") / f"{self.began_at:%Y-%m-%d}-{title}-{self.thread[:8]}"


def as_json(of: Transcript) -> bytes:
    lines = [
        {"speaker": each.speaker, "text": each.text, "at": each.at.isoformat(), "seconds": each.seconds}
        | ({"recording": f"recordings/{each.recording}"} if each.recording else {})
        for each in of.lines
    ]
    told = {"id": of.thread, "title": of.title, "began_at": of.began_at.isoformat(), "lines": lines, **of.facts}
    return json.dumps(told, ensure_ascii=False, indent=1, default=str).encode()


def as_markdown(of: Transcript) -> bytes:
    parts = [f"# {_flat(of.title) or UNTITLED}", f"{of.began_at:%d %B %Y, %H:%M %Z}"]
    for each in of.lines:
        heard = f" ([recording](recordings/{each.recording}))" if each.recording else ""
        parts += [f"**{each.speaker}**, {each.at:%H:%M:%S}{heard}:", each.text.strip() or "*(nothing was made out)*"]
    return ("\n\n".join(parts) + "\n").encode()


def as_webvtt(of: Transcript) -> bytes:
    """Times count from the beginning of the conversation; who speaks stands in voice tags."""
    blocks = [f"WEBVTT - {_cue_text(of.title) or UNTITLED}", f"NOTE\nThread {of.thread}, {of.began_at.isoformat()}"]
    lines = [each for each in sorted(of.lines, key=lambda each: each.at) if each.text.strip()]
    starts = [max(0.0, (each.at - of.began_at).total_seconds()) for each in lines]
    for number, (line, start) in enumerate(zip(lines, starts, strict=True)):
        long = line.seconds or max(SHORTEST_SECONDS, SECONDS_PER_CHARACTER * len(line.text))
        after = starts[number + 1] if number + 1 < len(starts) else float("inf")
        end = max(min(start + long, after), start + 0.1)
        blocks.append(f"{number + 1}\n{_clock(start)} --> {_clock(end)}\n<v {line.speaker}>{_cue_text(line.text)}</v>")
    return ("\n\n".join(blocks) + "\n").encode()


def moment(told: object) -> datetime | None:
    """Of the several ways in which the house writes times; UTC where none is said."""
    if not isinstance(told, str):
        return None
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def lines_of(steps: Iterable[Mapping[str, Any]], spoken: Mapping[str, Sequence[Line]]) -> tuple[Line, ...]:
    """The messages of a thread, each where it belongs. `spoken`: what was said by voice, for each turn."""
    lines: list[Line] = []
    told: set[str] = set()
    for step in steps:
        at = moment(step.get("createdAt")) or moment(step.get("start"))
        if at is None or step.get("type") not in ("user_message", "assistant_message"):
            continue
        turn = (step.get("metadata") or {}).get("turn", "")
        if step["type"] == "user_message" and turn in spoken:
            told.add(turn)
            lines += spoken[turn]
        else:
            lines.append(Line(YOU if step["type"] == "user_message" else ASSISTANT, step.get("output") or "", at))
    for turn in spoken.keys() - told:
        lines += spoken[turn]
    return tuple(sorted(lines, key=lambda each: each.at))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _cue_text(text: str) -> str:
    """On one line, for an empty one would end the cue; an arrow would look like its times."""
    return re.sub(r"[&<>]", lambda found: {"&": "&amp;", "<": "&lt;", ">": "&gt;"}[found[0]], _flat(text))


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"
