"""What somebody meant to say, without the hesitations and repeated sounds on the way to it.

    w-w-what, wha wha what, st stop    a word that is begun more than once
    sssso, pleeease                    a sound that is drawn out
    I I I want, can you can you play   words that are said anew
    um, euh, äh                        sounds between words

Speech is full of the same in earnest: "very very good", "bye bye", "one one two", "I told you you could". So a word
goes only where it is of a kind that nobody says twice, or is no word at all (`voice/dysfluency_words.py`). What is left
in is read by somebody who can make sense of it; what is taken out is gone from the text, and not from the record.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

from voice.dysfluency_words import ANYWHERE, HABITS, JOINED, LABELLED, PREFIXES, TITLES, Habits

LONGEST_PHRASE: Final = 4
"""Words that are said anew at once."""
LONGEST_BEGINNING: Final = 5
"""Letters of a word that was broken off."""
_ROUNDS: Final = 8
_UNKNOWN: Final = replace(HABITS["en"], fillers=ANYWHERE)
_TOKEN: Final = re.compile(r"([^\w']*)(.*?)([^\w']*)", re.DOTALL)
_DRAWN: Final = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
_VOWELS: Final = frozenset("aeiouyàâäáéèêëíîïóôöúùûü")
_CUT: Final = ("-", "–", "—")
_TRAILS: Final = ("...", "…")
_JOINING: Final = frozenset(["and", "or", "by", "et", "ou", "und", "oder", "y", "o"])


@dataclass(frozen=True, slots=True)
class _Token:
    before: str
    word: str
    after: str
    key: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.word.casefold())

    @property
    def is_cut(self) -> bool:
        return self.after.startswith(_CUT)

    @property
    def trails(self) -> bool:
        return self.after.startswith(_TRAILS)

    @property
    def closes(self) -> bool:
        """A sentence."""
        return not self.trails and any(mark in self.after for mark in ".!?")

    def __str__(self) -> str:
        return self.before + self.word + self.after


def fluent(text: str, language: str | None = None) -> str:
    """The same without dysfluencies; the text itself where nothing would be left, and where there are none."""
    habits = HABITS.get(language or "", _UNKNOWN)
    before = tokens = _tokens(text)
    for _ in range(_ROUNDS):
        last = tokens
        tokens = [_undrawn(_unbroken(each, habits), habits, german=language == "de") for each in tokens]
        tokens = _without_fillers(tokens, habits)
        tokens = _without_beginnings(tokens, habits)
        for size in range(LONGEST_PHRASE, 0, -1):
            tokens = _once(tokens, size, habits)
        if tokens == last:
            break
    return " ".join(map(str, tokens)) if tokens and tokens != before else text


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    for each in text.replace("\u2019", "'").split():
        found = _TOKEN.fullmatch(each)
        assert found is not None  # it matches anything
        token = _Token(*found.groups())
        if token.word or not tokens:
            tokens.append(token)
        else:  # a mark that stands alone
            tokens[-1] = replace(tokens[-1], after=f"{tokens[-1].after} {each}")
    return tokens


# -- within a word ---------------------------------------------------------------------------------------------


def _unbroken(token: _Token, habits: Habits) -> _Token:
    """It is said once: "w-w-what", "I-I"."""
    *heads, last = re.split(r"[-–—]+", token.word)
    if not heads or token.key in JOINED or not all(each.isalpha() for each in (*heads, last.replace("'", ""))):
        return token
    beginnings = [_short(each.casefold()) for each in heads]
    whole = last.casefold()
    if not all(whole.startswith((each, head.casefold())) for each, head in zip(beginnings, heads, strict=True)):
        return token
    if all(each == whole for each in beginnings):
        meant = whole in habits.emphatic | habits.numbers or (len(heads) == 1 and whole not in habits.single)
    else:
        meant = len(heads) == 1 and beginnings[0] in PREFIXES | habits.emphatic
    return token if meant else replace(token, word=_as_begun(token.word, last))


def _undrawn(token: _Token, habits: Habits, *, german: bool) -> _Token:
    """For "sssso", "pleeease". Abbreviations, "www" and "shhh" stay; German words may hold three letters on end."""
    word = token.word
    if not _DRAWN.search(word):
        return token
    if (
        not word.replace("'", "").isalpha()
        or (word.isupper() and len(word) > 1)
        or _short(word.casefold()) == word[0].casefold()
    ):
        return token
    if not any(each in _VOWELS for each in word.casefold()):
        return token
    known = _known(habits)

    def shorter(run: re.Match[str]) -> str:
        letter, rest = run[1], word[run.end() :]
        if run.start() == 0:
            return letter
        if german and len(run[0]) == 3:
            return run[0]
        if (word[: run.start()] + letter + rest).casefold() in known:
            return letter
        small = letter.casefold()
        twice = (
            (small == "e" and rest[:1].casefold() not in _VOWELS)
            or (small == "o" and rest)
            or (small in "lf" and not rest)
        )
        return 2 * letter if twice and not (small == "e" and len(rest) > 1) else letter

    return replace(token, word=_DRAWN.sub(shorter, word))


@cache
def _known(habits: Habits) -> frozenset[str]:
    return habits.single | habits.starters | habits.doubled | habits.emphatic | habits.numbers


def _short(sound: str) -> str:
    """With letters that are drawn out written once, where there is nothing else: "sss" is "s"."""
    return sound[0] if sound and set(sound) == {sound[0]} else sound


def _as_begun(said: str, meant: str) -> str:
    return meant[:1].upper() + meant[1:] if said[:1].isupper() else meant


# -- between words ---------------------------------------------------------------------------------------------


def _without_fillers(tokens: list[_Token], habits: Habits) -> list[_Token]:
    kept: list[_Token] = []
    opened: str | None = None
    for at, token in enumerate(tokens):
        if _is_filler(token, tokens[at - 1] if at else None, habits):
            if kept and (token.closes or (token.after.startswith(",") and kept[-1].after == ",")):
                kept[-1] = replace(kept[-1], after=token.after if token.closes else "")
            starts = not kept or kept[-1].closes
            opened = opened or (token.word if starts else None)
            continue
        kept.append(replace(token, word=_as_begun(opened, token.word)) if opened else token)
        opened = None
    return kept if any(each.word for each in kept) else tokens


def _is_filler(token: _Token, previous: _Token | None, habits: Habits) -> bool:
    sound = re.sub(r"(.)\1+", r"\1\1", token.key)
    if token.before or (token.word.isupper() and len(token.word) > 1):
        return False  # "the ER"; and what is quoted
    if previous is not None and (previous.key in habits.numbers or previous.key.isdigit() or previous.key == "word"):
        return False  # "five mm"
    return token.key in habits.fillers or sound in habits.fillers


def _without_beginnings(tokens: list[_Token], habits: Habits) -> list[_Token]:
    """It is said once: "wha wha what", "st stop", "s s slower"."""
    kept: list[_Token] = []
    at = 0
    while at < len(tokens):
        run = _beginnings(tokens, at)
        if run and _is_broken_off(tokens, at, run, habits):
            tokens = [*tokens[: at + run], _instead(tokens, at, at + run), *tokens[at + run + 1 :]]
            at += run
        kept.append(tokens[at])
        at += 1
    return kept


def _beginnings(tokens: Sequence[_Token], at: int) -> int:
    """How many of the tokens from here are the same beginning of the word after them."""
    beginning = _short(tokens[at].key)
    end = at
    while end < len(tokens) and beginning.isalpha() and _short(tokens[end].key) == beginning:
        if tokens[end].closes:
            return 0
        end += 1
    if end == len(tokens) or len(beginning) > LONGEST_BEGINNING:
        return 0
    word = tokens[end].key
    return end - at if len(word) > len(beginning) and word.startswith(beginning) else 0


def _is_broken_off(tokens: Sequence[_Token], at: int, count: int, habits: Habits) -> bool:
    run, word = tokens[at : at + count], tokens[at + count]
    sound = _short(run[0].key)
    if any(each.is_cut for each in run):
        return True
    if run[0].key in _known(habits) or run[0].key in TITLES:
        return False
    if any(each in _VOWELS for each in sound):
        return count > 1 or (run[0].trails and len(sound) <= 3)
    if len(sound) > 3 or not any(each in _VOWELS for each in word.key):
        return False
    if count > 1 or run[0].trails or len(run[0].key) > 1:
        return not (run[0].word.isupper() and word.word[:1].isupper() and at)
    previous = tokens[at - 1] if at else None
    if previous is not None and not previous.closes and (previous.key in LABELLED or _is_letter(previous, habits)):
        return False
    return not (at and run[0].word[:1].isupper() and word.word[:1].isupper())


def _is_letter(token: _Token, habits: Habits) -> bool:
    return len(token.key) == 1 and token.key not in habits.single


def _once(tokens: list[_Token], size: int, habits: Habits) -> list[_Token]:
    """Phrases of so many words that are said anew, said once."""
    kept: list[_Token] = []
    at = 0
    while at < len(tokens):
        end = at + size
        while _is_said_anew(tokens, end, size):
            end += size
        copies = (end - at) // size
        if copies > 1 and _is_stutter(tokens, at, end, size, habits):
            tokens = [*tokens[: end - size], _instead(tokens, at, end - size), *tokens[end - size + 1 :]]
            kept += tokens[end - size : end]
            at = end
        else:
            kept.append(tokens[at])
            at += 1
    return kept


def _is_said_anew(tokens: Sequence[_Token], end: int, size: int) -> bool:
    one, other = tokens[end - size : end], tokens[end : end + size]
    return len(other) == size and all(
        (a.key == b.key or (a.is_cut and b.key.startswith(a.key))) and a.word and not a.closes
        for a, b in zip(one, other, strict=True)
    )


def _is_stutter(tokens: Sequence[_Token], at: int, end: int, size: int, habits: Habits) -> bool:
    """Of the phrase that is said from one token to another, again and again."""
    said = tokens[end - size : end]
    words = [each.key for each in said]
    copies = (end - at) // size
    counted = all(each in habits.numbers or not each.isalpha() for each in map(_bare, words))
    spelled = len(words) > 1 and all(len(each) == 1 for each in words)
    if counted or spelled:
        return False
    if any(each.is_cut for each in tokens[at : end - size]):
        return True
    starts = at == 0 or tokens[at - 1].closes
    goes_on = end < len(tokens) and not tokens[end - 1].closes
    if size > 1:
        again = words[0] in habits.starters and not {words[0], words[-1]} & _JOINING
        return goes_on and again and " ".join(words) not in habits.echoes
    [word] = words
    if word in habits.emphatic or not (goes_on or not starts):
        return False
    if word in habits.doubled:
        return goes_on and (copies > 2 or (starts and "," not in tokens[at].after))
    if word in habits.single:
        return not (len(word) == 1 and at and _is_letter(tokens[at - 1], habits))
    return copies > 2 and goes_on


def _bare(word: str) -> str:
    return word.replace("'", "").replace("-", "")


def _instead(tokens: Sequence[_Token], first: int, kept: int) -> _Token:
    """The token that stays, with what stood before the first of those that go."""
    gone, stays = tokens[first], tokens[kept]
    starts = first == 0 or tokens[first - 1].closes
    word = _as_begun(gone.word, stays.word) if starts else stays.word
    return replace(stays, before=stays.before or gone.before, word=word)
