"""What a sentence of the user's tells about them: rules, no model, and rather nothing than something wrong.

English has its rules here and in `graph.fact_rules`, the other languages theirs in `graph.tongues`. A rule is
anchored at the start of a clause, so that what others said, what is asked, supposed, translated or quoted does not
match. It works on typed sentences and on what a recogniser gives: lower case, no punctuation, run on.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from graph.dates import names_a_day
from graph.fact_makers import CALL_ME, FELT, REMEMBER, Fact, apposed
from graph.fact_rules import RULES
from graph.persons import third_person
from graph.tongues.finding import facts_of
from graph.tongues.reading import TONGUES, tongue_of
from graph.types import Language
from graph.words import straight

LONGEST_SPOKEN = 1_500
"""Characters. What is longer was pasted, not said, and is not about the user."""

_LONG_FORMS = tuple(
    (re.compile(pattern, re.IGNORECASE), long)
    for pattern, long in (
        (r"\b(i)(?:'m|m)\b", r"\1 am"),
        (r"\b(i|we)(?:'ve|ve)\b", r"\1 have"),
        (r"\b(we|you|they)'re\b", r"\1 are"),
        (r"\b(i|we)'ll\b", r"\1 will"),
        (r"\b(do|does|is|are|was|were|have|has|did)n'?t\b", r"\1 not"),
        (r"\bcan'?t\b", "cannot"),
        (r"\b(it|name|he|she|that)'s (?!name\b)", r"\1 is "),
        (r"\bfavorite\b", "favourite"),
        (r"\bi have got\b", "i have"),
    )
)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|(?<!\w)'[^']{3,}'(?!\w)")
_SENTENCE = re.compile(r"(?<!\bdr)(?<!\bmr)(?<!\bst)(?<!\bms)(?<!\bmrs)([.!?;\n]+)(?=\s|$)", re.IGNORECASE)
_CLAUSE = re.compile(
    r"(?:\s*,\s*(?:and|but|so|also)?|\s+(?:and|but|so|because|also|plus))\s+(?=(?:i|my|our|call me|please|remember|"
    r"it is|no|actually|by the way)\b)",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"^(?:what|who|whose|when|where|why|which|how|do|does|did|is|are|was|were|am|should|would|shall|may|might|have|"
    r"has|can|could|will)\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:said|says|say|saying|told|tells|wrote|write|writes|goes|sing|sings|translate|spell|type|phrase|sentence|"
    r"quote|lyrics?|example|if|unless|suppose|supposing|imagine|pretend|assume|joke|story|poem|dreamt|dreamed|wish|"
    r"wonder|maybe|perhaps|not sure|repeat after)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:(?:hi|hello|hey|ok|okay|well|so|um+|uh+|oh|ah|yes|yeah|yep|right|listen|look|and|but|also|now|then|"
    r"anyway|nightingale|there|good (?:morning|evening|afternoon|day)|by the way|you know|i mean|i think|i guess|"
    r"i believe|i just wanted to say|just so you know|for your information|as i said|like i said|"
    r"i (?:already )?told you|to be honest|honestly|please|just|i want you to know|you should know|fun fact|thanks|"
    r"thank you)(?: that)?[\s,:]+)+",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"^(?:(?:no|nope|actually|sorry|i mean|correction|wait|in fact|that is wrong|that is not right)[\s,:]+)+",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(r"(?P<day>[\w ]{4,30}?),? (?P<rest>(?:i|we|my|our|there is) .+)", re.IGNORECASE)
_WE = re.compile(r"we (are|were|have|had)\b|we\b", re.IGNORECASE)
_AT_YOU = re.compile(
    r"^(?:(?:can|could|would|will) you|you can|you may|i want you to|i would like you to)(?: please| just|"
    r" kindly)?\s+",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:ignore|disregard|override|bypass|obey)\b|\b(?:instruction|prompt|rule|password)s?\b|\bfrom now on\b|"
    r"\bsystem\b.*\bmessage\b|\byou (?:are|must|should|shall|will|have to|need to|can|may|cannot|never|always)\b|"
    r"\byour (?:name|job|task|role|purpose|answers?|replies)\b|\b(?:always|never) (?:answer|say|reply|respond|tell|"
    r"speak|use|mention)\b",
    re.IGNORECASE,
)


def facts_in(text: str, language: Language = "en") -> tuple[Fact, ...]:
    """What the user tells about themselves here, in the order they say it. In their own language, or else in whatever
    other one something is told: a rule of one hardly fits a sentence of another.
    """
    if len(text) > LONGEST_SPOKEN:
        return ()
    for each in dict.fromkeys((language, "en", *TONGUES)):
        if found := _english_facts(text) if each == "en" else facts_of(straight(text), tongue_of(each)):
            return found
    return ()


def told_in(text: str, language: Language) -> Language:
    """In which language something is told here; their own, where nothing is."""
    return next((each.language for each in facts_in(text, language)), language)


def _english_facts(text: str) -> tuple[Fact, ...]:
    found: list[Fact] = []
    for said, sentence in _sentences(_QUOTED.sub(" something ", straight(text))):
        for clause, corrects in _clauses(sentence):
            for fact in _facts_of(clause):
                if fact.text not in {each.text for each in found}:
                    many = fact.many and not (corrects and fact.kind == "relation")
                    found.append(replace(fact, many=many, words=said))
    return tuple(found)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Every sentence that states something, as it was said, and with long verb forms."""
    parts = _SENTENCE.split(text)
    for part, end in zip(parts[::2], [*parts[1::2], ""], strict=False):
        said = " ".join(part.split())
        sentence = said
        for pattern, long in _LONG_FORMS:
            sentence = pattern.sub(long, sentence)
        request = _AT_YOU.sub("", _OPENING.sub("", sentence))
        if REMEMBER.fullmatch(request) or CALL_ME.fullmatch(request):
            yield said, request
        elif said and "?" not in end:
            yield said, _day_last(sentence)


