"""Which languages are understood and spoken, told to whoever asks: what the engines at hand say of themselves."""

from collections.abc import Iterable, Sequence
from typing import Final

from app.notices import tell
from app.standing import Standing
from app.troubles import LAST_RESORTS
from graph.strings import LANGUAGES
from graph.types import Language

OTHER: Final = "other"
"""Asked for one that is none of the house's."""


def which_languages(language: Language, asked: str, standing: Sequence[Standing]) -> str:
    """`asked`: one of them by its code, or all."""
    heard, spoken = _known(standing, "stt"), _known(standing, "tts")
    if asked in LANGUAGES:
        return _one(language, asked, heard, spoken)
    told = [tell(language, "language-none")] if asked == OTHER else []
    told.append(_all(language, "heard", heard))
    told.append(_all(language, "spoken", spoken))
    return " ".join([*told, tell(language, "languages-typed", languages=_named(language, LANGUAGES))])


def in_the_house(codes: Iterable[str]) -> tuple[list[Language], list[str]]:
    """Those that the house speaks itself, and the others."""
    there = dict.fromkeys(codes)
    return [each for each in LANGUAGES if each in there], [each for each in there if each not in LANGUAGES]


def _known(standing: Sequence[Standing], kind: str) -> list[Standing]:
    """Engines that would be asked."""
    at_work = (each for each in standing if each.kind == kind and each.state in ("in-use", "standby"))
    return [each for each in at_work if each.name not in LAST_RESORTS]


def _one(language: Language, asked: Language, heard: Sequence[Standing], spoken: Sequence[Standing]) -> str:
    key = {
        (True, True): "language-both",
        (True, False): "language-only-heard",
        (False, True): "language-only-spoken",
        (False, False): "language-neither",
    }[_has(heard, asked), _has(spoken, asked)]
    name = tell(language, f"language-{asked}")
    told = tell(language, key, language=name)
    return told if asked == language else f"{told} {tell(language, 'language-switch', language=name)}"


def _has(engines: Sequence[Standing], asked: str) -> bool:
    return any(not each.languages or asked in each.languages for each in engines)


def _all(language: Language, what: str, engines: Sequence[Standing]) -> str:
    if not engines:
        return tell(language, f"no-{what}")
    if not any(each.languages for each in engines):
        return tell(language, f"unknown-{what}")
    ours, others = in_the_house(code for each in engines for code in each.languages)
    names = _named(language, ours)
    if others and ours:
        names = tell(language, "languages-more", languages=names, count=len(others))
    return tell(language, f"languages-{what}", languages=names or ", ".join(others))


def _named(language: Language, codes: Iterable[Language]) -> str:
    return ", ".join(tell(language, f"language-{each}") for each in codes)
