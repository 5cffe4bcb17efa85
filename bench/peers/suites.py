"""What is measured, in which order, and how each job is run.

Jobs of all systems take turns within a round, so that whatever else the machine does hits all of them alike. A result
that is kept is not measured again: a run that was stopped goes on where it was.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

import anyio

from bench.peers.job import Job, Result
from bench.peers.systems import CONFIGURATIONS, Configuration
from bench.report import TOP

Suite = Literal["latency", "barge", "idle", "concurrency"]
SUITES: Final[tuple[Suite, ...]] = ("latency", "barge", "idle", "concurrency")
JOB_SECONDS: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How much of everything."""

    rounds: int
    turns: int
    synth_turns: int
    barge_ins: int
    idle_seconds: float
    crowds: tuple[int, ...]
    """Sessions in one process."""
    own_crowds: tuple[int, ...]
    """More of them, for ours alone."""
    crowd_seconds: float
    tuned: bool
    """Also the configurations that are not as a system comes."""


FULL: Final = Form(
    rounds=3,
    turns=12,
    synth_turns=18,
    barge_ins=12,
    idle_seconds=30,
    crowds=(1, 5, 10, 20, 50, 80),
    own_crowds=(),
    crowd_seconds=45,
    tuned=True,
)
QUICK: Final = Form(
    rounds=1,
    turns=3,
    synth_turns=0,
    barge_ins=2,
    idle_seconds=6,
    crowds=(),
    own_crowds=(1, 80),
    crowd_seconds=15,
    tuned=False,
)


def jobs(form: Form, suites: Iterable[Suite] = SUITES, names: Sequence[str] = ()) -> Iterator[Job]:
    """`names`: only these systems."""
    among = [each for each in CONFIGURATIONS if (each.name in names if names else _as_it_comes(each, form))]
    patient = [each for each in among if each.pauses or each.peer == "floor"]
    for suite in suites:
        for number in range(form.rounds if suite in ("latency", "barge") else 1):
            match suite:
                case "latency":
                    yield from _latency(among, form, number)
                case "barge":
                    for each in patient:
                        yield Job(
                            system=each.name,
                            scenario="barge",
                            engines="talkative",
                            times=form.barge_ins,
                            round=number,
                        )
                case "idle":
                    for each in patient:
                        yield Job(system=each.name, scenario="idle", seconds=form.idle_seconds)
                case "concurrency":
                    yield from _crowds(among, form)


def _latency(among: Sequence[Configuration], form: Form, number: int) -> Iterator[Job]:
    for each in among:
        if each.pauses:
            yield Job(system=each.name, scenario="turns", times=form.turns, round=number)
        if form.tuned or not each.pauses:
            yield Job(system=each.name, scenario="turns", clips="single", times=form.turns, round=number)
        if each.pauses and number == 0 and form.synth_turns:
            yield Job(system=each.name, scenario="turns", clips="synth", times=form.synth_turns)


def _crowds(among: Sequence[Configuration], form: Form) -> Iterator[Job]:
    for sessions in (*form.crowds, *form.own_crowds):
        for each in among:
            if each.pauses and each.peer != "socket" and (each.ours or sessions in form.crowds):
                yield Job(system=each.name, scenario="crowd", sessions=sessions, seconds=form.crowd_seconds)


def _as_it_comes(configuration: Configuration, form: Form) -> bool:
    """The socket is measured when it is asked for by name."""
    if configuration.peer == "socket":
        return False
    return form.tuned or configuration.name in ("floor", "nightingale") or configuration.name.endswith("-default")


async def run(
    job: Job, python: Path, clips: Path, kept: Path, *, nice: int, say: Callable[[str], None]
) -> Result | None:
    """None, and why was said, when it failed; what the worker printed lies beside the results."""
    file = kept / f"{job.name}.json"
    if not file.is_file():
        command = [str(python), "-m", "bench.peers.worker", json.dumps(asdict(job)), str(clips), str(file)]
        if nice:
            command = ["nice", "-n", str(nice), *command]
        environment = os.environ | {"PYTHONPATH": str(TOP), "PYTHONDONTWRITEBYTECODE": "1"}
        with (kept / f"{job.name}.log").open("wb") as log, anyio.move_on_after(JOB_SECONDS):
            await anyio.run_process(
                command, stdout=log, stderr=subprocess.STDOUT, env=environment, cwd=kept, check=False
            )
    if not file.is_file():
        say(f"{job.name} failed; see {kept / f'{job.name}.log'}")
        return None
    return Result.from_json(json.loads(file.read_text()))
