"""Several engines that look like one: a ladder of recognisers is a recogniser, a ladder of voices a voice.

Engines fail, and some lie: they give noise, silence, or text that cannot be right, and call it an answer. What they
give is looked at here, under the breaker of the rung that gave it, so that a liar is a failed engine too.
"""

import re
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Final

import structlog
from anyio.lowlevel import checkpoint

from resilience.attempt import deadline
from resilience.containing import closing, contained
from resilience.errors import AllRungsFailed, EngineFailed
from resilience.ladder import Ladder, Rung
from voice.choosing import in_order, known_voices, lacking, standing
from voice.delivery import Shaper, respelled, taken
from voice.dysfluency import fluent
from voice.hearing import for_speaker_of
from voice.inventions import is_invented, is_phrase, speech_seconds, without_loops
from voice.protocols import InterimSpeechToText, SpeechToText, TextToSpeech
from voice.sound_check import SoundCheck
from voice.stt.sound import sound_seconds
from voice.stt.typed import Typed
from voice.tts.cached import CachedVoice
from voice.tts.captions import Captions
from voice.types import AS_USUAL, AudioFrame, Delivery, KnownVoice, Look, Reason, Settled, Transcript, Utterance

log = structlog.get_logger(__name__)

FASTEST_SPEECH: Final = 40
"""Characters a second; the fastest speakers reach 25."""
SHORTEST_TEXT: Final = 40
"""Characters that any utterance may hold: what it rounds up to is no lie."""
WORTH_ASKING_SECONDS: Final = 0.8
"""An utterance with so much sound and no words in it may be more than a noise: another recogniser hears it too."""
WORTH_BELIEVING_WORDS: Final = 2
"""So much speech is more than one word; and one is what a recogniser makes of noise."""

_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_DOUBT: Final = 0.5
"""By what the confidence in words is multiplied that were said in a loop, or are often invented."""


class TieredSpeechToText:
    def __init__(self, ladder: Ladder[SpeechToText]) -> None:
        self._ladder = ladder

    async def transcribe(
        self, utterance: Utterance, *, answering: Callable[[str], None] = lambda _: None
    ) -> Transcript:
        """`answering` is told the name of the rung whose words these are. Raises `AllRungsFailed`."""
        answered: list[Rung[SpeechToText]] = []
        rungs = for_speaker_of(self._ladder.rungs, utterance.language)
        question = partial(_heard, utterance=utterance)
        transcript = await self._ladder.ask(question, among=rungs, answering=answered.append)
        [rung] = answered
        if not transcript.text and (other := await self._second_opinion(rung, utterance)):
            rung, transcript = other
        answering(rung.name)
        return transcript

    async def interim(self, so_far: Utterance, settled: Settled) -> Look | None:
        """What the standing rung makes of it so far; None when it cannot say. Raises `EngineError`."""
        rungs = for_speaker_of(self._ladder.rungs, so_far.language)
        rung = next((each for each in rungs if each.breaker.admits), None)
        if rung is None or not isinstance(rung.engine, InterimSpeechToText):
            return None
        with deadline(rung.name, rung.first_output_seconds), contained(rung.name):
            look = await rung.engine.interim(so_far, settled)
        return None if look is None or is_invented(" ".join(look.words), so_far) else look

    async def _second_opinion(
        self, first: Rung[SpeechToText], utterance: Utterance
    ) -> tuple[Rung[SpeechToText], Transcript] | None:
        """When `first` heard no words where there was sound: those of the next recogniser, if it hears some."""
        rungs = for_speaker_of(self._ladder.rungs, utterance.language)
        below = rungs[rungs.index(first) + 1 :] if first in rungs else ()
        other = next((each for each in below if each.breaker.admits and not isinstance(each.engine, Typed)), None)
        if other is None or min(sound_seconds(utterance), speech_seconds(utterance)) < WORTH_ASKING_SECONDS:
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

    @property
    def voices(self) -> tuple[KnownVoice, ...]:
        """See `known_voices`."""
        return known_voices(self._ladder)

    def lacking(self, wanted: Delivery) -> Reason | None:
        """See `lacking`."""
        return lacking(self._ladder, wanted)

    def speaking_with(self, wanted: Delivery) -> str:
        """The name of the rung that is asked first."""
        rung = standing(self._ladder, wanted)
        return "" if rung is None else rung.name

    async def synthesize(
        self,
        sentence: str,
        delivery: Delivery = AS_USUAL,
        *,
        answering: Callable[[str], None] = lambda _: None,
    ) -> AsyncGenerator[AudioFrame, None]:
        """Whatever the engines can, it is said as it was wanted, but for the voice. When one dies in mid-sentence, the
        next one says the sentence from its beginning. `answering` is told the name of each rung that speaks. What the
        first voice has said before comes from its cache, and is neither work nor a proof of health for the engine.
        Raises nothing: without any voice there is no sound.
        """
        said = respelled(sentence, delivery.pronunciations)
        rung = standing(self._ladder, delivery)
        if rung and isinstance(rung.engine, CachedVoice) and (kept := await _kept(rung.engine, said, delivery)):
            answering(rung.name)
            for frame in kept:
                yield frame
            return
        output = self._ladder.stream(
            lambda engine: _sound(engine, said, delivery),
            among=in_order(self._ladder.rungs, delivery),
            restart=True,
            answering=lambda rung: answering(rung.name),
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
    if not any(map(str.isalnum, text)):
        return replace(transcript, text="")
    once = without_loops(text)
    if is_invented(once, utterance):
        log.info("took words for invented", engine=transcript.engine)
        return replace(transcript, text="", confidence=None)
    if once == text and not is_phrase(text):
        return _as_meant(transcript)
    doubted = None if transcript.confidence is None else _DOUBT * transcript.confidence
    return _as_meant(replace(transcript, text=once, confidence=doubted))


def _as_meant(transcript: Transcript) -> Transcript:
    text = fluent(transcript.text, transcript.language)
    return transcript if text == transcript.text else replace(transcript, text=text, verbatim=transcript.text)


async def _kept(engine: CachedVoice, sentence: str, wanted: Delivery) -> Iterator[AudioFrame] | None:
    """As the engine would be asked for it, or else at its own rate."""
    own = taken(engine, wanted)
    for each in dict.fromkeys((own, replace(own, rate=1.0))):
        if frames := await engine.kept(sentence, each):
            return _shaped(frames, Shaper(wanted, each))
    return None


def _shaped(frames: Iterator[AudioFrame], shaper: Shaper) -> Iterator[AudioFrame]:
    for frame in frames:
        yield from shaper.take(frame)
    yield from shaper.rest()


async def _sound(engine: TextToSpeech, sentence: str, wanted: Delivery) -> AsyncGenerator[AudioFrame, None]:
    name = type(engine.engine if isinstance(engine, CachedVoice) else engine).__name__
    own = taken(engine, wanted)
    check, shaper = SoundCheck(name, sentence, own.rate), Shaper(wanted, own)
    async with closing(name, engine.synthesize(sentence, own)) as frames:
        async for frame in frames:
            sound = [each for checked in check.take(frame) for each in shaper.take(checked)]
            if not sound:
                await checkpoint()  # an engine that gives nothing without end can be cancelled here
            for each in sound:
                yield each
    for each in shaper.rest():
        yield each
    if not isinstance(engine, Captions):
        check.end()
