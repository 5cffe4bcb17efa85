"""Cutting a document into passages: some sentences that stand together, few enough to be quoted and looked up.

A passage never runs on from one place of the document into the next, so that the place it is cited with is right; only
what is next to nothing, a heading without a text, goes with what follows it. Each repeats the last sentence of the one
before, which says who "she" is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby
from typing import Final

from memory.documents.types import Part, Passage

MOST: Final = 150
"""Words in a passage at most; a very long word counts as several."""
_ENOUGH = 120
_REPEATED = 40
"""A sentence that is longer is not repeated."""
_NEXT_TO_NOTHING = 8
_LONG_WORD = 12
_PIECE = re.compile(r"\S{1,600}")

_END = re.compile(
    r"""
      [.!?…]+ ["'”’»)\]]* (?=\s+[^\sa-z])               # as Western scripts end a sentence
    | [。！？]+ [」』”’]*                                # and as those do that have no spaces
    | (?:\n[^\S\n]*){2,}                                # an empty line
    | \n (?=[^\S\n]*(?:[|*•–-]|\d{1,3}[.)])\s)           # before the next point of a list, or row of a table
    """,
    re.VERBOSE,
)
_NO_END = re.compile(
    r"(?:\b[^\W\d_]|\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|etc|e\.g|i\.e|cf|No|Nr|Fig|Vol|pp|ca|bzw|z\.B|d\.h))\.$"
)
"""An initial, or a word that is always written with a full stop."""
_LOOK_BACK = 8


def cut(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Passages in reading order, none without a word."""
    return tuple(Part(each.place, text) for each in _gathered(parts) for text in _passages(each.text))


def sentences_in(text: str) -> list[str]:
    return [text[start:end] for start, end in _sentences(text)]


def whole_text(passages: Iterable[Passage]) -> str:
    """What they were cut from, with nothing said twice."""
    text, before, place = "", "", ""
    for each in passages:
        first, *_ = sentences_in(each.text) or [""]
        if each.place == place and before.endswith(first):
            text += each.text.removeprefix(first)
        else:
            text += f"\n\n{each.text}"
        before, place = each.text, each.place
    return text.strip()


def _gathered(parts: Sequence[Part]) -> Iterator[Part]:
    """One part a place, and none that is next to nothing, as far as there is something after it."""
    held: list[str] = []
    for place, same in groupby(parts, key=lambda each: each.place):
        held += [each.text for each in same]
        if _size(text := "\n\n".join(held)) >= _NEXT_TO_NOTHING:
            yield Part(place, text)
            held = []
    if held and (left := "\n\n".join(held)).strip():
        yield Part(parts[-1].place, left)


def _passages(text: str) -> Iterator[str]:
    spans = [piece for start, end in _sentences(text) for piece in _pieces(text, start, end)]
    sizes = [_size(text[start:end]) for start, end in spans]
    before = [0, *accumulate(sizes)]
    begin = new = 0
    while new < len(spans):
        end = new + 1
        while end < len(spans) and before[end + 1] - before[begin] <= _ENOUGH:
            end += 1
        if before[-1] - before[begin] <= MOST:
            end = len(spans)  # rather than a few words left over
        yield text[spans[begin][0] : spans[end - 1][1]]
        begin = new = end
        if end < len(spans) and sizes[end - 1] <= _REPEATED and sizes[end - 1] + sizes[end] <= MOST:
            begin = end - 1


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if match[0] == "." and _NO_END.search(text, max(start, match.end() - _LOOK_BACK), match.end()):
            continue
        yield from _trimmed(text, start, match.end())
        start = match.end()
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    sentence = text[start:end]
    if bare := sentence.strip():
        start += len(sentence) - len(sentence.lstrip())
        yield start, start + len(bare)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence, cut where it is too long for any passage."""
    if _size(text[start:end]) <= MOST:
        yield start, end
        return
    begin, last, size = start, start, 0
    for word in _PIECE.finditer(text, start, end):
        if size + _size(word[0]) > MOST:
            yield begin, last
            begin, size = word.start(), 0
        last, size = word.end(), size + _size(word[0])
    yield begin, last


def _size(text: str) -> int:
    return sum(1 + len(word) // _LONG_WORD for word in text.split())
