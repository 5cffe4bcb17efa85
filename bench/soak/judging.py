"""Does it grow? A slope that single outliers do not move, with what noise alone may make of it."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Point = tuple[float, float]
"""Minutes since the run began, and what was measured then."""

WARMING_UP_SHARE, WARMING_UP_MINUTES = 0.25, 2.0
"""Of the run, and at least so long: engines are being opened, caches fill, the allocator learns what it needs."""
SURE = 1.96
"""Standard deviations; beyond that it is noise once in forty times."""


@dataclass(frozen=True, slots=True)
class Slope:
    """Of something, for each minute."""

    middle: float
    low: float
    high: float
    """Between these two it lies, with 95 %."""


@dataclass(frozen=True, slots=True)
class Growth:
    """Whether something grows by more than it may."""

    name: str
    unit: str
    slope: Slope
    level: float
    """Its median, once warm."""
    most: float
    limit: float
    """For each minute, in the same unit."""

    @property
    def verdict(self) -> Literal["ok", "MISS", "unsure"]:
        """unsure: it looks like more than it may be, and may be none."""
        if self.slope.middle <= self.limit:
            return "ok"
        return "MISS" if self.slope.low > 0 else "unsure"

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "each_minute": round(self.slope.middle, 4),
            "with_95_percent": [round(self.slope.low, 4), round(self.slope.high, 4)],
            "median": round(self.level, 3),
            "most": round(self.most, 3),
            "limit_each_minute": round(self.limit, 4),
            "verdict": self.verdict,
        }


def warming_up(minutes: float) -> float:
    """How many of them are left out; never more than half."""
    return max(WARMING_UP_SHARE * minutes, min(WARMING_UP_MINUTES, minutes / 2))


def growth(name: str, unit: str, points: Sequence[Point], *, limit: float, minutes: float) -> Growth | None:
    """Of a run that took so long; None where too little was measured to say."""
    warm = [each for each in points if each[0] >= warming_up(minutes)]
    slope = theil_sen(warm)
    if slope is None:
        return None
    values = [value for _, value in warm]
    return Growth(name, unit, slope, statistics.median(values), max(values), limit)


def theil_sen(points: Sequence[Point]) -> Slope | None:
    """The median of the slopes between any two points, and the interval after Sen (1968): as many of the ordered slopes
    are left out at each end as Kendall's statistic may be away from nothing by chance. None below three points.
    """
    ordered = sorted(points)
    n = len(ordered)
    slopes = sorted(
        (b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(ordered) for b in ordered[i + 1 :] if b[0] > a[0]
    )
    if n < 3 or not slopes:
        return None
    away = SURE * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    low = max(0, math.floor((len(slopes) - away) / 2))
    high = min(len(slopes) - 1, math.ceil((len(slopes) + away) / 2))
    return Slope(statistics.median(slopes), slopes[low], slopes[high])
