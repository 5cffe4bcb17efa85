"""A house of true size, served, talked to at the pace of speech, and asked afterwards where the time of each turn went.

What happens inside is the turn's own record; it is laid so that its first sound leaves when it came here.
"""

import json
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import anyio

from bench.page import Page, open_page
from bench.served import server
from bench.usage import cpu_seconds
from graph.settings import GraphSettings
from voice.settings import VoiceSettings

PATIENCE_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 0.05
STAGES: Final = {
    "pause": "the end is certain",
    "hearing": "the words are made out",
    "fetching": "what to draw on is at hand",
    "thinking": "first token",
    "phrasing": "first clause",
    "voicing": "first sample on the wire",
}
"""What has happened when a step of the record is over."""
OUTPUT: Final = "first sample at the browser's output"


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn: milliseconds from the user's last sound."""

    stages: dict[str, float]
    cpu: float
    """Of the house, from the first sound of the question until the turn was settled."""
    foreseen: bool
    """Whether its answer had been begun in the pause."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the house has written down of a turn."""

    ends: dict[str, float]
    """When each step was over, in seconds from the last word as the house heard it."""
    foreseen: bool


@dataclass(frozen=True, slots=True)
class Served:
    """A house and its data."""

    url: str
    data: Path
    pid: int

    def records(self) -> Sequence[Record]:
        """Of all turns that are settled, in their order."""
        file = self.data / "turns.sqlite"
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT record FROM turns WHERE record IS NOT NULL ORDER BY settled_at").fetchall()
        return [_record(json.loads(record)) for (record,) in rows]

    async def record_after(self, count: int) -> Record:
        """Of the turn after the first so many, once it is settled."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while len(records := self.records()) <= count:
                await anyio.sleep(LOOK_SECONDS)
        return records[count]


@asynccontextmanager
async def open_served(
    data: Path, voice: VoiceSettings, graph: GraphSettings, *, foresight: bool
) -> AsyncGenerator[Served]:
    """Nothing that was said once is kept to be said again: each answer is new to its voice."""
    settings = {
        "NIGHTINGALE_VOICE": voice.model_copy(update={"foresight": foresight}).model_dump_json(),
        "NIGHTINGALE_GRAPH": graph.model_dump_json(),
        "NIGHTINGALE_CACHE__MEMORY_MB": "0",
    }
    async with server(data, settings) as opened:
        yield Served(opened.url, data, opened.process.pid)


class Wire:
    """Talks to one house through its socket."""

    def __init__(self, house: Served, page: Page) -> None:
        self._house = house
        self._page = page
        self._turns = 0

    async def take_turn(self, spoken: bytes) -> Taken:
        began = cpu_seconds(self._house.pid)
        waited = 1000 * await self._page.hear_out(spoken)
        record = await self._house.record_after(self._turns)
        self._turns += 1
        return Taken(laid_out(record, waited), 1000 * (cpu_seconds(self._house.pid) - began), record.foreseen)


@asynccontextmanager
async def open_wire(house: Served) -> AsyncGenerator[Wire]:
    async with open_page(house.url) as page:
        yield Wire(house, page)


def laid_out(record: Record, wired: float | None = None) -> dict[str, float]:
    """Milliseconds until each stage; `wired`: until the last of them, as it was seen here."""
    shift = 0.0 if wired is None else wired - 1000 * record.ends["voicing"]
    return {name: shift + 1000 * record.ends[step] for step, name in STAGES.items() if step in record.ends}


def _record(raw: dict[str, Any]) -> Record:
    return Record({name: ended for name, _, ended in raw["steps"]}, foreseen=bool(raw.get("foreseen")))
