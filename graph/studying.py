"""A language model as a student of what the user told: it may find what the rules have missed, and nothing else.

It answers in JSON that fits a schema. What it says must be in the user's own words, in the third person, and no more
and no less denied than they did; the notebook's gate looks at it after that.
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final

import structlog
from pydantic import BaseModel, ValidationError

from graph.facts import LONGEST_SPOKEN
from graph.noting import context_of, dated, language_of
from graph.persons import ended
from graph.prompts import clip
from graph.protocols import LanguageModels
from graph.settings import OFFLINE
from graph.types import Language, Prompt
from graph.words import content_words, straight
from memory.gate import Telling, own_words
from memory.types import USER, Kind, NewMemory

log = structlog.get_logger(__name__)

MOST = 6
CONFIDENCE = 0.6
_STUDY: Final = (
    "You read one thing that a user told an assistant, and list what is worth remembering about the user and their "
    "people: names, relations, places, work, likes, dislikes, health, dates, plans. Use only the user's own words. "
    "{how} Leave out questions, orders, "
    "quotations, what the assistant said, what is noted already, and all that is true for today only. When there is "
    "nothing, the list is empty."
)
_SECOND: Final = "Write each as one short sentence in {}, in the second person, to the user: {}. Keep their words."
_HOW: Final[Mapping[Language, str]] = {
    "en": 'Write each as one short sentence in the third person that begins with "The user".',
    "de": _SECOND.format("German", '"Du wohnst in Bern.", "Deine Schwester heißt Anna."'),
    "fr": _SECOND.format("French", '"Tu habites à Lyon.", "Ta sœur s\'appelle Anna."'),
    "es": _SECOND.format("Spanish", '"Vives en Lima.", "Tu hermana se llama Ana."'),
}
STUDY: Final[Mapping[Language, str]] = {language: _STUDY.format(how=how) for language, how in _HOW.items()}
SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "memories": {
            "type": "array",
            "maxItems": MOST,
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string", "maxLength": 200},
                    "kind": {"enum": ["fact", "preference", "emotion", "event", "task", "relation"]},
                    "subject": {"type": "string", "maxLength": 40},
                    "topic": {"type": "string", "maxLength": 40},
                },
                "required": ["text", "kind", "subject", "topic"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["memories"],
    "additionalProperties": False,
}

_ONE_AT_A_TIME = frozenset({"name", "home", "work", "age", "birthday", "diet", "marital status"})
_DENIED = re.compile(
    r"\b(?:nicht|kein\w*|nie|niemals|ohne|hass\w*|pas|plus|jamais|aucun\w*|sans|détest\w*|nunca|jamás|sin|odi\w+|"
    r"ningun\w*)\b|n't\b|\b(?:not|no|never|nor|neither|nobody|nothing|none|without|cannot|stopped|quit|dislikes?|"
    r"hates?|used to|"
    r"longer|former(?:ly)?|avoids?|detests?)\b",
    re.IGNORECASE,
)
_THIRD_PERSON = re.compile(r"The user(?:'s)? \S+ \S", re.IGNORECASE)
_SECOND_PERSON: Final[Mapping[Language, re.Pattern[str]]] = {
    "de": re.compile(r"(?:Du|Dein\w{0,2}|Euer|Eure\w?) \S+ \S"),
    "fr": re.compile(r"(?:Tu|Ton|Ta|Tes|Votre|Vos|T') ?\S+ \S"),
    "es": re.compile(r"(?:Tú |Tus? |Te |No |Ya )?\w+ \S"),
}
_FIRST: Final = re.compile(r"\b(?:ich|mich|mir|mein\w*|je|j'|moi|mon|ma|mes|yo|mi|mis|mí)\b", re.IGNORECASE)
_FIRST_OR_SECOND = re.compile(r"\b(?:i|me|my|mine|you|your|yours)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?;\n]+|,? (?:but|and|because) ")


class _Found(BaseModel):
    text: str
    kind: Kind
    subject: str
    topic: str


class _Answer(BaseModel):
    memories: list[_Found]


class Student:
    """A `Learner` of the notebook."""

    def __init__(self, models: LanguageModels) -> None:
        self._models = models

    async def learn(self, telling: Telling) -> Sequence[NewMemory]:
        words = own_words(telling.words)
        if len(telling.words) > LONGEST_SPOKEN or not content_words(words):
            return ()
        prompt = Prompt(
            system=STUDY[language_of(telling)],
            history=(),
            memories=(),
            now=telling.said_at,
            question=_question(telling, words),
            schema=SCHEMA,
            aside=True,
        )
        answered_by: list[str] = []
        async with aclosing(self._models.generate(prompt, answering=answered_by.append)) as pieces:
            answer = "".join([piece async for piece in pieces])
        if answered_by[-1:] == [OFFLINE]:
            return ()
        return [
            dated(_memory(found, telling), telling.words, language_of(telling))
            for found in _found(answer)
            if _is_told(found, telling, words)
        ]


def _question(telling: Telling, words: str) -> str:
    parts = [f"The assistant had said: {clip(telling.answers, 400)}"] if telling.answers else []
    parts.append(f"The user told: {words}")
    if telling.noted:
        parts.append(f"Noted already: {' '.join(telling.noted)}")
    parts.append("List what else is worth remembering, as JSON.")
    return "\n\n".join(parts)


def _found(answer: str) -> list[_Found]:
    """What the answer lists; nothing where it makes no sense."""
    try:
        return _Answer.model_validate(json.loads(answer, strict=False)).memories[:MOST]
    except (ValueError, RecursionError, ValidationError):
        log.info("a study that made no sense", characters=len(answer))
        return []


def _is_told(found: _Found, telling: Telling, words: str) -> bool:
    text = straight(" ".join(found.text.split()))
    language = language_of(telling)
    if language == "en" or text.startswith("The user"):
        if not _THIRD_PERSON.match(text) or _FIRST_OR_SECOND.search(text):
            return False
    elif not _SECOND_PERSON[language].match(text) or _FIRST.search(text):
        return False
    about = content_words(text)
    if any(about <= content_words(noted) for noted in telling.noted):
        return False
    clauses = [clause for clause in _SENTENCE.split(words) if content_words(clause) & about]
    denied = any(_DENIED.search(clause) for clause in clauses)
    return denied == bool(_DENIED.search(text))


def _memory(found: _Found, telling: Telling) -> NewMemory:
    subject = " ".join(found.subject.casefold().split())
    subject = (
        USER
        if subject in {"", "user", "the user", "i", "me", "self", "speaker", "du", "tu", "tú", "you"}
        else found.subject.strip()
    )
    topic = " ".join(found.topic.casefold().split())
    return NewMemory(
        text=ended(found.text),
        kind=found.kind,
        said_at=telling.said_at,
        source=telling.source,
        topic=topic,
        many=topic not in _ONE_AT_A_TIME,
        confidence=CONFIDENCE,
        subject=subject,
        context=context_of(telling.words, telling.answers),
    )
