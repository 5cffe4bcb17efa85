"""What a thread remembers between two turns: the state of the graph, kept in its checkpoint.

Of each turn the user's message is kept at once and the assistant's only when it is settled, as it was heard. The
fields below `messages` belong to one turn and are written over by the next.
"""

from dataclasses import dataclass, field
from typing import Literal, TypedDict

from graph.intent_words import Intent
from memory.types import NewMemory

Asks = Literal["", "forget-everything"]
"""A question of ours that waits for the user's yes or no."""


@dataclass(frozen=True, slots=True)
class Said:
    turn: str
    role: Literal["user", "assistant"]
    text: str
    cut: bool = False
    """Whether the user interrupted before all of it was heard."""

    @property
    def as_heard(self) -> str:
        return f"{self.text.rstrip()} …" if self.cut else self.text


@dataclass(frozen=True, slots=True)
class Note:
    """A memory as the graph carries it about."""

    id: str
    text: str


@dataclass(frozen=True)
class State:
    messages: list[Said] = field(default_factory=list)
    summary: str = ""
    last_answer: str = ""
    """The whole of the last answer that was heard at all, for "say that again"."""
    confirming: Asks = ""
    candidates: list[NewMemory] = field(default_factory=list)
    """What the user told us and long-term memory has not taken yet."""
    to_forget: list[str] = field(default_factory=list)
    """Ids of memories that the user wants gone and that are not yet."""

    turn: str = ""
    question: str = ""
    intent: Intent = "chat"
    about: str = ""
    notes: list[Note] = field(default_factory=list)
    answer: str = ""
    asks: Asks = ""
    forgets: list[str] = field(default_factory=list)
    heard: str = ""
    complete: bool = True
    troubles: list[str] = field(default_factory=list)
    """What failed in this turn without ending it, as `part:code`."""


class Asked(TypedDict):
    """What starts a run."""

    turn: str
    question: str


class Update(TypedDict, total=False):
    """What a node changes."""

    messages: list[Said]
    summary: str
    last_answer: str
    confirming: Asks
    candidates: list[NewMemory]
    to_forget: list[str]
    turn: str
    question: str
    intent: Intent
    about: str
    notes: list[Note]
    answer: str
    asks: Asks
    forgets: list[str]
    heard: str
    complete: bool
    troubles: list[str]


def placed(messages: list[Said], said: Said) -> list[Said]:
    """With this message in its turn's place: instead of the one that stands there, or else after its turn's others."""
    where = [index for index, each in enumerate(messages) if each.turn == said.turn]
    if not where:
        return [*messages, said]
    for index in where:
        if messages[index].role == said.role:
            return [*messages[:index], said, *messages[index + 1 :]]
    return [*messages[: where[-1] + 1], said, *messages[where[-1] + 1 :]]
