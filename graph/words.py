"""Words made comparable: people write with capitals and commas, recognisers with neither."""

import re
import unicodedata

from memory.stems import stem


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00b4": "'"})
_NOT_WORDS = re.compile(r"[^\w' ]+")
_LOOSE_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")
_WORD = re.compile(r"\w+(?:'+\w+)*")

_OPENING = re.compile(
    r"^(?:please|kindly|hey|hi|hello|ok|okay|well|so|um+|uh+|er+|oh|ah|right|alright|now|then|and|nightingale|"
    r"listen|actually|thanks|thank you|(?:can|could|would|will) you(?: please| kindly| just| maybe)*|i (?:want|"
    r"would like|need) you to|i'd like you to|would you mind|just|let's) (?=\w)"
)
_CLOSING = re.compile(
    r"(?<=\w) (?:please|thanks|thank you(?: very much| so much)?|for me|will you|would you|could you|can you|okay|"
    r"ok|nightingale|right now|now|then)$"
)

_EMPTY_WORDS = word_set(
    "a an the and or but of to in on at for from with by as is are am was were be been being do does did done have "
    "has had i you he she it we they me him her us them my your his its our their mine yours this that these those "
    "what which who whom whose when where why how can could will would should shall may might must not no yes so "
    "than then there here about into over under again just very too also user user's users ever anything something "
    "everything please tell know remember forget say said any some i'm i've i'd i'll you're it's don't doesn't "
    "that's what's"
)


def straight(text: str) -> str:
    """The same text with typewriter apostrophes."""
    return text.translate(_APOSTROPHES)


def plain(text: str) -> str:
    """Lower case, words and single spaces only."""
    spaced = _NOT_WORDS.sub(" ", straight(text).casefold())
    return " ".join(_LOOSE_APOSTROPHE.sub(" ", spaced).split())


def folded(text: str) -> str:
    """Without accents, which people and recognisers write, or do not."""
    apart = unicodedata.normalize("NFD", text.replace("ß", "ss"))
    return "".join(each for each in apart if not unicodedata.combining(each))


def as_written(text: str, words: str) -> str:
    """Where in a text these plain words stand, as they are written there; themselves where they do not."""
    asked = folded(words).split()
    found = list(_WORD.finditer(straight(text)))
    plainly = [folded(each[0].casefold()) for each in found]
    for start in range(len(found) - len(asked), -1, -1):
        if asked and plainly[start : start + len(asked)] == asked:
            return straight(text)[found[start].start() : found[start + len(asked) - 1].end()]
    return words


def bare(text: str) -> str:
    """`plain`, without what politeness puts around a request."""
    text = plain(text)
    for wrapping in (_OPENING, _CLOSING):
        while (rest := wrapping.sub("", text)) != text:
            text = rest
    return text


def content_words(text: str) -> frozenset[str]:
    """The stems of what the text is about."""
    return frozenset(stem(word) for word in plain(text).split() if word not in _EMPTY_WORDS)
