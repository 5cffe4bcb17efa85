"""The sliding window of a circuit breaker: how many of the last calls failed, and how many were slow."""

from collections import deque

from resilience.settings import BreakerSettings


class Window:
    """Counts of the last calls, one by one; or of the last seconds, a bucket a second."""

    def __init__(self, settings: BreakerSettings) -> None:
        self._size = settings.window_size
        self._by_time = settings.window == "seconds"
        self._buckets: deque[list[int]] = deque()
        """Each: the second it belongs to (0 where they are calls), calls, failures, slow calls."""
        self.clear()

    def clear(self) -> None:
        self._buckets.clear()
        self.calls = self.failures = self.slow = 0

    def add(self, now: float, *, failed: bool, slow: bool) -> None:
        second = int(now) if self._by_time else 0
        buckets = self._buckets
        if self._by_time and buckets and buckets[-1][0] == second:
            newest = buckets[-1]
            newest[1] += 1
            newest[2] += failed
            newest[3] += slow
        else:
            buckets.append([second, 1, int(failed), int(slow)])
        self.calls += 1
        self.failures += failed
        self.slow += slow
        while len(buckets) > self._size if not self._by_time else buckets[0][0] <= second - self._size:
            _, calls, failures, slows = buckets.popleft()
            self.calls -= calls
            self.failures -= failures
            self.slow -= slows

    def worsen(self, now: float) -> None:
        """The newest call that was well has failed after all."""
        for bucket in reversed(self._buckets):
            if bucket[1] > bucket[2]:
                bucket[2] += 1
                self.failures += 1
                return
        self.add(now, failed=True, slow=False)
