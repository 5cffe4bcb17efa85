"""`make bench-true-size`, or `.venv/bin/python -m bench.true_size --help`."""

import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import click

from app.telemetry.logs import LogSettings, set_up_logging
from bench.report import TOP, Section, this_machine
from bench.true_size.browser import is_there, open_visits
from bench.true_size.models import IN_ONE_BREATH, QUESTION, Pair, graph_settings, voice_settings
from bench.true_size.tables import Compared, keep, print_compared
from bench.true_size.talking import Served, Taken, open_served, open_wire
from bench.true_size.thinking import time_thinking
from graph.settings import LlamaCppSpec
from tests.made.speech import silence, speech

RESULTS: Final = TOP / "bench" / "results"
MODELS: Final = RESULTS / "models"
VOICE: Final = "en-us"
PATIENCE_SECONDS: Final = 300.0
"""For who waits behind another on a busy machine: how long is what is measured."""
TakeTurn = Callable[[], Awaitable[Taken]]


def _pairs(_context: click.Context, _parameter: click.Parameter, names: str) -> tuple[Pair, ...]:
    try:
        return tuple(Pair.of(name) for name in names.split(",") if name)
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from exc


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--turns", default=9, show_default=True, help="How often each is asked, with foresight and without.")
@click.option("--pairs", default="tiny+0.5b", show_default=True, callback=_pairs, help="Talked to through the socket.")
@click.option("--in-page", default="base+1.5b", show_default=True, callback=_pairs, help="Talked to in Chromium.")
@click.option("--with-pause", is_flag=True, help="The question has a pause that looks like its end.")
@click.option("--result", type=click.Path(path_type=Path), default=RESULTS / "true-size.json", help="Kept there.")
def main(turns: int, pairs: Sequence[Pair], in_page: Sequence[Pair], with_pause: bool, result: Path) -> None:
    """From the last sound of a question to the first of its answer, on models of true size with made weights: 2 GB on
    the disk, made once in a minute or two.
    """
    set_up_logging(LogSettings(level="error"))
    machine = this_machine()
    spoken = silence(0.3) + speech(QUESTION if with_pause else IN_ONE_BREATH, VOICE)
    compared, others = anyio.run(partial(measure, turns, pairs, in_page, spoken))
    keep(result, compared, others, machine)
    click.echo(f"The same in {result}")


async def measure(
    turns: int, pairs: Sequence[Pair], in_page: Sequence[Pair], spoken: bytes
) -> tuple[Sequence[Compared], Sequence[Section]]:
    compared: list[Compared] = []
    asking: tuple[TakeTurn, TakeTurn]
    if in_page and not is_there():
        click.echo("No Chromium on this machine: nothing is said about the browser's output.", err=True)
        in_page = ()
    with tempfile.TemporaryDirectory(prefix="nightingale-true-size-") as temporary:
        folder = Path(temporary)
        for pair in pairs:
            click.echo(f"{pair} …", err=True)
            async with _houses(pair, folder / "wire") as (first, second):
                async with open_wire(first) as with_it, open_wire(second) as without:
                    asking = partial(with_it.take_turn, spoken), partial(without.take_turn, spoken)
                    compared.append(await _compare(f"{pair}, through the socket", asking, turns))
        for pair in in_page:
            click.echo(f"{pair}, in the page …", err=True)
            async with _houses(pair, folder / "page") as houses:
                async with open_visits(houses, spoken, folder) as (with_it, without):
                    asking = with_it.take_turn, without.take_turn
                    compared.append(await _compare(f"{pair}, through the page in Chromium", asking, turns))
        others = [await _thinking(pair) for pair in dict.fromkeys([*pairs, *in_page]) if pair.language == "0.5b"][:1]
    return compared, others


@asynccontextmanager
async def _houses(pair: Pair, folder: Path) -> AsyncGenerator[tuple[Served, Served]]:
    """With foresight, and without."""
    voice, graph = voice_settings(pair, MODELS), graph_settings(pair, MODELS)
    async with (
        open_served(folder / f"{pair}-with", voice, graph, foresight=True) as first,
        open_served(folder / f"{pair}-without", voice, graph, foresight=False) as second,
    ):
        yield first, second


async def _compare(title: str, asking: tuple[TakeTurn, TakeTurn], turns: int) -> Compared:
    """In turns, and each goes first as often, so that what else the machine does hits both."""
    taken: tuple[list[Taken], list[Taken]] = ([], [])
    for n in range(turns + 1):
        for which in (0, 1) if n % 2 else (1, 0):
            taken[which].append(await asking[which]())
    (warm, *with_it), (cold, *without) = taken
    compared = Compared(title, tuple(with_it), tuple(without), (warm, cold))
    print_compared([compared])
    return compared


async def _thinking(pair: Pair) -> Section:
    specs = graph_settings(pair, MODELS).models or ()
    [spec] = [each for each in specs if isinstance(each, LlamaCppSpec)]
    patient = spec.model_copy(update={"first_output_seconds": PATIENCE_SECONDS})
    return await time_thinking(f"Two conversations at once, {pair.language}", patient, times=2)


if __name__ == "__main__":
    main()
