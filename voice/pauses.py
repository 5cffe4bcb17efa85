"""How long one speaker pauses in mid-sentence, and so how long to wait for them."""

import math
from collections import deque
from collections.abc import Iterable
from typing import Final

KEPT: Final = 200
"""Pauses that are remembered; older ones are forgotten, for people change."""
LONGEST_SECONDS: Final = 10.0
"""A longer pause counts as this much."""
SHARE: Final = 0.9
"""Of the pauses, the share that the wait outlasts; a quantile, so that one strange pause does nothing."""
PRIOR: Final = 10
"""As many pauses as these must speak for a wait of its own before it counts as much as the usual one."""
LEAST, MOST = 0.75, 3.0
"""The wait stays within these multiples of the usual one."""


class Pauses:
    """Of one user. Only pauses after which they went on count, also those in which they were taken to have finished."""

    def __init__(self, seconds: Iterable[float] = ()) -> None:
        self._seconds: deque[float] = deque(maxlen=KEPT)
        for each in seconds:
            self.learn(each)

    def learn(self, seconds: float) -> None:
        if math.isfinite(seconds) and seconds >= 0.001:
            self._seconds.append(round(min(seconds, LONGEST_SECONDS), 3))

    def as_record(self) -> list[float]:
        """All that is remembered, oldest first; `Pauses(record)` remembers the same."""
        return [*self._seconds]

    def wait(self, usual: float) -> float:
        """Seconds to wait for this speaker, where one would wait `usual` for a stranger."""
        known = len(self._seconds)
        if not known:
            return usual
        own = sorted(self._seconds)[min(known - 1, int(SHARE * known))] * 1.1 + 0.1
        mixed = (known * own + PRIOR * usual) / (known + PRIOR)
        return min(max(mixed, LEAST * usual), MOST * usual)
