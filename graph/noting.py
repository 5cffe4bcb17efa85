"""From what was found in a turn to memories: with their source, the words around them, and the days they hold."""

import re
from dataclasses import replace
from datetime import datetime

from graph.dates import for_ever, lasting, period_in
from graph.facts import facts_in
from graph.prompts import clip
from graph.strings import LANGUAGES
from graph.tongues import days
from graph.tongues.reading import tongue_of
from graph.types import Language
from memory.gate import Telling
from memory.masking import masked
from memory.types import NewMemory

CONTEXT_CHARACTERS = 400
"""Of the user's sentence, and of what it answered to, each."""

_HAPPENS = frozenset({"event", "task", "relation"})
_RELATIVE = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|last night|next|last|this (?:week|weekend|month|year|morning|afternoon|"
    r"evening)|ago|in (?:\w+ )?(?:hours?|days?|weeks?|months?))\b",
    re.IGNORECASE,
)
_EVERY_YEAR = re.compile(r"\b(?:birthday|anniversary|was born|name day)\b", re.IGNORECASE)
_BEGAN = re.compile(r"\b(?:moved|started|began|retired|got|quit|left|lost|resigned|married|divorced)\b", re.IGNORECASE)
_OVER = re.compile(
    r"\b(?:went|flew|travell?ed|visited|met|broke|bought|sold|started|finished|lost|won|passed|failed|moved|adopted|"
    r"graduated|fell|hurt|was|were|died|had|got)\b",
    re.IGNORECASE,
)


def news_in(telling: Telling) -> list[NewMemory]:
    """What the rules find in the user's words, before the gate."""
    return [
        dated(
            NewMemory(
                text=fact.text,
                kind=fact.kind,
                said_at=telling.said_at,
                source=telling.source,
                topic=fact.topic,
                many=fact.many,
                confidence=fact.confidence,
                subject=fact.subject,
                context=context_of(fact.words, telling.answers),
            ),
            fact.words,
            fact.language,
        )
        for fact in facts_in(telling.words, language_of(telling))
    ]


def language_of(telling: Telling) -> Language:
    return next((each for each in LANGUAGES if each == telling.language), "en")


def context_of(words: str, answers: str) -> str:
    """What was said before on one line, and the user's words on the last."""
    lines = (clip(" ".join(masked(each).text.split()), CONTEXT_CHARACTERS) for each in (answers, words))
    return "\n".join(line for line in lines if line)


def words_of(context: str) -> str:
    """The user's own part of it."""
    return context.rpartition("\n")[2]


def dated(new: NewMemory, words: str, language: Language = "en") -> NewMemory:
    """With the days that these words name: when it holds or happens, and told so that it is still true tomorrow."""
    return _dated_in_english(new, words) if language == "en" else days.dated(new, words, tongue_of(language))


def _dated_in_english(new: NewMemory, words: str) -> NewMemory:
    now = new.said_at
    if _EVERY_YEAR.search(new.text):
        return new
    begins: datetime | None = None
    ends: datetime | None = None
    text = new.text
    if new.kind in _HAPPENS or _RELATIVE.search(text):
        period = period_in(text, now, past=bool(_OVER.search(text)))
        begins, ends = (period.begins, period.ends) if period else (None, None)
        if new.kind in _HAPPENS or new.topic == "note":
            text = for_ever(text, now, past=bool(_OVER.search(text)))
    elif period := lasting(words, now):
        begins, ends = period.begins, period.ends
    elif _BEGAN.search(words) and (period := period_in(words, now, past=True)):
        begins = period.begins
    return replace(new, text=text, valid_from=begins, valid_until=ends)
