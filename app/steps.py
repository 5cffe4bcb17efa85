"""How long each step of a turn took, counted from its user's last word."""

from typing import Literal, get_args

import anyio

Step = Literal["pause", "hearing", "waiting", "fetching", "thinking", "phrasing", "voicing", "sending", "speaking"]
"""In their order. pause: until it was certain that they had finished. hearing: making out the words. waiting: for
others. fetching: what the answer may draw on. thinking: until its first word. phrasing: until its first clause stood.
voicing: until that had its first sound, or was shown. sending: until that was heard, as the page tells. speaking: until
all was heard.
"""
STEPS: tuple[Step, ...] = get_args(Step)


class Steps:
    def __init__(self, *, pause: float = 0.0) -> None:
        """`pause`: seconds since the last word."""
        self._since = anyio.current_time() - pause
        self._done: list[tuple[Step, float, float]] = [("pause", 0.0, pause)] if pause else []
        self._under_way: tuple[Step, float] | None = None

    def begin(self, step: Step) -> None:
        """And end the one before it. One that is under way, or a later one, goes on."""
        if self._under_way is None or STEPS.index(self._under_way[0]) < STEPS.index(step):
            self.end()
            self._under_way = step, self._now()

    def sounded(self, at: float) -> None:
        """What is being spoken was first heard then, on the monotonic clock; until then it was on its way."""
        if self._under_way is not None and self._under_way[0] == "speaking":
            sent = self._under_way[1]
            heard = max(sent, at - self._since)
            self._done.append(("sending", sent, heard))
            self._under_way = "speaking", heard

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
