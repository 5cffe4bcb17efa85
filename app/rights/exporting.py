"""Conversations to take along, with their recordings: the history and the turn log, joined."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from app.reviewing import Logged, Said
from app.rights.holders import InHistory, InTurnLog
from app.rights.transcript import (
    ASSISTANT,
    YOU,
    Line,
    Transcript,
    as_json,
    as_markdown,
    as_webvtt,
    lines_of,
    moment,
)
from app.rights.types import Person

FORMS = {"json": as_json, "md": as_markdown, "vtt": as_webvtt}


class Threads:
    def __init__(self, history: InHistory, log: InTurnLog) -> None:
        self._history = history
        self._log = log

    async def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
        for thread in person.threads:
            shown = await self._history.thread(thread, person.user)
            logged = await self._log.said(thread, person.user)
            about = joined(thread, shown, logged, {})
            if about is None:
                continue
            names: dict[str, str] = {}
            async with aclosing(self._log.sounds(logged, person.user)) as sounds:
                async for saying, name, sound in sounds:
                    names[saying] = name
                    yield str(about.folder / "recordings" / name), sound
            transcript = joined(thread, shown, logged, names) or about
            for ending, form in FORMS.items():
                yield str(transcript.folder / f"thread.{ending}"), form(transcript)


def joined(
    thread: str, shown: Mapping[str, Any], logged: Sequence[Logged], recordings: Mapping[str, str]
) -> Transcript | None:
    """None when nothing is left of it. What was said by voice stands there as it was said, each with its recording."""
    spoken = {each.turn or each.sayings[0].id: _said(each, recordings) for each in logged if each.sayings}
    lines = lines_of(shown.get("steps", ()), spoken)
    if not shown.get("steps"):  # never on a page: then the log alone knows what was answered
        lines = tuple(sorted((*lines, *filter(None, map(_heard, logged))), key=lambda each: each.at))
    began_at = moment(shown.get("createdAt")) or (lines[0].at if lines else None)
    if began_at is None:
        return None
    turns = [
        {
            "turn": each.turn,
            "sayings": [_fact(said, recordings) for said in each.sayings],
            "record": each.record,
        }
        for each in logged
    ]
    began_at = min(began_at, lines[0].at) if lines else began_at
    title = shown.get("name") or (lines[0].text if lines else "")
    return Transcript(thread, title, began_at, lines, {"turns": turns, "history": shown})


def _said(turn: Logged, recordings: Mapping[str, str]) -> list[Line]:
    return [
        Line(
            YOU,
            said.text,
            said.said_at - timedelta(seconds=said.seconds or 0.0),  # which is when it had been said
            said.seconds,
            recordings.get(said.id),
        )
        for said in turn.sayings
    ]


def _heard(turn: Logged) -> Line | None:
    heard = (turn.record or {}).get("heard") or ()
    text = " ".join(sentence for sentence, fraction in heard if fraction > 0)
    return Line(ASSISTANT, text, turn.sayings[-1].said_at) if text and turn.sayings else None


def _fact(said: Said, recordings: Mapping[str, str]) -> dict[str, Any]:
    recording = recordings.get(said.id)
    return asdict(said) | {"recording": f"recordings/{recording}" if recording else None}
