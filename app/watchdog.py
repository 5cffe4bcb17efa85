"""Sees to it that a session is never stuck: it listens, or speaks, or something is under way that moves.

Every part has limits of its own; these are the last ones, for what got past them: a microphone that fell silent without
a word, a reply that is paused for nobody, an answer that hangs. What stands still for too long is set going again by
the session itself, in the order of its inbox; only hands that hang are broken off here.
"""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Final

import anyio
import structlog

from app.ends import Meters
from app.events import Stuck, Where

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
LIMITS: Final[dict[Where, float]] = {
    "ear": 5.0,  # an ear in an utterance says something every half second
    "held": 2.0,
    "reply": 90.0,  # longer than any one sentence
    "waiting": 300.0,
    "idle": 2.0,
    "inbox": 30.0,
}
"""How many seconds each may stand still."""

Sign = tuple[Where, object]
"""What should move next, and something that changes when it does."""


class Watchdog:
    def __init__(
        self, sign: Callable[[], Sign | None], tell: Callable[[Stuck], Awaitable[None]], meters: Meters
    ) -> None:
        """`sign`: None when nothing need move. `tell`: to the inbox."""
        self._sign = sign
        self._tell = tell
        self._meters = meters
        self._hands: tuple[float, anyio.CancelScope] | None = None

    @contextmanager
    def handling(self) -> Generator[anyio.CancelScope]:
        """Around the handling of one event: if it hangs it is broken off."""
        with anyio.CancelScope() as scope:
            self._hands = anyio.current_time(), scope
            try:
                yield scope
            finally:
                self._hands = None

    @contextmanager
    def excused(self) -> Generator[None]:
        """Around what may take its time."""
        hands, self._hands = self._hands, None
        try:
            yield
        finally:
            if hands is not None:
                self._hands = anyio.current_time(), hands[1]

    async def keep(self) -> None:
        """Run beside the session."""
        last: Sign | None = None
        since = anyio.current_time()
        while True:
            await anyio.sleep(LOOK_SECONDS)
            now = anyio.current_time()
            if self._hands is not None:
                began, scope = self._hands
                if now - began >= LIMITS["inbox"]:
                    self._free("inbox")
                    scope.cancel()
                continue
            sign = self._sign()
            if sign != last:
                last, since = sign, now
            elif sign is not None and now - since >= LIMITS[sign[0]]:
                since = now
                self._free(sign[0])
                await self._tell(Stuck(sign[0]))

    def _free(self, where: Where) -> None:
        log.warning("a session stood still", where=where)
        self._meters.session_freed(where)
