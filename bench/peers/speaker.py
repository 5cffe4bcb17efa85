"""A loudspeaker that is only arithmetic: what was handed to it sounds in real time, one chunk after the other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Clock = Callable[[], float]
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Chunk:
    at: float
    """When it was handed over."""
    starts: float | None
    """When its first sample sounds; None for what came while the sound was paused."""
    seconds: float
    silent: bool


@dataclass(frozen=True, slots=True)
class Cut:
    at: float
    kind: Literal["clear", "pause", "resume"]


@dataclass(slots=True)
class Speaker:
    """A system that paces its own output plays chunk by chunk. One that hands over more than has sounded gets a queue,
    and cuts it by `clear`, `pause` and `resume` as it would a sound card's.
    """

    clock: Clock
    end: float = 0.0
    """When all that was handed over will have sounded; while paused, when it fell silent."""
    chunks: list[Chunk] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    _kept: float | None = None
    """Seconds of sound that wait, while paused."""

    @property
    def sounding(self) -> bool:
        return self.clock() < self.end

    @property
    def paused(self) -> bool:
        return self._kept is not None

    @property
    def left(self) -> float:
        """Seconds of sound that were handed over and have not sounded."""
        return self._kept if self._kept is not None else max(0.0, self.end - self.clock())

    def play(self, pcm: bytes, rate: int) -> None:
        now, seconds = self.clock(), len(pcm) / 2 / rate
        silent = pcm.count(0) == len(pcm)
        if self._kept is not None:
            self._kept += seconds
            self.chunks.append(Chunk(now, None, seconds, silent))
            return
        starts = max(now, self.end)
        self.end = starts + seconds
        self.chunks.append(Chunk(now, starts, seconds, silent))

    def clear(self) -> None:
        now = self.clock()
        if self._kept is None:
            self.end = min(self.end, now)
        else:
            self._kept = 0.0
        self.cuts.append(Cut(now, "clear"))

    def pause(self) -> None:
        if self._kept is None:
            now = self.clock()
            self._kept = max(0.0, self.end - now)
            self.end = min(self.end, now)
            self.cuts.append(Cut(now, "pause"))

    def resume(self) -> None:
        if self._kept is not None:
            now = self.clock()
            self.end = now + self._kept
            self._kept = None
            self.cuts.append(Cut(now, "resume"))

    def audible(self, since: float, until: float = float("inf")) -> Iterator[tuple[Chunk, float, float]]:
        """The chunks handed over between the two moments that can be heard, and when each begins and ends to sound.
        What was cut ends with the cut; what a `resume` brings back is not counted again.
        """
        silences = [cut.at for cut in self.cuts if cut.kind != "resume"]
        for chunk in self.chunks:
            if not since <= chunk.at < until or chunk.silent or chunk.starts is None:
                continue
            end = chunk.starts + chunk.seconds
            cut = min((at for at in silences if chunk.at <= at < end), default=end)
            yield chunk, chunk.starts, max(chunk.starts, cut)
