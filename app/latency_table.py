"""`nightingale doctor --latency`: the waiting of the kept turns, as a table."""

from rich.console import Console
from rich.table import Table

from app.latency import ENOUGH, MADE_BY, Latency, Spread

KINDS = {"stt": "Heard by", "model": "Answered by", "tts": "Spoken by"}


def show(latency: Latency, console: Console) -> None:
    if latency.first_sound is None:
        console.print("No turn is kept whose answer was timed. Talk to Nightingale, and ask again.")
        return
    _print(console, _whole(latency))
    _print(console, _parts(latency))
    console.print(f"The slowest of {_turns(latency.turns)}:")
    for each in latency.slowest:
        most = f", most of it {each.longest}" if each.longest else ""
        console.print(f"  {each.first_sound:.2f} s{most}, {each.at:%Y-%m-%d %H:%M} UTC", highlight=False)
        console.print(f"    {each.review}", highlight=False, soft_wrap=True)
    if latency.unanswered:
        console.print(f"{_turns(latency.unanswered)} more had no answer, or told no times.", highlight=False)
    if latency.turns < ENOUGH:
        console.print(f"So few turns say little of the slow end: {ENOUGH} or more would.", highlight=False)
    if latency.remedy:
        console.print(f"\n{latency.remedy}", highlight=False)


def _whole(latency: Latency) -> Table:
    table = _table("Seconds", "share")
    for step, spread in latency.steps.items():
        share = f"{latency.shares[step]:.0%}" if step in latency.shares else ""
        table.add_row(step.capitalize(), *_cells(spread), share)
    assert latency.first_sound is not None
    table.add_section()
    table.add_row("First sound", *_cells(latency.first_sound), "")
    return table


def _parts(latency: Latency) -> Table:
    table = _table("By way and engine")
    for tier, spread in latency.tiers.items():
        table.add_row(f"First sound, {tier or 'way not told'}", *_cells(spread))
    for kind, by_name in latency.engines.items():
        for name, spread in by_name.items():
            table.add_row(f"{KINDS[kind]} {name}: {MADE_BY[kind]}", *_cells(spread))
    return table


def _print(console: Console, table: Table) -> None:
    console.print(table)
    console.print()


def _table(first: str, *further: str) -> Table:
    table = Table(box=None)
    table.add_column(first)
    for name in ("turns", "p50", "p95", "max", *further):
        table.add_column(name, justify="right")
    return table


def _cells(spread: Spread) -> tuple[str, str, str, str]:
    return str(spread.turns), f"{spread.p50:.2f}", f"{spread.p95:.2f}", f"{spread.longest:.2f}"


def _turns(count: int) -> str:
    return f"{count} turn" if count == 1 else f"{count} turns"
