"""Does one job: `python -m bench.peers.worker JOB CLIPS RESULT`, in the interpreter of the job's system."""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from bench.peers.clips import read_set
from bench.peers.driving import SETTLING_SECONDS, Mouth, come_and_go, interrupt, microphone, take_turns
from bench.peers.engines import PROFILES
from bench.peers.host import Host, System, Talk
from bench.peers.job import Job, Result, Usage
from bench.peers.mouths import open_crowd
from bench.peers.seen import BargeSeen, TurnSeen
from bench.peers.systems import BY_NAME
from bench.usage import TICKS, Lag, cpu_seconds, measure_lag, memory_megabytes

ASKED_TO_BE_INTERRUPTED = 3
"""Which of the clips without a pause is answered, and the answer interrupted."""


@dataclass(frozen=True, slots=True)
class _Meter:
    began: float
    own: float
    machine: float
    waited: float
    beside: int | None
    """A process of the bench that is not to be counted."""

    @classmethod
    def begin(cls, beside: int | None = None) -> "_Meter":
        return cls(time.perf_counter(), _but(cpu_seconds, beside), _machine_seconds(), _waited_seconds(), beside)

    def end(self, lags: Sequence[Lag], late: Iterable[float]) -> Usage:
        seconds = time.perf_counter() - self.began
        own = _but(cpu_seconds, self.beside) - self.own
        return Usage(
            seconds=seconds,
            cpu_seconds=own,
            other_cores=max(0.0, (_machine_seconds() - self.machine - own) / seconds),
            kept_waiting=(_waited_seconds() - self.waited) / seconds,
            megabytes=_but(memory_megabytes, self.beside),
            loop_late=_spread([lag.late for lag in lags]),
            feed_late=_spread([*late]),
        )


def _but(used: Callable[[int], float], beside: int | None) -> float:
    return used(os.getpid()) - (0.0 if beside is None else used(beside))


async def do(job: Job, clips: Path) -> Result:
    configuration = BY_NAME[job.system]
    adapter: Any = importlib.import_module(f"bench.peers.adapters.{configuration.peer}")
    async with adapter.open_system(configuration.settings) as system, AsyncExitStack() as stack:
        hosts = [Host(PROFILES[job.engines]) for _ in range(job.sessions)]
        talks = [await stack.enter_async_context(system.open_talk(host)) for host in hosts]
        meet = _in_a_crowd if job.scenario == "crowd" else _alone
        return await meet(job, system, [*zip(hosts, talks, strict=True)], clips)


async def _alone(job: Job, system: System, talks: Sequence[tuple[Host, Talk]], clips: Path) -> Result:
    said, single, barge = (read_set(clips, name) for name in (job.clips, "single", "barge"))
    [(host, talk)] = talks
    turns: list[TurnSeen] = []
    barges: list[BargeSeen] = []
    async with microphone(host, talk) as mic:
        meter = _Meter.begin()
        match job.scenario:
            case "turns":
                turns = await take_turns(mic, said, job.times)
            case "barge":
                barges = await interrupt(mic, single[ASKED_TO_BE_INTERRUPTED], barge[0], job.times)
            case _:
                await anyio.sleep(job.seconds)
    usage = meter.end([], mic.late)
    return Result(job=job, usage=usage, versions=system.versions, turns=tuple(turns), barges=tuple(barges))


async def _in_a_crowd(job: Job, system: System, talks: Sequence[tuple[Host, Talk]], clips: Path) -> Result:
    said = read_set(clips, job.clips)
    lags, turns = list[Lag](), list[TurnSeen]()

    async def one(mouth: Mouth) -> None:
        turns.extend(await come_and_go(mouth, said, job.seconds))

    async with open_crowd(talks, clips, job.clips) as crowd, anyio.create_task_group() as tasks:
        await anyio.sleep(SETTLING_SECONDS)
        meter = _Meter.begin(beside=crowd.pid)
        tasks.start_soon(measure_lag, lags)  # it costs a little, so only where it is asked for
        async with anyio.create_task_group() as speaking:
            for mouth in crowd.mouths:
                speaking.start_soon(one, mouth)
        usage = meter.end(lags, (late for mouth in crowd.mouths for late in mouth.late))
        tasks.cancel_scope.cancel()
    return Result(job=job, usage=usage, versions=system.versions, turns=tuple(turns))


def _machine_seconds() -> float:
    """That all cores of this machine have worked."""
    worked = [int(ticks) for ticks in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle, waiting = worked[3:5]
    return (sum(worked) - idle - waiting) / TICKS


def _waited_seconds() -> float:
    """That this process' main thread, which runs the event loop, was ready to run and had no core."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    ordered = sorted(values) or [0.0]
    median, late = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95))
    return median, late, ordered[-1]


def main() -> None:
    job, clips, kept = Job(**json.loads(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3])
    options = {"use_uvloop": BY_NAME[job.system].uvloop}
    result = anyio.run(partial(do, job, clips), backend="asyncio", backend_options=options)
    part = kept.with_suffix(".part")
    part.write_text(json.dumps(result.as_json()) + "\n")
    part.rename(kept)
    sys.stdout.flush()
    os._exit(0)  # a peer's threads need not be waited for


if __name__ == "__main__":
    main()
