"""Which conversation is meant: by its number among those that were told, by its name, or by what was said in it."""

import re
from difflib import get_close_matches
from typing import Final, Protocol

from app.reviewing import Listed, Page
from graph.words import content_words, plain
from memory.types import UserId

LIKE_ENOUGH: Final = 0.75
"""How alike a name must be to what a recogniser made of it: `difflib`'s ratio."""


class Shelf(Protocol):
    async def threads(self, user: UserId, search: str = "", cursor: str | None = None) -> Page:
        """What was active last comes first. Raises `EngineError`."""
        ...


def place_of(about: str) -> int | None:
    """Of "#2", which is the second of those that were told last; 0 is the one we are in, and -1 the one before it."""
    match = re.fullmatch(r"#(-1|\d{1,3})", about)
    return int(match[1]) if match else None


async def fitting(shelf: Shelf, user: UserId, about: str, *, but: str) -> tuple[Listed, ...]:
    """Those that answer best to it, all as well as each other, the latest first. `but`: the one we are in."""

    async def with_words(words: str) -> list[Listed]:
        return [each for each in (await shelf.threads(user, words)).threads if each.id != but]

    said = plain(about)
    telling = " ".join(each for each in said.split() if content_words(each))
    found = await with_words(said)
    if not found and telling not in ("", said):
        found = await with_words(telling)
    if not found:
        latest = await with_words("")
        alike = get_close_matches(said, [plain(each.title) for each in latest], n=3, cutoff=LIKE_ENOUGH)
        found = [each for each in latest if alike and plain(each.title) == alike[0]]
    named = [each for each in found if _has_all(each.title, telling or said)]
    exact = [each for each in named if plain(each.title) == said]
    return tuple(exact or named or found)


def _has_all(title: str, words: str) -> bool:
    """Of names, parts of words do not count."""
    return set(words.split()) <= set(plain(title).split())
