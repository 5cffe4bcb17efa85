"""Several engines that look like one: a ladder of recognisers is a recogniser, a ladder of voices a voice.

Engines fail, and some lie: they give noise, silence, or text that cannot be right, and call it an answer. What they
give is looked at here, under the breaker of the rung that gave it, so that a liar is a failed engine too.
"""

import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import Final

import numpy as np
import structlog
from anyio.lowlevel import checkpoint
from numpy.typing import NDArray

from resilience.attempt import deadline
from resilience.containing import closing, contained
from resilience.errors import AllRungsFailed, EngineFailed
from resilience.ladder import Ladder, Rung
from voice.protocols import InterimSpeechToText, SpeechToText, TextToSpeech
from voice.sound_check import SoundCheck
from voice.stt.typed import Typed
from voice.tts.cached import CachedVoice
from voice.tts.captions import Captions
from voice.types import SAMPLE_RATE, AudioFrame, Transcript, Utterance

log = structlog.get_logger(__name__)

FASTEST_SPEECH: Final = 40
"""Characters a second; the fastest speakers reach 25."""
SHORTEST_TEXT: Final = 40
"""Characters that any utterance may hold: what it rounds up to is no lie."""
WORTH_ASKING_SECONDS: Final = 0.8
"""An utterance with so much sound and no words in it may be more than a noise: another recogniser hears it too."""
WORTH_BELIEVING_WORDS: Final = 2
"""So much speech is more than one word; and one is what a recogniser makes of noise."""

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_WINDOW = 512
_HEARABLE_RMS = 64.0
_BACKGROUND = 0.1


class TieredSpeechToText:
    def __init__(self, ladder: Ladder[SpeechToText]) -> None:
        self._ladder = ladder

    async def transcribe(
        self, utterance: Utterance, *, answering: Callable[[str], None] = lambda _: None
    ) -> Transcript:
        """`answering` is told the name of the rung whose words these are. Raises `AllRungsFailed`."""
        answered: list[Rung[SpeechToText]] = []
        transcript = await self._ladder.ask(lambda engine: _heard(engine, utterance), answering=answered.append)
        [rung] = answered
        if not transcript.text and (other := await self._second_opinion(rung, utterance)):
            rung, transcript = other
        answering(rung.name)
        return transcript

    async def interim(self, so_far: Utterance) -> str:
        """What the standing rung has so far; nothing when it cannot say. Raises `EngineError`."""
        rung = self._ladder.standing
        if rung is None or not isinstance(rung.engine, InterimSpeechToText):
            return ""
        with deadline(rung.name, rung.first_output_seconds), contained(rung.name):
            return await rung.engine.interim(so_far)

    async def _second_opinion(
        self, first: Rung[SpeechToText], utterance: Utterance
    ) -> tuple[Rung[SpeechToText], Transcript] | None:
        """When `first` heard no words where there was sound: those of the next recogniser, if it hears some."""
        rungs = self._ladder.rungs
        below = rungs[rungs.index(first) + 1 :] if first in rungs else ()
        other = next((each for each in below if each.breaker.admits and not isinstance(each.engine, Typed)), None)
        if other is None or sound_seconds(utterance) < WORTH_ASKING_SECONDS:
            return None
        try:
            transcript = await self._ladder.ask(lambda engine: _heard(engine, utterance), among=[other])
        except AllRungsFailed:
            return None
        if len(transcript.text.split()) < WORTH_BELIEVING_WORDS:
            return None
        log.warning("heard no words where another did", rung=first.name, other=other.name)
        first.breaker.blame("it heard no words where another did")
        return other, transcript


class TieredTextToSpeech:
    def __init__(self, ladder: Ladder[TextToSpeech]) -> None:
        self._ladder = ladder

    async def synthesize(
        self, sentence: str, *, rate: float = 1.0, answering: Callable[[str], None] = lambda _: None
    ) -> AsyncGenerator[AudioFrame, None]:
        """When a voice dies in mid-sentence, the next one says the sentence from its beginning. `answering` is told the
        name of each rung that speaks. What the standing voice has said before comes from its cache, and is neither work
        nor a proof of health for the engine. Raises nothing: without any voice there is no sound.
        """
        rung = self._ladder.standing
        if rung and isinstance(rung.engine, CachedVoice) and (kept := await rung.engine.kept(sentence, rate=rate)):
            answering(rung.name)
            for frame in kept:
                yield frame
            return
        output = self._ladder.stream(
            lambda engine: _sound(engine, sentence, rate), restart=True, answering=lambda rung: answering(rung.name)
        )
        async with aclosing(output) as frames:
            try:
                async for frame in frames:
                    yield frame
            except AllRungsFailed:
                log.warning("no voice is left")  # captions never fail, so this is a ladder without its last rung


async def _heard(engine: SpeechToText, utterance: Utterance) -> Transcript:
    transcript = await engine.transcribe(utterance)
    text, seconds = transcript.text, utterance.audio.seconds
    if len(text) > SHORTEST_TEXT + FASTEST_SPEECH * seconds:
        raise EngineFailed(type(engine).__name__, f"{len(text)} characters in {seconds:.1f} s cannot have been said")
    if _NOT_TEXT.search(text):
        raise EngineFailed(type(engine).__name__, "gave what is no text")
    if text and not any(map(str.isalnum, text)):
        return replace(transcript, text="")
    return transcript


async def _sound(engine: TextToSpeech, sentence: str, rate: float) -> AsyncGenerator[AudioFrame, None]:
    name = type(engine.engine if isinstance(engine, CachedVoice) else engine).__name__
    check = SoundCheck(name, sentence, rate)
    async with closing(name, engine.synthesize(sentence, rate=rate)) as frames:
        async for frame in frames:
            sound = check.take(frame)
            if not sound:
                await checkpoint()  # an engine that gives nothing without end can be cancelled here
            for each in sound:
                yield each
    if not isinstance(engine, Captions):
        check.end()


def sound_seconds(utterance: Utterance) -> float:
    """How much of it is not background: within 20 dB of its loudest moment."""
    return int(np.count_nonzero(_is_loud(utterance))) * _WINDOW / SAMPLE_RATE


def has_faded(so_far: Utterance, later: Utterance) -> bool:
    """Whether what came since, of the same utterance, is background."""
    known = len(so_far.audio.pcm) // (2 * _WINDOW)
    return not bool(_is_loud(later)[known:].any())


def _is_loud(utterance: Utterance) -> NDArray[np.bool_]:
    """For each whole window."""
    pcm = utterance.audio.pcm
    samples = np.frombuffer(pcm, np.dtype("<i2"), len(pcm) // 2)
    whole = len(samples) - len(samples) % _WINDOW
    rms = np.sqrt(np.square(samples[:whole].astype(np.float32)).reshape(-1, _WINDOW).mean(axis=1))
    loudest = float(rms.max(initial=0.0))
    return np.asarray(rms >= max(_HEARABLE_RMS, _BACKGROUND * loudest))
