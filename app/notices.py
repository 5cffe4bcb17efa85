"""What the house tells a person of itself, in their language: the section `notices` of the catalogue.

What is behind a trouble is technical and in English: it is added for who is told in English. For all others it stands
in the log and on the page Engines.
"""

import re
from typing import Final

from graph.strings import catalogue, said
from graph.types import Language
from resilience.errors import EngineError
from voice.types import Reason

NOTICES: Final = "notices"
OFFER: Final = "offer-"
"""Begins the keys of why something was never answered, as it is kept with what was said."""

_TROUBLE: Final = re.compile(r"[a-z-]+:[a-z-]+")


def tell(language: Language, key: str, /, **values: object) -> str:
    return " ".join(said(language, key, NOTICES, **values).split())


def told(language: Language, *reasons: Reason) -> str:
    return " ".join(_told(language, each) for each in reasons)


def because(language: Language, exc: EngineError) -> str:
    """The cause, for the middle of a sentence."""
    if language == "en":
        return exc.reason.rstrip(".")
    key = f"because-{exc.code}"
    return tell(language, key if _is_there(key) else "because-engine-error")


def why_offered(language: Language, kept: str) -> str:
    """`kept`: the codes that stand with a saying; what is in words already stays as it is."""
    return " ".join(_why_offered(language, *each.partition(":")) for each in kept.split())


def in_words(trouble: str, language: Language = "en") -> str:
    """Of `part:code`, as the record of a turn has it; what is in words already stays as it is."""
    if not _TROUBLE.fullmatch(trouble):
        return trouble
    kind, code = trouble.split(":")
    key = f"went-{code}"
    what = tell(language, key) if _is_there(key) else tell(language, "went-otherwise", code=code)
    return f"{part(language, kind)} {what}."


def part(language: Language, kind: str) -> str:
    """What a kind of engine, or another part of the house, is called."""
    key = f"part-{kind}"
    return tell(language, key) if _is_there(key) else kind.capitalize()


def sentence(text: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if not text or text.endswith('.') else '.'}"


def _why_offered(language: Language, code: str, mark: str, count: str) -> str:
    key = f"{OFFER}{code}"
    return tell(language, key, count=count) if _is_there(key) else f"{code}{mark}{count}"


def _told(language: Language, reason: Reason) -> str:
    values = {name: each if isinstance(each, str) else _told(language, each) for name, each in reason.values}
    text = tell(language, reason.code, **values)
    return f"{text} {sentence(reason.detail)}" if reason.detail and language == "en" else text


def _is_there(key: str) -> bool:
    return key in catalogue("en")[NOTICES]
