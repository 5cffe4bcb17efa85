"""What the house says in its own words, in four languages: one catalogue, `public/strings`, that the page reads too.

A file is sections of texts by their keys; `{name}` in a text is filled in. What stands in no other language is said in
English.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, get_args

from graph.types import Language

CATALOGUE: Final = Path(__file__).resolve().parent.parent / "public" / "strings"
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
SAID: Final = "said"
"""The section of what is said, rather than shown."""


@cache
def catalogue(language: Language) -> Mapping[str, Mapping[str, str]]:
    """Its sections."""
    sections: dict[str, dict[str, str]] = json.loads((CATALOGUE / f"{language}.json").read_text("utf-8"))
    return sections


def said(language: Language, key: str, section: str = SAID, /, **values: object) -> str:
    """Raises `KeyError`: it does not stand in English either."""
    text = catalogue(language).get(section, {}).get(key) or catalogue("en")[section][key]
    return text.format(**values) if values else text


def all_of(language: Language, key: str) -> tuple[str, ...]:
    """Of a text that lists several: the names of the days."""
    return tuple(said(language, key).split(", "))
