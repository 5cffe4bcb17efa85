"""Does one job: `python -m bench.peers.worker JOB CLIPS RESULT`, in the interpreter of the job's system."""

import importlib
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from bench.peers.clips import Recording, SetName, read_set
from bench.peers.driving import SETTLING_SECONDS, Microphone, come_and_go, interrupt, take_turns
from bench.peers.engines import PROFILES
from bench.peers.host import Host
from bench.peers.job import Job, Result, Usage
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

    @classmethod
    def begin(cls) -> "_Meter":
        return cls(time.perf_counter(), cpu_seconds(os.getpid()), _machine_seconds())

    def end(self, lags: Sequence[Lag], mics: Sequence[Microphone]) -> Usage:
        seconds = time.perf_counter() - self.began
        own = cpu_seconds(os.getpid()) - self.own
        return Usage(
            seconds=seconds,
            cpu_seconds=own,
            other_cores=max(0.0, (_machine_seconds() - self.machine - own) / seconds),
            megabytes=memory_megabytes(os.getpid()),
            loop_late=_spread([lag.late for lag in lags]),
            feed_late=_spread([late for mic in mics for late in mic.late]),
        )


async def do(job: Job, clips: Path) -> Result:
    configuration = BY_NAME[job.system]
    names: tuple[SetName, ...] = (job.clips, "single", "barge")
    said, single, barge = (read_set(clips, name) for name in names)
    adapter: Any = importlib.import_module(f"bench.peers.adapters.{configuration.peer}")
    async with adapter.open_system(configuration.settings) as system, AsyncExitStack() as stack:
        hosts = [Host(PROFILES[job.engines]) for _ in range(job.sessions)]
        talks = [await stack.enter_async_context(system.open_talk(host)) for host in hosts]
        mics = [Microphone(host, talk, seed) for seed, (host, talk) in enumerate(zip(hosts, talks, strict=True))]
        tasks = await stack.enter_async_context(anyio.create_task_group())
        for mic in mics:
            tasks.start_soon(mic.run)
        await anyio.sleep(SETTLING_SECONDS)
        meter, lags = _Meter.begin(), list[Lag]()
        turns: list[TurnSeen] = []
        barges: list[BargeSeen] = []
        if job.scenario == "crowd":  # it costs a little, so only where it is asked for
            tasks.start_soon(measure_lag, lags)
        match job.scenario:
            case "turns":
                turns = await take_turns(mics[0], said, job.times)
            case "barge":
                barges = await interrupt(mics[0], single[ASKED_TO_BE_INTERRUPTED], barge[0], job.times)
            case "idle":
                await anyio.sleep(job.seconds)
            case "crowd":
                turns = await _crowd(mics, said, job.seconds)
        tasks.cancel_scope.cancel()
        usage = meter.end(lags, mics)
        return Result(job=job, usage=usage, versions=system.versions, turns=tuple(turns), barges=tuple(barges))


async def _crowd(mics: Sequence[Microphone], said: Sequence[Recording], seconds: float) -> list[TurnSeen]:
    seen = list[TurnSeen]()

    async def one(mic: Microphone) -> None:
        seen.extend(await come_and_go(mic, said, seconds))

    async with anyio.create_task_group() as crowd:
        for mic in mics:
            crowd.start_soon(one, mic)
    return seen


def _machine_seconds() -> float:
    """That all cores of this machine have worked."""
    worked = [int(ticks) for ticks in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle, waiting = worked[3:5]
    return (sum(worked) - idle - waiting) / TICKS


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
