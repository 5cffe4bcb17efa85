"""What a soak found, for people."""

from typing import Any

from rich.console import Console
from rich.table import Table

from bench.report import percentile
from bench.soak.judging import Growth, warming_up
from bench.soak.running import LATE_SHARE, Outcome
from bench.soak.watching import LOAD, MEMORIES, MEMORY_KILOBYTES


def show(outcome: Outcome, machine: dict[str, Any]) -> None:
    console = Console(width=118, highlight=False)
    plan, book = outcome.plan, outcome.book
    many = "one session" if plan.sessions == 1 else f"{plan.sessions} sessions at once"
    console.print(f"\n[bold]{plan.minutes:g} minutes of conversation, {many}, {plan.engines} engines[/bold]")
    table = Table(box=None, pad_edge=False)
    table.add_column("", min_width=36)
    for heading in ("median", "most", "grows in a minute by", "with 95 %", "limit", ""):
        table.add_column(heading, justify="right")
    for each in outcome.growths:
        table.add_row(each.name, *_cells(each))
    console.print(table)
    share = f"{100 * outcome.late_share:.2f} %"
    verdict = "MISS" if outcome.late_share > LATE_SHARE else "ok"
    console.print(
        f"Late frames: {book.late} of {book.frames}, {share} (limit {100 * LATE_SHARE:g} %): {verdict}; "
        f"{book.late_by_us} of them while this bench was behind itself"
    )
    waits = [value for _, value in book.first_sounds]
    if waits:
        console.print(
            f"Last word → first sound, as heard: p50 {percentile(waits, 0.5):.2f} s, p95 "
            f"{percentile(waits, 0.95):.2f} s, {len(waits)} questions; {book.unanswered} were not answered"
        )
    if outcome.steps:
        parts = ", ".join(f"{step} {each.p50:.2f} s" for step, each in outcome.steps.items())
        console.print(f"Of that, by the house's own record of its turns, p50: {parts}")
    said = ", ".join(f"{name} {count}" for name, count in book.lines.most_common())
    console.print(f"Lines: {book.lines.total()} ({said}). Notices: {dict(book.trouble) or 'none'}.", markup=False)
    if book.lost:
        console.print(f"Connections lost: {dict(book.lost)}", markup=False)
    console.print(
        f"Of the growth the first {warming_up(plan.minutes):.3g} minutes are left out. The microphones of this bench "
        f"were {book.slow_seconds:.2f} s late at worst.",
        style="dim",
    )
    if kept := outcome.series.get(MEMORIES):
        console.print(
            f"Memories kept: {kept[0][1]:.0f} at the beginning, {kept[-1][1]:.0f} at the end; each counts as "
            f"{MEMORY_KILOBYTES:g} kB of the workers where they are left out.",
            style="dim",
        )
    if outcome.starved:
        console.print("[bold]This bench itself was starved: whatever stands above says little about the house.[/bold]")
    load = [value for _, value in outcome.series.get(LOAD, [(0.0, machine["load_after"])])]
    console.print(
        f"{machine['processor']}, {machine['cores']} cores; load average {load[0]:.1f} at the beginning, "
        f"{load[-1]:.1f} at the end, {min(load):.1f} to {max(load):.1f} between (this run is part of it): "
        + ("busy, so look at what does not depend on it" if max(load) > 2 * machine["cores"] else "quiet"),
        style="dim",
    )


def _cells(each: Growth) -> tuple[str, ...]:
    def short(value: float) -> str:
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"

    slope = each.slope
    return (
        f"{short(each.level)} {each.unit}",
        short(each.most),
        f"{slope.middle:+.3g} {each.unit}",
        f"{slope.low:+.2g} … {slope.high:+.2g}",
        f"{short(each.limit)}",
        each.verdict,
    )
