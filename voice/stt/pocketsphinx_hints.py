"""What a pocketsphinx decoder is told of who speaks: names and terms of their own, and whole sayings to expect.

A word of their own becomes one of the language model, as likely everywhere. A short utterance is heard a second time,
against the sayings and what was made out of it freely: whichever fits the sound better, without a language model, is
what was said. Runs in the worker, on a decoder that is used for one utterance only.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

LONGEST_SAYING_SECONDS: Final = 3.0
_FREELY: Final = 2e-7
"""How likely the words are that were made out freely, beside each saying: these fit any sound too well."""
_COVERED: Final = 0.8
"""The least share of their sound, and of their phones, that the saying must have; else it is but a part of what was
said, or drawn out to fit.
"""
_OWN_WEIGHT: Final = 20.0
_POLITE: Final = "please"
_BEFORE, _BEHIND = f"{_POLITE} ", f" {_POLITE}"
_START, _END = 0, 1

_Transition = tuple[int, int, float, str]


@dataclass(frozen=True, slots=True)
class OwnWord:
    written: str
    parts: tuple[tuple[str, str], ...]
    """Each as it is written, and its phones, where somebody knows how it is read."""


@dataclass(frozen=True, slots=True)
class Hints:
    words: tuple[OwnWord, ...] = ()
    sayings: tuple[str, ...] = ()
    """Lower case, words and single spaces only."""

    def packed(self) -> bytes:
        return json.dumps([[(each.written, each.parts) for each in self.words], self.sayings]).encode()

    @classmethod
    def unpacked(cls, message: bytes) -> "Hints":
        words, sayings = json.loads(message)
        own = (OwnWord(written, tuple((part, phones) for part, phones in parts)) for written, parts in words)
        return cls(tuple(own), tuple(sayings))


def teach(decoder: Any, words: Sequence[OwnWord]) -> dict[str, str]:
    """Make them known to the decoder. What they are called in its results, and how they are written."""
    model = decoder.get_lm(decoder.current_search())
    known: dict[str, str] = {}
    pronounced: list[tuple[str, str]] = []
    for number, word in enumerate(words):
        # Not by its own name: a word that is in the dictionary, and not in the language model, cannot be added.
        name = f"own-{number}"
        if ways := _ways(decoder, word):
            model.add_word(name, _OWN_WEIGHT)
            known[name] = word.written
            pronounced += [(name if not also else f"{name}({also + 1})", way) for also, way in enumerate(ways)]
    for number, (name, way) in enumerate(pronounced):
        decoder.add_word(name, way, number == len(pronounced) - 1)
    return known


def _ways(decoder: Any, word: OwnWord) -> list[str]:
    """How it may be said: by the dictionary, as far as that knows it, and as it is read."""
    by_dictionary = [decoder.lookup_word(part.lower()) or phones for part, phones in word.parts]
    as_read = [phones for _, phones in word.parts]
    return list(dict.fromkeys(" ".join(way) for way in (by_dictionary, as_read) if way and all(way)))


def hear_again(decoder: Any, pcm: bytes, words: list[str], sayings: Sequence[str]) -> list[str]:
    """The saying that it was rather than these words; else the same words."""
    if not words or " ".join(words) in sayings:
        return words
    spoken = _frames(decoder)
    known = [each for each in map(str.split, sayings) if all(decoder.lookup_word(word) for word in each)]
    decoder.add_fsg("sayings", decoder.create_fsg("sayings", _START, _END, _grammar(words, known)))
    decoder.activate_search("sayings")
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    hypothesis = decoder.hyp()
    heard = [] if hypothesis is None else str(hypothesis.hypstr).split()
    whole = " ".join(heard).removeprefix(_BEFORE).removesuffix(_BEHIND) in sayings
    as_long = _frames(decoder) >= _COVERED * spoken and _phones(decoder, heard) >= _COVERED * _phones(decoder, words)
    return heard if whole and as_long else words


def _phones(decoder: Any, words: list[str]) -> int:
    return sum(len(str(decoder.lookup_word(each) or "").split()) for each in words)


def _frames(decoder: Any) -> int:
    """Of the sound that was just heard, those in which there are words."""
    segments = [each for each in decoder.seg() or () if not each.word.startswith(("<", "["))]
    return sum(each.end_frame - each.start_frame + 1 for each in segments)


def _grammar(words: list[str], sayings: Sequence[list[str]]) -> list[_Transition]:
    """From start to end by these words, or by a saying, with or without a "please" before and behind. The sayings make
    a tree. There is no transition without a word: the library charges for those.
    """
    grammar: list[_Transition] = [(_START, _START, 1.0, _POLITE), (_END, _END, 1.0, _POLITE)]
    after: dict[tuple[str, ...], int] = {(): _START}
    for saying in sayings:
        for length, word in enumerate(saying, 1):
            begun, before = tuple(saying[:length]), after[tuple(saying[: length - 1])]
            if length == len(saying):
                grammar.append((before, _END, 1.0, word))
            elif begun not in after:
                after[begun] = _END + len(after)
                grammar.append((before, after[begun], 1.0, word))
    first = _END + len(after)
    states = [_START, *range(first, first + len(words) - 1), _END]
    return grammar + [(states[at], states[at + 1], 1.0 if at else _FREELY, word) for at, word in enumerate(words)]
