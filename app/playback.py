"""What sounds in the user's room right now, as far as it can be known from here: for telling our own voice from theirs.

Sound is handed to the page ahead of time; the page reports every tenth of a second how far it is. Its reports and the
microphone's sound take the same way, so that both are late by the same.
"""

from typing import Final

import anyio
import numpy as np

from app.wire import PLAYBACK_RATE
from voice.own_voice import Floats
from voice.types import SAMPLE_RATE

STARTING_SECONDS: Final = 0.05
"""What the page gathers before it starts."""
TRUSTED_SECONDS: Final = 0.4
"""How long a report is believed to go on."""
LEAD_SECONDS: Final = 0.1
"""How far ahead of the sound we look, so that an echo is never early."""
ASTRAY_SECONDS: Final = 0.15
"""Where microphone and reports are further apart than that, the reports are right."""
KEPT_SECONDS: Final = 2.0
RATIO: Final = PLAYBACK_RATE / SAMPLE_RATE


class Playback:
    """Places are counted in samples since the last `clear`."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Whatever was handed over is over."""
        self._sound = bytearray()
        self._dropped = 0
        self._starts: dict[str, int] = {}
        self._report: tuple[int, float] | None = None
        self._paused = False
        self._cursor: float | None = None

    def sent(self, track: str, pcm: bytes) -> None:
        now = anyio.current_time()
        if self._report is None or self._place(now) >= self._end:
            self._report = self._end, now + STARTING_SECONDS
        self._starts.setdefault(track, self._end)
        self._sound += pcm

    def at(self, track: str, samples: int) -> None:
        """The page's report: so much of that track has sounded."""
        if track in self._starts:
            self._report = self._starts[track] + samples, anyio.current_time()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        if self._report is not None:
            self._report = self._report[0], anyio.current_time()

    def played(self, samples: int) -> Floats | None:
        """So many samples at the microphone's rate of what sounds now, and on from the last call; None in silence."""
        if self._report is None or self._paused:
            return None
        lead = LEAD_SECONDS * PLAYBACK_RATE
        due = self._place(anyio.current_time()) + lead
        if self._cursor is None or abs(due - self._cursor) > ASTRAY_SECONDS * PLAYBACK_RATE:
            self._cursor = due
        begins = self._cursor - self._dropped
        self._cursor += RATIO * samples
        first = max(0, int(begins))
        sound = np.frombuffer(bytes(self._sound[2 * first : 2 * int(begins + RATIO * samples + 2)]), "<i2")
        self._forget(int(due))
        if not len(sound):
            return None
        wanted = begins - first + RATIO * np.arange(samples)
        found = np.interp(wanted, np.arange(len(sound)), sound, left=0.0, right=0.0)
        return np.asarray(found / 32768, np.float32)

    @property
    def seconds_kept(self) -> float:
        return len(self._sound) / (2 * PLAYBACK_RATE)

    @property
    def _end(self) -> int:
        return self._dropped + len(self._sound) // 2

    def _place(self, now: float) -> float:
        """How far it has sounded."""
        assert self._report is not None
        place, at = self._report
        return min(place + PLAYBACK_RATE * max(0.0, min(now - at, TRUSTED_SECONDS)), self._end)

    def _forget(self, before: int) -> None:
        much = before - int(KEPT_SECONDS * PLAYBACK_RATE) - self._dropped
        if much > KEPT_SECONDS * PLAYBACK_RATE:
            del self._sound[: 2 * much]
            self._dropped += much
