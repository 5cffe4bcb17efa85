"""Reads what is known of a tongue: its words and rules from `lists`, and how it speaks of persons from its room."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from graph.tongues import de, es, fr
from graph.tongues.types import Days, Rule, Tongue
from graph.types import Language
from graph.words import word_set
from memory.types import USER

LISTS: Final = Path(__file__).parent / "lists"
_ROOMS: Final[Mapping[Language, ModuleType]] = {"de": de, "fr": fr, "es": es}
TONGUES: Final = tuple(_ROOMS)
_PIECE = re.compile(r"(?<!\?P)<([a-z_]+)>")
_NEVER: Final = "(?!)"


@cache
def tongue_of(language: Language) -> Tongue:
    """Raises `KeyError`: it is English, which has rooms of its own."""
    room = _ROOMS[language]
    listed = _listed(language)
    pieces = listed["words"]

    def pattern(text: str) -> re.Pattern[str]:
        return re.compile(_put_in(text, pieces), re.IGNORECASE)

    return Tongue(
        language=language,
        long_forms=tuple((pattern(short), long) for short, long in listed["long_forms"]),
        opening=pattern(listed["opening"]),
        correction=pattern(listed["correction"]),
        clause=pattern(listed["clause"]),
        dropped=pattern(listed["dropped"]) if "dropped" in listed else None,
        subject=listed["subject"],
        day_first=pattern(listed["day_first"]),
        question=pattern(listed["question"]),
        supposed=pattern(listed["supposed"]),
        remember=pattern(listed["remember"]),
        call_me=pattern(listed["call_me"]),
        order=pattern(listed["order"]),
        main=room.main,
        tail=pattern(listed["tail"]),
        article=pattern(listed["article"]),
        name_stops=word_set(listed["name_stops"]),
        small_words=word_set(listed["small_words"]),
        articled=word_set(listed["articled"]),
        peoples=word_set(listed["peoples"]),
        apposed=pattern(listed["apposed"]),
        named=listed["named"],
        introduced=re.compile(listed["introduced"]),
        introduces=listed["introduces"],
        said=listed["said"],
        second=room.second,
        yours=room.yours,
        numbers=room.NUMBERS,
        rules=tuple(_rule(each, pieces) for each in listed["rules"]),
        days=Days(
            patterns=tuple(
                (pattern(rf"(?<!\w)(?:{named})(?!\w)"), english) for named, english in listed["days"]["patterns"]
            ),
            since=pattern(listed["days"]["since"]),
            until=pattern(listed["days"]["until"]),
            past=pattern(listed["days"]["past"]),
            began=pattern(listed["days"]["began"]),
            words=listed["days"]["words"],
            told=listed["days"]["told"],
        ),
    )


def asking_of(language: Language) -> Mapping[str, Any]:
    """How memory is asked in it, as it is listed."""
    asking: Mapping[str, Any] = _listed(language)["asking"]
    return asking


@cache
def _listed(language: Language) -> Mapping[str, Any]:
    return tomllib.loads((LISTS / f"{language}.toml").read_text("utf-8"))


def _rule(listed: Mapping[str, Any], pieces: Mapping[str, str]) -> Rule:
    avoid = _put_in(listed.get("avoid", _NEVER), pieces)
    return Rule(
        pattern=re.compile(_put_in(listed["is"], pieces), re.IGNORECASE),
        text=listed["told"],
        topic=listed["topic"],
        takes=listed.get("takes", "words"),
        kind=listed.get("kind", "fact"),
        many=listed.get("many", False),
        confidence=listed.get("confidence", 1.0),
        avoid=re.compile(rf"(?:{avoid})(?!\w)", re.IGNORECASE),
        subject=listed.get("subject", USER),
    )


def _put_in(text: str, pieces: Mapping[str, str]) -> str:
    return _PIECE.sub(lambda named: f"(?:{_put_in(pieces[named[1]], pieces)})", text)
