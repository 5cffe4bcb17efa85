"""What a thread remembers between two turns: the state of the graph, kept in its checkpoint.

Of each turn the user's message is kept at once and the assistant's only when it is settled, as it was heard. The
fields below `messages` belong to one turn and are written over by the next.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypedDict

from graph.intent_words import Asks, Intent
from graph.types import Errand, Quote
from memory.types import NewMemory


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
    """Empty for one that is still in the notebook."""
    text: str
    thread: str = ""
    turn: str = ""
    said_at: datetime | None = None
    words: str = ""
    """What the user said."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as the graph carries it about."""

    id: str
    name: str
    """What it is called when it is cited."""


@dataclass(frozen=True)
class State:
    messages: list[Said] = field(default_factory=list)
    summary: str = ""
    last_answer: str = ""
    """The whole of the last answer that was heard at all, for "say that again"."""
    confirming: Asks = ""
    pending: Errand | None = None
    """What `confirming` is about, if it is an errand."""
    leafing: str = ""
    """What "more" goes on with: "errand"; "help:" and the section that was read; or nothing."""
    candidates: list[NewMemory] = field(default_factory=list)
    """What the user told us and the notebook has not taken yet."""
    to_forget: list[Note] = field(default_factory=list)
    """Memories that the user wants gone, and the notebook does not know yet."""
    off_the_record: str = ""
    """The turn in which the user asked that nothing be noted from now on."""
    known: list[Note] = field(default_factory=list)
    """What the last answer was made of, for "why do you know that"."""
    told_back: bool = False
    """Whether the last answer told just that, so that "forget that" means it."""
    quoted: list[Quote] = field(default_factory=list)
    """The passages that the last answer rested on, as `known`."""
    doomed: list[Paper] = field(default_factory=list)
    """The documents that `confirming` is about."""
    to_remove: list[Paper] = field(default_factory=list)
    """Documents that the user wants gone, and the library has not erased yet."""

    turn: str = ""
    question: str = ""
    intent: Intent = "chat"
    about: str = ""
    notes: list[Note] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    """What the user's documents say about the question."""
    cited: list[Quote] = field(default_factory=list)
    """Those of them that the answer rests on."""
    papers: list[Paper] = field(default_factory=list)
    """The documents that this turn is about."""
    answer: str = ""
    asks: Asks = ""
    leafs: str = ""
    errand: Errand | None = None
    """What is asked of the house, and waits for a yes."""
    forgets: list[Note] = field(default_factory=list)
    removes: list[Paper] = field(default_factory=list)
    unnoted: bool = False
    """Whether this turn is off the record."""
    withheld: list[str] = field(default_factory=list)
    """To be told to the user: what was not noted of this turn, and why."""
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
    pending: Errand | None
    leafing: str
    candidates: list[NewMemory]
    to_forget: list[Note]
    off_the_record: str
    known: list[Note]
    told_back: bool
    quoted: list[Quote]
    doomed: list[Paper]
    to_remove: list[Paper]
    turn: str
    question: str
    intent: Intent
    about: str
    notes: list[Note]
    quotes: list[Quote]
    cited: list[Quote]
    papers: list[Paper]
    answer: str
    asks: Asks
    leafs: str
    errand: Errand | None
    forgets: list[Note]
    removes: list[Paper]
    unnoted: bool
    withheld: list[str]
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


def answered_to(state: State) -> str:
    """What the user had heard before they said this."""
    heard = [each.as_heard for each in state.messages if each.role == "assistant" and each.turn != state.turn]
    return heard[-1] if heard else ""
