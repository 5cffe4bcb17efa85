"""`python -m tests.chaos`: break everything while people talk, and say what came of it."""

import secrets
import sys
from pathlib import Path

import anyio
import click

from tests.chaos.driver import Story, Telling, new_folder, tell
from tests.chaos.report import as_json, broken_promises, show, write


@click.command()
@click.option("--seed", type=int, help="Replay the plan of this run.")
@click.option("--turns", default=1000, show_default=True)
@click.option("--people", default=6, show_default=True)
@click.option("--pace", default=1.0, show_default=True, help="Less is quicker: how long faults stand, and peace.")
@click.option("--limit", default=1800.0, show_default=True, help="Seconds after which it is broken off.")
@click.option("--keep", type=click.Path(path_type=Path), help="Copy the app's log and its log of turns to this folder.")
def main(seed: int | None, turns: int, people: int, pace: float, limit: float, keep: Path | None) -> None:
    story = Story(secrets.randbelow(1_000_000) if seed is None else seed, turns, people, pace, limit, pace >= 1)
    command = f"python -m tests.chaos --seed {story.seed} --turns {turns} --people {people} --pace {pace:g}"
    print(f"seed {story.seed}; again: {command}", flush=True)
    with new_folder() as folder:
        outcome = anyio.run(tell, story, Path(folder), Telling(), keep)
    figures = as_json(outcome, command)
    show(figures)
    write(figures)
    sys.exit(1 if broken_promises(outcome) else 0)


if __name__ == "__main__":
    main()
