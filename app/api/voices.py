"""The voices that one may choose among over HTTP, and what each sounds like."""

import io
import math
import wave
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Final

import anyio
from fastapi import APIRouter, HTTPException, Request, Response

from app.manners import Manners
from app.own_manner import OwnManner
from memory.types import UserId
from resilience.ladder import Ladder, Rung
from voice.choosing import LANGUAGES, known_voices, speaks, voices_of
from voice.ladders import TieredTextToSpeech
from voice.protocols import TextToSpeech
from voice.types import AudioFrame, Delivery, KnownVoice

HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
SAMPLES: Final = {
    "en": "This is {label}.",
    "fr": "Bonjour, voici ma voix en français.",
    "de": "Guten Tag, so klingt meine Stimme auf Deutsch.",
    "es": "Hola, esta es mi voz en español.",
}
SAMPLE_SECONDS: Final = 10.0
"""How long a sample may take to be made."""
MOST_SAMPLES: Final = 30
PER_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Choice:
    voices: tuple[KnownVoice, ...]
    chosen: str
    """Empty: whichever comes first."""
    languages: tuple[str, ...]
    """Of the house's, which are spoken."""


def voices_router(
    open_ladder: Callable[[], Ladder[TextToSpeech] | None],
    open_manners: Callable[[], Manners | None],
    user_of: Callable[[Request], UserId],
) -> APIRouter:
    """`open_ladder` and `open_manners` say which are open just now; there are none while the house opens or closes."""
    router = APIRouter(prefix="/api/voices", tags=["voices"])
    throttle = Throttle()

    async def now_open(request: Request) -> tuple[Ladder[TextToSpeech], UserId, OwnManner]:
        ladder, manners = open_ladder(), open_manners()
        if ladder is None or manners is None:
            raise HTTPException(503, "Nightingale is just starting or stopping.")
        user = user_of(request)
        return ladder, user, await manners.of(user)

    @router.get("")
    async def voices(request: Request) -> Choice:
        ladder, _, manner = await now_open(request)
        known = known_voices(ladder)
        return Choice(known, manner.now.voice, tuple(each for each in LANGUAGES if speaks(known, each)))

    @router.post("/{name:path}/sample", response_class=Response)
    async def sample(name: str, request: Request) -> Response:
        """As fast and as high as the user likes to be spoken to."""
        ladder, user, manner = await now_open(request)
        rung, voice = _found(ladder, name)
        if (seconds := throttle.wait(user)) > 0:
            raise HTTPException(
                429, "Those were many samples. Please wait a little.", {"Retry-After": f"{math.ceil(seconds)}"}
            )
        line = SAMPLES.get(voice.language, SAMPLES["en"]).format(label=voice.label)
        sound = await _said(rung, line, replace(manner.delivery, voice=name))
        if not sound.pcm:
            raise HTTPException(503, "That voice makes no sound just now.")
        return Response(_wav(sound), media_type="audio/wav", headers=HEADERS)

    return router


class Throttle:
    """So many samples of each user in some time: a voice has others to speak to."""

    def __init__(self) -> None:
        self._asked: dict[UserId, deque[float]] = {}

    def wait(self, user: UserId) -> float:
        """Seconds until they may ask; 0: they have."""
        now = anyio.current_time()
        self._asked = {each: times for each, times in self._asked.items() if now - times[-1] < PER_SECONDS}
        times = self._asked.setdefault(user, deque(maxlen=MOST_SAMPLES))
        if len(times) == MOST_SAMPLES and now - times[0] < PER_SECONDS:
            return PER_SECONDS - (now - times[0])
        times.append(now)
        return 0.0


def _found(ladder: Ladder[TextToSpeech], name: str) -> tuple[Rung[TextToSpeech], KnownVoice]:
    for rung in ladder.rungs:
        for voice in voices_of(rung.engine):
            if voice.name == name:
                return rung, voice
    raise HTTPException(404, "There is no such voice.")


async def _said(rung: Rung[TextToSpeech], line: str, delivery: Delivery) -> AudioFrame:
    """What there is of it when the time is up; nothing where the voice fails."""
    alone, frames = TieredTextToSpeech(Ladder("tts", [rung])), list[AudioFrame]()
    with anyio.move_on_after(SAMPLE_SECONDS):
        async with aclosing(alone.synthesize(line, delivery)) as sound:
            async for frame in sound:
                frames.append(frame)
    return AudioFrame(b"".join(each.pcm for each in frames), frames[0].sample_rate if frames else 0)


def _wav(sound: AudioFrame) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(sound.sample_rate)
        opened.writeframes(sound.pcm)
    return content.getvalue()
