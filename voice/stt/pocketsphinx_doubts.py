"""How sure one may be of the words that a pocketsphinx decoder made out.

Its own posterior does not tell right from wrong. Others do, together. In each frame some sound of the language fits
best, and a word that was really said stays little behind those: a second decoder, without a language model, hears the
utterance again, knows only these words, in this order, and scores all sounds. Where any sound may follow upon any
other, much the same sounds are made out as those of the words. A word that hardly ever follows upon those before it is
often a mistake; a whole saying that was expected is hardly ever one.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import count
from typing import Any, Final

SCORER: Final = {"lm": None, "dict": None, "compallsen": True, "loglevel": "FATAL"}
"""How the second decoder is made; it takes a twentieth of the first one's memory."""
_SOUNDS: Final = "en-us/en-us-phone.lm.bin"
_SCALED: Final = 1024
"""By this the library divides the logarithms that it gives of its language model,"""
_WEIGHTED: Final = 9.5
"""and by this it multiplies them."""
_LEAST: Final = 1e-300
"""Of a long word that was hardly said the library gives 0."""
_FURTHEST: Final = 50.0
"""Of a word that does not fit at all it gives nothing."""
BIAS: Final = 1.47
WEIGHTS: Final = (-0.58, 5.4, -0.275, 4.29)
"""As `python -m bench.doubts --fit` finds them, for what is `weighable`."""


@dataclass(frozen=True, slots=True)
class Doubts:
    """Of an utterance in which there are words."""

    behind: float
    """How far the worst of the words stays behind the best sounds: in nats a frame."""
    alike: float
    """How much the sounds of the words are those that are made out without words: 0 to 1."""
    odd: float
    """How unlikely the least likely of them is after those before it: in nats."""
    expected: bool
    """Whether they are a saying that was expected."""

    @property
    def weighable(self) -> tuple[float, float, float, float]:
        return min(self.behind, _FURTHEST), self.alike, self.odd, float(self.expected)

    @property
    def confidence(self) -> float:
        """The share of such utterances in which all words are right."""
        weighed = BIAS + sum(weight * each for weight, each in zip(WEIGHTS, self.weighable, strict=True))
        return 1 / (1 + math.exp(-weighed))


def oddity_of(decoder: Any) -> float:
    """`odd`, of what the decoder has just made out with its language model."""
    scores = [each.lscore for each in decoder.seg() or () if _is_word(each.word)]
    return -_SCALED / _WEIGHTED * math.log(max(_LEAST, min(scores, default=1.0)))


def doubts_of(decoder: Any, scorer: Any, pcm: bytes, words: Sequence[str], odd: float, *, expected: bool) -> Doubts:
    """Both decoders are spent; the first, whatever it heard last, knows how the words are said."""
    return Doubts(_behind(decoder, scorer, pcm, words), _alike(decoder, pcm, words), odd, expected)


def _behind(decoder: Any, scorer: Any, pcm: bytes, words: Sequence[str]) -> float:
    """Infinite where the words do not fit at all."""
    for word in dict.fromkeys(words):
        for name, way in _ways(decoder, word):
            scorer.add_word(name, way, False)
    row = [(at, at + 1, 1.0, word) for at, word in enumerate(words)]
    scorer.add_fsg("words", scorer.create_fsg("words", 0, len(words), row))
    scorer.activate_search("words")
    scorer.start_utt()
    scorer.process_raw(pcm, full_utt=True)
    scorer.end_utt()
    scored = [each for each in scorer.seg() or () if _is_word(each.word)]
    behind = [-math.log(max(_LEAST, each.ascore)) / (each.end_frame - each.start_frame + 1) for each in scored]
    return max(behind) if len(scored) == len(words) else math.inf


def _alike(decoder: Any, pcm: bytes, words: Sequence[str]) -> float:
    from pocketsphinx import get_model_path

    decoder.add_allphone_file("sounds", get_model_path(_SOUNDS))
    decoder.activate_search("sounds")
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    heard = [each.word for each in decoder.seg() or () if each.word != "SIL" and not each.word.startswith("+")]
    meant = [sound for word in words for sound in str(decoder.lookup_word(word) or "").split()]
    return SequenceMatcher(None, meant, heard, autojunk=False).ratio()


def _ways(decoder: Any, word: str) -> Iterator[tuple[str, str]]:
    """In which the word may be said, and what each of them is called in the dictionary: word, word(2), word(3) …"""
    for number in count(1):
        name = word if number == 1 else f"{word}({number})"
        phones = decoder.lookup_word(name)
        if phones is None:
            return
        yield name, str(phones)


def _is_word(name: str) -> bool:
    return not name.startswith(("<", "["))
