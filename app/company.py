"""Never silent: what the user sees and hears when something takes longer than it should."""

import math
from collections.abc import Callable
from typing import Final, Literal

import anyio

from app.ends import Screen
from app.notices import tell
from app.own_manner import OwnManner

FIRST_SECONDS: Final = 2.0
"""Half a second before the silence that reads as failure."""
AGAIN_SECONDS: Final = 6.0
Phase = Literal["hearing", "queueing", "thinking"]


class Company:
    """Waits with the user from the end of what they said to the first sign of an answer."""

    def __init__(self, screen: Screen, manner: OwnManner, alive: Callable[[float], None]) -> None:
        """`alive` is told once a turn how many seconds after its end the first sign of life came."""
        self._screen = screen
        self._manner = manner
        self._alive = alive
        self._phase: Phase = "hearing"
        self._since: float | None = None
        self._due = math.inf
        self._was_seen = False
        self._news = anyio.Event()

    @property
    def seconds(self) -> float:
        """Since the user's turn ended; 0 while nobody waits."""
        return 0.0 if self._since is None else anyio.current_time() - self._since

    def begin(self, phase: Phase) -> None:
        """The user has ended a turn, or waits for another thing from now on."""
        now = anyio.current_time()
        if self._since is None:
            self._since, self._was_seen, self._due = now, False, now + FIRST_SECONDS
        elif phase == "queueing" or (phase != self._phase and self._was_seen):
            self._due = now
        else:
            self._due = min(self._due, now + FIRST_SECONDS)
        self._phase = phase
        self._wake()

    def over(self) -> None:
        """The answer has begun, or there will be none."""
        if self._since is not None:
            self._seen()
            self._since, self._due = None, math.inf
            self._wake()

    async def keep(self) -> None:
        """Run beside the session."""
        while True:
            news = self._news
            with anyio.move_on_at(self._due):
                await news.wait()
            if anyio.current_time() >= self._due:
                self._due = anyio.current_time() + AGAIN_SECONDS
                what = tell(self._manner.language, f"state-{self._phase}")
                if self._was_seen and self.seconds > AGAIN_SECONDS:
                    what = tell(self._manner.language, "state-longer", what=what)
                self._seen()
                await self._screen.show_state("thinking", what)

    def _seen(self) -> None:
        if not self._was_seen:
            self._was_seen = True
            self._alive(self.seconds)

    def _wake(self) -> None:
        self._news.set()
        self._news = anyio.Event()
