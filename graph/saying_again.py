"""What was said is said again: all of it, its last sentence, what of it was not heard, or letter by letter."""

import re
from typing import Final

from graph.state import State
from graph.strings import said
from graph.types import Language
from graph.words import plain

SPELT_AT_ONCE = 3
"""Words."""
_SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[\"”»)]*(?=\s|$)|$)", re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:['’.@-][^\W_]+)*")
_MARKS: Final = {"-": "hyphen", "'": "apostrophe", "’": "apostrophe", ".": "dot", "@": "at-sign", " ": "space"}


def again(state: State, language: Language) -> str:
    if state.about == "said":
        before = [each.text for each in state.messages if each.role == "user" and each.turn != state.turn]
        return said(language, "you-said", words=before[-1]) if before else said(language, "you-said-nothing")
    if not state.last_answer:
        return said(language, "nothing-said")
    return _sentences(state.last_answer)[-1] if state.about == "sentence" else state.last_answer


def rest(state: State) -> str:
    """What of the last answer was not heard, from the beginning of the sentence that was cut; empty where all was."""
    words = plain(state.last_answer).split()
    for each in reversed(state.messages):
        heard = plain(each.text).split()
        if each.role == "assistant" and heard and heard == words[: len(heard)]:
            return _after(state.last_answer, len(heard)) if len(heard) < len(words) else ""
    return ""


def _after(text: str, heard: int) -> str:
    sentences = _sentences(text)
    while sentences and heard >= (length := len(plain(sentences[0]).split())):
        heard -= length
        del sentences[0]
    return " ".join(sentences)


def _sentences(text: str) -> list[str]:
    return [each[0].strip() for each in _SENTENCE.finditer(text.strip())] or [text]


def spelt(word: str, last_answer: str, language: Language) -> str:
    """That, or else what is most likely to be meant of what was said last."""
    words = [word] if word else _worth_spelling(last_answer)
    if not words:
        return said(language, "nothing-to-spell")
    return " ".join(
        said(language, "spelt", word=each, letters=", ".join(_letter(letter, language) for letter in each))
        for each in words
    )


def _worth_spelling(text: str) -> list[str]:
    """The names in the last sentence that has any, else its last word: what was said in one word is that word."""
    for sentence in reversed(_sentences(text)):
        words = _WORD.findall(sentence)
        if names := [each for each in words[1:] if each[0].isupper() and each != "I"]:
            return names[-SPELT_AT_ONCE:]
    return _WORD.findall(text)[-1:]


def _letter(letter: str, language: Language) -> str:
    if letter in _MARKS:
        return said(language, _MARKS[letter])
    return said(language, "capital", letter=letter) if letter.isupper() else letter
