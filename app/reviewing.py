"""A conversation to look back on: what the history shows of it, and what the turn log knows of each of its turns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from app.notices import in_words, why_offered
from app.turn import Outcome
from graph.types import Language

FAVOURITE = "favourite"
"""The tag of a thread that its user wants to find again."""
EPOCH = "1970-01-01T00:00:00Z"
"""Of a thread that does not say when it was."""
UNTITLED = "Untitled"


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in the list."""

    id: str
    title: str
    at: datetime
    """When something was last said in it."""
    messages: int
    favourite: bool


@dataclass(frozen=True, slots=True)
class Page:
    threads: tuple[Listed, ...]
    next: str | None
    """Where the next page begins; None on the last."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that the user said: an utterance, or a typed message."""

    id: str
    text: str
    said_at: datetime
    engine: str | None = None
    """That made out the words; None where they were typed, or there are none."""
    confidence: float | None = None
    seconds: float | None = None
    """How long it was spoken."""
    recorded: bool = False
    """Whether it can still be heard."""
    outcome: Outcome | None = None
    reason: str = ""
    """Why it was not answered: codes, as `app.notices.why_offered` knows them, or words."""
    verbatim: str = ""
    """With every hesitation and repeated sound, where the text was cleaned of such; else empty."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A turn in the log."""

    turn: str | None
    """None for what never came to be a turn."""
    sayings: tuple[Said, ...]
    record: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    heard: float
    """How much of its sound, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    began: float
    """Seconds after the end of speech."""
    ended: float


@dataclass(frozen=True, slots=True)
class ReviewedTurn:
    id: str
    """Of the turn; of what was said, where there is none."""
    said: tuple[Said, ...]
    answer: tuple[Sentence, ...]
    shown: tuple[str, ...]
    """What else was written, of which nobody knows whether it was heard."""
    outcome: Outcome | None
    tier: str
    stt: str
    tts: str
    model: str
    level: str
    troubles: tuple[str, ...]
    """Codes, as `app.notices.in_words` knows them, or words."""
    steps: tuple[Step, ...]

    @property
    def at(self) -> datetime | None:
        """None where what was said could not be kept."""
        return self.said[0].said_at if self.said else None


@dataclass(frozen=True, slots=True)
class Review:
    id: str
    title: str
    at: datetime
    favourite: bool
    turns: tuple[ReviewedTurn, ...]


def review_of(thread: Mapping[str, Any], logged: Sequence[Logged]) -> Review:
    """`thread`: as the history keeps it, with its steps."""
    steps = sorted(
        (each for each in thread["steps"] if each.get("createdAt")), key=lambda each: moment(each["createdAt"])
    )
    turns = _turns_of(logged) or _turns_shown(steps)
    return Review(
        id=thread["id"],
        title=title_of(thread),
        at=moment(thread["createdAt"] or next((each["createdAt"] for each in steps), EPOCH)),
        favourite=is_favourite(thread),
        turns=_with_what_was_shown(turns, steps),
    )


def told_in(language: Language, review: Review) -> Review:
    """With words for all that went wrong."""
    return replace(review, turns=tuple(_told_in(language, turn) for turn in review.turns))


def _told_in(language: Language, turn: ReviewedTurn) -> ReviewedTurn:
    said = tuple(replace(each, reason=why_offered(language, each.reason)) for each in turn.said)
    return replace(turn, said=said, troubles=tuple(in_words(each, language) for each in turn.troubles))


def title_of(thread: Mapping[str, Any]) -> str:
    return thread.get("name") or UNTITLED


def is_favourite(thread: Mapping[str, Any]) -> bool:
    return FAVOURITE in (thread.get("tags") or ())


def moment(told: str) -> datetime:
    """UTC where it does not say."""
    at = datetime.fromisoformat(told)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class TurnRecord(BaseModel):
    """What a turn wrote down of itself; older ones wrote less."""

    model_config = ConfigDict(extra="ignore")

    tier: str = ""
    stt: str = ""
    tts: str = ""
    model: str = ""
    level: str = ""
    troubles: tuple[str, ...] = ()
    heard: tuple[tuple[str, float], ...] = ()
    steps: tuple[tuple[str, float, float], ...] = ()


def record_of(raw: Mapping[str, Any] | None) -> TurnRecord:
    try:
        return TurnRecord.model_validate(dict(raw or {}))
    except ValidationError:  # of another version of the house
        return TurnRecord()


def _turns_of(logged: Sequence[Logged]) -> list[ReviewedTurn]:
    return [_turn(each.turn or each.sayings[0].id, each.sayings, each.record) for each in logged]


def _turns_shown(steps: Sequence[Mapping[str, Any]]) -> list[ReviewedTurn]:
    """From before there was a log, or when it was erased."""
    said = [
        Said(each["id"], each.get("output") or "", moment(each["createdAt"]))
        for each in steps
        if each["type"] == "user_message"
    ]
    return [_turn(each.id, (each,), None) for each in said]


def _turn(id_: str, said: tuple[Said, ...], raw: Mapping[str, Any] | None) -> ReviewedTurn:
    record = record_of(raw)
    return ReviewedTurn(
        id=id_,
        said=said,
        answer=tuple(Sentence(text, heard) for text, heard in record.heard),
        shown=(),
        outcome=said[-1].outcome if said else None,
        tier=record.tier,
        stt=record.stt or next((each.engine for each in said if each.engine), ""),
        tts=record.tts,
        model=record.model,
        level=record.level,
        troubles=record.troubles,
        steps=tuple(Step(name, began, ended) for name, began, ended in record.steps),
    )


def _with_what_was_shown(turns: Sequence[ReviewedTurn], steps: Sequence[Mapping[str, Any]]) -> tuple[ReviewedTurn, ...]:
    """What the assistant wrote belongs to the last turn that had begun by then; the first takes what came before."""
    shown: list[list[str]] = [[] for _ in turns]
    for each in steps:
        text = (each.get("output") or "").strip()
        if not turns or not text or each["type"] != "assistant_message":
            continue
        at = moment(each["createdAt"])
        place = max((number for number, turn in enumerate(turns) if turn.at is not None and turn.at <= at), default=0)
        if text != " ".join(sentence.text for sentence in turns[place].answer):
            shown[place].append(text)
    return tuple(replace(turn, shown=tuple(texts)) for turn, texts in zip(turns, shown, strict=True))
