"""What is asked of memory in other tongues: a topic, how it is known, what was told when, what is to be forgotten."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from graph.tongues.days import named_in
from graph.tongues.reading import TONGUES, asking_of, tongue_of
from graph.types import Language
from graph.words import plain, straight, word_set

WHICH: Final = "?"
"""A document that the user means and does not name; nothing stands for all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """As `graph.intents.Wish`, of those that concern memory."""

    intent: Literal["remember", "forget", "recall", "recall-when", "why", "remove-document"]
    about: str = ""


def asked_in(text: str, languages: Iterable[Language] = TONGUES) -> Asked | None:
    said = plain(text)
    for language in languages:
        tongue, asking = tongue_of(language), _patterns(language)
        request = tongue.opening.sub("", straight(text).strip(" .!"))
        if tongue.remember.fullmatch(request.rstrip("?¿ ").lstrip("¿¡ ")):
            return Asked("remember")
        if match := asking.why.fullmatch(said):
            return Asked("why", _of_what(match["about"], language))
        if (match := asking.when.fullmatch(said)) and (day := next(named_in(match["when"], tongue.days), None)):
            about = match["about"] or ""
            return Asked("recall-when", f"{topic_in(about, [language]) or tongue.yours(about)}|{day.english}")
        if topic := topic_in(said, [language]):
            return Asked("recall", topic)
        if match := asking.remove.fullmatch(said):
            return Asked("remove-document", match["about"] or WHICH)
        if match := asking.forget.fullmatch(said):
            return Asked("forget", _of_what(match["about"], language))
    return None


def topic_in(request: str, languages: Iterable[Language] = TONGUES) -> str:
    """The topic of memory that is asked for; empty where it is none that is kept."""
    for language in languages:
        for topic, pattern in _patterns(language).recall:
            if match := pattern.fullmatch(plain(request)):
                return topic.format(next((each for each in match.groups() if each), ""))
    return ""


def is_about_the_user(words: Iterable[str], language: Language) -> bool:
    return language != "en" and not _patterns(language).personal.isdisjoint(words)


def day_asked(text: str, languages: Iterable[Language] = TONGUES) -> str:
    """The first day that is named, in English."""
    for language in languages:
        if day := next(named_in(straight(text), tongue_of(language).days), None):
            return day.english
    return ""


def _of_what(about: str, language: Language) -> str:
    """As it is asked for, where that is a topic, or else as it is kept."""
    if topic_in(about, [language]):
        return about
    tongue = tongue_of(language)
    clause = tongue.main(f"dass {about}" if language == "de" and about.startswith(("ich ", "mein")) else about)
    return tongue.second(clause) or tongue.yours(clause)


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Over plain words."""

    remove: re.Pattern[str]
    forget: re.Pattern[str]
    why: re.Pattern[str]
    when: re.Pattern[str]
    recall: tuple[tuple[str, re.Pattern[str]], ...]
    personal: frozenset[str]


@cache
def _patterns(language: Language) -> _Patterns:
    listed = asking_of(language)

    def pattern(text: str) -> re.Pattern[str]:
        return re.compile(text.replace("ß", "ss"))

    return _Patterns(
        remove=pattern(listed["remove"]),
        forget=pattern(listed["forget"]),
        why=pattern(listed["why"]),
        when=pattern(listed["when"]),
        recall=tuple((topic, pattern(asked)) for topic, asked in listed["recall"]),
        personal=word_set(listed["personal"]),
    )
