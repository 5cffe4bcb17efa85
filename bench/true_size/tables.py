"""What was measured, as a table for people: with foresight beside without."""

import os
import shlex
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.report import Figure, Section, percentile, show, write
from bench.true_size.talking import OUTPUT, STAGES, Taken

CPU: Final = "processor time of the turn, in the house"


@dataclass(frozen=True, slots=True)
class Compared:
    """The same turns of two houses. The first of each is not among them."""

    title: str
    with_foresight: tuple[Taken, ...]
    without: tuple[Taken, ...]
    first_turns: tuple[Taken, Taken]

    @property
    def notes(self) -> tuple[str, ...]:
        foreseen, turns = sum(each.foreseen for each in self.with_foresight), len(self.with_foresight)
        warm, cold = (max(each.stages.values()) for each in self.first_turns)
        first = f"First turns, not counted: {warm:,.0f} ms with foresight, {cold:,.0f} ms without."
        return (f"Begun in the pause: {foreseen} of {turns} answers. {first}",)

    def as_sections(self) -> tuple[Section, Section]:
        return (
            Section(f"{self.title}, with foresight", _figures(self.with_foresight), self.notes),
            Section(f"{self.title}, without", _figures(self.without)),
        )


def print_compared(compared: Sequence[Compared]) -> None:
    console = Console(width=118)
    for each in compared:
        table = Table(title=each.title, title_justify="left", title_style="bold", box=None, pad_edge=False)
        table.add_column("ms from the user's last sound", min_width=42)
        for heading in ("min", "p50", "p95", "|", "min", "p50", "p95"):
            table.add_column(heading, justify="right", min_width=1 if heading == "|" else 8)
        table.add_row("", "with", "foresight", "", "|", "without", "", "")
        rows = zip(_figures(each.with_foresight), _figures(each.without), strict=True)
        for with_it, without in rows:
            table.add_row(with_it.name, *_spread(with_it.values), "|", *_spread(without.values))
        console.print(table)
        for note in each.notes:
            console.print(f"  {note}", style="dim", markup=False, highlight=False)
        console.print()


def keep(file: Path, compared: Sequence[Compared], others: Sequence[Section], machine: dict[str, Any]) -> None:
    """Print what is besides, and the machine; write all of it down."""
    machine["load_after"] = os.getloadavg()[0]
    show(others, machine)
    sections = [section for each in compared for section in each.as_sections()]
    write(file, [*sections, *others], machine, shlex.join([*sys.orig_argv]))


def _figures(turns: Sequence[Taken]) -> tuple[Figure, ...]:
    names = [name for name in (*STAGES.values(), OUTPUT) if all(name in turn.stages for turn in turns)]
    stages = (Figure(name, "ms", tuple(turn.stages[name] for turn in turns)) for name in names)
    return (*stages, Figure(CPU, "ms", tuple(turn.cpu for turn in turns)))


def _spread(values: Sequence[float]) -> tuple[str, ...]:
    return tuple(f"{each:,.0f}" for each in (min(values), statistics.median(values), percentile(values, 0.95)))
