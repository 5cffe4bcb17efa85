"""What becomes of a user's memories when something new is told or something is to be forgotten.

Pure rules over plain values; the stores only look up and write. Telling again what is known changes nothing; a new
value of a topic supersedes the old one, which is kept and linked; forgetting takes along what was superseded.
"""

import itertools
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from memory.ranking import fingerprint, writable
from memory.types import Memory, MemoryId, NewMemory
from resilience.errors import InputRejected

_kept_at = itertools.count(time.time_ns())


@dataclass(frozen=True, slots=True)
class Kept:
    """A memory, with what a store has to know about it."""

    memory: Memory
    many: bool
    kept_at: int
    """Orders memories that were told at the same moment."""

    @property
    def stands(self) -> bool:
        return self.memory.superseded_by is None

    @property
    def age(self) -> tuple[float, int]:
        """Sorts the oldest first."""
        return self.memory.said_at.timestamp(), self.kept_at


@dataclass(frozen=True, slots=True)
class Kin:
    """What a new memory must be compared with: the same words, or the same topic."""

    fingerprint: str
    topic: str


def kin_of(text: str, topic: str) -> Kin:
    return Kin(fingerprint(text), " ".join(topic.casefold().split()))


def keep(standing: Iterable[Kept], news: Sequence[NewMemory]) -> tuple[tuple[Memory, ...], tuple[Kept, ...]]:
    """The memory that now stands for each of the news, and all that has to be written.

    `standing` must hold every memory of the user that stands and is kin to any of the news.
    """
    stand = {each.memory.id: each for each in standing}
    answers: list[MemoryId] = []
    written: dict[MemoryId, Kept] = {}
    for new in news:
        text = writable(new.text).strip()
        kin = kin_of(text, new.topic)
        if not kin.fingerprint:
            raise InputRejected("memory", "there is nothing in it to remember")
        of_kin = {key: (kin_of(each.memory.text, each.memory.topic), each) for key, each in stand.items()}
        known = next((key for key, (its, _) in of_kin.items() if its.fingerprint == kin.fingerprint), None)
        if known is not None:
            answers.append(known)
            continue
        memory = Memory(
            id=MemoryId(str(uuid.uuid4())),
            text=text,
            kind=new.kind,
            said_at=new.said_at,
            source=new.source,
            topic=writable(new.topic).strip(),
            confidence=new.confidence,
        )
        if not new.many and kin.topic:
            for key, (its, old) in of_kin.items():
                if its.topic == kin.topic and not old.many:
                    written[key] = replace(old, memory=replace(old.memory, superseded_by=memory.id))
                    del stand[key]
        stand[memory.id] = written[memory.id] = Kept(memory, new.many, next(_kept_at))
        answers.append(memory.id)
    final = stand | written
    return tuple(final[key].memory for key in answers), tuple(written.values())


def with_superseded(ids: Iterable[MemoryId], of_user: Iterable[Memory]) -> frozenset[MemoryId]:
    """Those of the ids that are the user's, and everything that led up to them. `of_user`: all that the user has."""
    memories = tuple(of_user)
    going = set(ids) & {memory.id for memory in memories}
    while more := {memory.id for memory in memories if memory.superseded_by in going} - going:
        going |= more
    return frozenset(going)
