"""Sound made faster, slower, higher or lower, and words said otherwise than they are written: what is wanted of a
delivery beyond what the voice does itself.

FFmpeg does it, as the sound comes: `atempo` lays windows of it over each other where their waves agree (WSOLA), so that
the pitch stays. Played faster and laid out again, the sound keeps its length and has another pitch.
"""

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Final

import av
import numpy as np
from av.error import FFmpegError
from av.filter import Graph

from resilience.errors import EngineFailed
from voice.protocols import TextToSpeech, Versatile
from voice.tts.portions import framed
from voice.types import AudioFrame, Delivery

UNHEARD: Final = 0.01
"""So little faster or higher is not worth the work."""
STEP: Final = 2.0
"""Beyond it `atempo` leaves samples out rather than blend them; two after each other do not."""
PADDING_SECONDS: Final = 0.1
"""Silence after the end: of the last window only what stands before others comes out."""
SLACK_SECONDS: Final = 0.03
"""By so much may windows be moved to where their waves agree."""


def taken(engine: TextToSpeech, wanted: Delivery) -> Delivery:
    """What of it the engine does itself."""
    return engine.takes(wanted) if isinstance(engine, Versatile) else Delivery()


class Shaper:
    """Of the sound of one sentence: does what of `wanted` was not `done` yet. Some tenths of a millisecond for a frame;
    it is some hundredths of a second of sound behind until the rest is asked for.
    """

    def __init__(self, wanted: Delivery, done: Delivery) -> None:
        self._rate = wanted.rate / done.rate
        self._pitch = wanted.pitch / done.pitch
        self._filter: _Filter | None = None

    def take(self, frame: AudioFrame) -> Iterator[AudioFrame]:
        """Raises `EngineFailed`."""
        if max(abs(self._rate - 1), abs(self._pitch - 1)) <= UNHEARD:
            yield frame
            return
        if self._filter is None or self._filter.sample_rate != frame.sample_rate:
            yield from self.rest()
            self._filter = _Filter(frame.sample_rate, self._rate, self._pitch)
        yield from framed(self._filter.take(frame.pcm), frame.sample_rate)

    def rest(self) -> Iterator[AudioFrame]:
        """Nothing more will come. Raises `EngineFailed`."""
        if self._filter is not None:
            rest, self._filter = self._filter, None
            yield from framed(rest.end(), rest.sample_rate)


class _Filter:
    def __init__(self, sample_rate: int, rate: float, pitch: float) -> None:
        self.sample_rate = sample_rate
        self._rate = rate
        self._padding = bytes(2 * round(sample_rate * PADDING_SECONDS * max(1.0, rate) * max(1.0, pitch)))
        self._taken = 0
        self._made = 0
        """Samples, in and out."""
        graph = self._graph = Graph()
        graph.threads = 1
        nodes = [graph.add_abuffer(sample_rate=sample_rate, format="s16", layout="mono")]
        if abs(pitch - 1) > UNHEARD:
            nodes.append(graph.add("asetrate", f"{round(sample_rate * pitch)}"))
            nodes.append(graph.add("aresample", f"{sample_rate}"))
        nodes += [graph.add("atempo", f"{step:.6f}") for step in steps(rate / pitch)]
        nodes += [graph.add("aformat", "sample_fmts=s16:channel_layouts=mono"), graph.add("abuffersink")]
        graph.link_nodes(*nodes).configure()

    def take(self, pcm: bytes) -> bytes:
        if not pcm:
            return b""
        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, np.int16)[None, :], format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = self.sample_rate, Fraction(1, self.sample_rate), self._taken
        self._taken += frame.samples
        made = self._through(frame)
        self._made += len(made) // 2
        return made

    def end(self) -> bytes:
        due = round(self._taken / self._rate + self.sample_rate * SLACK_SECONDS) - self._made
        rest = self.take(self._padding) + self._through(None)
        return rest[: 2 * max(due, 0)]

    def _through(self, frame: av.AudioFrame | None) -> bytes:
        made: list[bytes] = []
        try:
            self._graph.push(frame)
            while True:
                made.append(self._graph.pull().to_ndarray().tobytes())
        except (BlockingIOError, EOFError):
            return b"".join(made)
        except FFmpegError as exc:
            raise EngineFailed("ffmpeg", f"the sound cannot be shaped ({exc})") from exc


def steps(tempo: float) -> list[float]:
    """Equal ones, none too large, that make it together."""
    count, far = 1, max(tempo, 1 / tempo)
    while far > STEP**count:
        count += 1
    return [tempo ** (1 / count)] * count if far - 1 > UNHEARD else []


def respelled(text: str, pronunciations: tuple[tuple[str, str], ...]) -> str:
    """As it is to be said: whole words only, the longest first, in any case unless the list has capitals."""
    pattern, said = _compiled(pronunciations)
    if not said:
        return text
    return pattern.sub(lambda found: said[(found.lastindex or 1) - 1], unicodedata.normalize("NFC", text))


@lru_cache(maxsize=64)
def _compiled(pronunciations: tuple[tuple[str, str], ...]) -> tuple[re.Pattern[str], list[str]]:
    """With a group for each, and what is said for it."""
    listed = sorted(((written.strip(), said) for written, said in pronunciations), key=lambda pair: -len(pair[0]))
    listed = [(written, said) for written, said in listed if written]
    groups = (
        f"({'(?i:' if written == written.lower() else '(?:'}"
        + r"\s+".join(map(re.escape, unicodedata.normalize("NFC", written).split()))
        + "))"
        for written, _ in listed
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(groups)})(?!\w)"), [said for _, said in listed]
