"""What processes use, read from Linux: processor time and memory, of one and of all that it started."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import anyio

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
LAG_STEP_SECONDS = 0.005


def family(pid: int) -> list[int]:
    """The process and its descendants that live."""
    found = [pid]
    for each in found:
        try:
            for task in (PROC / str(each) / "task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
    return found


def cpu_seconds(pid: int) -> float:
    """Processor time of the family so far. Exact for those that live, to 10 ms for those that have ended."""
    total = 0.0
    for each in family(pid):
        try:
            ended = (PROC / str(each) / "stat").read_text().rpartition(")")[2].split()[13:15]
            total += time.clock_gettime((~each << 3) | 2) + sum(map(int, ended)) / TICKS
        except OSError:
            continue
    return total


def memory_megabytes(pid: int) -> float:
    """Resident memory of the family; pages that several of them share count once."""
    total = 0
    for each in family(pid):
        try:
            rollup = (PROC / str(each) / "smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


@dataclass(frozen=True, slots=True)
class Lag:
    late: float
    """How late, in seconds, the event loop called back somebody who slept."""
    work: float
    """Processor time, in seconds, that its thread used meanwhile: what was late because of us."""


async def measure_lag(lags: list[Lag]) -> None:
    """Of this event loop, until cancelled."""
    while True:
        due, worked = time.perf_counter() + LAG_STEP_SECONDS, time.thread_time()
        await anyio.sleep(LAG_STEP_SECONDS)
        lags.append(Lag(time.perf_counter() - due, time.thread_time() - worked))
