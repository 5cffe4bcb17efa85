"""Figures, as a table for people and as JSON for comparison."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

TOP = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured some times."""

    name: str
    unit: str
    values: tuple[float, ...]
    cpu: tuple[float, ...] = ()
    """Milliseconds of processor time in all processes of the house, for each value."""
    goal: float | None = None
    """The most that any of the values should be."""

    @property
    def missed(self) -> bool:
        return self.goal is not None and max(self.values) > self.goal

    def as_json(self) -> dict[str, Any]:
        figures: dict[str, Any] = {"name": self.name, "unit": self.unit, **_spread(self.values)}
        if self.cpu:
            figures["cpu_milliseconds"] = _spread(self.cpu)
        if self.goal is not None:
            figures |= {"goal": self.goal, "met": not self.missed}
        return figures


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def show(sections: Sequence[Section], machine: dict[str, Any]) -> None:
    """Print everything. What the machine did besides is told, for it is in every figure."""
    console = Console(width=118)
    for section in sections:
        table = Table(title=section.title, title_justify="left", title_style="bold", box=None, pad_edge=False)
        table.add_column("", min_width=58)
        for heading in ("min", "median", "max", "", "CPU ms", "goal"):
            table.add_column(heading, justify="left" if not heading else "right", min_width=8 if heading else 0)
        for each in section.figures:
            spread = (_short(value) for value in (min(each.values), statistics.median(each.values), max(each.values)))
            cpu = _short(statistics.median(each.cpu)) if each.cpu else ""
            table.add_row(each.name, *spread, each.unit, cpu, _goal(each))
        console.print(table)
        for note in section.notes:
            console.print(f"  {note}", style="dim", markup=False, highlight=False)
        console.print()
    before, after = machine["load_before"], machine["load_after"]
    console.print(f"{machine['processor']}, {machine['cores']} cores, Python {machine['python']}", highlight=False)
    console.print(
        f"Load average {before:.1f} before, {after:.1f} after (this run is part of it): "
        + ("busy, so trust the minimums" if before > machine["cores"] / 2 else "quiet"),
        highlight=False,
    )


def write(file: Path, sections: Sequence[Section], machine: dict[str, Any], command: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    written = {
        "commit": commit(),
        "command": command,
        "machine": machine,
        "sections": [
            {"title": each.title, "figures": [figure.as_json() for figure in each.figures], "notes": list(each.notes)}
            for each in sections
        ],
    }
    file.write_text(json.dumps(written, indent=2) + "\n")


def commit() -> str:
    """Of this checkout; with a plus when files differ from it."""
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    return said.stdout.strip() or "unknown"


def this_machine() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
    }


def _spread(values: Sequence[float]) -> dict[str, Any]:
    exact = {"min": min(values), "median": statistics.median(values), "max": max(values)}
    return {name: round(value, 3) for name, value in exact.items()} | {"times": len(values)}


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}"


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    return f"< {_short(figure.goal)} " + ("MISS" if figure.missed else "met")
