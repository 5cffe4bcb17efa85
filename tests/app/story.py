"""A session whose ends are fakes, and what can be done to it."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from app.deeds import Deeds
from app.ends import Conversation, Ends, Surroundings, Voice
from app.events import Event, Left, MeansChanged, PageCame, Typed
from app.joints import Joints
from app.keeping import Keeping
from app.manner import Manner, usual
from app.own_manner import OwnManner
from app.session import Session
from app.turn import new_saying
from app.turnstile import Turnstile
from resilience.errors import EngineUnavailable
from tests.fakes import LOUD, QUIET, Log, LoudnessVad, Meters, Mute, Room, ScriptedStt, ScriptedTts
from voice.protocols import SpeechToText, TextToSpeech
from voice.settings import BargeInSettings, EndpointingSettings
from voice.tiers import Means
from voice.turn_detection.detector import TurnDetector
from voice.types import AudioFrame, Delivery, Reason
from voice.wake.opening import OpenWakeWord
from voice.wake.words import Heeded, Sensitivity, WordName


@dataclass
class Story:
    room: Room
    log: Log
    meters: Meters
    keeping: Keeping
    means: Means = field(default_factory=Means)
    ends: Ends = field(init=False)

    async def say(self, loud: int = 50, quiet: int = 80) -> None:
        """So many frames of 10 ms, sent at once; then wait a moment."""
        for pcm, count in ((LOUD, loud), (QUIET, quiet)):
            for _ in range(count):
                await self.ends.microphone.send(AudioFrame(pcm))
        await anyio.sleep(0.01)

    async def type(self, text: str) -> None:
        saying = new_saying()
        await self.keeping.typed(saying, text)
        await self.happens(Typed(text, saying))

    async def happens(self, event: Event) -> None:
        await self.ends.inbox.send(event)
        await anyio.sleep(0.01)

    async def page_comes(self) -> None:
        await self.happens(PageCame(Means()))

    async def engines_are(self, means: Means) -> None:
        self.means = means
        await self.happens(MeansChanged())


async def _nobody(name: WordName, sensitivity: Sensitivity) -> Heeded:
    raise EngineUnavailable("wake word", f"nobody listens for {name}, {sensitivity} or not")


@asynccontextmanager
async def story(
    talker: Conversation,
    room: Room,
    *,
    stt: SpeechToText | None = None,
    tts: TextToSpeech | None = None,
    log: Log | None = None,
    turnstile: Turnstile | None = None,
    detector: TurnDetector | None = None,
    endpointing: EndpointingSettings | None = None,
    foresees: bool = True,
    barge_in: BargeInSettings | None = None,
    manner: OwnManner | None = None,
    wake_word: OpenWakeWord | None = None,
    lacking: Callable[[Delivery], Reason | None] = lambda _: None,
    deaf_to: Callable[[str], Reason | None] = lambda _: None,
    deeds: Deeds | None = None,
    patience: float = 120,
) -> AsyncGenerator[Story]:
    meters, log = Meters(), log or Log()
    told = Story(room, log, meters, Keeping(log, room, manner or OwnManner(Manner()), meters.turn_settled))
    voice = Voice(
        vad=LoudnessVad(),
        stt=stt or ScriptedStt("hello"),
        tts=tts or ScriptedTts(),
        silent=Mute(),
        endpointing=endpointing or EndpointingSettings(),
        detector=detector,
        foresees=foresees,
        barge_in=barge_in or BargeInSettings(),
        wake_word=wake_word or _nobody,
        lacking=lacking,
        deaf_to=deaf_to,
        vad_threshold=0.5,
        rate=1.0,
        means=lambda: told.means,
    )
    joints = Joints(
        voice=voice,
        screen=room,
        loudspeaker=room,
        keeping=told.keeping,
        around=Surroundings(turnstile=turnstile or Turnstile(2), meters=meters, looks=anyio.CapacityLimiter(1)),
        manner=manner or OwnManner(usual(voice.endpointing, voice.barge_in, voice.rate)),
        deeds=deeds,
    )
    session = Session(talker, joints)
    with anyio.fail_after(patience):
        async with anyio.create_task_group() as tasks:
            told.ends = await tasks.start(session.run)
            yield told
            await told.ends.inbox.send(Left())
