"""A conversation made into portions that one can listen to."""

import re
from collections.abc import Iterator
from typing import Final

from app.desk_words import say
from app.reviewing import Review
from graph.types import Language

PORTION: Final = 450
"""Characters: about half a minute of speech."""
SNIPPET_WORDS: Final = 6
"""Before and after what was looked for, each."""

_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


def portions(language: Language, review: Review) -> tuple[str, ...]:
    """All that was said in it, by turns."""
    packed: list[str] = []
    for line in _lines(language, review):
        for piece in _pieces(line):
            if packed and len(packed[-1]) + len(piece) < PORTION:
                packed[-1] += f" {piece}"
            else:
                packed.append(piece)
    return tuple(packed)


def _lines(language: Language, review: Review) -> Iterator[str]:
    for turn in review.turns:
        if said := " ".join(each.text for each in turn.said if each.text):
            yield _sentence(say(language, "you-said", text=said))
        heard = " ".join(each.text for each in turn.answer if each.heard > 0)
        for text in filter(None, (heard, *turn.shown)):
            yield _sentence(say(language, "i-said", text=text))


def snippet(review: Review, sought: str) -> str:
    """Some words around the first of those that were looked for; empty where only the title has them."""
    wanted = [each.casefold() for each in sought.split()]
    for turn in review.turns:
        for text in (*(each.text for each in turn.said), " ".join(each.text for each in turn.answer), *turn.shown):
            words = text.split()
            for at, word in enumerate(words):
                if any(each in word.casefold() for each in wanted):
                    first, last = max(0, at - SNIPPET_WORDS), at + SNIPPET_WORDS + 1
                    before, after = "… " if first else "", " …" if last < len(words) else ""
                    return f"{before}{' '.join(words[first:last])}{after}"
    return ""


def _pieces(line: str) -> Iterator[str]:
    """Cut at sentences, and inside of one only where it is longer than a portion."""
    piece = ""
    for sentence in _SENTENCE.split(line):
        if piece and len(piece) + len(sentence) >= PORTION:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()
        while len(piece) > PORTION:
            cut = piece.rfind(" ", 0, PORTION)
            cut = PORTION if cut <= 0 else cut
            yield piece[:cut]
            piece = piece[cut:].strip()
    if piece:
        yield piece


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", "…", "”")) else f"{text}."
