"""What a sentence tells about the user, by the rules of its tongue: the way of `graph.facts`, and its caution.

It is kept in the second person, as it will be told: there is no third person for somebody whose gender is not known.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from graph.fact_makers import Fact
from graph.persons import ended
from graph.tongues.days import names_a_day, without_day
from graph.tongues.types import Rule, Tongue

_QUOTED = re.compile(r"\"[^\"]*\"|[“„][^”“]*[”“]|«[^»]*»|»[^«]*«|(?<!\w)'[^']{3,}'(?!\w)|‚[^‘]*‘")
_SENTENCE = re.compile(
    r"(?<!\bdr)(?<!\bst)(?<!\bsr)(?<!\bmme)(?<!\bm)(?<!\d)(\.)(?=\s|$)|([!?;\n]+)(?=\s|$)|(?<=\d)(\.)$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_LONGEST = 8
"""Words of a value."""
_LONGEST_FELT = 25
_CLAUSE_WORDS, _EVENT_WORDS = range(3, 15), range(3, 22)


def facts_of(text: str, tongue: Tongue) -> tuple[Fact, ...]:
    """In the order in which they are told; with typewriter apostrophes."""
    found: list[Fact] = []
    for said, sentence in _sentences(_QUOTED.sub(" … ", text), tongue):
        for clause, corrects, greeted in _clauses(sentence, tongue):
            for fact in _facts_in(clause, tongue, greeted=greeted):
                if fact.text not in {each.text for each in found}:
                    many = fact.many and not (corrects and fact.kind == "relation")
                    found.append(replace(fact, many=many, words=said, language=tongue.language))
    return tuple(found)


def _sentences(text: str, tongue: Tongue) -> Iterator[tuple[str, str]]:
    start = 0
    for stop in [*_SENTENCE.finditer(text), None]:
        said = " ".join(text[start : stop.start() if stop else len(text)].split()).lstrip("¡ ")
        start = stop.end() if stop else start
        sentence = said.lstrip("¿ ")
        for pattern, long in tongue.long_forms:
            sentence = pattern.sub(long, sentence)
        request = tongue.opening.sub("", sentence)
        if tongue.remember.fullmatch(request) or tongue.call_me.fullmatch(request):
            yield said, request
        elif said and "¿" not in said and not (stop and "?" in stop[0]):
            yield said, sentence


def _clauses(sentence: str, tongue: Tongue) -> Iterator[tuple[str, bool, bool]]:
    """Each clause; whether it corrects what was said before; whether something was said before it."""
    if tongue.remember.fullmatch(sentence):
        yield sentence, False, False
        return
    begun = tongue.opening.sub("", sentence)
    for number, part in enumerate(tongue.clause.split(begun)):
        opened = tongue.opening.sub("", part)
        corrects = tongue.correction.match(opened)
        clause = tongue.opening.sub("", tongue.correction.sub("", opened)).strip(" ,:-")
        if number and tongue.dropped and tongue.dropped.match(clause):
            clause = f"{tongue.subject} {clause}"
        if tongue.question.match(clause):
            return
        yield _day_last(clause, tongue), corrects is not None, opened != part or (not number and begun != sentence)
        if tongue.supposed.search(clause):
            return


def _day_last(clause: str, tongue: Tongue) -> str:
    """Puts the speaker first: "morgen fliege ich" is "ich fliege morgen"."""
    match = tongue.day_first.fullmatch(clause)
    if match is None or not names_a_day(match["day"], tongue.days):
        return clause
    found = match.groupdict()
    day = f"{match['day'][:1].lower()}{match['day'][1:]}"
    if "verb" in found:
        return f"{found['who']} {found['verb']} {day} {found['rest']}"
    return f"{found['rest']} {day}"


def _facts_in(clause: str, tongue: Tongue, *, greeted: bool = False) -> Iterator[Fact]:
    if asked := tongue.remember.fullmatch(clause):
        kept = tongue.main(asked["v"].strip(" ,:-"))
        specific = [fact for part, _, _ in _clauses(kept, tongue) for fact in _facts_in(part, tongue)]
        if specific:
            yield from specific
        elif kept and not tongue.order.search(kept) and not tongue.question.match(kept):
            yield Fact(_told(kept, tongue), "fact", "note", many=True)
        return
    if (named := tongue.apposed.fullmatch(clause)) and _may_be_a_name(named["name"], tongue):
        who, name = named["who"].casefold(), _proper(named["name"], tongue)
        my = tongue.yours(named["my"])
        is_called = ended(tongue.named.format(my=my, who=named["who"], v=name))
        yield Fact(is_called, "relation", who, True, 0.9, who)
        for fact in _by_rules(f"{named['my']} {named['who']} {named['rest']}", tongue):
            text = re.sub(rf"\b{re.escape(named['who'])}\b", f"{named['who']} {name}", fact.text, count=1)
            yield replace(fact, text=text, subject=f"{who} {name}")
        return
    found = [*_by_rules(clause, tongue)]
    yield from found
    if not found and (match := tongue.introduced.fullmatch(clause)):
        name = match["v"]
        # In German all nouns are written like names: only who says hello says who they are.
        if (greeted or tongue.language != "de") and name.istitle() and _may_be_a_name(name, tongue):
            yield Fact(ended(tongue.introduces.format(v=name)), "fact", "name", confidence=0.8)


def _by_rules(clause: str, tongue: Tongue) -> Iterator[Fact]:
    for rule in tongue.rules:
        if (match := rule.pattern.fullmatch(clause)) and (fact := _made(rule, match, tongue)):
            yield fact
            return


def _made(rule: Rule, match: re.Match[str], tongue: Tongue) -> Fact | None:
    groups = {key: value or "" for key, value in match.groupdict().items()}
    who = " ".join(groups.get("who", "").casefold().split())
    value = _value(rule, match, groups.get("v") or groups.get("w", ""), tongue)
    if value is None:
        return None
    thing = " ".join(groups.get("thing", groups.get("what", "")).casefold().split())
    bare = tongue.article.sub("", value.casefold())
    if groups.get("my"):
        groups["my"] = tongue.yours(groups["my"])
    if groups.get("do"):
        groups["do"] = tongue.second(groups["do"])
    text = rule.text.format_map({**groups, "v": value}) if rule.text else value
    topic = rule.topic.format(who=who, thing=thing, bare=bare) or "plan"
    return Fact(
        ended(text),
        rule.kind,
        topic,
        rule.many and not (rule.takes == "event" and thing),
        rule.confidence,
        rule.subject.format(who=who) or "user",
    )


def _value(rule: Rule, match: re.Match[str], said: str, tongue: Tongue) -> str | None:
    """None: it cannot be one."""
    match rule.takes:
        case "name":
            return None if rule.avoid.match(said) else _name(said, tongue) or None
        case "age":
            words = said.lower()
            years = int(words) if words.isdigit() else tongue.numbers.get(words.replace("-", " "), 0)
            return str(years) if 2 < years < 125 else None
        case "whole":
            return _told(match[0], tongue) if len(match[0].split()) < _LONGEST_FELT else None
        case "clause" | "event":
            clause = tongue.tail.sub("", match[0])
            if rule.takes == "event" and not names_a_day(clause, tongue.days):
                return None
            words_wanted = _EVENT_WORDS if rule.takes == "event" else _CLAUSE_WORDS
            return _told(clause, tongue) if len(clause.split()) in words_wanted else None
        case "words" | "place":
            if "v" not in match.groupdict():
                return ""
            words = tongue.tail.sub("", f" {said}").strip(" ,:-")
            if rule.avoid.match(words):
                return None
            if rule.takes == "place":
                words = without_day(words, tongue.days)
                before = (match.groupdict().get("at") or "").lower().split()
                words = words if before and before[-1] in tongue.articled else _proper(words, tongue)
            return tongue.yours(words) if words and len(words.split()) <= _LONGEST else None


def _told(clause: str, tongue: Tongue) -> str:
    second = tongue.second(clause)
    return ended(second or f"{tongue.said} {clause}")


def _name(said: str, tongue: Tongue) -> str:
    words: list[str] = []
    for word in _WORD.findall(said):
        if word.casefold() in tongue.name_stops or len(words) == 3:
            break
        words.append(word)
    return _proper(" ".join(words), tongue)


def _may_be_a_name(word: str, tongue: Tongue) -> bool:
    return word.casefold() not in tongue.name_stops | tongue.peoples


def _proper(words: str, tongue: Tongue) -> str:
    """Capitals for names, where a recogniser gave none."""
    if words != words.lower() or tongue.article.match(words):
        return words
    return " ".join(
        each if each in tongue.small_words else "-".join(p[:1].upper() + p[1:] for p in each.split("-"))
        for each in words.split()
    )
