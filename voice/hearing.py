"""Which recogniser hears it: one that knows the speaker's language, before those that would hear another in it."""

from collections.abc import Sequence

from resilience.ladder import Ladder, Rung
from voice.choosing import language_named
from voice.protocols import Multilingual, SpeechToText
from voice.stt.typed import Typed
from voice.types import Reason


def languages_of(engine: SpeechToText) -> tuple[str, ...]:
    """That it understands, of two letters; none: nobody knows."""
    return engine.languages if isinstance(engine, Multilingual) else ()


def understands(engine: SpeechToText, language: str) -> bool:
    known = languages_of(engine)
    return not known or language in known


def for_speaker_of(rungs: Sequence[Rung[SpeechToText]], language: str | None) -> list[Rung[SpeechToText]]:
    """In the order in which they are asked. Who knows the language comes first; the others are not left out: a person
    who cannot type can still call for help, or for another language, in words that they know.
    """
    if not language:
        return [*rungs]
    return sorted(rungs, key=lambda rung: _distance(rung.engine, language))


def deaf_to(ladder: Ladder[SpeechToText], language: str) -> Reason | None:
    """Why somebody who speaks it is not understood; None where they are, or where nothing hears at all."""
    rungs = [rung for rung in for_speaker_of(ladder.rungs, language) if rung.breaker.admits]
    if not rungs or isinstance(rungs[0].engine, Typed) or understands(rungs[0].engine, language):
        return None
    heard = languages_of(rungs[0].engine)[0]
    return Reason("heard-only", (("heard", language_named(heard)), ("language", language_named(language))))


def _distance(engine: SpeechToText, language: str) -> int:
    return 2 if isinstance(engine, Typed) else 0 if understands(engine, language) else 1
