"""One turn, and what was heard of its answer."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NewType
from uuid import uuid4

from app.steps import Steps
from graph.types import Deed, TurnId
from memory.types import NewMemory
from voice.types import Heard

WHOLE = 0.95
"""A sentence of which this much sounded counts as heard."""
BACKCHANNELS = frozenset({"mm", "mhm", "mm-hm", "mm-hmm", "hm", "hmm", "uh-huh", "uh", "huh", "aha", "ah", "oh"})
"""What people say to show that they listen; on their own they do not end a reply."""


SayingId = NewType("SayingId", str)
"""Of one thing that the user said: an utterance, or a typed message. A turn has one or several."""

Outcome = Literal["answered", "cut", "silenced", "no-words", "offered", "taken-up", "dismissed"]
"""How a saying was settled. answered, cut (a reply was heard, in part), silenced (the user stopped it), no-words
(nothing to answer), offered (given back to the user, with a reason), and then taken-up or dismissed by them.
"""


def new_saying() -> SayingId:
    return SayingId(str(uuid4()))


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that was said and never answered."""

    saying: SayingId
    text: str
    """As typed, or as far as it was made out."""
    seconds: float | None
    """Length of the recording, if there is one."""
    said_at: datetime
    reason: str
    """Why it was not answered: codes, as `app.notices.why_offered` knows them, or words."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten in a turn, oldest first: nowhere else any more, nor here once another turn is over."""

    memories: tuple[NewMemory, ...]


@dataclass(slots=True)
class Turn:
    """Everything the user said before a reply was first heard: one utterance or several."""

    id: TurnId = field(default_factory=lambda: TurnId(str(uuid4())))
    said: list[str] = field(default_factory=list)
    sayings: list[SayingId] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    """What of it came by voice, and is therefore ours to show."""
    before: dict[str, Any] = field(default_factory=dict)
    """What its answer changed of the user's manner, as they had chosen it before: asked again, it starts from there."""
    closed: bool = False
    stopped: bool = False
    """Whether the user had its answer stopped."""
    deeds: list[Deed] = field(default_factory=list)
    """What is to be done at the user's word, once its answer was heard."""
    undoing: list[Deed | Forgotten] = field(default_factory=list)
    """What would undo those that were done."""
    taken_back: bool = False
    """Whether the user wanted it undone."""
    previous: "Turn | None" = None
    """The one that was heard before it."""
    steps: Steps = field(default_factory=Steps)
    record: dict[str, Any] = field(default_factory=dict)
    """How its answer came about: tier, engines, content level, troubles; what of it was heard; how long each step took.
    """


def heard_text(heard: tuple[Heard, ...]) -> str:
    """The words that were heard: whole sentences, and of the one that was cut, its share of words."""
    kept: list[str] = []
    for each in heard:
        if each.fraction >= WHOLE:
            kept.append(each.sentence)
            continue
        words = each.sentence.split()
        kept.append(" ".join(words[: int(len(words) * each.fraction)]))
        break
    return " ".join(filter(None, kept))


def is_backchannel(text: str) -> bool:
    words = re.findall(r"[a-z-]+", text.lower())
    return bool(words) and all(word in BACKCHANNELS for word in words)


def is_question(text: str) -> bool:
    return text.rstrip("\"'”’») ").endswith("?")
