"""How the house and this talk are doing, in words for the ear."""

from collections.abc import Sequence
from typing import Final

from app.desk_words import say
from app.notices import in_words, part, sentence, told, why_offered
from app.reviewing import record_of
from app.standing import PartKind, Standing
from app.whereabouts import Whereabouts
from graph.types import Language
from voice.tiers import Tier
from voice.types import KnownVoice, Reason

TOLD_AT_ONCE: Final = 3
MOST_VOICES: Final = 6
LAST_RESORTS: Final = frozenset({"typed", "captions", "offline"})
"""Engines that are more of a way out than a way."""
LADDERS: Final[frozenset[PartKind]] = frozenset({"stt", "tts", "language"})
HOUSE_PARTS: Final[frozenset[PartKind]] = frozenset({"memory", "embeddings", "history", "redis", "disk"})
"""Whose trouble is the user's: a graphics card or the hub is the operator's."""


def what_went_wrong(language: Language, here: Whereabouts, standing: Sequence[Standing]) -> str:
    """With what was said last, and of what does not work now. `standing`: of engines and parts."""
    record = record_of(here.last.record if here.last is not None else None)
    troubles = [*filter(None, [why_offered(language, here.trouble)])]
    troubles += [in_words(each, language) for each in record.troubles]
    parts = [_down(language, each) for each in standing if each.state == "failed"]
    tier, why = here.tier()
    if not troubles and not parts and tier is Tier.FULL:
        return say(language, "nothing-wrong")
    said = [say(language, "went-wrong", troubles=" ".join(troubles)) if troubles else say(language, "went-well")]
    if parts:
        said.append(say(language, "not-working", parts=" ".join(parts[:TOLD_AT_ONCE])))
    if len(parts) > TOLD_AT_ONCE:
        said.append(say(language, "others", count=len(parts) - TOLD_AT_ONCE))
    if tier is not Tier.FULL:
        said.append(_you_can(language, tier, why))
    return " ".join(said)


def which_engines(language: Language, here: Whereabouts, standing: Sequence[Standing]) -> str:
    """That would be asked now, and those behind them."""
    said = [
        _in_use(language, standing, kind, key)
        for kind, key in (("stt", "hears"), ("tts", "speaks"), ("language", "thinks"))
    ]
    waiting = _names(standing, "standby")
    loading = _names(standing, "loading")
    if waiting:
        said.append(say(language, "stand-by", names=", ".join(waiting)))
    if loading:
        said.append(say(language, "loading", names=", ".join(loading)))
    return " ".join([*said, _you_can(language, *here.tier())])


def which_voices(language: Language, voices: Sequence[KnownVoice]) -> str:
    """Those that speak the language first, and no more than one can keep in mind."""
    match sorted(voices, key=lambda each: each.language != language):
        case []:
            return say(language, "no-voices")
        case [only]:
            return say(language, "only-voice", name=only.label)
        case several:
            said = say(language, "voices", names="; ".join(each.label for each in several[:MOST_VOICES]))
            more = len(several) - MOST_VOICES
            return f"{said} {say(language, 'voices-more', count=more)}" if more > 0 else said


def _you_can(language: Language, tier: Tier, why: Sequence[Reason]) -> str:
    return say(language, "you-can", tier=say(language, f"tier-{tier.word}"), why=told(language, *why)).strip()


def _in_use(language: Language, standing: Sequence[Standing], kind: str, key: str) -> str:
    names = [each.name for each in standing if each.kind == kind and each.state == "in-use"]
    real = [each for each in names if each not in LAST_RESORTS]
    return say(language, key, name=real[0]) if real else say(language, f"no-{key}")


def _names(standing: Sequence[Standing], state: str) -> list[str]:
    return [each.name for each in standing if each.state == state and each.name not in LAST_RESORTS]


def _down(language: Language, each: Standing) -> str:
    """What is behind it is technical and in English."""
    name = each.name if each.kind in LADDERS else ""
    detail = sentence(each.detail) if language == "en" else ""
    text = say(language, "part-down", part=part(language, each.kind), name=name, detail=detail)
    return " ".join(text.split()).replace(" .", ".")
