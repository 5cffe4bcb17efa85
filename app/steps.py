"""How long each step of a turn took, counted from its user's last word."""

from typing import Literal

import anyio

Step = Literal["pause", "hearing", "waiting", "thinking", "voicing", "speaking"]
"""pause: until it was certain that they had finished. hearing: making out the words. waiting: for others. thinking:
until the first word of the answer. voicing: until it began to sound, or was shown. speaking: until all was heard.
"""


class Steps:
    def __init__(self, *, pause: float = 0.0) -> None:
        """`pause`: seconds since the last word."""
        self._since = anyio.current_time() - pause
        self._done: list[tuple[Step, float, float]] = [("pause", 0.0, pause)] if pause else []
        self._under_way: tuple[Step, float] | None = None

    def begin(self, step: Step) -> None:
        """And end the one before it. One that is under way goes on."""
        if self._under_way is None or self._under_way[0] != step:
            self.end()
            self._under_way = step, self._now()

    def begin_once(self, step: Step, *, after: Step) -> None:
        """Only when that one is under way."""
        if self._under_way is not None and self._under_way[0] == after:
            self.begin(step)

    def end(self) -> None:
        if self._under_way is not None:
            step, began = self._under_way
            self._done.append((step, began, self._now()))
            self._under_way = None

    def as_record(self) -> list[tuple[Step, float, float]]:
        """Each step with the seconds at which it began and ended, in their order."""
        return [(step, round(began, 3), round(ended, 3)) for step, began, ended in self._done]

    def _now(self) -> float:
        return anyio.current_time() - self._since
