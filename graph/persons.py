"""From "I" to "the user" and from "the user" to "you": memories are kept in the third person and told in the second."""

import re

from graph.words import word_set

_IRREGULAR = {"am": "is", "are": "is", "have": "has", "was": "was", "do": "does", "go": "goes", "do not": "does not"}
_PRESENT = word_set(
    "adore attend avoid believe bike care collect commute cook cycle dance dislike drink drive eat enjoy feel get "
    "give hate hope keep know learn like live love make mean need own paint park play practise practice prefer read "
    "ride run sing sleep smoke speak spend start study suffer support swim take teach think train travel use visit "
    "volunteer wake walk want watch wear work worry write"
)
_BACK = {"is": "are", "has": "have", "was": "were", "does": "do", "goes": "go"}

_OTHERS = (
    (re.compile(r"\bi am\b", re.IGNORECASE), "they are"),
    (re.compile(r"\bi was\b", re.IGNORECASE), "they were"),
    (re.compile(r"\b(?:i|we)\b", re.IGNORECASE), "they"),
    (re.compile(r"\b(?:my|our)\b", re.IGNORECASE), "their"),
    (re.compile(r"\b(?:me|us)\b", re.IGNORECASE), "them"),
    (re.compile(r"\b(?:mine|ours)\b", re.IGNORECASE), "theirs"),
    (re.compile(r"\b(?:myself|ourselves)\b", re.IGNORECASE), "themselves"),
)
_TO_YOU = (
    (re.compile(r"\bthe user's\b", re.IGNORECASE), "your"),
    (re.compile(r"\bthe user\b", re.IGNORECASE), "you"),
    (re.compile(r"\btheirs\b", re.IGNORECASE), "yours"),
    (re.compile(r"\btheir\b", re.IGNORECASE), "your"),
    (re.compile(r"\bthemselves\b", re.IGNORECASE), "yourself"),
    (re.compile(r"\b(?:they|them)\b", re.IGNORECASE), "you"),
)
_NO_NAMES = word_set(
    "You Your The Their They "
    "Du Dein Deine Euer Eure Der Die Das Tu Ton Ta Tes Votre Vos L'anniversaire Tus Te Eres Vives "
    "Tienes Trabajas Estás Estudias Comes Bebes No Ya Odias Prefieres Hablas Juegas Tocas Quieres Vas El La"
)
"""What a sentence that is kept begins with."""


def of_them(words: str) -> str:
    """What the user said of themselves, inside a sentence about them: "my job" is "their job"."""
    for pattern, word in _OTHERS:
        words = pattern.sub(word, words)
    return words


def third_person(clause: str) -> str:
    """A clause of the user's, with long verb forms ("I am"), as a sentence about the user."""
    words = clause.split()
    match [each.casefold() for each in words[:3]]:
        case ["i", "do", "not"]:
            sentence = "The user does not " + of_them(" ".join(words[3:]))
        case ["i", verb, *_] if verb in _IRREGULAR:
            sentence = f"The user {_IRREGULAR[verb]} " + of_them(" ".join(words[2:]))
        case ["i", verb, *_] if verb in _PRESENT:
            sentence = f"The user {_with_s(verb)} " + of_them(" ".join(words[2:]))
        case ["i", *_]:
            sentence = "The user " + of_them(" ".join(words[1:]))
        case ["my" | "our", *_]:
            sentence = "The user's " + of_them(" ".join(words[1:]))
        case _:
            sentence = of_them(clause)
    return ended(sentence)


def second_person(sentence: str) -> str:
    """What we know of the user, told to them: "Your name is Sarah."."""
    words = sentence.split()
    if [each.casefold() for each in words[:2]] == ["the", "user"] and len(words) > 2:
        words[2] = _without_s(words[2])
    told = " ".join(words)
    for pattern, word in _TO_YOU:
        told = pattern.sub(word, told)
    return ended(told)


def inside(sentence: str) -> str:
    """A sentence as it stands after "that": no full stop, no capital of its own."""
    sentence = sentence.rstrip(".")
    first, _, rest = sentence.partition(" ")
    return f"{first.lower()} {rest}" if first in _NO_NAMES else sentence


def ended(sentence: str) -> str:
    """With a capital and a full stop."""
    sentence = " ".join(sentence.split()).rstrip(".,;: ")
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _with_s(verb: str) -> str:
    if verb.endswith(("ch", "sh", "s", "x", "z", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def _without_s(verb: str) -> str:
    if verb in _BACK:
        return _BACK[verb]
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    if verb.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return verb[:-2]
    if verb.endswith("s") and not verb.endswith("ss"):
        return verb[:-1]
    return verb
