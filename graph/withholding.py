"""What was told and is not remembered, and why, as the user is told of it."""

from collections.abc import Iterable

from graph.strings import said
from graph.types import Language
from memory.gate import Refusal, Verdict
from memory.masking import Secret

SECTION = "withheld"


def withheld(verdict: Verdict, language: Language) -> list[str]:
    """A sentence for each reason."""
    left_out = [_about("left-out", "the-", verdict.left_out, language)] if verdict.left_out else []
    return left_out + [_refused(each, language) for each in verdict.refused]


def _refused(refusal: Refusal, language: Language) -> str:
    return not_kept(refusal.secrets, language) if refusal.secrets else said(language, refusal.why, SECTION)


def not_kept(secrets: Iterable[Secret], language: Language) -> str:
    """Of secrets that were told and are not noted."""
    return _about("secret", "all-", secrets, language)


def _about(key: str, form: str, secrets: Iterable[Secret], language: Language) -> str:
    named = [said(language, form + each.lower().replace(" ", "-"), SECTION) for each in dict.fromkeys(secrets)]
    *most, last = named
    return said(language, key, SECTION, secrets=said(language, "and").join([", ".join(most), last] if most else [last]))
