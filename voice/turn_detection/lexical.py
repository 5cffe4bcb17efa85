"""Has the speaker finished, going by the words so far? Rules over word lists; 0.1 ms, and always there.

They look at the end of what was said: a word that needs another after it, somebody looking for words, a number or a
spelled word that is too short, a list that has only begun; and at whether the whole is an answer or a question.
A recogniser's full stop says nothing, for it is put after anything; a comma or three dots do.
"""

import re
from itertools import pairwise
from typing import Final

from voice.turn_detection.words import Phrases, Words, words_of
from voice.types import Utterance

WHOLE: Final = 1.0
ANSWER: Final = 0.97
QUESTION: Final = 0.92
CLOSED: Final = 0.9
STATEMENT: Final = 0.75
UNDECIDED: Final = 0.5
WAITING: Final = 0.3
"""A clause for its main clause."""
LOOSE: Final = 0.2
LISTING: Final = 0.2
UNFINISHED: Final = 0.05

_LONGEST_ANSWER: Final = 4
"""Words; what is longer is more than an answer even when made of them."""
_LONGEST_PHRASE: Final = 6
_PHONE_DIGITS: Final = 7
"""Fewer are no telephone number anywhere."""
_WHOLE_NUMBER_DIGITS: Final = 10
_CODE_DIGITS: Final = 4
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*['’]?")
_OVER = re.compile(r"(?i)[\s,;:-]*\bover(?: and out)?[\s.,;:!?…-]*$")


class Lexical:
    """A `TurnDetector` for one language; the rules of English where there are none for it."""

    def __init__(self, language: str = "en") -> None:
        self._language = language

    def by_words(self, text: str) -> float | None:
        return completion(text, self._language)

    async def completion(self, utterance: Utterance, text: str | None) -> float | None:
        return None if text is None else self.by_words(text)


def completion(text: str, language: str = "en") -> float | None:
    """How likely is it (0 to 1) that who said this has finished? None when there are no words in it."""
    words = [each.replace("’", "'") for each in _WORD.findall(text.lower())]
    if not words:
        return None
    known = words_of(language)
    breaks_off = text.rstrip().endswith((",", "…", "...", "-", "–", "—", ":"))
    if breaks_off:
        return UNFINISHED if not _is_answer(words, known) else 2 * LOOSE
    if tuple(words) in known.whole:
        return WHOLE
    if any(known.finished.fullmatch(" ".join(each)) for each in (words, _proper(words, known))):
        return CLOSED
    for rule in (_hesitation, _answer, _spelled, _number, _edge):
        likely = rule(words, known)
        if likely is not None:
            return likely
    listing = _list(text, words, known)
    if listing is not None:
        return listing
    likely = _whole(text, words, known)
    return min(likely, UNDECIDED) if _stutters(words, known) else likely


def without_over(text: str) -> str | None:
    """What was said before a closing "over", as on the radio; None when it does not end so. "It is over" does not."""
    before = _OVER.sub("", text)
    last = _WORD.findall(before.lower())[-1:]
    apart = before.endswith((".", "!", "?", "…")) or text[len(before) :].startswith(",")
    if before == text or (last and last[0] in _NOT_BEFORE_OVER and not apart):
        return None
    return before


_NOT_BEFORE_OVER: Final = words_of("en").bound | {"turn", "come", "start", "fall", "hand", "go"}


def _hesitation(words: list[str], known: Words) -> float | None:
    return UNFINISHED if _ends(words, known.hesitations) else None


def _answer(words: list[str], known: Words) -> float | None:
    return ANSWER if _is_answer(words, known) else None


def _is_answer(words: list[str], known: Words) -> bool:
    if len(words) == 1 and (words[0],) in known.leading:
        return False
    bare = words[-1] not in known.bound
    return bare and len(words) <= _LONGEST_ANSWER and all(each in known.answers for each in words)


def _spelled(words: list[str], known: Words) -> float | None:
    """A word is being spelled, letter by letter, or as "A as in apple"."""
    if _is_letter(words[-1]) and words[-1] not in known.bound:
        return LISTING
    for phrase in known.spelling:
        for after, likely in ((0, UNFINISHED), (1, LISTING)):
            rest = words[: len(words) - after]
            letter = rest[-len(phrase) - 1 : -len(phrase)]
            if not letter or not _is_letter(letter[0]) or tuple(rest[-len(phrase) :]) != phrase:
                continue
            if len(phrase) > 1 or letter[0] not in known.bound:
                return likely
    return None


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isalpha()


def _number(words: list[str], known: Words) -> float | None:
    """Digits are being said, one by one or in groups."""
    digits, start = 0, len(words)
    while start and (words[start - 1].replace("-", "").isdigit() or words[start - 1] in known.digits):
        start -= 1
        digits += sum(map(str.isdigit, words[start])) or 1
    if not digits:
        return None
    before = set(words[:start])
    if known.codes & before:
        return UNDECIDED if digits >= _CODE_DIGITS else LISTING
    if known.numbered & before:
        if digits < _PHONE_DIGITS:
            return UNFINISHED if digits < 4 else LISTING
        return CLOSED if digits >= _WHOLE_NUMBER_DIGITS else UNDECIDED
    return LISTING if 3 <= digits < _PHONE_DIGITS and len(words) - start >= 3 else None


def _edge(words: list[str], known: Words) -> float | None:
    """The last words need others after them."""
    if tuple(words) in known.leading or tuple(_proper(words, known)) in known.leading:
        return UNFINISHED
    if _ends(words, known.leading, least=2):
        return 2 * UNFINISHED
    if words[-1] in known.bound:
        return UNFINISHED
    return LOOSE if words[-1] in known.loose else None


def _list(text: str, words: list[str], known: Words) -> float | None:
    """Several things are being named, and there was no "and" before the last."""
    if set(_proper(words, known)[:1]) & known.first and not set(words[1:]) & known.further:
        return LISTING
    pieces = [_WORD.findall(piece) for piece in text.split(",")]
    short = len(pieces) >= 3 and all(0 < len(piece) <= 2 for piece in pieces[1:])
    return LISTING if short else None


def _stutters(words: list[str], known: Words) -> bool:
    """Whether one of the last words was said twice on end."""
    last = words[-_LONGEST_ANSWER:]
    return any(one == other and one not in known.digits | known.answers for one, other in pairwise(last))


def _whole(text: str, words: list[str], known: Words) -> float:
    asks = text.rstrip().endswith("?")
    proper = _proper(words, known)
    if proper and proper[0] in known.subordinate and not asks:
        rest = set(proper[1:])
        subjects = sum(each in known.subjects for each in proper)
        question = len(proper) > 1 and proper[0] in known.asking and proper[1] in known.asking
        if not question and not rest & known.main and "," not in text and subjects < 2:
            return WAITING
    if asks or (proper and proper[0] in known.asking):
        return QUESTION if len(proper) >= 3 or asks else UNDECIDED
    if words[-1] in known.closing:
        return CLOSED
    return STATEMENT


def _proper(words: list[str], known: Words) -> list[str]:
    """Without what is said before one begins to say something."""
    start = 0
    while start < len(words) - 1 and words[start] in known.openers:
        start += 1
    return words[start:]


def _ends(words: list[str], phrases: Phrases, *, least: int = 1) -> bool:
    return any(tuple(words[-length:]) in phrases for length in range(least, min(len(words), _LONGEST_PHRASE) + 1))
