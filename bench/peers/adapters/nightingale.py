"""Our own voice session, at the joint where the peers are taken too: frames in, sound out, no browser, no socket.

It is `app.session` as the house runs it: the gated detector, endpointing, listening, ladders around the engines, the
turn log on a disk, sentences, speaking. In the place of the graph stands the stub language model, as in the peers'; in
the place of the page, a sound card that is paced like the page's player.

Whether a pause is the end is told by the house's own rules over words, and by the Smart Turn that the environment of
Pipecat carries, where that was made. What the stub recogniser says sounds finished, whatever was said: only the melody
keeps us from talking into a pause of these clips.
"""

import gc
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import anyio

from app.ends import Surroundings, Voice
from app.events import Left, Level, MicrophoneOpened, State
from app.joints import Joints
from app.keeping import Keeping
from app.manner import Manner, usual
from app.microphone import Microphone
from app.own_manner import OwnManner
from app.recordings import RecordingSettings
from app.session import Session
from app.sessions import SessionHost, open_session_host
from app.telemetry.logs import LogSettings, set_up_logging
from app.telemetry.metrics import Metrics
from app.turn import Offer, SayingId
from app.turns import Turns, open_turns
from app.turnstile import Turnstile
from bench.peers.engines import RATE, StubEngines
from bench.peers.environments import FOLDER
from bench.peers.host import Host
from graph.types import Directive, TurnId
from resilience.breaker import CircuitBreaker
from resilience.ladder import Ladder, Rung
from voice.ladders import TieredSpeechToText, TieredTextToSpeech
from voice.protocols import SpeechToText, TextToSpeech
from voice.settings import EndpointingSettings, TurnDetectionSettings, VadSettings
from voice.tiers import Means, Tier, TierChange
from voice.tts.captions import Captions
from voice.turn_detection.detector import TurnDetector
from voice.turn_detection.opening import open_turn_detector
from voice.types import AS_USUAL, AudioFrame, Delivery, Heard, Transcript, Utterance
from voice.vad.gated import open_vad

AHEAD_SECONDS: Final = 0.4
"""How much sound may lie in the page unheard, as in `app.loudspeaker`."""
SMART_TURN: Final = next(
    (FOLDER / "pipecat").glob("lib/python*/site-packages/pipecat/audio/turn/smart_turn/data"), None
)
"""The folder with the network that is Pipecat's turn model, too; None where Pipecat was never measured."""
TURNS_AT_ONCE: Final = 1000
"""The stub engines have room for everybody, and no peer has a turnstile."""


class Ear:
    def __init__(self, engines: StubEngines) -> None:
        self._engines = engines

    async def transcribe(self, utterance: Utterance) -> Transcript:
        return Transcript(await self._engines.stt(utterance.audio.pcm), engine="stub")


class Mouth:
    def __init__(self, engines: StubEngines) -> None:
        self._engines = engines

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        yield AudioFrame(await self._engines.tts(sentence), RATE)


class Mind:
    def __init__(self, engines: StubEngines) -> None:
        self._engines = engines

    async def reply(
        self, turn: TurnId, text: str, *, hurried: bool = False, provisional: bool = False
    ) -> AsyncGenerator[str | Directive, None]:
        async with aclosing(self._engines.llm()) as tokens:
            async for token in tokens:
                yield token

    def stands(self, turn: TurnId) -> bool:
        return True

    async def settle(self, turn: TurnId, heard: str, *, complete: bool) -> None: ...


