"""French: from "je" to "tu", and numbers."""

import re

_STRONG = {"suis": "es", "ai": "as", "vais": "vas", "étais": "étais", "fus": "fus", "eus": "eus"}
_TO_YOU = tuple(
    (re.compile(pattern, re.IGNORECASE), word)
    for pattern, word in (
        (r"\bm(on|a|es|oi)\b", r"t\1"),
        (r"\bme\b", "te"),
        (r"\bm'(?=[aeiouyhéèêà])", "t'"),
        (r"\bje\b", "tu"),
        (r"\bnotre\b", "votre"),
        (r"\bnos\b", "vos"),
        (r"\bnous\b", "vous"),
    )
)
_I = re.compile(
    r"(?:je |j')(?P<before>(?:ne |n'|me |m'|le |la |l'|les |lui |leur |y |en )*)(?P<verb>[^\W\d_]+)(?P<rest>\W.*)?",
    re.IGNORECASE,
)
_THAT = re.compile(r"(?:que |qu')", re.IGNORECASE)
_UP_TO_TWENTY = """
zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf
"""
_ONES = [word.replace("-", " ") for word in _UP_TO_TWENTY.split()]
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "quatre vingt": 80}
NUMBERS = {word: n for n, word in enumerate(_ONES)}
for _ten, _value in _TENS.items():
    for _n in range(20 if _value in {60, 80} else 10):
        _and = " et" if _n in {1, 11} and _value != 80 else ""
        NUMBERS[f"{_ten}{_and} {_ONES[_n]}" if _n else _ten] = _value + _n
NUMBERS |= {"quatre vingts": 80, "septante": 70, "nonante": 90}


def yours(words: str) -> str:
    for pattern, word in _TO_YOU:
        words = pattern.sub(word, words)
    return words


def second(clause: str) -> str:
    """Also of a verb alone; empty where the speaker is the subject of more than its first verb."""
    if re.fullmatch(r"[^\W\d_]+", clause):
        return _conjugated(clause.lower())
    if match := _I.fullmatch(clause):
        verb, rest = _conjugated(match["verb"].lower()), match["rest"] or ""
        return f"tu {yours(match['before'])}{verb}{_each_verb(rest)}"
    if re.search(r"\b(?:je\b|j')", clause, re.IGNORECASE):
        return _each_verb(clause)
    return yours(clause)


def main(clause: str) -> str:
    """Without the "que" before it."""
    return _THAT.sub("", clause, count=1) if _THAT.match(clause) else clause


def _each_verb(words: str) -> str:
    """Where the speaker is named again: "parce que je suis" is "parce que tu es"."""
    return yours(_I_AGAIN.sub(lambda again: f"tu {again['before']}{_conjugated(again['verb'].lower())}", words))


_I_AGAIN = re.compile(
    r"\b(?:je |j')(?P<before>(?:ne |n'|me |m'|le |la |l'|les |lui |y |en )*)(?P<verb>[^\W\d_]+)", re.IGNORECASE
)


def _conjugated(verb: str) -> str:
    """The first person ends in -s or -x as the second does, or in -e, or in the -rai of what is to come."""
    if verb in _STRONG:
        return _STRONG[verb]
    if verb.endswith("rai"):
        return f"{verb[:-1]}s"
    return f"{verb}s" if verb.endswith("e") else verb
