"""What a turn detector must be able to do, and how several are heard together."""

import math
from typing import Final, Protocol

from voice.types import Utterance

_BELIEVED: Final = 0.05, 0.85
"""A detector of two is not taken for more certain than this; less so that somebody has finished, for to be cut off is
worse than to wait.
"""
_SETTLED: Final = 0.06
"""What the words themselves make as certain as this is settled: a melody cannot finish "I want to go to the"."""


class TurnDetector(Protocol):
    async def completion(self, utterance: Utterance, text: str | None) -> float | None:
        """How likely is it (0 to 1) that this, up to its pause, is all that the speaker wants to say? `text`: what was
        made out of it, where that is known already. None: nothing to go by. Raises `EngineError`.
        """
        ...

    def by_words(self, text: str) -> float | None:
        """The same, at once, by who has only read it. None: nothing to go by."""
        ...


class Together:
    """The words and the melody, as `together` weighs them."""

    def __init__(self, words: TurnDetector, melody: TurnDetector) -> None:
        self._words = words
        self._melody = melody

    def by_words(self, text: str) -> float | None:
        return self._words.by_words(text)

    async def completion(self, utterance: Utterance, text: str | None) -> float | None:
        by_words = await self._words.completion(utterance, text)
        if is_settled(by_words):
            return by_words
        return together(by_words, await self._melody.completion(utterance, text))


def is_settled(by_words: float | None) -> bool:
    return by_words is not None and not _SETTLED < by_words < 1 - _SETTLED


def together(by_words: float | None, by_melody: float | None) -> float | None:
    """When the words are certain, that is settled; else the odds of the one are multiplied by the other's, as of
    witnesses who do not know of each other (Bayes), and who are believed within `_BELIEVED`.
    """
    if by_melody is None or is_settled(by_words):
        return by_words
    if by_words is None:
        return by_melody
    odds = math.prod(_odds(min(max(each, _BELIEVED[0]), _BELIEVED[1])) for each in (by_words, by_melody))
    return odds / (1 + odds)


def _odds(likely: float) -> float:
    return likely / (1 - likely)
