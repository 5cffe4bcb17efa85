"""The microphones of a crowd, in a process of their own: what it costs to speak is not to be counted as listening.

`python -m bench.peers.mouths CLIPS SET COUNT` captures in real time and writes every frame to its standard output, with
whose it is. Lines on its standard input, `3 clean1`, say who says what next. It ends when that is closed.
"""

import os
import struct
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args

import anyio
from anyio.abc import ByteReceiveStream, ByteSendStream
from anyio.streams.buffered import BufferedByteReceiveStream

from bench.peers.captured import Captured
from bench.peers.clips import Recording, Samples, SetName, read_set
from bench.peers.host import FRAME_BYTES, FRAME_SECONDS, Host, Talk

PHASES: Final = 10
"""People did not all open their microphones at one moment: frames come at so many moments of each 20 ms."""
_BEGAN: Final = struct.Struct("<d")
_HEAD: Final = struct.Struct("<HI?")
"""Of a frame: whose it is, its number, and whether something said begins with it."""
_RECORD_BYTES: Final = _HEAD.size + FRAME_BYTES


@dataclass
class Mouth:
    """One of the crowd, as whoever is spoken to sees it."""

    host: Host
    talk: Talk
    seed: int
    began: float
    """When the first sample of its first frame sounded."""
    orders: ByteSendStream
    late: list[float] = field(default_factory=list)
    """How late each frame was fed, in seconds."""
    _fed: int = 0
    _begins: float = 0.0
    _has_begun: anyio.Event = field(default_factory=anyio.Event)

    @property
    def heard_until(self) -> float:
        """When the last sample that was fed sounded: long ago, where the process cannot keep up."""
        return self.began + self._fed * FRAME_SECONDS

    async def say(self, recording: Recording) -> float:
        """When its first sample sounded. Returns when that was fed."""
        self._has_begun = anyio.Event()
        await self.orders.send(f"{self.seed} {recording.clip.name}\n".encode())
        await self._has_begun.wait()
        return self._begins

    async def feed(self, number: int, pcm: bytes, *, begins: bool) -> None:
        if begins:
            self._begins = self.heard_until
            self._has_begun.set()
        self._fed = number + 1
        self.late.append(self.host.clock() - self.heard_until)
        await self.talk.feed(pcm)


@dataclass(frozen=True, slots=True)
class Crowd:
    mouths: Sequence[Mouth]
    pid: int
    """Of the process that speaks."""


@asynccontextmanager
async def open_crowd(talks: Sequence[tuple[Host, Talk]], clips: Path, name: SetName) -> AsyncGenerator[Crowd]:
    """Their hosts' clock is `time.perf_counter`, which is the same for all processes of a machine."""
    command = [sys.executable, "-m", "bench.peers.mouths", str(clips), name, str(len(talks))]
    async with await anyio.open_process(command, stderr=None) as process, anyio.create_task_group() as tasks:
        assert process.stdin is not None
        assert process.stdout is not None
        sounds = BufferedByteReceiveStream(process.stdout)
        (began,) = _BEGAN.unpack(await sounds.receive_exactly(_BEGAN.size))
        mouths = [
            Mouth(host, talk, seed, began + _phase_seconds(seed), process.stdin)
            for seed, (host, talk) in enumerate(talks)
        ]
        tasks.start_soon(_hand_on, sounds, mouths)
        yield Crowd(mouths, process.pid)
        tasks.cancel_scope.cancel()


async def _hand_on(sounds: ByteReceiveStream, mouths: Sequence[Mouth]) -> None:
    rest = b""
    async for more in sounds:
        rest += more
        whole = len(rest) - len(rest) % _RECORD_BYTES
        for at in range(0, whole, _RECORD_BYTES):
            seed, number, begins = _HEAD.unpack_from(rest, at)
            await mouths[seed].feed(number, rest[at + _HEAD.size : at + _RECORD_BYTES], begins=begins)
        rest = rest[whole:]


def _phase_seconds(seed: int) -> float:
    return seed % PHASES / PHASES * FRAME_SECONDS


@dataclass
class _Speaker:
    said: Mapping[str, Samples]
    captured: Sequence[Captured]
    rest: bytes = b""
    beginning: set[int] = field(default_factory=set)

    def order(self, orders: bytes) -> None:
        *whole, self.rest = (self.rest + orders).split(b"\n")
        for line in whole:
            seed, name = line.decode().split()
            self.captured[int(seed)].say(self.said[name])
            self.beginning.add(int(seed))

    def frames(self, number: int, phase: int) -> bytes:
        records = bytearray()
        for seed in range(phase, len(self.captured), PHASES):
            records += _HEAD.pack(seed, number, seed in self.beginning) + self.captured[seed].frame()
            self.beginning.discard(seed)
        return bytes(records)


def main() -> None:
    name = next(each for each in get_args(SetName) if each == sys.argv[2])
    said = {each.clip.name: each.samples for each in read_set(Path(sys.argv[1]), name)}
    speaker = _Speaker(said, [Captured(seed) for seed in range(int(sys.argv[3]))])
    orders, sounds = sys.stdin.fileno(), sys.stdout.buffer
    os.set_blocking(orders, False)
    began = time.perf_counter()
    sounds.write(_BEGAN.pack(began))
    number = 0
    while True:
        for phase in range(PHASES):
            due = began + (number + 1) * FRAME_SECONDS + _phase_seconds(phase)
            time.sleep(max(0.0, due - time.perf_counter()))
            try:
                order = os.read(orders, 65_536)
            except BlockingIOError:
                pass
            else:
                if not order:
                    return
                speaker.order(order)
            sounds.write(speaker.frames(number, phase))
            sounds.flush()  # waits while nobody reads: nothing is lost, all of it comes late
        number += 1


if __name__ == "__main__":
    main()
