"""The rows as tables for people, each with what ours should reach and whether it does."""

from collections.abc import Callable, Sequence
from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.peers.clips import SetName
from bench.peers.job import Result
from bench.peers.rows import (
    BargeRow,
    Goal,
    TurnsRow,
    at,
    barge_goals,
    barge_rows,
    crowd_goals,
    crowd_rows,
    idle_goals,
    idle_rows,
    latency_goals,
    turns_rows,
)
from bench.peers.seen import TurnSeen

WIDTH: Final = 150
_Figure = Callable[[TurnSeen], float | None]
_SETS: Final[tuple[tuple[SetName, str], ...]] = (
    ("clean", "A turn, after clips with one pause: milliseconds from the end of speech, p50 / p95"),
    ("single", "The same, after clips without a pause"),
    ("synth", "The same, after clips that nobody chose"),
)
_COLUMNS: Final[tuple[tuple[str, _Figure], ...]] = (
    ("→ STT asked", lambda turn: turn.stt_asked),
    ("→ LLM asked", lambda turn: turn.llm_asked),
    ("→ TTS asked", lambda turn: turn.tts_asked),
    ("→ certain", lambda turn: turn.certain),
    ("first sound", lambda turn: turn.first_sound),
    ("overhead", lambda turn: turn.overhead),
    ("after STT", lambda turn: turn.after_stt),
)
_VERDICTS: Final = {True: "hit", False: "MISS", None: "not measured"}


def goals_of(results: Sequence[Result]) -> dict[str, list[Goal]]:
    return {
        "latency": latency_goals(results),
        "barge": barge_goals(results),
        "idle": idle_goals(results),
        "concurrency": crowd_goals(results),
    }


def tables(results: Sequence[Result]) -> str:
    """One for each suite that was run, with its goals."""
    out = StringIO()
    console = Console(file=out, width=WIDTH, color_system=None)
    goals = goals_of(results)
    for clips, title in _SETS:
        if rows := turns_rows(results, clips):
            console.print(_turns(title, rows))
            _show_goals(console, goals["latency"] if clips == "clean" else [])
    if found := barge_rows(results):
        console.print(_barges(found))
        _show_goals(console, goals["barge"])
    if idle := idle_rows(results):
        console.print(_idle(idle))
        _show_goals(console, goals["idle"])
    if crowds := crowd_rows(results):
        console.print(_crowds(crowds))
        _show_goals(console, goals["concurrency"])
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _turns(title: str, rows: Sequence[TurnsRow]) -> Table:
    headings = ("turns", "lost", "early", "stale", *(heading for heading, _ in _COLUMNS), "CPU s/min", "others")
    table = _table(title, *headings)
    for row in rows:
        table.add_row(
            row.system,
            *(str(count) for count in (len(row.turns), row.lost, row.talked_into, row.stale)),
            *(_pair(row.at(0.5, figure), row.at(0.95, figure)) for _, figure in _COLUMNS),
            f"{row.cpu_seconds_a_minute:.1f}",
            f"{row.other_cores:.2f}",
        )
    return table


def _barges(rows: Sequence[BargeRow]) -> Table:
    title = "Speech during a reply: milliseconds from its first sound, p50 / p95"
    table = _table(title, "times", "never", "noticed", "silent", "worst", "answered", "others")
    for row in rows:
        silent = [barge.silent for barge in row.barges]
        table.add_row(
            row.system,
            str(len(row.barges)),
            str(row.never),
            _pair(row.at(0.5, lambda barge: barge.noticed), row.at(0.95, lambda barge: barge.noticed)),
            _pair(at(0.5, silent), at(0.95, silent)),
            _milliseconds(at(1.0, silent)),
            str(row.answered),
            f"{row.other_cores:.2f}",
        )
    return table


def _idle(rows: Sequence[Result]) -> Table:
    table = _table("One session that listens to a quiet room", "CPU s/min", "MB", "others")
    for each in rows:
        usage = each.usage
        figures = f"{usage.cpu_seconds_a_minute:.2f}", f"{usage.megabytes:.0f}", f"{usage.other_cores:.2f}"
        table.add_row(each.job.system, *figures)
    return table


def _crowds(rows: Sequence[Result]) -> Table:
    title = "Many sessions in one process, each saying something every 7.5 s: milliseconds, p50 / p95"
    headings = ("sessions", "CPU %", "MB", "loop late", "frames late", "turns", "lost", "first sound", "late chunks %")
    table = _table(title, *headings, "waits %", "others")
    for each in rows:
        usage, turns = each.usage, each.turns
        chunks, late = sum(turn.chunks for turn in turns), sum(turn.late_chunks for turn in turns)
        sounds = [turn.first_sound for turn in turns]
        table.add_row(
            each.job.system,
            str(each.job.sessions),
            f"{100 * usage.cpu_seconds / usage.seconds:.0f}",
            f"{usage.megabytes:.0f}",
            _pair(*usage.loop_late[:2]),
            _pair(*usage.feed_late[:2]),
            str(len(turns)),
            str(sum(turn.lost for turn in turns)),
            _pair(at(0.5, sounds), at(0.95, sounds)),
            f"{100 * late / max(1, chunks):.1f}",
            f"{100 * usage.kept_waiting:.0f}",
            f"{usage.other_cores:.2f}",
        )
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, min_width=len(title))
    table.add_column("", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _show_goals(console: Console, goals: Sequence[Goal]) -> None:
    for goal in goals:
        against = f" (from {goal.against})" if goal.against else ""
        bound = f"{goal.bound} {_figure(goal.limit, goal.unit)}{against}"
        line = f"  {goal.what}: {_figure(goal.value, goal.unit)}, {bound}: {_VERDICTS[goal.hit]}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print()


def _figure(value: float | None, unit: str) -> str:
    match value, unit:
        case None, _:
            return "?"
        case _, "s":
            return f"{1000 * value:.0f} ms"
        case _, "":
            return f"{value:.0f}"
        case _:
            return f"{value:.2f} {unit}"


def _pair(median: float | None, late: float | None) -> str:
    return f"{_milliseconds(median)} / {_milliseconds(late)}"


def _milliseconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{1000 * seconds:.0f}"
