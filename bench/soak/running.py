"""One soak: a server of its own, people who talk to it, somebody who watches; and what is made of it."""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import anyio
import httpx
from socketio.exceptions import SocketIOError

from app.latency import Spread, read, summed_up
from bench.page import open_page
from bench.report import TOP, percentile
from bench.served import server
from bench.soak.judging import Growth, Point, growth, warming_up
from bench.soak.lines import said_by
from bench.soak.person import Book, Person
from bench.soak.stubs import RATE
from bench.soak.watching import Watch

FIRST_SOUND: Final = "last word → first sound, as heard"
LATE_SHARE: Final = 0.01
NETWORK: Final = httpx.HTTPError, SocketIOError, ConnectionError, TimeoutError
STARVED_SECONDS: Final = 3.0
MOST_TURNS: Final = 1_000_000
COMING_SECONDS: Final = 0.3
"""From one who comes to the next."""
LIMITS: Final = {
    "memory of the server, less its cache": ("MB", 0.2, 0.0),
    "memory of its workers": ("MB", 0.2, 0.0),
    "of that, no files, no memories": ("MB", 0.2, 0.0),
    "pieces of memory in Python": ("", 1_000.0, 0.0),
    "open files": ("", 0.2, 0.0),
    "threads": ("", 0.2, 0.0),
    "processes": ("", 0.1, 0.0),
    "tasks": ("", 0.5, 0.0),
    "event loop late, on average": ("ms", 0.0, 0.02),
}
"""How much each may grow in a minute: so much, or such a share of its median."""
QUEUE_LIMIT: Final = 0.2
LATENCY_LIMIT: Final = 0.01
"""Of the median, for each minute."""


@dataclass(frozen=True, slots=True)
class Plan:
    sessions: int
    minutes: float
    engines: Literal["embedded", "stub"]
    pause_seconds: float
    """For so long somebody is silent before they speak again, half more or less."""


@dataclass(frozen=True, slots=True)
class Outcome:
    plan: Plan
    book: Book
    series: dict[str, list[Point]]
    steps: Mapping[str, Spread]
    """What each step of a turn took before the first sound, as the house itself has written it down."""

    @property
    def growths(self) -> list[Growth]:
        found: list[Growth | None] = []
        for name, points in self.series.items():
            if name in LIMITS:
                unit, limit, share = LIMITS[name]
                limit = max(limit, share * statistics.median(value for _, value in points))
                found.append(growth(name, unit, points, limit=limit, minutes=self.plan.minutes))
            elif name.startswith("queue: "):
                found.append(growth(name, "", points, limit=QUEUE_LIMIT, minutes=self.plan.minutes))
        waits = self.book.first_sounds
        if waits:
            limit = LATENCY_LIMIT * statistics.median(value for _, value in waits)
            found.append(growth(FIRST_SOUND, "s", waits, limit=limit, minutes=self.plan.minutes))
        return [each for each in found if each is not None]

    @property
    def late_share(self) -> float:
        return self.book.late / max(1, self.book.frames)

    @property
    def starved(self) -> bool:
        """The people of this bench could not speak in real time: then it says little about the house."""
        return self.book.slow_seconds > STARVED_SECONDS

    def as_json(self) -> dict[str, Any]:
        waits = [value for _, value in self.book.first_sounds]
        return {
            "sessions": self.plan.sessions,
            "minutes": self.plan.minutes,
            "engines": self.plan.engines,
            "pause_seconds": self.plan.pause_seconds,
            "minutes_left_out_as_warming_up": warming_up(self.plan.minutes),
            "growth": [each.as_json() for each in self.growths],
            "frames": self.book.frames,
            "late_frames": self.book.late,
            "late_while_the_bench_was_late": self.book.late_by_us,
            "late_share": round(self.late_share, 5),
            "late_share_limit": LATE_SHARE,
            "first_sound_seconds": {
                "times": len(waits),
                "p50": round(percentile(waits, 0.5), 3) if waits else None,
                "p95": round(percentile(waits, 0.95), 3) if waits else None,
            },
            "steps_p50_seconds": {step: each.p50 for step, each in self.steps.items()},
            "lines": dict(self.book.lines),
            "unanswered": self.book.unanswered,
            "connections_lost": dict(self.book.lost),
            "notices": dict(self.book.trouble),
            "starved": self.starved,
            "microphone_late_by_seconds": round(self.book.slow_seconds, 3),
            "series": {
                name: [(round(at, 3), round(value, 4)) for at, value in each]
                for name, each in (self.series | {FIRST_SOUND: self.book.first_sounds}).items()
            },
        }


async def soak(plan: Plan, every_seconds: float, tell: Callable[[str], None]) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="nightingale-soak-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        async with _engines(plan) as settings, server(data, settings) as opened:
            watch, book = Watch(opened, data), Book()
            with anyio.move_on_after(plan.minutes * 60):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(watch.look, every_seconds)
                    tasks.start_soon(_tell, plan, watch, book, tell)
                    for number in range(plan.sessions):
                        tasks.start_soon(_live, number, opened.url, plan, book)
                        await anyio.sleep(COMING_SECONDS)
            turns, unanswered = read(data, last=MOST_TURNS)
            return Outcome(plan, book, dict(watch.series), summed_up(turns, unanswered=unanswered).steps)


async def _live(number: int, url: str, plan: Plan, book: Book) -> None:
    """Who loses the connection comes back, as a new session."""
    said = said_by(number, plan.pause_seconds)
    while True:
        try:
            async with open_page(url) as page:
                await Person(page, said, book).live()
        except* NETWORK as lost:
            book.lost[repr(_first(lost))] += 1
        await anyio.sleep(COMING_SECONDS)


def _first(group: BaseExceptionGroup[Exception]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


async def _tell(plan: Plan, watch: Watch, book: Book, tell: Callable[[str], None]) -> None:
    while True:
        await anyio.sleep(60)
        memory = watch.series.get("memory of the server", [])
        held = f"{memory[-1][1]:.0f} MB" if memory else "?"
        tell(
            f"{book.minutes:5.1f} of {plan.minutes:g} min  {book.lines.total():5} lines  {held}  "
            f"{book.late} of {book.frames} frames late  load {os.getloadavg()[0]:.1f}"
        )


@asynccontextmanager
async def _engines(plan: Plan) -> AsyncGenerator[dict[str, str]]:
    """The settings that say which, while they are there."""
    if plan.engines == "embedded":
        yield {}
        return
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "bench.soak.stubs:app", "--port", str(port), "--log-level", "error"]
    process = subprocess.Popen(command, cwd=TOP)
    try:
        await _answers(f"http://127.0.0.1:{port}/openapi.json")
        spec = {"engine": "openai-compatible", "url": f"http://127.0.0.1:{port}/v1", "model": "stub"}
        yield {
            "NIGHTINGALE_VOICE__STT": json.dumps([spec]),
            "NIGHTINGALE_VOICE__TTS": json.dumps([{**spec, "sample_rate": RATE}]),
            "NIGHTINGALE_GRAPH__MODELS": json.dumps([spec]),
        }
    finally:
        process.terminate()
        process.wait()


async def _answers(url: str) -> None:
    async with httpx.AsyncClient() as client:
        with anyio.fail_after(60):
            while True:
                try:
                    (await client.get(url)).raise_for_status()
                    return
                except httpx.TransportError:
                    await anyio.sleep(0.1)
