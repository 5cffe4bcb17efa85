"""`make soak`, or `.venv/bin/python -m bench.soak --help`."""

import json
import os
import shlex
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import anyio
import click

from app.telemetry.logs import LogSettings, set_up_logging
from bench.report import TOP, commit, this_machine
from bench.soak.running import Plan, soak
from bench.soak.tables import show

LONG_MINUTES, SHORT_MINUTES = 30.0, 5.0
ALONE_SECONDS, AMONG_MANY_SECONDS = 2.0, 30.0
FEW, MANY = 4, 50
RESULT = TOP / "bench" / "results" / "soak.json"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--minutes", type=float, default=None, help="How long. [30 for one session, 5 for many]")
@click.option("--sessions", type=int, default=None, help="How many at once. [first one alone, then fifty]")
@click.option(
    "--engines",
    type=click.Choice(["embedded", "stub"]),
    default=None,
    help="Of the server: what comes with it, or engines that cost nothing. [stub for more than four sessions]",
)
@click.option("--pause", type=float, default=None, help="Seconds before somebody speaks again. [2, or 30 among many]")
@click.option("--every", default=10.0, show_default=True, help="Seconds between two looks.")
@click.option("--result", type=click.Path(path_type=Path), default=RESULT, help="The file that keeps it all.")
def main(
    minutes: float | None,
    sessions: int | None,
    engines: Literal["embedded", "stub"] | None,
    pause: float | None,
    every: float,
    result: Path,
) -> None:
    """Talk to the server in real time, and see whether anything of it grows."""
    set_up_logging(LogSettings(level="error"))
    runs: list[dict[str, Any]] = []
    for plan in _plans(minutes, sessions, engines, pause):
        machine: dict[str, Any] = this_machine()
        outcome = anyio.run(partial(soak, plan, every, partial(click.echo, err=True)))
        machine["load_after"] = os.getloadavg()[0]
        show(outcome, machine)
        runs.append(outcome.as_json() | {"machine": machine})
    result.parent.mkdir(parents=True, exist_ok=True)
    when = datetime.now().astimezone().isoformat()
    kept = {"commit": commit(), "command": shlex.join(sys.orig_argv), "when": when, "runs": runs}
    result.write_text(json.dumps(kept, indent=1) + "\n")
    click.echo(f"The same, with every look, in {result}")


def _plans(
    minutes: float | None, sessions: int | None, engines: Literal["embedded", "stub"] | None, pause: float | None
) -> list[Plan]:
    counts = [1, MANY] if minutes is None and sessions is None else [sessions or 1]
    return [_plan(count, minutes, engines, pause) for count in counts]


def _plan(
    sessions: int, minutes: float | None, engines: Literal["embedded", "stub"] | None, pause: float | None
) -> Plan:
    few = sessions <= FEW
    return Plan(
        sessions,
        minutes or (LONG_MINUTES if few else SHORT_MINUTES),
        engines or ("embedded" if few else "stub"),
        pause or (ALONE_SECONDS if few else AMONG_MANY_SECONDS),
    )


if __name__ == "__main__":
    main()