class Page:
    """A screen that nobody looks at, and a sound card."""

    def __init__(self, host: Host) -> None:
        self._mark = host.mark
        self._speaker = host.speaker
        self._sentences: list[tuple[str, float]] = []
        """Of the reply that sounds, each with its seconds of sound."""
        self._go = anyio.Event()
        self._go.set()

    async def show_user(self, turn: TurnId, text: str) -> None: ...

    async def show_interim(self, text: str, tentative: str = "") -> None: ...

    async def show_state(self, state: State, detail: str = "") -> None:
        if state == "thinking":
            self._mark("certain")

    async def show_tier(self, tier: Tier, why: str, change: TierChange | None) -> None: ...

    async def show_manner(self, manner: Manner) -> None: ...

    async def offer(self, offer: Offer) -> None: ...

    async def offer_is_gone(self, saying: SayingId) -> None: ...

    async def show_notice(self, level: Level, code: str, text: str) -> None: ...

    async def reply_ended(self) -> bool:
        return True

    async def reply_discarded(self) -> None: ...

    def set_volume(self, gain: float) -> None: ...

    async def begin(self, sentence: str) -> None:
        await self._go.wait()
        self._sentences.append((sentence, 0.0))

    async def play(self, frame: AudioFrame) -> None:
        await self._go.wait()
        self._speaker.play(frame.pcm, frame.sample_rate)
        sentence, seconds = self._sentences[-1]
        self._sentences[-1] = sentence, seconds + frame.seconds
        await anyio.sleep(max(0.0, self._speaker.left - AHEAD_SECONDS))

    async def pause(self) -> None:
        self._go = anyio.Event()
        self._speaker.pause()

    async def resume(self) -> None:
        self._speaker.resume()
        self._go.set()

    async def finish(self) -> tuple[Heard, ...]:
        while self._speaker.left:
            await self._go.wait()
            await anyio.sleep(self._speaker.left)
        return self._heard()

    async def interrupt(self) -> tuple[Heard, ...]:
        heard = self._heard()
        self._speaker.clear()
        self._speaker.resume()
        self._go.set()
        return heard

    def _heard(self) -> tuple[Heard, ...]:
        heard, left = list[Heard](), self._speaker.left
        for sentence, seconds in reversed(self._sentences):
            unheard = min(left, seconds)
            left -= unheard
            heard.append(Heard(sentence, 1 - unheard / seconds if seconds else 1.0))
        self._sentences.clear()
        return tuple(reversed(heard))


class NightingaleTalk:
    def __init__(self, microphone: Microphone) -> None:
        self._microphone = microphone

    async def feed(self, pcm: bytes) -> None:
        self._microphone.take(pcm, "pcm16")


class Nightingale:
    versions: Final = {"nightingale": version("nightingale"), "anyio": version("anyio"), "numpy": version("numpy")}

    def __init__(
        self,
        sessions: SessionHost,
        turns: Turns,
        endpointing: EndpointingSettings,
        detector: TurnDetector | None,
    ) -> None:
        self._sessions = sessions
        self._turns = turns
        self._endpointing = endpointing
        self._detector = detector
        self._meters = Metrics()
        self._around = Surroundings(
            turnstile=Turnstile(TURNS_AT_ONCE), meters=self._meters, looks=anyio.CapacityLimiter(TURNS_AT_ONCE)
        )

    @asynccontextmanager
    async def open_talk(self, host: Host) -> AsyncGenerator[NightingaleTalk]:
        page, vad = Page(host), VadSettings()
        ear: Sequence[Rung[SpeechToText]] = [_rung("stt", Ear(host.engines))]
        mouth: Sequence[Rung[TextToSpeech]] = [_rung("tts", Mouth(host.engines))]
        voice = Voice(
            vad=open_vad(vad),
            stt=TieredSpeechToText(Ladder("stt", ear)),
            tts=TieredTextToSpeech(Ladder("tts", mouth)),
            silent=Captions(),
            endpointing=self._endpointing,
            detector=self._detector,
            vad_threshold=vad.threshold,
            rate=1.0,
            means=Means,
        )
        manner = OwnManner(usual(voice.endpointing, voice.barge_in, voice.rate))
        joints = Joints(
            voice=voice,
            screen=page,
            loudspeaker=page,
            keeping=Keeping(self._turns.of(str(uuid4()), "bench"), page, manner, self._meters.turn_settled),
            around=self._around,
            manner=manner,
        )
        ends = await self._sessions.start(Session(Mind(host.engines), joints))
        microphone = Microphone(ends.microphone)
        microphone.open()
        await ends.inbox.send(MicrophoneOpened())
        yield NightingaleTalk(microphone)
        await ends.inbox.send(Left())
        await self._sessions.gone([ends])


@asynccontextmanager
async def open_system(settings: dict[str, Any]) -> AsyncGenerator[Nightingale]:
    """`endpointing`: what differs from the house's own. `silence_only`: nothing else tells of an end."""
    set_up_logging(LogSettings(level="error"))
    by_turn = not settings.get("silence_only", False)
    telling = TurnDetectionSettings(words=by_turn, melody=by_turn and SMART_TURN is not None, smart_turn=SMART_TURN)
    with tempfile.TemporaryDirectory(prefix="nightingale-peers-") as folder:
        async with (
            open_turns(Path(folder), RecordingSettings()) as turns,
            open_turn_detector(telling, "en") as detector,
            open_session_host() as sessions,
        ):
            gc.freeze()  # as the server does once it is up
            yield Nightingale(sessions, turns, EndpointingSettings(**settings.get("endpointing", {})), detector)
            gc.unfreeze()


def _rung(name: str, engine: Any) -> Rung[Any]:
    return Rung(name, engine, CircuitBreaker(name), first_output_seconds=10.0, stall_seconds=5.0)
