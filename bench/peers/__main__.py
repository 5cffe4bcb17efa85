"""`make bench-peers`, or `.venv/bin/python -m bench.peers --help`."""

import json
import os
import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio
import click

from bench.peers.clips import are_made
from bench.peers.environments import NotMade, interpreter
from bench.peers.job import Job, Result
from bench.peers.making import make_clips
from bench.peers.rows import at, barge_rows, crowd_rows, idle_rows, turns_rows
from bench.peers.suites import FULL, QUICK, SUITES, Suite, jobs, run
from bench.peers.systems import BY_NAME
from bench.peers.tables import goals_of, tables
from bench.report import TOP, commit, this_machine

RESULT: Final = TOP / "bench" / "results" / "peers.json"
CLIPS: Final = "clips"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="A few turns of each system as it comes: some minutes instead of hours.")
@click.option("--suite", "suites", multiple=True, type=click.Choice(SUITES), default=SUITES, help="Only this; repeat.")
@click.option("--system", "names", multiple=True, type=click.Choice([*BY_NAME]), help="Only this; repeat.")
@click.option("--nice", default=0, show_default=True, help="Priority of the workers; below 0 needs rights, evens out.")
@click.option(
    "--name", default=None, help="Of the folder that keeps what was measured [commit and form]; it is resumed."
)
@click.option("--result", type=click.Path(path_type=Path), default=RESULT, help="The file that keeps the figures.")
def main(
    quick: bool, suites: tuple[Suite, ...], names: tuple[str, ...], nice: int, name: str | None, result: Path
) -> None:
    """Nightingale beside its peers: how soon it answers, how soon it is silent, what it costs, how many it bears."""
    machine: dict[str, Any] = this_machine()
    result = result.absolute()  # workers have a folder of their own
    kept = result.with_suffix("") / (name or f"{commit()}-{'quick' if quick else 'full'}")
    kept.mkdir(parents=True, exist_ok=True)
    clips = result.with_suffix("") / CLIPS
    if not are_made(clips):
        make_clips(clips)
    results = anyio.run(partial(measure, [*jobs(QUICK if quick else FULL, suites, names)], clips, kept, nice=nice))
    machine["load_after"] = os.getloadavg()[0]
    click.echo(tables(results))
    others = at(0.5, [each.usage.other_cores for each in results])
    click.echo(f"{machine['processor']}, {machine['cores']} cores; other programs kept {others or 0:.2f} of them busy.")
    written = {
        "commit": commit(),
        "command": shlex.join(sys.orig_argv),
        "machine": {**machine, "when": datetime.now().astimezone().isoformat()},
        **as_json(results),
    }
    result.write_text(json.dumps(written, indent=2) + "\n")
    click.echo(f"The same in {result}")


async def measure(
    wanted: Sequence[Job],
    clips: Path,
    kept: Path,
    *,
    nice: int,
    interpreter: Callable[[str], Awaitable[Path]] = interpreter,
) -> list[Result]:
    """Of those that could be run; of the others it is said why not."""
    pythons: dict[str, Path | None] = {}
    results: list[Result] = []
    for number, job in enumerate(wanted, 1):
        peer = BY_NAME[job.system].peer
        if peer not in pythons:
            pythons[peer] = await _python(peer, interpreter)
        python = pythons[peer]
        if python is None:
            continue
        click.echo(f"[{number}/{len(wanted)}] {job.name} …", err=True)
        result = await run(job, python, clips, kept, nice=nice, say=partial(click.echo, err=True))
        if result is not None:
            results.append(result)
    return results


async def _python(peer: str, interpreter: Callable[[str], Awaitable[Path]]) -> Path | None:
    try:
        return await interpreter(peer)
    except NotMade as exc:
        click.echo(f"{peer} is left out, its environment cannot be made: {exc}", err=True)
        return None


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    turns = [
        {
            "system": row.system,
            "clips": row.clips,
            "turns": len(row.turns),
            "lost": row.lost,
            "early": row.talked_into,
            "stale": row.stale,
            "first_sound": [row.at(share, lambda turn: turn.first_sound) for share in (0.5, 0.95)],
            "certain": [row.at(share, lambda turn: turn.certain) for share in (0.5, 0.95)],
            "overhead": [row.at(share, lambda turn: turn.overhead) for share in (0.5, 0.95)],
            "after_stt": [row.at(share, lambda turn: turn.after_stt) for share in (0.5, 0.95)],
            "other_cores": row.other_cores,
        }
        for clips in ("clean", "single", "synth")
        for row in turns_rows(results, clips)
    ]
    barges = [
        {
            "system": row.system,
            "times": len(row.barges),
            "never": row.never,
            "silent": [row.at(share, lambda barge: barge.silent) for share in (0.5, 0.95, 1.0)],
            "answered": row.answered,
            "other_cores": row.other_cores,
        }
        for row in barge_rows(results)
    ]
    return {
        "versions": {BY_NAME[each.job.system].peer: each.versions for each in results},
        "turns": turns,
        "barge": barges,
        "idle": [{"system": each.job.system, **asdict(each.usage)} for each in idle_rows(results)],
        "crowds": [
            {
                "system": each.job.system,
                "sessions": each.job.sessions,
                "turns": len(each.turns),
                "lost": sum(turn.lost for turn in each.turns),
                "first_sound": [at(share, [turn.first_sound for turn in each.turns]) for share in (0.5, 0.95)],
                **asdict(each.usage),
            }
            for each in crowd_rows(results)
        ],
        "goals": {
            suite: [{**asdict(goal), "hit": goal.hit} for goal in goals] for suite, goals in goals_of(results).items()
        },
    }


if __name__ == "__main__":
    main()
