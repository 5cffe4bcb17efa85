"""The report of a chaos run: a table for people, the same figures as JSON, and a verdict."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.report import TOP, commit, percentile, this_machine
from tests.chaos.accounts import Entry
from tests.chaos.driver import Outcome
from tests.chaos.lanes import CLIMB_SECONDS

RESULTS: Final = TOP / "bench" / "results" / "chaos.json"
OPENED_AGAIN: Final = "turn log after threads with something unsettled were opened again"
SIGN_SECONDS: Final = 2.5
"""From the end of a turn to something true that is seen or heard, at most."""


def broken_promises(outcome: Outcome) -> list[str]:
    """What must never be; each is a failure of the run."""
    last, after = outcome.left_by_the_last, outcome.witness
    promises = [
        f"lost at {each.at - outcome.began:.1f} s: {_told(each)}: {each.found_in}" for each in outcome.books.lost()
    ]
    if last.unsettled:
        promises.append(f"unsettled in the turn log after their threads were opened again: {last.unsettled}")
    if after.unsettled and not _disk_was_full(outcome):
        promises.append(f"unsettled in the turn log after the last turn: {after.unsettled}")
    promises += [
        f"wrong tier at {each.at:.0f} s: {each.who} was shown {each.shown}; true for {each.seconds:.1f} s: {each.true}"
        for each in outcome.wrong_tiers
    ]
    alike: dict[str, list[int]] = {}
    for each in outcome.complaints:
        if each.ours:
            alike.setdefault(re.sub(r"\d+", "#", each.text), []).append(each.line)
    promises += [f"unhandled, {len(lines)} times, first in line {lines[0]}: {text}" for text, lines in alike.items()]
    promises += [f"a thread could not be opened again: {each}" for each in outcome.refused]
    if not outcome.finished:
        promises.append("it had to be broken off before every turn was put in")
    return promises


def misses(outcome: Outcome) -> list[str]:
    """What took longer than it should."""
    slow = [each for each in outcome.books.entries if each.sign is not None and each.sign > SIGN_SECONDS]
    late = [event for event in outcome.happened if event.given_up or (event.climbed or 0) > CLIMB_SECONDS]
    return [
        *(f"{each.sign:.2f} s to the first sign at {each.at - outcome.began:.0f} s: {_told(each)}" for each in slow),
        *(
            f"no sign of life at {each.at - outcome.began:.0f} s: {_told(each)}"
            for each in outcome.books.without_a_sign()
        ),
        *_unsettled(outcome),
        *(f"{event.what}: back after {event.climbed or 'never'} s" for event in late),
    ]


def _unsettled(outcome: Outcome) -> list[str]:
    """A log that cannot be written to cannot be settled; what it lacks is offered once more."""
    left = outcome.witness.unsettled
    return [f"settled while the disk was full and not written down since: {left}"] * (left > 0)


def _disk_was_full(outcome: Outcome) -> bool:
    return "disk full" in {each.what for each in outcome.happened}


def _told(entry: Entry) -> str:
    return f"{entry.how} by person {entry.person}, {entry.manner}, {entry.words!r}, {entry.end}"


def as_json(outcome: Outcome, command: str) -> dict[str, Any]:
    books = outcome.books
    climbs = sorted(event.climbed for event in outcome.happened if event.climbed is not None)
    return {
        "commit": commit(),
        "command": command,
        "seed": outcome.story.seed,
        "machine": this_machine(),
        "story": asdict(outcome.story),
        "seconds": round(outcome.seconds, 1),
        "finished": outcome.finished,
        "late itself at most, seconds": round(books.late_seconds, 1),
        "turns in": len(books.entries),
        "by way": dict(Counter(each.how for each in books.entries)),
        "ends": dict(books.ends()),
        "lost": sum(1 for _ in books.lost()),
        "found again after a lost connection": dict(
            Counter(f"{each.end}: {each.found_in}" for each in books.entries if each.interrupted)
        ),
        "turn log": asdict(outcome.witness),
        OPENED_AGAIN: asdict(outcome.left_by_the_last),
        "first sign of life, seconds": _spread(books.seconds_to("sign")) | {"goal": SIGN_SECONDS},
        "the same, with the bare word thinking": _spread(books.seconds_to("shown")),
        "turns without a sign": len(books.without_a_sign()),
        "wrong tier shown": [asdict(each) for each in outcome.wrong_tiers],
        "climbs back, seconds": _spread(climbs) | {"goal": CLIMB_SECONDS, "times": len(climbs)},
        "never climbed back": [event.what for event in outcome.happened if event.given_up],
        "unhandled exceptions": [asdict(each) for each in outcome.complaints if each.ours],
        "complaints of the shell": [asdict(each) for each in outcome.complaints if not each.ours],
        "faults": dict(Counter(event.what for event in outcome.happened)),
        "not possible on this machine": sorted(outcome.skipped - {event.what for event in outcome.happened}),
        "calls harmed": dict(Counter(f"{part} {kind}" for part, kind in outcome.harmed)),
        "connections lost": outcome.troubles,
        "threads that could not be opened again": outcome.refused,
        "starts of the app": outcome.starts,
        "exit status at the end": outcome.exit_status,
        "memory of all its processes at most, MB": round(outcome.megabytes),
        "misses": misses(outcome),
        "broken promises": broken_promises(outcome),
    }


def show(figures: dict[str, Any]) -> None:
    console = Console(width=118)
    table = Table(title=f"Chaos, seed {figures['seed']}", title_justify="left", title_style="bold", box=None)
    table.add_column("", min_width=40)
    table.add_column("")
    table.add_column("", justify="left")
    sign, climb = figures["first sign of life, seconds"], figures["climbs back, seconds"]
    never = len(figures["never climbed back"])
    settled, before = figures[OPENED_AGAIN], figures["turn log"]["unsettled"]
    rows = (
        ("turns in", f"{figures['turns in']} ({_listed(figures['by way'])})", ""),
        ("their ends", _listed(figures["ends"]), ""),
        ("lost", str(figures["lost"]), _verdict(not figures["lost"])),
        (
            "sayings in the turn log; unsettled",
            f"{settled['sayings']}; {before}, after opening their threads again {settled['unsettled']}",
            _verdict(not settled["unsettled"]),
        ),
        (
            "first sign of life",
            f"p50 {sign['p50']} s, p95 {sign['p95']} s, max {sign['max']} s",
            _verdict(sign["max"] <= SIGN_SECONDS and not figures["turns without a sign"]),
        ),
        (
            "with the bare word “thinking”",
            "p50 {p50} s, p95 {p95} s, max {max} s".format(**figures["the same, with the bare word thinking"]),
            "",
        ),
        ("wrong tier shown", str(len(figures["wrong tier shown"])), _verdict(not figures["wrong tier shown"])),
        (
            f"back up, {climb['times']} times",
            f"p50 {climb['p50']} s, max {climb['max']} s, never: {never}",
            _verdict(climb["max"] <= CLIMB_SECONDS and not never),
        ),
        (
            "unhandled exceptions",
            str(len(figures["unhandled exceptions"])),
            _verdict(not figures["unhandled exceptions"]),
        ),
        ("faults", f"{sum(figures['faults'].values())} of {len(figures['faults'])} kinds", ""),
        ("calls harmed by them", str(sum(figures["calls harmed"].values())), ""),
        ("not possible on this machine", ", ".join(figures["not possible on this machine"]) or "nothing", ""),
        ("starts of the app, memory at most", f"{figures['starts of the app']}, {_memory(figures)} MB", ""),
        ("connections lost", _listed(figures["connections lost"]) or "none", ""),
        (
            "took",
            f"{figures['seconds']} s; it was late itself by {figures['late itself at most, seconds']} s at most",
            "",
        ),
    )
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for title in ("broken promises", "misses"):
        for each in figures[title]:
            console.print(f"  {title}: {each}", markup=False, highlight=False)


def write(figures: dict[str, Any], file: Path = RESULTS) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(figures, indent=2) + "\n")


def _memory(figures: dict[str, Any]) -> str:
    return f"{figures['memory of all its processes at most, MB']:,}"


def _verdict(kept: bool) -> str:
    return "met" if kept else "MISS"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1]))


def _spread(values: Sequence[float]) -> dict[str, float]:
    if not values:
        return {"p50": 0.0, "p95": 0.0, "max": 0.0}
    return {
        "p50": round(percentile(values, 0.5), 3),
        "p95": round(percentile(values, 0.95), 3),
        "max": round(max(values), 3),
    }
