"""The users of the bench: they speak in real time, wait for the answer, interrupt it, or come in crowds."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Final, Protocol

import anyio

from bench.peers.captured import Captured
from bench.peers.clips import Recording
from bench.peers.host import FRAME_SECONDS, Host, Talk
from bench.peers.seen import BargeSeen, TurnSeen, barge_seen, turn_seen

SETTLING_SECONDS: Final = 1.0
"""Between the first frame and the first word."""
ANSWER_SECONDS: Final = 8.0
"""A turn that is not answered by then is lost."""
REPLY_SECONDS: Final = 25.0
"""A reply that still sounds after that is not waited for."""
BETWEEN_SECONDS: Final = 0.8
"""Of silence, after a reply, before the user speaks again."""
INTO_THE_REPLY_SECONDS: Final = 1.0
"""Where the user interrupts."""
SILENT_SECONDS: Final = 0.25
"""A reply that was not heard for so long has stopped."""
STOPPING_SECONDS: Final = 3.0
"""After the user's last word: a reply that still sounds was not stopped."""
PERIOD_SECONDS: Final = 7.5
"""From one thing that a user in the crowd says to the next."""
_LOOK_SECONDS: Final = 0.01


class Mouth(Protocol):
    """Whoever speaks into a microphone."""

    host: Host
    seed: int

    @property
    def heard_until(self) -> float:
        """When the last sample that was fed sounded: long ago, where the process cannot keep up."""
        ...

    async def say(self, recording: Recording) -> float:
        """As soon as may be; when its first sample sounded."""
        ...


@dataclass
class Microphone:
    """A `Mouth`. Frames of 20 ms, each fed when its last sample has sounded."""

    host: Host
    talk: Talk
    seed: int = 0
    late: list[float] = field(default_factory=list)
    """How late each frame was fed, in seconds."""
    _began: float = 0.0
    _fed: int = 0

    def __post_init__(self) -> None:
        self._captured = Captured(self.seed)

    async def run(self) -> None:
        self._began = self.host.clock()
        while True:
            frame = self._captured.frame()
            self._fed += 1
            due = self._began + self._fed * FRAME_SECONDS
            await anyio.sleep(max(0.0, due - self.host.clock()))
            self.late.append(self.host.clock() - due)
            await self.talk.feed(frame)

    @property
    def heard_until(self) -> float:
        return self._began + self._fed * FRAME_SECONDS

    async def say(self, recording: Recording) -> float:
        self._captured.say(recording.samples)
        return self.heard_until


@asynccontextmanager
async def microphone(host: Host, talk: Talk, seed: int = 0) -> AsyncGenerator[Microphone]:
    """Open, and for a while already."""
    async with anyio.create_task_group() as tasks:
        open_ = Microphone(host, talk, seed)
        tasks.start_soon(open_.run)
        await anyio.sleep(SETTLING_SECONDS)
        yield open_
        tasks.cancel_scope.cancel()


async def take_turns(mic: Mouth, clips: Sequence[Recording], turns: int, warm: int = 1) -> list[TurnSeen]:
    """Speak, hear the answer out, speak again. The first `warm` turns are not counted."""
    host = mic.host
    seen = []
    for number in range(turns + warm):
        said = clips[number % len(clips)]
        began = await mic.say(said)
        await _until(host, began + said.clip.ends)
        if await _answered(host, began + said.clip.ends):
            await _silent(host, BETWEEN_SECONDS)
        if number >= warm:
            seen.append(turn_seen(host, said.clip, began, host.clock()))
    return seen


async def interrupt(mic: Mouth, asked: Recording, barge: Recording, times: int) -> list[BargeSeen]:
    """Ask; speak again a second into the answer; hear the answer to that."""
    host = mic.host
    seen = []
    for _ in range(times):
        ends = await mic.say(asked) + asked.clip.ends
        await _until(host, ends)
        if not await _answered(host, ends):
            seen.append(BargeSeen(None, None, answered=False))
            continue
        first = next(starts for _, starts, stops in host.speaker.audible(ends - ANSWER_SECONDS) if stops > ends)
        await _until(host, max(first, ends) + INTO_THE_REPLY_SECONDS)
        began = await mic.say(barge)
        onset, ends = began + barge.clip.onset, began + barge.clip.ends
        stopped = await _stopped(host, onset, ends + STOPPING_SECONDS)
        await _until(host, ends)
        answered = await _answered(host, ends)
        await _silent(host, BETWEEN_SECONDS)
        seen.append(barge_seen(host, onset, stopped, answered=answered))
    return seen


async def come_and_go(mic: Mouth, clips: Sequence[Recording], seconds: float) -> list[TurnSeen]:
    """One of a crowd: says something every few seconds, whatever comes back."""
    host, number = mic.host, mic.seed
    await anyio.sleep(Random(mic.seed).random() * PERIOD_SECONDS)
    stop = host.clock() + seconds
    seen = []
    while host.clock() < stop:
        said = clips[number % len(clips)]
        number += 1
        began = await mic.say(said)
        while (left := began + PERIOD_SECONDS - mic.heard_until) > 0:
            await anyio.sleep(max(left, FRAME_SECONDS))
        seen.append(turn_seen(host, said.clip, began, host.clock()))
    return seen


async def _until(host: Host, moment: float) -> None:
    await anyio.sleep(max(0.0, moment - host.clock()))


async def _answered(host: Host, since: float) -> bool:
    """Whether something can be heard that began after `since`, and was not thrown away."""
    while host.clock() < since + ANSWER_SECONDS:
        if _sounds_since(host, since):
            return True
        await anyio.sleep(_LOOK_SECONDS)
    return False


def _sounds_since(host: Host, since: float) -> bool:
    cleared = max((cut.at for cut in host.speaker.cuts if cut.kind == "clear"), default=0.0)
    for chunk in reversed(host.speaker.chunks):
        if chunk.at < since - REPLY_SECONDS:
            break
        if chunk.silent or chunk.starts is None or chunk.starts < since:
            continue
        if chunk.starts <= host.clock() + FRAME_SECONDS and (chunk.at >= cleared or chunk.starts < cleared):
            return True
    return False


async def _silent(host: Host, seconds: float) -> None:
    with anyio.move_on_after(REPLY_SECONDS):
        while host.clock() < host.speaker.end + seconds:
            await anyio.sleep(FRAME_SECONDS)


async def _stopped(host: Host, onset: float, latest: float) -> float | None:
    """When the sound ended that sounded at the onset; None if it went on."""
    while host.clock() < latest:
        await anyio.sleep(_LOOK_SECONDS)
        if host.clock() > max(onset, host.speaker.end + SILENT_SECONDS):
            return host.speaker.end
    return None
