"""One person at one page, in real time: their microphone is always on, and they hear at the pace of sound."""

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import anyio
import numpy as np

from bench.page import Page
from bench.soak.judging import Point
from bench.soak.lines import Line
from bench.soak.player import Player, Report
from bench.turn import FRAME_BYTES, FRAME_SECONDS, LOUD
from tests.made.speech import noise, speech
from voice.types import SAMPLE_RATE

LOOK_SECONDS: Final = 0.05
PATIENCE_SECONDS: Final = 20.0
"""Nobody waits longer for an answer to begin."""
HEARING_OUT_SECONDS: Final = 90.0
INTO_SECONDS: Final = 1.0
"""After so much of an answer it is spoken into."""
BEHIND_SECONDS: Final = 0.1
LISTENING: Final = ("listening", "ready")


class Book:
    """What came of it, of all people together."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.first_sounds: list[Point] = []
        """From the last loud sample of a question to the first sample of what sounds next, in seconds."""
        self.lines: Counter[str] = Counter()
        """How many there were, by manner."""
        self.unanswered = 0
        self.lost: Counter[str] = Counter()
        """Connections that were, or could not be had, by why."""
        self.trouble: Counter[str] = Counter()
        """What the server told of, by code."""
        self.frames = self.late = 0
        """Pieces of sound that came, and those that came when their sentence had run dry."""
        self.late_by_us = 0
        """Of those, while this bench itself was behind, and may have been late to look."""
        self.slow_seconds = 0.0
        """How late, at worst, this bench itself was with a frame of the microphone."""

    @property
    def minutes(self) -> float:
        return (time.monotonic() - self.began) / 60


class Person:
    def __init__(self, page: Page, said: Iterator[Line], book: Book) -> None:
        self._page = page
        self._said = said
        self._book = book
        self._player = Player()
        self._state = ""
        self._news = anyio.Event()
        self._to_say: bytes = b""
        self._said_all = anyio.Event()
        self._no_words = False
        self._behind_at = -math.inf
        """When we were last late ourselves."""

    async def live(self) -> None:
        """Until cancelled."""
        self._page.hand_over(self._heard, self._told)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._microphone)
            tasks.start_soon(self._listen)
            for line in self._said:
                await anyio.sleep(line.pause_seconds)
                self._book.lines[line.manner] += 1
                await self._take(line)
                await self._until(self._quiet, HEARING_OUT_SECONDS)

    async def _take(self, line: Line) -> None:
        match line.manner:
            case "ask":
                await self._answered(await self._say(speech(line.text, line.voice)))
            case "type":
                asked = time.monotonic()
                await self._page.type(line.text)
                await self._sounds_after(asked)
            case "talk-over":
                await self._ask_and_hear_a_little(line)
                await self._sounds_after(await self._say(speech("good morning", line.voice)))
            case "say-stop":
                await self._ask_and_hear_a_little(line)
                await self._say(speech("stop", line.voice))
            case "stop":
                await self._ask_and_hear_a_little(line)
                await self._page.say("command", name="stop")
            case "noise":
                await self._say(noise(1.5, 0.02, seed=self._book.lines["noise"]))
            case "silence":
                await anyio.sleep(5.0)

    async def _answered(self, asked: float) -> None:
        if await self._sounds_after(asked):
            self._book.first_sounds.append((self._book.minutes, self._player.began_at - asked))
        elif not self._no_words:
            self._book.unanswered += 1

    async def _ask_and_hear_a_little(self, line: Line) -> None:
        if await self._sounds_after(await self._say(speech(line.text, line.voice))):
            await anyio.sleep(INTO_SECONDS)

    async def _say(self, pcm: bytes) -> float:
        """When its last loud sample went."""
        loud = np.flatnonzero(np.abs(np.frombuffer(pcm, np.int16)) > LOUD * 32_768)
        self._no_words = False
        self._said_all = anyio.Event()
        self._to_say = pcm
        await self._said_all.wait()
        return time.monotonic() - (len(pcm) / 2 - int(loud[-1])) / SAMPLE_RATE

    async def _sounds_after(self, asked: float) -> bool:
        """Whether anything was heard that began then; not waited for when it is told that there were no words."""
        await self._until(lambda: self._player.began_at > asked or self._no_words, PATIENCE_SECONDS)
        return self._player.began_at > asked

    def _quiet(self) -> bool:
        return self._player.idle and self._state in LISTENING

    async def _until(self, so: Callable[[], bool], seconds: float) -> None:
        with anyio.move_on_after(seconds):
            while not so():
                await self._news.wait()

    async def _microphone(self) -> None:
        """A frame is sent when its last sample has sounded."""
        began, n = time.monotonic(), 0
        while True:
            n += 1
            due = began + n * FRAME_SECONDS
            await anyio.sleep(max(0.0, due - time.monotonic()))
            behind = time.monotonic() - due
            self._book.slow_seconds = max(self._book.slow_seconds, behind)
            if behind > BEHIND_SECONDS:
                self._behind_at = time.monotonic()
            frame, self._to_say = self._to_say[:FRAME_BYTES], self._to_say[FRAME_BYTES:]
            await self._page.sound(frame.ljust(FRAME_BYTES, b"\0"))
            if not self._to_say:
                self._said_all.set()

    # -- what the page does ------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        while True:
            await anyio.sleep(LOOK_SECONDS)
            if not self._player.idle:
                await self._report(self._player.advance(time.monotonic()))

    async def _heard(self, chunk: dict[str, Any]) -> None:
        before, now = self._player.late, time.monotonic()
        reports = self._player.write(chunk["track"], len(chunk["data"]) // 2, now)
        self._book.frames += 1
        if self._player.late > before:
            self._book.late += 1
            self._book.late_by_us += now - self._behind_at < 1.0
        await self._report(reports)

    async def _told(self, message: dict[str, Any]) -> None:
        now = time.monotonic()
        match message:
            case {"type": "status", "state": state}:
                self._state = state
            case {"type": "notice", "code": code}:
                self._book.trouble[code] += 1
                self._no_words = self._no_words or code == "no-words"
            case {"type": "player", "do": "ending", "track": track}:
                await self._report(self._player.ending(track, now))
            case {"type": "player", "do": "pause"}:
                await self._report(self._player.pause(now))
            case {"type": "player", "do": "resume"}:
                await self._report(self._player.resume(now))
            case {"type": "player", "do": "flush"}:
                await self._report(self._player.flush(now))
        self._wake()

    async def _report(self, reports: Sequence[Report]) -> None:
        for each in reports:
            more = {} if each.ago is None else {"ago": round(each.ago, 3)}
            await self._page.say("playing", track=each.track, samples=each.samples, state=each.state, **more)
        if reports:
            self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = anyio.Event()
