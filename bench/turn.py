"""Spoken turns in a house of this process, at the pace of real speech, taken apart into their stages."""

from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

import anyio
import numpy as np

from app.events import Left, MicrophoneOpened
from app.house import House
from app.joints import Joints
from app.manner import usual
from app.microphone import Microphone
from app.own_manner import OwnManner
from app.session import Session
from bench.report import Figure, Section, percentile
from bench.usage import Lag, measure_lag
from bench.witness import Instant, Witness, WitnessedConversation, WitnessedRecogniser, WitnessedRoom, WitnessedVoice
from memory.types import UserId
from voice.types import SAMPLE_RATE

FRAME_BYTES = 1024
FRAME_SECONDS = FRAME_BYTES / (2 * SAMPLE_RATE)
LOUD = 0.02
"""Of full scale: where speech begins and ends, for the clock."""
PAUSE_SECONDS = 1.0
LONGEST_SECONDS = 60.0
LAG_GOAL_MS = 20.0
PAUSING_MS = 100.0
WAIT = "the user's last sound → endpoint: the wait that is set"
STAGES = (
    ("while the user speaks", "speech began", "speech ended"),
    (WAIT, "speech ended", "endpoint"),
    ("endpoint → transcript", "endpoint", "transcript"),
    ("transcript → first token", "transcript", "first token"),
    ("first token → first sentence", "first token", "first sentence"),
    ("first sentence → first audio frame", "first sentence", "first audio"),
    ("first audio frame → last", "first audio", "last audio"),
    ("afterwards: remembered", "last audio", "remembered"),
    ("endpoint → first audio frame", "endpoint", "first audio"),
    ("endpoint → last audio frame", "endpoint", "last audio"),
    ("the user's last sound → first audio frame", "speech ended", "first audio"),
)


class NoAnswer(Exception):
    """A turn that was to be timed did not come to its end."""


@dataclass(frozen=True, slots=True)
class Talker:
    """A user who is connected and says things."""

    microphone: Microphone
    witness: Witness
    room: WitnessedRoom

    async def take_turn(self, spoken: bytes) -> dict[str, Instant]:
        """Say it, and be silent until it was answered and remembered."""
        self.witness.begin_turn()
        await self._make_sound(_frames(spoken), "speech began", "speech ended", until=self.witness.settled)
        return self.witness.instants

    async def barge_in(self, spoken: bytes) -> float:
        """Ask; speak again while the answer sounds; hear that one out.

        Seconds from the first sound of the second question until the first answer paused.
        """
        self.room.sounding = True
        replying = anyio.Event()
        self.witness.begin_turn()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._await_reply, replying)
            await self._make_sound(_frames(spoken), "speech began", "speech ended", until=replying)
        again = _frames(bytes(2 * int(SAMPLE_RATE * PAUSE_SECONDS)) + spoken)
        await self._make_sound(again, "spoke again", "ended again", until=self.witness.settled)
        return self.witness.instants["paused"].wall - self.witness.instants["spoke again"].wall

    async def _await_reply(self, replying: anyio.Event) -> None:
        while "last audio" not in self.witness.instants:
            await anyio.sleep(FRAME_SECONDS)
        replying.set()

    async def _make_sound(self, frames: Sequence[bytes], begins: str, ends: str, *, until: anyio.Event) -> None:
        """A frame is handed over when its last sample has sounded; after them, silence, as from an open microphone."""
        loud = [np.flatnonzero(np.abs(np.frombuffer(frame, np.int16)) > LOUD * 32_768) for frame in frames]
        first, last = (f(i for i, samples in enumerate(loud) if len(samples)) for f in (min, max))
        start = anyio.current_time()
        with anyio.move_on_after(LONGEST_SECONDS):
            n = 0
            while n < len(frames) or not until.is_set():
                await anyio.sleep(max(0.0, start + n * FRAME_SECONDS - anyio.current_time()))
                if n == first:
                    self.witness.see(begins, ago=FRAME_SECONDS - loud[n][0] / SAMPLE_RATE)
                self.microphone.take(frames[n] if n < len(frames) else bytes(FRAME_BYTES), "pcm16")
                if n == last:
                    self.witness.see(ends, ago=FRAME_SECONDS - loud[n][-1] / SAMPLE_RATE)
                n += 1
            return
        raise NoAnswer(f"heard {self.witness.heard or 'nothing'}; {' '.join(self.witness.notices)}")


