"""The figures of the turn-taking set, and how they are shown."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Final, get_args

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.report import Figure, Section, percentile
from bench.turns.clips import VOICES
from bench.turns.hearing import Heard, ends
from bench.turns.judging import Judged
from bench.turns.policies import BUDGETS, CUT_OFFS, laid_out, operating_points
from voice.pauses import Pauses
from voice.settings import EndpointingSettings, Patience

LIKE_EOT_BENCH: Final = "By the best policy for each column, chosen on the other half of the voices"
HOUSE: Final = "By the house's endpointer"


def points(name: str, heard: Sequence[Heard], judged: Judged) -> Section:
    """What this detector can do at best, in the four columns of eot-bench."""
    half = np.array([VOICES.index(each.clip.voice) % 2 == 0 for each in heard])
    by_silence = all(likely is None for each in judged for likely in each)
    found = operating_points(laid_out(heard, judged), half, by_silence=by_silence)
    cut = zip(BUDGETS, found.cut_at_budget, strict=True)
    late = zip(CUT_OFFS, found.latency_at_cut, strict=True)
    return Section(
        f"{LIKE_EOT_BENCH}: {name}",
        (
            *(Figure(f"cut off at {1000 * budget:.0f} ms", "%", (100 * share,)) for budget, share in cut),
            *(Figure(f"latency at {100 * share:.0f} % cut off", "ms", (1000 * seconds,)) for share, seconds in late),
        ),
    )


def by_patience(name: str, heard: Sequence[Heard], judged: Judged) -> Section:
    """What the endpointer of the house makes of it, as it is set."""
    figures: list[Figure] = []
    for patience in get_args(Patience):
        settings = EndpointingSettings(patience=patience, adapts=False)
        figures += _figures(patience, heard, [ends(*each, settings) for each in zip(heard, judged, strict=True)])
    learned = {voice: Pauses() for voice in VOICES}
    settings = EndpointingSettings()
    ended = [ends(each, said, settings, learned[each.clip.voice]) for each, said in zip(heard, judged, strict=True)]
    figures += _figures("standard, knowing the speaker", heard, ended)
    return Section(f"{HOUSE}: {name}", tuple(figures))


def by_kind(heard: Sequence[Heard], judged: Mapping[str, Judged]) -> Section:
    figures: list[Figure] = []
    for kind in dict.fromkeys(each.clip.kind for each in heard):
        which = [number for number, each in enumerate(heard) if each.clip.kind == kind]
        these = [heard[number] for number in which]
        for name, said in judged.items():
            ended = [ends(heard[number], said[number], EndpointingSettings(adapts=False)) for number in which]
            figures += _figures(f"{kind}; {name}", these, ended)
    return Section(f"{HOUSE}, standard patience, kind by kind", tuple(figures))


def at_all(heard: Sequence[Heard], others: Sequence[Heard]) -> Section:
    """Turns in which nothing was heard, and utterances where the user said nothing."""
    missed = [each.clip.name for each in heard if not each.pauses]
    wrong = {
        each.clip.name: len(ends(each, [None] * len(each.pauses), EndpointingSettings(adapts=False))) for each in others
    }
    minutes = sum(each.clip.seconds for each in others) / 60
    notes = (
        f"Not heard: {', '.join(missed) or 'none'}.",
        f"Heard in {', '.join(f'{name} ({count})' for name, count in wrong.items() if count) or 'none of the others'}.",
    )
    return Section(
        "What is heard at all",
        (
            Figure("turns in which nothing was heard", "%", (100 * len(missed) / len(heard),)),
            Figure("utterances where nobody speaks", "a minute", (sum(wrong.values()) / minutes,)),
        ),
        notes,
    )


def _figures(name: str, heard: Sequence[Heard], ended: Sequence[Sequence[float]]) -> list[Figure]:
    """The last end is the one that counts for latency, of turns that were not cut off before."""
    cut = [any(at < each.clip.ends_at for at in times) for each, times in zip(heard, ended, strict=True)]
    late = [
        1000 * (times[-1] - each.clip.ends_at)
        for each, times, was_cut in zip(heard, ended, cut, strict=True)
        if times and not was_cut
    ]
    share = Figure(f"{name}: cut off", "%", (100 * statistics.fmean(cut),))
    if not late:
        return [share]
    return [
        share,
        Figure(f"{name}: latency, mean", "ms", (statistics.fmean(late),)),
        Figure(f"{name}: latency, p50", "ms", (percentile(late, 0.5),)),
        Figure(f"{name}: latency, p95", "ms", (percentile(late, 0.95),)),
    ]


def show(sections: Sequence[Section]) -> None:
    """The sections of a kind as one table, a row a detector or a setting."""
    console = Console(width=118)
    best = [each for each in sections if each.title.startswith(LIKE_EOT_BENCH)]
    _show(
        console,
        LIKE_EOT_BENCH,
        [figure.name.replace(" cut off", "") for figure in best[0].figures],
        [_row(each) for each in best],
    )
    for section in sections:
        if section.title.startswith(HOUSE):
            rows: dict[str, list[str]] = {}
            for figure in section.figures:
                rows.setdefault(figure.name.rpartition(":")[0], []).append(_said(figure))
            _show(console, section.title, ["cut off", "mean", "p50", "p95"], [*rows.items()])
    for figure in sections[-1].figures:
        console.print(f"{figure.name}: {_said(figure)}", highlight=False)
    for note in sections[-1].notes:
        console.print(note, style="dim", markup=False, highlight=False)


def _row(section: Section) -> tuple[str, list[str]]:
    return section.title.partition(": ")[2], [_said(each) for each in section.figures]


def _said(figure: Figure) -> str:
    (value,) = figure.values
    return f"{value:,.1f} {figure.unit}" if figure.unit != "ms" else f"{value:,.0f} ms"


def _show(console: Console, title: str, columns: Sequence[str], rows: Sequence[tuple[str, list[str]]]) -> None:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("", min_width=40)
    for each in columns:
        table.add_column(each, justify="right")
    for name, values in rows:
        table.add_row(name, *values)
    console.print(table)
    console.print()