def _day_last(sentence: str) -> str:
    """Makes "tomorrow I am going" into "I am going tomorrow"."""
    opened = _OPENING.sub("", sentence)
    match = _DAY_FIRST.fullmatch(opened)
    if match is None or not names_a_day(match["day"]):
        return sentence
    first, _, more = match["day"].partition(" ")
    return f"{match['rest']} {first.lower() if more else first} {more}".strip()


def _clauses(sentence: str) -> Iterator[tuple[str, bool]]:
    """Each clause, without what speakers put before it, and whether it corrects something said before."""
    if REMEMBER.fullmatch(sentence):
        yield sentence, False
        return
    if (felt := _OPENING.sub("", sentence)) and FELT.fullmatch(felt) and not _SUPPOSED.search(felt):
        yield felt, False
        return
    for part in _CLAUSE.split(sentence):
        opened = _OPENING.sub("", part)
        clause = _AT_YOU.sub("", _OPENING.sub("", _CORRECTION.sub("", opened))).strip(" ,:-")
        clause = _WE.sub(_as_one, clause, count=1) if _WE.match(clause) else clause
        if _QUESTION.match(clause):
            return  # in a recogniser's run-on text the rest belongs to the question
        yield clause, bool(_CORRECTION.match(opened))
        if _SUPPOSED.search(clause):
            return


def _as_one(match: re.Match[str]) -> str:
    """What "we" do, the user does."""
    return {"are": "I am", "were": "I was", "have": "I have", "had": "I had"}.get((match[1] or "").casefold(), "I")


def _facts_of(clause: str) -> Iterator[Fact]:
    if asked := REMEMBER.fullmatch(clause):
        kept = asked["v"].strip(" ,:-")
        specific = [fact for part, _ in _clauses(kept) for fact in _facts_of(part)]
        if specific:
            yield from specific
        elif not _ORDER.search(kept) and not _QUESTION.match(kept):
            yield Fact(third_person(kept), "fact", "note", many=True)
        return
    if of_somebody := apposed(clause):
        named, clause, who = of_somebody
        yield named
        for more in _facts_of(clause):
            text = more.text.replace(f"The user's {named.subject} ", f"The user's {who} ", 1)
            yield replace(more, text=text, subject=who)
        return
    for pattern, tell in RULES:
        if (match := pattern.fullmatch(clause)) and (fact := tell(match)):
            yield fact
            return
