"""Interim text that does not flicker: what two looks in a row make of an utterance stands; the rest may change.

LocalAgreement-2, from Macháček, Dabre and Bojar, "Turning Whisper into Real-Time Transcription System" (2023). Each
look hears the utterance from its beginning, though once that is long, the sound of words that stand is left off, and
they become the prompt. A recogniser cannot tell cheaply when a word ended, so the place is reckoned by the letters, and
some seconds of words that stand are kept before it: what a look says of them again is found by aligning the two.
"""

from collections.abc import Sequence
from itertools import accumulate, takewhile
from typing import Final

from voice.types import Look, Settled

WINDOW_SECONDS: Final = 15.0
"""Where more is to be heard than this, words that stand are left off."""
ANCHOR_SECONDS: Final = 5.0
"""How much of what stands goes on being heard."""
_ALIGNED_WORDS: Final = 40


class Agreement:
    """Of the looks into one utterance."""

    def __init__(self) -> None:
        self._agreed: list[str] = []
        self._tentative: Sequence[str] = ()
        self._left_off = 0
        """Words that are not heard any more."""
        self._until = 0.0

    @property
    def agreed(self) -> str:
        """Only ever grows."""
        return " ".join(self._agreed)

    @property
    def tentative(self) -> str:
        """What the last look said beyond that."""
        return " ".join(self._tentative)

    @property
    def settled(self) -> Settled:
        """What the next look need not hear."""
        return Settled(" ".join(self._agreed[: self._left_off]), self._until)

    def take(self, look: Look, seconds: float) -> None:
        """`seconds`: the length of the utterance that was looked into. A look without words changes nothing."""
        if not look.words:
            return
        start = self._left_off if look.since else 0
        known = self._agreed[start:]
        again = said_again(known, look.words)
        new = look.words[again:]
        pairs = zip(self._tentative, new, strict=False)
        both = sum(1 for _ in takewhile(lambda pair: _bare(pair[0]) == _bare(pair[1]), pairs))
        self._agreed += new[:both]
        self._tentative = new[both:]
        if seconds - look.since > WINDOW_SECONDS:
            self._leave_off(look, seconds, again + both, start + len(known) - again)

    def _leave_off(self, look: Look, seconds: float, stand: int, before: int) -> None:
        """`stand`: how many words of the look do. `before`: how many of those that stand came before it."""
        letters = [*accumulate((len(word) + 1 for word in look.words), initial=0)]
        ends = [look.since + (seconds - look.since) * each / letters[-1] for each in letters]
        spare = [number for number in range(stand) if ends[number] <= ends[stand] - ANCHOR_SECONDS]
        if spare and ends[spare[-1]] > self._until and before + spare[-1] > self._left_off:
            self._left_off, self._until = before + spare[-1], ends[spare[-1]]


def said_again(known: Sequence[str], words: Sequence[str]) -> int:
    """How many of `words` say what is `known`: as many as can be changed into it with the fewest changes of a word."""
    skipped = max(0, len(known) - _ALIGNED_WORDS)
    wanted = [_bare(each) for each in known[skipped:]]
    given = [_bare(each) for each in words[skipped : skipped + 2 * _ALIGNED_WORDS]]
    row = [*range(len(given) + 1)]
    for number, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], number
        for at, other in enumerate(given, 1):
            diagonal, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, diagonal + (word != other))
    return min(len(words), skipped) + min(range(len(row)), key=lambda at: (row[at], abs(at - len(wanted))))


def _bare(word: str) -> str:
    """As it is compared: without case and marks."""
    return "".join(filter(str.isalnum, word.casefold()))
