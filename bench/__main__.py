"""`make bench`, or `.venv/bin/python -m bench --help`."""

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import click

from app.settings import Settings, load_settings
from app.telemetry.logs import LogSettings, set_up_logging
from bench import houses
from bench.ears import time_ears
from bench.report import TOP, Section, commit, show, this_machine, write
from bench.served import time_served
from bench.turn import time_barge_in, time_turns
from tests.made.speech import silence, speech

RESULTS = TOP / "bench" / "results"
VOICE = "rms"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--turns", default=5, show_default=True, help="How often each turn is taken.")
@click.option("--starts", default=3, show_default=True, help="How often the server is started again.")
@click.option("--true-size", is_flag=True, help="Also models of the size of real ones: a minute and 0.5 GB, once.")
@click.option("--quick", is_flag=True, help="Everything once: whether it runs, not how fast.")
@click.option("--name", default=None, help="Of the file that keeps the figures [time and commit].")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, help="The folder it goes to.")
def main(turns: int, starts: int, true_size: bool, quick: bool, name: str | None, results: Path) -> None:
    """Time each stage of a turn on this machine."""
    set_up_logging(LogSettings(level="error"))
    machine: dict[str, Any] = this_machine()
    if quick:
        turns = starts = 1
    sections: list[Section] = anyio.run(partial(measure, turns, starts, true_size=true_size, quick=quick))
    machine["load_after"] = os.getloadavg()[0]
    show(sections, machine)
    now = datetime.now().astimezone()
    file = results / f"{name or f'{now:%Y%m%d-%H%M%S}-{commit()}'}.json"
    write(file, sections, {**machine, "when": now.isoformat()}, shlex.join([*sys.orig_argv]))
    click.echo(f"The same in {file}")


async def measure(turns: int, starts: int, *, true_size: bool, quick: bool) -> list[Section]:
    spoken = silence(0.2) + speech(houses.QUESTION, VOICE) + silence(0.2)
    sections: list[Section] = []
    with tempfile.TemporaryDirectory(prefix="nightingale-bench-") as temporary:
        folder = Path(temporary)
        click.echo("The ears …", err=True)
        sections.append(await time_ears(spoken, 10 if quick else 60, turns))
        for title, settings in _houses(folder, true_size=true_size):
            click.echo(f"{title} …", err=True)
            async with houses.opened(settings) as house:
                sections.append(await time_turns(title, house, spoken, turns))
                if settings.data_dir.name == "embedded":
                    sections.append(await time_barge_in(house, spoken, turns))
        click.echo("The server …", err=True)
        sections += await time_served(folder, spoken, starts=starts, turns=turns)
    return sections


def _houses(folder: Path, *, true_size: bool) -> Iterator[tuple[str, Settings]]:
    """Each made when its turn comes."""
    yield (
        "A turn on the embedded engines: Pocketsphinx, offline answerer, eSpeak NG",
        houses.embedded(folder / "embedded"),
    )
    yield (
        "A turn on tiny models made here, which do next to no work: Whisper, llama.cpp, Piper",
        houses.made(folder / "made"),
    )
    if true_size:
        title = "A turn on made models of true size: greedy Whisper base.en int8, 0.5 B q4_0, Piper medium"
        yield title, houses.true_size(folder / "true", RESULTS / "models")
    yours = houses.own(folder / "own", load_settings())
    if yours is not None:
        yield "A turn on the engines that you have set or installed", yours


if __name__ == "__main__":
    main()
