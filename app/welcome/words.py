"""What people say to the questions of the first start. The wordings themselves: a file for each language."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final, Literal

from graph.types import Language

QUESTIONS: Final = ("sound", "speed", "voice", "patience", "waking")
Move = Literal[
    "begin",
    "leave",
    "pass",
    "back",
    "again",
    "fine",
    "more",
    "less",
    "another",
    "standard",
    "unhurried",
    "very-patient",
    "over",
    "always",
    "okay-nabu",
    "hey-jarvis",
    "hey-mycroft",
    "alexa",
]
WAKE_WORDS: Final[dict[Move, str]] = {
    "okay-nabu": "(?:(?:ok|okay) )?(?:nabu|naboo|na boo|navu|nabou)",
    "hey-jarvis": "(?:hey |hay )?(?:jarvis|jervis|charvis)",
    "hey-mycroft": "(?:hey |hay )?(?:mycroft|my croft|microft)",
    "alexa": "alexa",
}
"""The same in every language: they are names."""
_FOLDER: Final = Path(__file__).with_name("lists")
_POLITE: Final = "(?: (?:please|thank you|bitte|danke|s'il (?:te|vous) plaît|merci|por favor|gracias))?"
_ALWAYS: Final = "always"
"""To any question."""
_NEVER: Final = "never"
"""While none is open."""


def move_of(said: str, question: str, languages: tuple[Language, ...]) -> Move | None:
    """What plain words want, of the question that is open; none is, where it is empty."""
    for language in languages:
        wordings = _wordings(language)
        for where in (question, _ALWAYS) if question else (_NEVER,):
            for move, pattern in wordings[where]:
                if pattern.fullmatch(said):
                    return move
    return None


@cache
def _wordings(language: Language) -> dict[str, tuple[tuple[Move, re.Pattern[str]], ...]]:
    read: dict[str, dict[Move, list[str]]] = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    for name, pattern in WAKE_WORDS.items():
        read["waking"].setdefault(name, []).append(pattern)
    return {
        where: tuple((move, re.compile(f"(?:{'|'.join(patterns)}){_POLITE}")) for move, patterns in moves.items())
        for where, moves in read.items()
    }
