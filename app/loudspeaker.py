"""The loudspeaker of a page: what is sent to its player, a little ahead of what sounds, and what of it was heard."""

from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

import anyio
import numpy as np
import soxr

from app import wire
from app.events import State
from app.playback import Playback
from voice.types import AudioFrame, Heard

AHEAD_SECONDS = 0.4
"""How much sound may lie in the browser unheard: enough for a hiccup of the network, little to throw away."""
REPORT_SECONDS = 0.5
"""How long the page may take to say what was heard."""
USUAL_SECONDS_PER_CHARACTER = 0.065
"""Until a voice has said its first sentence: about 165 words a minute."""


@dataclass(slots=True)
class _Segment:
    """One sentence on its way to the ear; a track of its own in the page's player."""

    track: str
    sentence: str
    sent: int = 0
    """Samples handed to the page, and below, samples that really sounded."""
    sounded: int = 0
    whole: bool = False
    """Whether all of its sound has been handed over."""
    over: bool = False
    """Whether no more of it will sound."""
    began_at: float | None = None
    """When its first sample was heard, as far as was told."""

    def heard(self, samples_per_character: float) -> Heard:
        """What has sounded, as a share of what the sentence is, or would have been."""
        if not self.sent:
            return Heard(self.sentence, 1.0)
        length = self.sent if self.whole else max(self.sent, samples_per_character * len(self.sentence))
        return Heard(self.sentence, min(1.0, self.sounded / length), self.began_at)


class Page(Protocol):
    async def show_reply(self, sentence: str) -> None:
        """One more of it."""
        ...

    async def show_state(self, state: State) -> None: ...

    async def send(self, message: wire.FromServer) -> None: ...

    async def sound(self, track: str, pcm: bytes) -> None:
        """PCM16 at `wire.PLAYBACK_RATE`."""
        ...


class PageLoudspeaker:
    """Speech goes to the page as 24 kHz PCM16, a little ahead of what sounds; the page reports what did."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.playback = Playback()
        self._segments: list[_Segment] = []
        self._reply = uuid4().hex
        """Names its tracks, for the page: a user who stops it stops all of them."""
        self._resamplers: dict[int, soxr.ResampleStream] = {}
        self._samples_per_character = USUAL_SECONDS_PER_CHARACTER * wire.PLAYBACK_RATE
        self._gain = 1.0
        self._audible = True
        self._sounding_until = 0.0
        self._go = anyio.Event()
        self._go.set()
        self._reported = anyio.Event()

    def set_volume(self, gain: float) -> None:
        self._gain = gain

    def output(self, state: str) -> None:
        """The page says whether it can be heard at all."""
        self._audible = state == "running"

    def playing(self, report: wire.Playing) -> None:
        """The page says how much of a track has sounded. No two clocks are compared: when it began is told as a length
        of time, to which the way of the message adds, so that it is never taken for earlier than it was.
        """
        for segment in self._segments:
            if segment.track == report.track:
                segment.sounded = min(segment.sent, max(segment.sounded, report.samples))
                segment.over = report.state in ("ended", "flushed")
                if segment.began_at is None and report.samples:
                    ago = report.samples / wire.PLAYBACK_RATE if report.ago is None else report.ago
                    segment.began_at = anyio.current_time() - ago
        self.playback.at(report.track, report.samples)
        self._reported.set()
        self._reported = anyio.Event()

    async def begin(self, sentence: str) -> None:
        await self._go.wait()
        await self._end_track()
        self._segments.append(_Segment(f"{self._reply}.{len(self._segments)}", sentence))
        await self._page.show_reply(sentence)

    async def play(self, frame: AudioFrame) -> None:
        if not self._segments[-1].sent:
            await self._page.show_state("speaking")
        await self._go.wait()
        now = anyio.current_time()
        self._sounding_until = max(self._sounding_until, now) + frame.seconds
        await self._send(self._at_playback_rate(frame))
        await anyio.sleep(max(0.0, self._sounding_until - now - AHEAD_SECONDS))

    async def pause(self) -> None:
        self._go = anyio.Event()
        self._paused_at = anyio.current_time()
        self.playback.pause()
        await self._page.send(wire.Player(do="pause"))

    async def resume(self) -> None:
        self._sounding_until += anyio.current_time() - self._paused_at
        self._go.set()
        self.playback.resume()
        await self._page.send(wire.Player(do="resume"))
        if self._segments:
            await self._page.show_state("speaking")

    async def finish(self) -> tuple[Heard, ...]:
        await self._end_track()
        while self._audible and any(segment.sent and not segment.over for segment in self._segments):
            await self._go.wait()
            left = max(0.0, self._sounding_until - anyio.current_time()) + REPORT_SECONDS
            reported = self._reported
            with anyio.move_on_after(left) as patience:
                await reported.wait()
            if patience.cancelled_caught and self._go.is_set():
                break  # the page is gone, or may not sound: what it said so far is what we know
        return self._clear()

    async def interrupt(self) -> tuple[Heard, ...]:
        with anyio.CancelScope(shield=True), anyio.move_on_after(REPORT_SECONDS):
            reported = self._reported
            await self._page.send(wire.Player(do="flush"))
            while self._audible and any(segment.sent and not segment.over for segment in self._segments):
                await reported.wait()
                reported = self._reported
        self._go.set()
        self._sounding_until = 0.0
        return self._clear()

    def _clear(self) -> tuple[Heard, ...]:
        heard = tuple(
            segment.heard(self._samples_per_character) if self._audible else Heard(segment.sentence, 1.0)
            for segment in self._segments
        )
        self._segments.clear()
        self._reply = uuid4().hex
        self.playback.clear()
        self._resamplers.clear()
        return heard

    def _at_playback_rate(self, frame: AudioFrame, *, last: bool = False) -> bytes:
        rate = frame.sample_rate
        samples = np.frombuffer(frame.pcm, np.int16)
        if rate != wire.PLAYBACK_RATE:
            if rate not in self._resamplers:
                self._resamplers[rate] = soxr.ResampleStream(rate, wire.PLAYBACK_RATE, 1, dtype="int16")
            samples = self._resamplers[rate].resample_chunk(samples, last=last)
        if self._gain != 1.0:
            samples = np.clip(samples.astype(np.float32) * self._gain, -32768, 32767).astype(np.int16)
        return samples.tobytes()

    async def _send(self, pcm: bytes) -> None:
        if pcm:
            segment = self._segments[-1]
            segment.sent += len(pcm) // 2
            self.playback.sent(segment.track, pcm)
            await self._page.sound(segment.track, pcm)

    async def _end_track(self) -> None:
        if not self._segments or not self._segments[-1].sent:
            return
        for rate in tuple(self._resamplers):
            await self._send(self._at_playback_rate(AudioFrame(b"", rate), last=True))
            del self._resamplers[rate]
        segment = self._segments[-1]
        if not segment.whole:
            segment.whole = True
            self._samples_per_character = segment.sent / len(segment.sentence)
            await self._page.send(wire.Player(do="ending", track=segment.track))
