"""Which voice says it: the one that was chosen, where it is to be had; else one that speaks the language, or the best.

A voice belongs to an engine, and an engine may have many. On a ladder the engine that has the chosen voice is asked
first; whoever says it in its stead does so with a voice of their own.
"""

import re
from collections.abc import Sequence
from typing import Final

from resilience.ladder import Ladder, Rung
from voice.protocols import TextToSpeech, Versatile
from voice.tts.captions import Captions
from voice.types import Delivery, KnownVoice, Reason

LANGUAGES: Final = {"en": "English", "fr": "French", "de": "German", "es": "Spanish"}
SAME: Final = {
    **dict.fromkeys(
        ("female", "lady", "femme", "féminine", "frau", "weiblich", "weibliche", "mujer", "femenina"), "woman"
    ),
    **dict.fromkeys(("male", "homme", "masculine", "mann", "männlich", "männliche", "hombre", "masculina"), "man"),
    **dict.fromkeys(("us", "amerikanisch", "américain", "américaine", "americano", "americana"), "american"),
    **dict.fromkeys(("uk", "britisch", "britische", "britannique", "británico", "británica"), "british"),
    **dict.fromkeys(("englisch", "englische", "anglais", "anglaise", "inglés", "inglesa"), "english"),
    **dict.fromkeys(("französisch", "französische", "français", "française", "francés", "francesa"), "french"),
    **dict.fromkeys(("deutsch", "deutsche", "allemand", "allemande", "alemán", "alemana"), "german"),
    **dict.fromkeys(("spanisch", "spanische", "espagnol", "espagnole", "español", "española"), "spanish"),
}
"""Words for what the labels say, in the languages of the house."""
IDLE: Final = re.compile(
    "an?|the|s|voice|called|named|one|please|une?|l[ae]?|de?|voix|eine?|der|die|das|stimme|una|el|voz"
)


def voices_of(engine: TextToSpeech) -> tuple[KnownVoice, ...]:
    return engine.voices if isinstance(engine, Versatile) else ()


def spoken_by(engine: TextToSpeech) -> tuple[str, ...]:
    """Languages, of two letters, in the order of its voices; none: nobody knows."""
    return tuple(dict.fromkeys(voice.language for voice in voices_of(engine) if voice.language))


def known_voices(ladder: Ladder[TextToSpeech]) -> tuple[KnownVoice, ...]:
    """Of all engines that are open, the best engine's first."""
    found: dict[str, KnownVoice] = {}
    for rung in ladder.rungs:
        for voice in voices_of(rung.engine):
            found.setdefault(voice.name, voice)
    return tuple(found.values())


def voice_called(voices: Sequence[KnownVoice], said: str) -> KnownVoice | None:
    """The one of that name, or else the first whose label has all the words that were said of it."""
    words = {SAME.get(word, word) for word in _words(said) if not IDLE.fullmatch(word)}
    by_name = (voice for voice in voices if voice.name == said)
    by_words = (voice for voice in voices if words and words <= {*_words(voice.label), *_words(voice.name)})
    return next(by_name, None) or next(by_words, None)


def in_order(rungs: Sequence[Rung[TextToSpeech]], wanted: Delivery) -> list[Rung[TextToSpeech]]:
    return sorted(rungs, key=lambda rung: _distance(rung.engine, wanted))


def standing(ladder: Ladder[TextToSpeech], wanted: Delivery) -> Rung[TextToSpeech] | None:
    """The rung that would be asked first."""
    return next((rung for rung in in_order(ladder.rungs, wanted) if rung.breaker.admits), None)


def lacking(ladder: Ladder[TextToSpeech], wanted: Delivery) -> Reason | None:
    """What of it nobody can do now; None where it is done, or where nothing speaks at all."""
    rung = standing(ladder, wanted)
    if rung is None or isinstance(rung.engine, Captions):
        return None
    voices = voices_of(rung.engine)
    if wanted.voice and all(voice.name != wanted.voice for voice in voices):
        return Reason("voice-away", (("name", rung.name),))
    if not wanted.voice and wanted.language and voices and not speaks(voices, wanted.language):
        own = voices[0].language if voices[0].language in LANGUAGES else "other"
        values = (("language", language_named(wanted.language)), ("name", rung.name), ("own", language_named(own)))
        return Reason("no-voice-for", values)
    return None


def language_named(language: str) -> Reason:
    """Its name, in the words of whoever is told."""
    return Reason(f"language-{language}")


def speaks(voices: Sequence[KnownVoice], language: str) -> bool:
    return any(voice.language in ("", language) for voice in voices)


def _distance(engine: TextToSpeech, wanted: Delivery) -> int:
    """An engine that does not say which voices it has may speak any language."""
    voices = voices_of(engine)
    if wanted.voice and any(voice.name == wanted.voice for voice in voices):
        return 0
    if isinstance(engine, Captions):
        return 3
    return 1 if not wanted.language or not voices or speaks(voices, wanted.language) else 2


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())
