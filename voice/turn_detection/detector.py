"""What a turn detector must be able to do, and how several are heard together."""

import math
from collections.abc import Sequence
from typing import Final, Protocol

from voice.types import Utterance

_CERTAIN: Final = 0.02
"""A detector's word is never taken for more certain than this leaves open."""
_SETTLED: Final = 0.06
"""What the words themselves make as certain as this is settled: a melody cannot finish "I want to go to the"."""


class TurnDetector(Protocol):
    async def completion(self, utterance: Utterance, text: str | None) -> float | None:
        """How likely is it (0 to 1) that this, up to its pause, is all that the speaker wants to say? `text`: what was
        made out of it, where that is known already. None: nothing to go by. Raises `EngineError`.
        """
        ...


class Together:
    """The words and the melody, as `together` weighs them."""

    def __init__(self, words: TurnDetector, melody: TurnDetector) -> None:
        self._words = words
        self._melody = melody

    async def completion(self, utterance: Utterance, text: str | None) -> float | None:
        by_words = await self._words.completion(utterance, text)
        if is_settled(by_words):
            return by_words
        return together(by_words, await self._melody.completion(utterance, text))


def is_settled(by_words: float | None) -> bool:
    return by_words is not None and not _SETTLED < by_words < 1 - _SETTLED


def together(by_words: float | None, by_melody: float | None) -> float | None:
    """When the words are certain, that is settled; else both vote, each with the weight of its certainty."""
    if is_settled(by_words):
        return by_words
    return pooled([each for each in (by_words, by_melody) if each is not None])


def pooled(likely: Sequence[float]) -> float | None:
    """The mean of the log odds."""
    if not likely:
        return None
    bounded = (min(max(each, _CERTAIN), 1 - _CERTAIN) for each in likely)
    odds = sum(math.log(each / (1 - each)) for each in bounded) / len(likely)
    return 1 / (1 + math.exp(-odds))
