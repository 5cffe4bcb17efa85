"""A whole turn without a browser: a WAV file speaks, the answer is written as WAV."""

import wave
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import anyio
import anyio.lowlevel
import numpy as np
import soxr

from app.events import Left, Level, MicrophoneOpened, State
from app.house import House
from app.joints import Joints
from app.manner import Manner
from app.microphone import Microphone
from app.session import Session
from app.turn import Offer, SayingId
from app.wire import PLAYBACK_RATE
from graph.types import TurnId
from memory.types import UserId
from voice.tiers import Tier, TierChange
from voice.types import AudioFrame, Heard

CHUNK_SECONDS = 0.032
TAIL_SECONDS = 1.0
"""Silence after the file, so that endpointing hears the end of it."""


class NotAWave(Exception):
    """The file is not one that can be spoken from; the message says why and what is."""

    code = "not-a-wave"


@dataclass(frozen=True, slots=True)
class Talk:
    """What came of it."""

    heard: tuple[str, ...]
    """What the user was understood to say, a line a turn."""
    answered: tuple[str, ...]
    """The sentences of the answer."""
    answer_seconds: float
    notices: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def read_wave(file: Path) -> AudioFrame:
    """Mono PCM16 at the file's own rate. Raises `NotAWave`."""
    try:
        with wave.open(str(file)) as source:
            if source.getsampwidth() != 2:
                raise NotAWave(f"{file}: {8 * source.getsampwidth()}-bit samples; 16-bit PCM is understood")
            samples = np.frombuffer(source.readframes(source.getnframes()), "<i2")
            channels, rate = source.getnchannels(), source.getframerate()
    except (wave.Error, EOFError) as exc:
        raise NotAWave(f"{file}: {exc}; a PCM WAV file is understood") from exc
    except OSError as exc:
        raise NotAWave(f"{file}: {exc.strerror}") from exc
    if channels > 1:
        whole = len(samples) // channels * channels
        samples = samples[:whole].reshape(-1, channels).mean(axis=1).astype(np.int16)
    return AudioFrame(samples.tobytes(), rate)


def write_wave(file: Path, pcm: bytes) -> None:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(PLAYBACK_RATE)
        out.writeframes(pcm)


async def talk(house: House, spoken: AudioFrame, *, thread: str, user: str) -> tuple[Talk, bytes]:
    """Speak one recording to a new session; its answer, and the answer's sound as PCM16 at `PLAYBACK_RATE`.

    As this user likes to talk: a talk button is down for as long as the recording lasts; nobody need say a wake word.
    How loud is for who plays it.
    """
    room = _Room()
    manner = await house.manners.of(UserId(user))
    conversation = house.conversations.of(thread, UserId(user))
    joints = Joints(
        voice=house.voice(manner),
        screen=room,
        loudspeaker=room,
        keeping=house.keeping(thread, UserId(user), room, manner),
        around=house.surroundings,
        manner=manner,
    )
    session = Session(conversation, joints)
    async with anyio.create_task_group() as tasks:
        ends = await tasks.start(session.run)
        microphone = Microphone(ends.microphone)
        microphone.open(spoken.sample_rate)
        await ends.inbox.send(MicrophoneOpened())
        microphone.talk(True)  # which also wakes
        if manner.now.endpointed != "push-to-talk":
            microphone.talk(False)
        size = 2 * int(spoken.sample_rate * CHUNK_SECONDS)
        pcm = spoken.pcm + bytes(2 * int(spoken.sample_rate * TAIL_SECONDS))
        for at in range(0, len(pcm), size):
            microphone.take(pcm[at : at + size], "pcm16")
            await anyio.lowlevel.checkpoint()
        microphone.close()
        await room.done.wait()
        await ends.inbox.send(Left())
    sound = room.sound()
    seconds = len(sound) / (2 * PLAYBACK_RATE)
    return Talk(tuple(room.users.values()), tuple(room.sentences), seconds, tuple(room.notices)), sound


@dataclass
class _Room:
    """A screen and a loudspeaker for nobody: keeps what was shown and said."""

    users: dict[TurnId, str] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    done: anyio.Event = field(default_factory=anyio.Event)
    _frames: list[AudioFrame] = field(default_factory=list)
    _shown: list[str] = field(default_factory=list)

    async def show_user(self, turn: TurnId, text: str) -> None:
        self.users[turn] = text

    async def show_interim(self, text: str, tentative: str = "") -> None:
        pass

    async def show_state(self, state: State, detail: str = "") -> None:
        if state == "ready":  # the microphone is closed, everything is transcribed and answered
            self.done.set()

    async def show_tier(self, tier: Tier, why: str, change: TierChange | None) -> None:
        if why:
            self.notices.append(why)

    async def show_manner(self, manner: Manner) -> None:
        pass

    async def offer(self, offer: Offer) -> None:
        self.notices.append(f"Not answered: {offer.reason}")

    async def offer_is_gone(self, saying: SayingId) -> None:
        pass

    async def show_notice(self, level: Level, code: str, text: str) -> None:
        self.notices.append(text)

    async def reply_ended(self) -> bool:
        return True

    async def reply_discarded(self) -> None:
        pass

    def set_volume(self, gain: float) -> None:
        pass

    async def begin(self, sentence: str) -> None:
        self._shown.append(sentence)

    async def play(self, frame: AudioFrame) -> None:
        self._frames.append(frame)

    async def pause(self) -> None:
        pass

    async def resume(self) -> None:
        pass

    async def finish(self) -> tuple[Heard, ...]:
        return self._clear()

    async def interrupt(self) -> tuple[Heard, ...]:
        return self._clear()

    def _clear(self) -> tuple[Heard, ...]:
        heard = tuple(Heard(sentence, 1.0) for sentence in self._shown)
        self.sentences += self._shown
        self._shown.clear()
        return heard

    def sound(self) -> bytes:
        return resampled(self._frames, PLAYBACK_RATE)


def resampled(frames: Sequence[AudioFrame], rate: int) -> bytes:
    """All of it as PCM16 at one rate; each run of frames of one rate is resampled as a whole."""
    runs: list[tuple[int, bytearray]] = []
    for frame in frames:
        if not runs or runs[-1][0] != frame.sample_rate:
            runs.append((frame.sample_rate, bytearray()))
        runs[-1][1].extend(frame.pcm)
    return b"".join(soxr.resample(np.frombuffer(bytes(pcm), np.int16), own, rate).tobytes() for own, pcm in runs)
