"""`make bench-memory`, or `.venv/bin/python -m bench.memory --help`."""

import json
import os
import shlex
import sys
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import click

from app.telemetry.logs import LogSettings, set_up_logging
from bench.lookup import time_lookups
from bench.recall import as_json, measure_recall, show_recall
from bench.report import TOP, commit, show, this_machine
from memory.embedding.minilm import open_minilm

LOCOMO = TOP.parent / "shared" / "data" / "locomo-dev.json"
RESULT = TOP / "bench" / "results" / "memory.json"
SIZES = (1_000, 10_000, 50_000)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--locomo", envvar="LOCOMO", type=click.Path(path_type=Path), default=LOCOMO, show_default=True)
@click.option("--quick", is_flag=True, help="A thousand memories only.")
@click.option("--no-lookups", is_flag=True, help="Only how much is found.")
@click.option("--lookups-only", is_flag=True, help="Only how fast it is found.")
@click.option("--result", type=click.Path(path_type=Path), default=RESULT, help="The file that keeps the figures.")
def main(locomo: Path, quick: bool, no_lookups: bool, lookups_only: bool, result: Path) -> None:
    """How much long-term memory finds, and how fast."""
    set_up_logging(LogSettings(level="error"))
    sizes = () if no_lookups else SIZES[:1] if quick else SIZES
    figures = anyio.run(partial(measure, None if lookups_only else locomo, sizes))
    figures |= {
        "commit": commit(),
        "command": shlex.join(sys.orig_argv),
        "when": datetime.now().astimezone().isoformat(),
    }
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(json.dumps(figures, indent=2) + "\n")
    click.echo(f"The same in {result}")


async def measure(locomo: Path | None, sizes: tuple[int, ...]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    async with open_minilm() as embedder:
        if locomo is not None and locomo.is_file():
            rows = await measure_recall(locomo, embedder, partial(click.echo, err=True))
            show_recall(rows, locomo)
            figures["recall"] = as_json(rows, locomo)
        elif locomo is not None:
            click.echo(f"{locomo} is not there, so how much is found was not measured.")
        if sizes:
            machine: dict[str, Any] = this_machine()
            section = await time_lookups(embedder, sizes)
            machine["load_after"] = os.getloadavg()[0]
            show([section], machine)
            figures |= {"machine": machine, "lookups": [figure.as_json() for figure in section.figures]}
    return figures


if __name__ == "__main__":
    main()