@asynccontextmanager
async def talker(house: House) -> AsyncGenerator[Talker]:
    witness = Witness()
    room = WitnessedRoom(witness)
    voice = house.voice()
    thread, user = str(uuid4()), UserId("bench")
    manner = OwnManner(usual(voice.endpointing, voice.barge_in, voice.rate))
    joints = Joints(
        voice=replace(voice, stt=WitnessedRecogniser(voice.stt, witness), tts=WitnessedVoice(voice.tts, witness)),
        screen=room,
        loudspeaker=room,
        keeping=house.keeping(thread, user, room, manner),
        around=house.surroundings,
        manner=manner,
    )
    session = Session(WitnessedConversation(house.conversations.of(thread, user), witness), joints)
    async with anyio.create_task_group() as tasks:
        ends = await tasks.start(session.run)
        microphone = Microphone(ends.microphone)
        microphone.open()
        await ends.inbox.send(MicrophoneOpened())
        yield Talker(microphone, witness, room)
        await ends.inbox.send(Left())


async def time_turns(title: str, house: House, spoken: bytes, times: int) -> Section:
    """`times` turns in one conversation, and how late the event loop was in each."""
    turns: list[dict[str, Instant]] = []
    async with talker(house) as user:
        idle = await _lags_while(anyio.sleep(min(times, 2.0)))
        lags = [await _lags_while(_take(user, spoken, turns)) for _ in range(times)]
        said = f"It heard {user.witness.heard}. It answered: {' '.join(user.witness.answered)}"
    engines = ", ".join(f"{each.name} ({each.state})" for each in house.engines.standing())
    figures = [
        Figure(name, "ms", _milliseconds(turns, begin, end, "wall"), _milliseconds(turns, begin, end, "cpu"))
        for name, begin, end in STAGES
    ]
    figures += [
        Figure(f"event loop late, {name}", "ms", tuple(_late(each, share) for each in lags), goal=goal)
        for name, share, goal in (("p50", 0.5, None), ("p95", 0.95, None), ("worst", 1.0, LAG_GOAL_MS))
    ]
    worked = tuple(1000 * max(lag.work for lag in each) for each in lags)
    figures += [
        Figure("event loop at work in one go, processor time, worst", "ms", worked),
        Figure("event loop late, nobody talking, worst: other programs", "ms", (_late(idle, 1.0),)),
    ]
    return Section(title, tuple(figures), (f"Engines: {engines}.", said))


async def time_barge_in(house: House, spoken: bytes, times: int) -> Section:
    async with talker(house) as user:
        paused = tuple([1000 * await user.barge_in(spoken) for _ in range(times)])
    own = house.settings.voice.endpointing.onset_seconds
    note = f"Of that {1000 * own:.0f} ms of sure speech, which is set, in frames of {1000 * FRAME_SECONDS:.0f} ms."
    return Section(
        "Barge-in", (Figure("first sound of the user → the reply pauses", "ms", paused, goal=PAUSING_MS),), (note,)
    )


async def _take(user: Talker, spoken: bytes, turns: list[dict[str, Instant]]) -> None:
    turns.append(await user.take_turn(spoken))


async def _lags_while(work: Awaitable[None]) -> list[Lag]:
    lags: list[Lag] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(measure_lag, lags)
        await work
        tasks.cancel_scope.cancel()
    return lags


def _late(lags: Sequence[Lag], share: float) -> float:
    return 1000 * percentile([each.late for each in lags], share)


def _milliseconds(turns: list[dict[str, Instant]], begin: str, end: str, of: str) -> tuple[float, ...]:
    return tuple(1000 * (getattr(turn[end], of) - getattr(turn[begin], of)) for turn in turns)


def _frames(pcm: bytes) -> list[bytes]:
    return [pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0") for at in range(0, len(pcm), FRAME_BYTES)]
