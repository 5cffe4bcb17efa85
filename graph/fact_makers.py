"""What a rule of `graph.facts` makes of the clause that it matches, and what the rules have in common."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from graph.dates import names_a_day, without_day
from graph.fact_words import (
    APPOSED_VERBS,
    JOBS,
    NAME_STOPS,
    NUMBERS,
    PEOPLES,
    RELATIVES,
    SMALL_WORDS,
    WITHOUT_NUMBER,
)
from graph.persons import ended, of_them, third_person
from graph.types import Language
from memory.types import USER, Kind


@dataclass(frozen=True, slots=True)
class Fact:
    """As `memory.types.NewMemory`, before it is known who said it when."""

    text: str
    kind: Kind
    topic: str
    many: bool = False
    confidence: float = 1.0
    subject: str = USER
    words: str = ""
    """The sentence that told it."""
    language: Language = "en"
    """In which it was told, and is kept."""


Teller = Callable[[re.Match[str]], Fact | None]
Rule = tuple[str, Teller]

_TAIL = re.compile(
    r"[\s,]+(?:(?:and|so|but) )?(?:because|since|although|though|however|what|who|where|why|how|when|while|can you|"
    r"could you|do you|did you|please|thanks|thank you|by the way|you know|at the moment|these days|nowadays|"
    r"right now|now|anymore|any more|actually|as well|too|if|or something|or so|i (?:am|have|live|work|like|love|"
    r"hate|was|do)|my name|nice to|pleased to|but|so|do not|remember|tell me|is that|that is)\b.*$",
    re.IGNORECASE,
)


def _value(match: re.Match[str], most_words: int = 8) -> str:
    """The words of the group `v` up to where another thought begins."""
    words = _TAIL.sub("", " " + match["v"]).strip(" ,:-").split()
    return of_them(" ".join(words)) if len(words) <= most_words else ""


def _proper(words: str) -> str:
    """Capitals for names, where a recogniser gave none."""
    if words != words.lower() or words.split(" ", 1)[0] in {"a", "an", "my", "their", "the"}:
        return words
    return " ".join(
        each if each in SMALL_WORDS else "-".join(p[:1].upper() + p[1:] for p in each.split("-"))
        for each in words.split()
    )


def _name(match: re.Match[str]) -> str:
    """Up to three words that can be a name, or nothing."""
    words: list[str] = []
    for word in re.findall(r"[^\W\d_][\w'-]*", match["v"]):
        if word.casefold() in NAME_STOPS or len(words) == 3:
            break
        words.append(word)
    return _proper(" ".join(words))


def named(template: str, topic: str, *, confidence: float = 1.0) -> Teller:
    def tell(match: re.Match[str]) -> Fact | None:
        name = _name(match)
        return Fact(template.format(name), "fact", topic, confidence=confidence) if name else None

    return tell


def introduced(match: re.Match[str]) -> Fact | None:
    """Capitals tell "I'm Sarah" from "I'm tired", and a list tells it from "I'm British"."""
    name = match["v"]
    if name.casefold() in NAME_STOPS | PEOPLES or not name.istitle():
        return None
    return Fact(f"The user's name is {name}.", "fact", "name", confidence=0.8)


def about(
    template: str,
    kind: Kind,
    topic: str,
    *,
    many: bool = False,
    proper: bool = False,
    avoid: str = r"$",
    subject: str = USER,
) -> Teller:
    def tell(match: re.Match[str]) -> Fact | None:
        value = _value(match)
        if not value or re.match(avoid, value, re.IGNORECASE):
            return None
        parts = {key: (part or "").lower() for key, part in match.groupdict().items() if key != "v"}
        bare = re.sub(r"^(?:an?|the|any|some|my|to) ", "", value.casefold())
        value = _proper(without_day(value)) if proper else value
        told = ended(" ".join(template.format(v=value, **parts).split()))
        return Fact(told, kind, topic.format(bare=bare, **parts), many, subject=subject.format(**parts))

    return tell


def trade(match: re.Match[str]) -> Fact | None:
    value = _value(match, 5)
    if not value or value.split()[-1].casefold() not in JOBS:
        return None
    return Fact(f"The user is {match['a'].lower()} {value}.", "fact", "work")


def age(match: re.Match[str]) -> Fact | None:
    words = match["v"].replace("-", " ").split()
    years = int(words[0]) if words[0].isdigit() else sum(NUMBERS.get(word.lower(), 1000) for word in words)
    return Fact(f"The user is {years} years old.", "fact", "age") if 2 < years < 125 else None


def relative(match: re.Match[str]) -> Fact | None:
    """Whom one "has" may have company; whose name "is" so has this one name, but for friends and the like."""
    name, who = _name(match), match["who"].casefold()
    kin = who.split()[-1]
    many = kin in RELATIVES["many"] and (kin in WITHOUT_NUMBER or " have " in match[0].casefold())
    return Fact(f"The user's {who} is called {name}.", "relation", who, many, subject=who) if name else None


def eats(match: re.Match[str]) -> Fact | None:
    value = _value(match)
    if not value or re.match(ANAPHORA, value, re.IGNORECASE):
        return None
    return Fact(f"The user eats {value}.", "preference", eating(value))


def eats_not(match: re.Match[str]) -> Fact | None:
    value, verb = _value(match), match["do"].casefold()
    avoid = ANAPHORA + r"|much\b|enough\b|a lot\b|at\b|when\b|before\b|after\b"
    if not value or re.match(avoid, value, re.IGNORECASE):
        return None
    topic = eating(value) if verb == "eat" else f"{verb} {value.casefold()}"
    return Fact(f"The user does not {verb} {value}.", "preference", topic)


def eating(value: str) -> str:
    """Meat is what diets are about; of all else each kind is a question of its own."""
    thing = value.casefold()
    return "diet" if re.match(r"(?:meat|animal products|everything|fish and meat)\b", thing) else f"eat {thing}"


def dated(kind: Kind, topic: str) -> Teller:
    """Only with a day."""

    def tell(match: re.Match[str]) -> Fact | None:
        if not names_a_day(match[0]) or len(match[0].split()) not in range(3, 22) or _YOU.search(match[0]):
            return None
        clause = re.sub(_CHATTER, "", match[0], flags=re.IGNORECASE)
        parts = {key: (part or "").casefold() for key, part in match.groupdict().items()}
        about = parts.get("thing", "")
        return Fact(third_person(clause), kind, about or topic, not about, 0.8)

    return tell


def diet(match: re.Match[str]) -> Fact:
    return Fact(f"The user is {match['v'].lower()}.", "preference", "diet")


def diet_over(match: re.Match[str]) -> Fact:
    return Fact(f"The user is not {match['v'].lower()} any more.", "preference", "diet")


def felt(match: re.Match[str]) -> Fact | None:
    return Fact(third_person(match[0]), "emotion", "feelings", True, 0.6) if len(match[0].split()) < 25 else None


def status(match: re.Match[str]) -> Fact | None:
    return Fact(ended(f"The user is {_value(match)}"), "fact", "marital status") if _value(match) else None


def whole(kind: Kind, topic: str, confidence: float = 0.7) -> Teller:
    def tell(match: re.Match[str]) -> Fact | None:
        clause = _TAIL.sub("", match[0])
        if len(clause.split()) not in range(3, 15):
            return None
        who = (match.groupdict().get("who") or "").casefold()
        return Fact(third_person(clause), kind, who or topic, True, confidence, who or USER)

    return tell


WHO = (
    r"(?P<who>(?:(?:other|older|younger|elder|eldest|youngest|little|big|twin|late|ex|best|new|first|second)[ -])*"
    rf"(?:{'|'.join(sorted(RELATIVES['one'] | RELATIVES['many'], key=len, reverse=True))}))"
)
ANAPHORA = (
    r"(?:it|that|this|them|those|these|him|her|you|your|yours|how|the way|to say|to ask|to know|to think|to bother|"
    r"to admit|to see you|the idea|the sound|the (?:first|second|last|other) one|one|both|either|everything|"
    r"nothing|something|to be honest|talking to you)\b"
)
VERY = r"(?:(?:really|absolutely|totally|also|just|do|quite|always|still|particularly|truly|so|kind of|sort of) )*"
REMEMBER = re.compile(
    r"(?:please )?(?:remember|do not forget|note(?: down)?|make a note|take a note|keep in mind|bear in mind|"
    r"write down|memorise|memorize)(?:(?: that|\s*:|,)+ |(?: of the fact that| this[:,]?) |(?= (?:i|my|our|we|"
    r"the user)\b))\s*(?P<v>\S.*)",
    re.IGNORECASE,
)
TASK = re.compile(r"(?:remind me|remember|do not forget|do not let me forget) to (?P<v>.+)", re.IGNORECASE)
FELT = re.compile(
    r"i (?:am|feel|am feeling) (?:(?:so|very|really|quite|a bit|a little) )*(?:sad|lonely|depressed|anxious|afraid|"
    r"heartbroken|proud|worried|stressed|happy|excited|angry|nervous|overjoyed|grieving) "
    r"(?:(?:because|since|that) (?:i|my|our|we)\b|about my\b|of my\b).+",
    re.IGNORECASE,
)
CALL_ME = re.compile(r"(?:please |just )*call me (?P<v>.+)", re.IGNORECASE)
_YOU = re.compile(r"\byou\b", re.IGNORECASE)
_CHATTER = r"[\s,]+(?:can you|could you|please|thanks|thank you|by the way|you know|is that|okay)\b.*$"
NOT_A_PLACE = (
    r"(?:fear|hope|peace|a dream|the (?:past|moment|future)|the council|home|hours|my own|their own|(?:\d+|two|"
    r"three|four) )"
)

_APPOSED = re.compile(
    rf"(?:my|our) {WHO},? (?P<name>[^\W\d_][\w'-]+),? (?P<rest>(?:{'|'.join(sorted(APPOSED_VERBS))})\b.*)",
    re.IGNORECASE,
)


def apposed(clause: str) -> tuple[Fact, str, str] | None:
    """What "my sister Anna lives in Oslo" tells of her name; the clause without it; and who she is."""
    match = _APPOSED.fullmatch(clause)
    if match is None or match["name"].casefold() in NAME_STOPS | APPOSED_VERBS | PEOPLES:
        return None
    who, name = match["who"].casefold(), _proper(match["name"])
    named = Fact(f"The user's {who} is called {name}.", "relation", who, True, 0.9, who)
    return named, f"my {who} {match['rest']}", f"{who} {name}"
