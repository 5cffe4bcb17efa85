"""What every voice does at its edges: text goes in by portions it can take, sound comes out in short frames."""

import re
import unicodedata
from collections.abc import Iterator

from voice.types import AudioFrame

FRAME_SECONDS = 0.04

_CLAUSE_END = re.compile(r".*[,;:.!?…—。！？，、；：](?=\s)|.*[。！？，、；：]", re.DOTALL)


def portions(text: str, longest: int = 400) -> list[str]:
    """`text` in parts of at most `longest` characters, cut where a speaker would pause; without what cannot be
    pronounced. A part without a letter or a digit is left out: nothing in it would be said.
    """
    sayable = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in text)
    return [part for part in _cut(sayable.strip(), longest) if any(map(str.isalnum, part))]


def framed(pcm: bytes, sample_rate: int) -> Iterator[AudioFrame]:
    """Whole 16-bit samples as frames of 40 ms; the last one may be shorter."""
    step = 2 * round(sample_rate * FRAME_SECONDS)
    for start in range(0, len(pcm), step):
        yield AudioFrame(pcm[start : start + step], sample_rate)


def _cut(text: str, longest: int) -> Iterator[str]:
    start = 0
    while len(text) - start > longest:
        window = text[start : start + longest + 1]
        clause = _CLAUSE_END.match(window)
        if clause and longest // 3 <= clause.end() <= longest:
            size = clause.end()
        else:
            space = window.rfind(" ")
            size = space if space > 0 else longest
        yield window[:size].strip()
        start += size
    yield text[start:].strip()
