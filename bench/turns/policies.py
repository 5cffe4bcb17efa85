"""What can be had from a detector: each policy waits one time where the turn sounds over, another where it does not.

As in eot-bench, the figures are the false cut-offs of the best policy whose mean latency is within a budget, and the
mean latency of the best one with no more than so many cut-offs. A policy is chosen on one half of the clips and
judged on the other, both ways round.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.turns.hearing import JUDGING_SECONDS, Heard
from voice.settings import EndpointingSettings

THRESHOLDS: Final = (0.08, 0.15, 0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.91, 0.96)
SHORT_WAITS: Final = tuple(round(0.3 + 0.1 * n, 2) for n in range(9))
LONG_WAITS: Final = tuple(round(0.3 + 0.2 * n, 2) for n in range(19))
EQUAL_WAITS: Final = tuple(round(0.2 + 0.05 * n, 2) for n in range(77))
BUDGETS: Final = (0.3, 0.6)
CUT_OFFS: Final = (0.05, 0.10)
SOFT_SECONDS: Final = EndpointingSettings().soft_seconds

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Policy:
    threshold: float
    short_wait: float
    """Seconds of silence, where the turn sounds over at least this likely."""
    long_wait: float


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Of some clips: was the user cut off, and if not, how long did they wait for the end to be seen?"""

    cut: NDArray[np.bool_]
    latency: Floats

    @property
    def cut_share(self) -> float:
        return float(self.cut.mean())

    @property
    def mean_latency(self) -> float:
        """Of those that were not cut off."""
        left = self.latency[~self.cut]
        return float(left.mean()) if len(left) else math.inf


@dataclass(frozen=True, slots=True)
class Pauses:
    """All pauses of some clips, a row a clip; rows are filled up with pauses that no wait is as short as."""

    began_at: Floats
    lasts: Floats
    likely: Floats
    ends_at: Floats
    over_at: Floats

    def part(self, which: NDArray[np.bool_]) -> "Pauses":
        return Pauses(
            self.began_at[which], self.lasts[which], self.likely[which], self.ends_at[which], self.over_at[which]
        )

    def under(self, policy: Policy) -> Outcomes:
        """Where nothing is known (a likelihood that is no number) the long wait is waited. The word of a detector comes
        somewhat after the soft end.
        """
        earliest = SOFT_SECONDS + JUDGING_SECONDS
        short = max(policy.short_wait, earliest)
        waits = np.where(self.likely >= policy.threshold, short, policy.long_wait)
        fires = waits <= self.lasts
        first = fires.argmax(axis=1)
        rows = np.arange(len(first))
        at = np.where(fires.any(axis=1), (self.began_at + waits)[rows, first], self.over_at)
        return Outcomes(at < self.ends_at, at - self.ends_at)


def laid_out(heard: Sequence[Heard], judged: Sequence[Sequence[float | None]]) -> Pauses:
    most = max(len(each.pauses) for each in heard)
    shape = len(heard), most
    began_at, lasts, likely = np.zeros(shape), np.full(shape, -1.0), np.full(shape, math.nan)
    for row, (each, said) in enumerate(zip(heard, judged, strict=True)):
        for column, (pause, value) in enumerate(zip(each.pauses, said, strict=True)):
            began_at[row, column], lasts[row, column] = pause.began_at, pause.lasts
            likely[row, column] = math.nan if value is None else value
    ends_at = np.array([each.clip.ends_at for each in heard])
    return Pauses(began_at, lasts, likely, ends_at, np.array([each.clip.seconds for each in heard]))


@dataclass(frozen=True, slots=True)
class Points:
    """What a detector can do, on clips that its policy was not chosen on."""

    cut_at_budget: tuple[float, ...]
    latency_at_cut: tuple[float, ...]


def operating_points(pauses: Pauses, half: NDArray[np.bool_], *, by_silence: bool) -> Points:
    """`by_silence`: only policies that wait the same for all."""
    budgets = [_crossed(pauses, half, by_silence, _within_budget(seconds)) for seconds in BUDGETS]
    shares = [_crossed(pauses, half, by_silence, _within_share(share)) for share in CUT_OFFS]
    return Points(
        tuple(each.cut_share for each in budgets),
        tuple(each.mean_latency for each in shares),
    )


Cost = tuple[bool, float, float]
"""Least is best."""


def _within_budget(seconds: float) -> Callable[[Outcomes], Cost]:
    def cost(outcomes: Outcomes) -> Cost:
        late = outcomes.mean_latency - seconds
        return late > 0, max(late, 0.0), outcomes.cut_share

    return cost


def _within_share(share: float) -> Callable[[Outcomes], Cost]:
    def cost(outcomes: Outcomes) -> Cost:
        over = outcomes.cut_share - share
        return over > 0, max(over, 0.0), outcomes.mean_latency

    return cost


def _crossed(pauses: Pauses, half: NDArray[np.bool_], by_silence: bool, cost: Callable[[Outcomes], Cost]) -> Outcomes:
    """The outcomes of both halves, each under the policy that is best on the other."""
    cut, latency = np.zeros(len(half), np.bool_), np.zeros(len(half))
    for there in (half, ~half):
        elsewhere = pauses.part(~there)
        best = min(_policies(by_silence), key=lambda policy: cost(elsewhere.under(policy)))
        outcomes = pauses.part(there).under(best)
        cut[there], latency[there] = outcomes.cut, outcomes.latency
    return Outcomes(cut, latency)


def _policies(by_silence: bool) -> Iterator[Policy]:
    if by_silence:
        yield from (Policy(math.inf, each, each) for each in EQUAL_WAITS)
        return
    for threshold, short, long in product(THRESHOLDS, SHORT_WAITS, LONG_WAITS):
        if short <= long:
            yield Policy(threshold, short, long)
