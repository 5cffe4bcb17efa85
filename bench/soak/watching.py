"""The server under observation, seen from outside: what it holds, what waits, how late it is; all of it as series."""

import os
import sqlite3
import time
from collections import defaultdict
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, TypeAlias

import anyio
import httpx
from prometheus_client.parser import text_string_to_metric_families

from bench.served import Server
from bench.soak.judging import Point
from bench.usage import cpu_seconds, family, memory_megabytes
from memory.cache import NEAR

MEGABYTE: Final = 1_000_000
COUNTED: Final = (
    ("recordings to pack", "turns.sqlite", "SELECT count(*) FROM sayings WHERE bytes IS NOT NULL AND format = 'wav'"),
    ("sayings without an end", "turns.sqlite", "SELECT count(*) FROM sayings WHERE outcome IS NULL"),
)
"""What waits on disk: its name, the file, the question."""
LOAD: Final = "load average of the machine"
LATE_BOUND: Final = "0.02"
MEMORIES: Final = "memories kept"
MEMORY_KILOBYTES: Final = 7.0
"""Of the store's process for each memory that it keeps, with its vectors; measured with a thousand of them."""
Told: TypeAlias = dict[tuple[str, str], float]
"""What the metrics say, by name and label."""


class Watch:
    def __init__(self, server: Server, data: Path) -> None:
        self.series: dict[str, list[Point]] = defaultdict(list)
        self._server = server
        self._data = data
        self._began = time.monotonic()
        self._cpu = cpu_seconds(server.process.pid)
        self._looked_at = self._began
        self._loop = (0.0, 0.0, 0.0)
        self._cached = 0.0
        self._memories = 0

    async def look(self, every_seconds: float) -> None:
        """Until cancelled."""
        anew = httpx.Limits(max_keepalive_connections=0)  # one that is kept may be closed just as it is used again
        async with httpx.AsyncClient(base_url=self._server.url, timeout=30, limits=anew) as client:
            (await client.post("/auth/header")).raise_for_status()
            self._learn_loop(_read((await client.get("/metrics")).text))
            while True:
                await anyio.sleep(every_seconds)
                self._put(_read((await client.get("/metrics")).text))
                await self._count_memories(client)
                await anyio.to_thread.run_sync(self._look_from_outside)

    async def _count_memories(self, client: httpx.AsyncClient) -> None:
        """Of the one user whom all are, as far as the store answers."""
        answer = await client.get("/api/memories", params={"most": 1})
        if answer.is_success:
            self._memories = sum(answer.json()["counts"].values())
            self._see(MEMORIES, self._memories)

    def _see(self, name: str, value: float) -> None:
        self.series[name].append(((time.monotonic() - self._began) / 60, value))

    def _put(self, told: Told) -> None:
        for (name, label), value in told.items():
            if name == "queue":
                self._see(f"queue: {label}", value)
        self._see("queue: turnstile", told["sessions_waiting", ""])
        self._see("tasks", told["tasks", ""])
        self._see("pieces of memory in Python", told["python_blocks", ""])
        self._cached = sum(value for (name, label), value in told.items() if name == "cache_bytes" and NEAR in label)
        looks, late, beyond = self._learn_loop(told)
        if looks:
            self._see("event loop late, on average", 1000 * late / looks)
            self._see("event loop late by more than 20 ms", 100 * beyond / looks)

    def _learn_loop(self, told: Told) -> tuple[float, float, float]:
        """Since the last time: looks, seconds late together, looks that were too late."""
        looks = told.get(("loop_late_seconds_count", ""), 0.0)
        in_time = told.get(("loop_late_seconds_bucket", LATE_BOUND), 0.0)
        now = looks, told.get(("loop_late_seconds_sum", ""), 0.0), looks - in_time
        before, self._loop = self._loop, now
        return now[0] - before[0], now[1] - before[1], now[2] - before[2]

    def _look_from_outside(self) -> None:
        """Blocking."""
        pid = self._server.process.pid
        workers = family(pid)[1:]
        whole = memory_megabytes(pid)
        own = _resident(pid)
        self._see("memory of the server", own)
        self._see("memory of the server, less its cache", own - self._cached / (1 << 20))
        memories = self._memories * MEMORY_KILOBYTES / 1024
        self._see("memory of its workers", sum(map(_resident, workers)))
        self._see("of that, no files, no memories", sum(_resident(each, "RssAnon") for each in workers) - memories)
        self._see("memory of all, shared pages once", whole)
        self._see("processes", 1 + len(workers))
        self._see("threads", _in(pid, "task"))
        self._see("open files", _in(pid, "fd"))
        self._see(LOAD, os.getloadavg()[0])
        now, cpu = time.monotonic(), cpu_seconds(pid)
        self._see("processor, share of a core", 100 * (cpu - self._cpu) / (now - self._looked_at))
        self._cpu, self._looked_at = cpu, now
        for name, file, question in COUNTED:
            with suppress(sqlite3.Error):
                self._see(f"queue: {name}", _asked(self._data / file, question))
        for kept in sorted(self._data.glob("*.sqlite")):
            self._see(f"disk: {kept.name}", kept.stat().st_size / MEGABYTE)


def _read(page: str) -> Told:
    return {
        (sample.name.removeprefix("nightingale_"), " ".join(sample.labels.values())): sample.value
        for kind in text_string_to_metric_families(page)
        for sample in kind.samples
    }


def _resident(pid: int, which: str = "VmRSS") -> float:
    """Megabytes; `RssAnon`: without the pages of files, which the system takes back when it wants them."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(f"{which}:")) / 1024
    return 0.0


def _in(pid: int, what: str) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/{what}").iterdir())


def _asked(file: Path, question: str) -> int:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=1)) as db:
        count: int = db.execute(question).fetchone()[0]
    return count
