"""A page's loudspeaker as arithmetic: it plays in real time, as `public/voice/player-worklet.js` does, tells how far it
is, and knows when it ran dry.
"""

from collections import deque
from dataclasses import dataclass
from typing import Literal

from app.wire import PLAYBACK_RATE

PREBUFFER = 0.05 * PLAYBACK_RATE
PATIENCE_SECONDS = 0.2
REPORT_EVERY = 2400
"""Samples, as in the page."""
State = Literal["playing", "paused", "ended", "flushed"]


@dataclass(frozen=True, slots=True)
class Report:
    """To the server."""

    track: str
    samples: int
    state: State
    ago: float | None = None


@dataclass(slots=True)
class _Track:
    name: str
    came: int = 0
    heard: float = 0.0
    reported: float = 0.0
    complete: bool = False


class Player:
    """Every call says what time it is, in seconds, and gives what is to be reported."""

    def __init__(self) -> None:
        self._tracks: deque[_Track] = deque()
        self._at = 0.0
        self._sounding = self._paused = False
        self._waits_since: float | None = None
        self.began_at = 0.0
        """When the newest track was first heard."""
        self.frames = self.late = 0
        """How many pieces of sound came, and how many of them after what there was of their sentence had sounded."""

    @property
    def idle(self) -> bool:
        return not self._tracks

    @property
    def left(self) -> float:
        """Seconds of sound that came and have not sounded."""
        return sum(each.came - each.heard for each in self._tracks) / PLAYBACK_RATE

    def write(self, name: str, samples: int, now: float) -> list[Report]:
        reports = self.advance(now)
        last = self._tracks[-1] if self._tracks else None
        self.frames += 1
        if last is None or last.name != name:
            if last is not None:
                last.complete = True
            last = _Track(name)
            self._tracks.append(last)
            reports += self._play(0.0, now)
        elif last.heard >= last.came and not self._paused:
            self.late += 1
        last.came += samples
        self._start(now)
        return reports

    def ending(self, name: str, now: float) -> list[Report]:
        reports = self.advance(now)
        for each in self._tracks:
            if each.name == name:
                each.complete = True
        self._start(now)
        return reports + self._play(0.0, now)

    def pause(self, now: float) -> list[Report]:
        reports = self.advance(now)
        if not self._paused and self._tracks:
            reports.append(Report(self._tracks[0].name, int(self._tracks[0].heard), "paused"))
        self._paused = True
        return reports

    def resume(self, now: float) -> list[Report]:
        reports = self.advance(now)
        self._paused = False
        return reports

    def flush(self, now: float) -> list[Report]:
        reports = self.advance(now)
        reports += [Report(each.name, int(each.heard), "flushed") for each in self._tracks]
        self._tracks.clear()
        self._sounding = self._paused = False
        self._waits_since = None
        return reports

    def advance(self, now: float) -> list[Report]:
        """Until then nothing else happens."""
        passed, self._at = now - self._at, now
        if not self._sounding:
            self._start(now)
            return []
        return [] if self._paused else self._play(passed * PLAYBACK_RATE, now)

    def _start(self, now: float) -> None:
        """If there is enough to start with."""
        if self._sounding or not self._tracks:
            return
        if self._waits_since is None:
            self._waits_since = now
        enough = self.left * PLAYBACK_RATE >= PREBUFFER or self._tracks[0].complete
        if self.left and (enough or now - self._waits_since >= PATIENCE_SECONDS):
            self._sounding, self._waits_since = True, None

    def _play(self, samples: float, now: float) -> list[Report]:
        """So many of them, as far as there are."""
        reports: list[Report] = []
        while self._tracks:
            track = self._tracks[0]
            taken = min(samples, track.came - track.heard)
            samples -= taken
            if taken and not track.heard:
                ago = (samples + taken) / PLAYBACK_RATE
                self.began_at = now - ago
                reports.append(Report(track.name, int(taken), "playing", min(60.0, ago)))
            track.heard += taken
            if track.heard < track.came:
                break
            if not track.complete:
                self._sounding = False
                break
            self._tracks.popleft()
            reports.append(Report(track.name, int(track.heard), "ended"))
        if self._tracks and self._tracks[0].heard - self._tracks[0].reported >= REPORT_EVERY:
            self._tracks[0].reported = self._tracks[0].heard
            reports.append(Report(self._tracks[0].name, int(self._tracks[0].heard), "playing"))
        if not self._tracks:
            self._sounding = False
        return reports
