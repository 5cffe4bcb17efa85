"""Whatever a reply goes through: each sample of it sounds once and in order, and is told as heard if it did."""

from collections.abc import Callable
from typing import Any, Literal

import anyio
import numpy as np
import trio
from chainlit import OutputAudioChunk
from chainlit.context import ChainlitContext, context_var
from chainlit.emitter import BaseChainlitEmitter
from chainlit.session import HTTPSession
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from app import wire
from app.browser import PageScreen
from app.loudspeaker import PageLoudspeaker
from voice.types import AudioFrame, Heard

TICK_SECONDS = 0.02
PER_TICK = int(wire.PLAYBACK_RATE * TICK_SECONDS)


class Page(BaseChainlitEmitter):
    """The page's player: plays what comes, pauses, resumes, flushes, and reports, a while later."""

    def __init__(self, session: Any, way_seconds: float) -> None:
        super().__init__(session)
        self.way_seconds = way_seconds
        self.report: Callable[[wire.Playing], None] = lambda _: None
        self.got = b""
        self.sounded = b""
        self.of_track: dict[str, int] = {}
        self._queue: list[tuple[str, bytearray]] = []
        self._complete: set[str] = set()
        self._is_paused = False
        self._told: list[tuple[float, wire.Playing]] = []

    async def send_audio_chunk(self, chunk: OutputAudioChunk) -> None:
        self.got += chunk["data"]
        if not self._queue or self._queue[-1][0] != chunk["track"]:
            self._queue.append((chunk["track"], bytearray()))
        self._queue[-1][1].extend(chunk["data"])

    async def send_window_message(self, data: Any) -> None:
        match data:
            case {"type": "player", "do": "pause"}:
                self._is_paused = True
            case {"type": "player", "do": "resume"}:
                self._is_paused = False
            case {"type": "player", "do": "flush"}:
                self._is_paused = False
                for track, _ in self._queue:
                    self._tell(track, "flushed")
                self._queue.clear()
            case {"type": "player", "do": "ending", "track": track}:
                self._complete.add(track)
            case _:
                pass

    async def run(self) -> None:
        while True:
            await anyio.sleep(TICK_SECONDS)
            self._play()
            now = anyio.current_time()
            while self._told and self._told[0][0] <= now:
                self.report(self._told.pop(0)[1])

    def _play(self) -> None:
        left = 0 if self._is_paused else 2 * PER_TICK
        while self._queue:
            track, waiting = self._queue[0]
            piece = bytes(waiting[:left])
            del waiting[: len(piece)]
            left -= len(piece)
            self.sounded += piece
            self.of_track[track] = self.of_track.get(track, 0) + len(piece) // 2
            if piece:
                self._tell(track, "playing")
            if waiting or track not in self._complete:
                return
            self._queue.pop(0)
            self._tell(track, "ended")

    def _tell(self, track: str, state: Literal["playing", "ended", "flushed"]) -> None:
        samples = self.of_track.get(track, 0)
        report = wire.Playing(sender="page", type="playing", track=track, samples=samples, state=state)
        self._told.append((anyio.current_time() + self.way_seconds, report))


class Screen(PageScreen):
    """Only what is sent to the player matters here."""

    async def show_reply(self, sentence: str) -> None:
        pass


SENTENCES = st.lists(st.lists(st.integers(1, 9000), min_size=1, max_size=5), min_size=1, max_size=4)
"""Of each its frames, and of each frame its samples."""
DISTURBANCES = st.lists(st.tuples(st.floats(0.01, 0.8), st.floats(0.01, 3.0)), max_size=4)
"""After which time the sound is paused, and for how long."""


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(SENTENCES, DISTURBANCES, st.none() | st.floats(0.05, 3), st.sampled_from([0.0, 0.05, 0.2]))
def test_each_sample_is_played_once_in_order_and_told_as_heard_if_it_was(
    reply: list[list[int]], pauses: list[tuple[float, float]], cut_after: float | None, way: float
) -> None:
    session = HTTPSession(id="s", client_type="webapp", thread_id=None, token=None, user=None, user_env={}, environ={})
    page = Page(session, way)
    mark = context_var.set(anyio.run(_context, page))
    try:
        trio.run(_reply, page, reply, pauses, cut_after, clock=MockClock(autojump_threshold=0))
    finally:
        context_var.reset(mark)


async def _context(page: Page) -> ChainlitContext:
    """It can be made on asyncio only."""
    return ChainlitContext(page.session, page)


async def _reply(
    page: Page, reply: list[list[int]], pauses: list[tuple[float, float]], cut_after: float | None
) -> None:
    loudspeaker = PageLoudspeaker(Screen())
    page.report = loudspeaker.playing
    said = sound(0, sum(map(sum, reply)))
    heard: tuple[Heard, ...] = ()
    over = anyio.Event()

    async def speak() -> None:
        nonlocal heard
        at = 0
        for number, frames in enumerate(reply):
            await loudspeaker.begin(f"Sentence {number}.")
            for samples in frames:
                await loudspeaker.play(AudioFrame(sound(at, samples), wire.PLAYBACK_RATE))
                at += samples
        heard = await loudspeaker.finish()
        over.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(page.run)
        speaking = tasks.create_task(speak())
        with anyio.move_on_after(10_000 if cut_after is None else cut_after):
            for after, seconds in pauses:
                await anyio.sleep(after)
                await loudspeaker.pause()
                await anyio.sleep(seconds)
                await loudspeaker.resume()
            await over.wait()
        if not over.is_set():
            speaking.cancel()
            await speaking.wait()
            heard = await loudspeaker.interrupt()
        tasks.cancel_scope.cancel()

    assert said.startswith(page.got)
    assert page.got.startswith(page.sounded)
    if over.is_set():
        assert page.sounded == said
        assert [each.fraction for each in heard] == [1.0] * len(reply)
    began = 0
    for each, frames in zip(heard, reply, strict=False):
        sounded = min(max(len(page.sounded) // 2 - began, 0), sum(frames))
        assert bool(sounded) == bool(each.fraction) or each.fraction == 1.0
        began += sum(frames)


def test_the_sentences_of_a_reply_are_tracks_under_its_name_and_those_of_the_next_are_not() -> None:
    session = HTTPSession(id="s", client_type="webapp", thread_id=None, token=None, user=None, user_env={}, environ={})
    page = Page(session, 0.05)
    mark = context_var.set(anyio.run(_context, page))
    try:
        trio.run(_two_replies, page, clock=MockClock(autojump_threshold=0))
    finally:
        context_var.reset(mark)
    names = [track.rpartition(".") for track in page.of_track]
    assert [number for _, _, number in names] == ["0", "1", "0", "1"]
    first, again, second, and_again = (reply for reply, _, _ in names)
    assert first == again != second == and_again


async def _two_replies(page: Page) -> None:
    loudspeaker = PageLoudspeaker(Screen())
    page.report = loudspeaker.playing
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(page.run)
        for _ in range(2):
            for sentence in ("One.", "Two."):
                await loudspeaker.begin(sentence)
                await loudspeaker.play(AudioFrame(sound(0, 900), wire.PLAYBACK_RATE))
            await loudspeaker.finish()
        tasks.cancel_scope.cancel()


def sound(begin: int, samples: int) -> bytes:
    """Every sample says where it stands."""
    return ((np.arange(begin, begin + samples) % 30_000) + 1).astype("<i2").tobytes()
