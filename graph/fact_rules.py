"""The rules of `graph.facts`: a pattern for a whole clause with long verb forms, and what to make of its match."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from graph.fact_words import (
    CONDITIONS,
    DATES,
    JOBS,
    NAME_STOPS,
    NUMBERS,
    PEOPLES,
    RELATIVES,
    SMALL_WORDS,
)
from graph.persons import ended, of_them, third_person
from memory.types import Kind


@dataclass(frozen=True, slots=True)
class Fact:
    """As `memory.types.NewMemory`, before it is known who said it when."""

    text: str
    kind: Kind
    topic: str
    many: bool = False
    confidence: float = 1.0


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


def _named(template: str, topic: str, *, confidence: float = 1.0) -> Callable[[re.Match[str]], Fact | None]:
    def tell(match: re.Match[str]) -> Fact | None:
        name = _name(match)
        return Fact(template.format(name), "fact", topic, confidence=confidence) if name else None

    return tell


def _introduced(match: re.Match[str]) -> Fact | None:
    """Capitals tell "I'm Sarah" from "I'm tired", and a list tells it from "I'm British"."""
    name = match["v"]
    if name.casefold() in NAME_STOPS | PEOPLES or not name.istitle():
        return None
    return Fact(f"The user's name is {name}.", "fact", "name", confidence=0.8)


def _about(
    template: str, kind: Kind, topic: str, *, many: bool = False, proper: bool = False, avoid: str = r"$"
) -> Callable[[re.Match[str]], Fact | None]:
    def tell(match: re.Match[str]) -> Fact | None:
        value = _value(match)
        if not value or re.match(avoid, value, re.IGNORECASE):
            return None
        parts = {key: (part or "").lower() for key, part in match.groupdict().items() if key != "v"}
        value = _proper(value) if proper else value
        return Fact(ended(" ".join(template.format(v=value, **parts).split())), kind, topic.format(**parts), many)

    return tell


def _trade(match: re.Match[str]) -> Fact | None:
    value = _value(match, 5)
    if not value or value.split()[-1].casefold() not in JOBS:
        return None
    return Fact(f"The user is {match['a'].lower()} {value}.", "fact", "work")


def _age(match: re.Match[str]) -> Fact | None:
    words = match["v"].replace("-", " ").split()
    years = int(words[0]) if words[0].isdigit() else sum(NUMBERS.get(word.lower(), 1000) for word in words)
    return Fact(f"The user is {years} years old.", "fact", "age") if 2 < years < 125 else None


def _relative(match: re.Match[str]) -> Fact | None:
    name, who = _name(match), match["who"].casefold()
    many = who.split()[-1] in RELATIVES["many"]
    return Fact(f"The user's {who} is called {name}.", "relation", who, many) if name else None


def _whole(kind: Kind, topic: str, confidence: float = 0.7) -> Callable[[re.Match[str]], Fact | None]:
    def tell(match: re.Match[str]) -> Fact | None:
        clause = _TAIL.sub("", match[0])
        if len(clause.split()) not in range(3, 15):
            return None
        return Fact(third_person(clause), kind, match.groupdict().get("who") or topic, True, confidence)

    return tell


_WHO = (
    r"(?P<who>(?:(?:other|older|younger|elder|eldest|youngest|little|big|twin|late|ex|best|new|first|second)[ -])*"
    rf"(?:{'|'.join(sorted(RELATIVES['one'] | RELATIVES['many'], key=len, reverse=True))}))"
)
_ANAPHORA = (
    r"(?:it|that|this|them|those|these|him|her|you|your|yours|how|the way|to say|to ask|to know|to think|to bother|"
    r"to admit|to see you|the idea|the sound|the (?:first|second|last|other) one|one|both|either|everything|"
    r"nothing|something|to be honest|talking to you)\b"
)
_VERY = r"(?:(?:really|absolutely|totally|also|just|do|quite|always|still|particularly|truly|so|kind of|sort of) )*"
REMEMBER = re.compile(
    r"(?:please )?(?:remember|do not forget|note(?: down)?|make a note|take a note|keep in mind|bear in mind|"
    r"write down|memorise|memorize)(?:(?: that|\s*:|,)+ |(?: of the fact that| this[:,]?) |(?= (?:i|my|our|we|"
    r"the user)\b))\s*(?P<v>\S.*)",
    re.IGNORECASE,
)
TASK = re.compile(r"(?:remind me|remember|do not forget|do not let me forget) to (?P<v>.+)", re.IGNORECASE)
CALL_ME = re.compile(r"(?:please |just )*call me (?P<v>.+)", re.IGNORECASE)
_NOT_A_PLACE = (
    r"(?:fear|hope|peace|a dream|the (?:past|moment|future)|the council|home|hours|my own|their own|(?:\d+|two|"
    r"three|four) )"
)

_PATTERNS: tuple[tuple[str, Callable[[re.Match[str]], Fact | None]], ...] = (
    (
        r"my (?:(?:full|first|real|actual|new|given) )?name is not \w+ (?:but|it is|my name is) (?P<v>.+)",
        _named("The user's name is {}.", "name"),
    ),
    (
        r"my (?:(?:full|first|real|actual|new|given) )?name is (?:(?:now|actually|really) )?(?P<v>.+)",
        _named("The user's name is {}.", "name"),
    ),
    (r"my (?:last name|surname|family name) is (?P<v>.+)", _named("The user's surname is {}.", "surname")),
    (r"i am (?:now )?(?:called|named) (?P<v>.+)", _named("The user's name is {}.", "name")),
    (CALL_ME.pattern, _named("The user wants to be called {}.", "preferred name")),
    (
        r"(?:people|everyone|everybody|my friends|friends|they|most people) calls? me (?P<v>.+)",
        _named("The user wants to be called {}.", "preferred name", confidence=0.9),
    ),
    (r"i go by (?P<v>.+)", _named("The user wants to be called {}.", "preferred name")),
    (r"i am (?:now )?(?P<v>[\w .-]+?)(?: years? old)(?: now| today)?", _age),
    (
        (
            r"i am (?P<v>\d{1,3}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -](?:one|two|three|four|"
            r"five|six|seven|eight|nine))?)(?: now)?"
        ),
        _age,
    ),
    (r"my age is (?P<v>\d{1,3})", _age),
    (
        r"my birthday is (?:on )?(?P<v>.+)",
        _about("The user's birthday is {v}", "fact", "birthday", proper=True, avoid=r"(?:not|coming|soon|in )"),
    ),
    (
        r"i was born on (?:the )?(?P<v>.*(?:\d|" + DATES + r").*)",
        _about("The user was born on {v}", "fact", "birthday", proper=True),
    ),
    (r"i was born in (?P<v>\d{4})", _about("The user was born in {v}", "fact", "birth year")),
    (r"i (?:was born|grew up) in (?P<v>.+)", _about("The user comes from {v}", "fact", "origin", proper=True)),
    (
        r"i (?:come|am originally|am) from (?P<v>.+)",
        _about("The user comes from {v}", "fact", "origin", proper=True, avoid=_NOT_A_PLACE),
    ),
    (
        (
            r"i (?:now |currently |actually |still )?(?:live|am living|reside|am based) (?P<at>in|on|at|near|"
            r"outside) (?P<v>.+)"
        ),
        _about("The user lives {at} {v}", "fact", "home", proper=True, avoid=_NOT_A_PLACE),
    ),
    (
        r"i (?:have )?(?:just |recently )?moved (?:house )?to (?P<v>.+)",
        _about("The user lives in {v}", "fact", "home", proper=True, avoid=_NOT_A_PLACE),
    ),
    (
        r"my (?:home )?address is (?P<v>.+)",
        _about("The user's address is {v}", "fact", "address", proper=True, avoid=r"not\b"),
    ),
    (
        r"my home ?town is (?P<v>.+)",
        _about("The user comes from {v}", "fact", "origin", proper=True, avoid=r"not\b"),
    ),
    (
        r"i (?:now |currently |also )?(?:work|am working) as (?P<v>.+)",
        _about("The user works as {v}", "fact", "work"),
    ),
    (
        r"i (?:now |currently |also )?(?:work|am working) (?P<at>at|for|in) (?P<v>.+)",
        _about(
            "The user works {at} {v}",
            "fact",
            "work",
            proper=True,
            avoid=_NOT_A_PLACE
            + r"|nights?\b|weekends?\b|night|the weekend|a while|ages|free|money|progress|charity\b$",
        ),
    ),
    (
        r"my (?:job|profession|occupation) is (?P<v>.+)",
        _about(
            "The user's job is {v}",
            "fact",
            "work",
            avoid=r"(?:not|so|too|very|really|boring|hard|great|stressful|killing|good|bad|fun|ok)\b",
        ),
    ),
    (r"i am (?P<a>an?) (?P<v>.+)", _trade),
    (r"i am (?P<v>retired|unemployed|self-employed|self employed)", _about("The user is {v}", "fact", "work")),
    (
        r"i (?:study|am studying) (?P<v>.+)",
        _about("The user studies {v}", "fact", "studies", avoid=_ANAPHORA + r"|for\b|hard\b"),
    ),
    (
        r"i am (?:very |really |severely |also )?allergic to (?P<v>.+)",
        _about(
            "The user is allergic to {v}",
            "fact",
            "allergy",
            many=True,
            avoid=_ANAPHORA + r"|bullshit|mondays?|work\b",
        ),
    ),
    (r"i have an? (?P<v>.+?) allergy", _about("The user has an allergy: {v}", "fact", "allergy", many=True)),
    (
        rf"i am (?:also |now )?(?P<a>an? )?(?P<v>{CONDITIONS['be']})",
        _about("The user is {a} {v}", "fact", "health", many=True),
    ),
    (
        rf"i (?:have|suffer from|was diagnosed with) (?P<a>an? )?(?P<v>{CONDITIONS['have']})",
        _about("The user has {a} {v}", "fact", "health", many=True),
    ),
    (
        r"i (?:cannot|do not|never|no longer) (?P<do>eat|drink|smoke) (?P<v>.+)",
        _about(
            "The user does not {do} {v}",
            "preference",
            "diet",
            many=True,
            avoid=_ANAPHORA + r"|much\b|enough\b|a lot\b|at\b|when\b|before\b|after\b",
        ),
    ),
    (
        r"my favourite (?P<what>[\w ]{2,30}?) (?:is|are) (?P<v>.+)",
        _about(
            "The user's favourite {what} is {v}",
            "preference",
            "favourite {what}",
            avoid=r"(?:not|it|that|this|what|when)\b",
        ),
    ),
    (
        rf"i {_VERY}prefer (?P<v>.+)",
        _about("The user prefers {v}", "preference", "likes", many=True, avoid=_ANAPHORA + r"|not\b"),
    ),
    (
        rf"i {_VERY}(?P<do>like|love|adore|enjoy) (?P<v>.+)",
        _about("The user {do}s {v}", "preference", "likes", many=True, avoid=_ANAPHORA),
    ),
    (
        r"i am (?:really |very )?(?:into|fond of|a (?:big |huge |great )?fan of) (?P<v>.+)",
        _about("The user likes {v}", "preference", "likes", many=True, avoid=_ANAPHORA),
    ),
    (
        rf"i {_VERY}(?P<do>hate|dislike|detest) (?P<v>.+)",
        _about("The user {do}s {v}", "preference", "dislikes", many=True, avoid=_ANAPHORA),
    ),
    (
        r"i (?:cannot stand|do not (?:really )?(?:like|enjoy)|do not care for) (?P<v>.+)",
        _about("The user does not like {v}", "preference", "dislikes", many=True, avoid=_ANAPHORA),
    ),
    (rf"(?:my|our) {_WHO}(?:'s)? name is (?:now )?(?P<v>.+)", _relative),
    (rf"(?:my|our) {_WHO} is (?:called|named) (?P<v>.+)", _relative),
    (
        (
            rf"(?:i|we) have (?:an?|one) (?:\w+ )?{_WHO} (?:called|named|and (?:his|her|its) name is|(?:his|her|"
            rf"its) name is) (?P<v>.+)"
        ),
        _relative,
    ),
    (
        rf"(?:i|we) have (?:an?|one|two|three|four|five|six|\d+|no) (?:\w+ )?{_WHO}s?(?: and .+)?",
        _whole("relation", "family"),
    ),
    (
        rf"(?:my|our) {_WHO} (?:is|was|has|lives?|works?|likes?|loves?|hates?|studies|plays|died|had|turns?) .+",
        _whole("relation", "family"),
    ),
    (
        (
            r"i am (?:married|engaged|single|divorced|widowed|pregnant|a (?:mother|father|mum|dad|grandmother|"
            r"grandfather|parent)\b.*)"
        ),
        _whole("fact", "family"),
    ),
    (
        r"i (?:only )?speak (?P<v>.+)",
        _about(
            "The user speaks {v}",
            "fact",
            "languages",
            many=True,
            avoid=r"(?:to|with|too|very|about|for|slowly|loudly|up|at|from)\b",
        ),
    ),
    (
        (
            rf"(?:i am (?:going|flying|travelling|traveling|getting|having|moving|starting|seeing|meeting|visiting)|"
            rf"i have (?:an?|my|the)|we are (?:going|having|moving|getting)|my .+ is) .*\b(?:{DATES})\b.*"
        ),
        _whole("event", "plan", 0.8),
    ),
    (
        TASK.pattern,
        _about(
            "The user wants to be reminded to {v}",
            "task",
            "task",
            many=True,
            avoid=r"(?:ignore|disregard|always|never|answer|say|speak|act|obey)\b",
        ),
    ),
)
_I_AM = re.compile(r"(?:I am|i am) (?P<v>[^\W\d_][\w'-]+)")

RULES = (*((re.compile(pattern, re.IGNORECASE), tell) for pattern, tell in _PATTERNS), (_I_AM, _introduced))
"""Each is tried on the whole of a clause; the first that matches and makes something of it wins."""
