"""What becomes of a user's memories when something new is told, corrected, or to be forgotten.

Pure rules over plain values; the stores only look up and write. Telling again what is known changes nothing; a new
value of a topic supersedes the old one of the same subject, which is kept and linked; forgetting takes along what was
superseded.
"""

import itertools
import re
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from memory.marks import marks_of
from memory.ranking import fingerprint, terms_in, writable
from memory.types import USER, Marks, Memory, MemoryId, NewMemory, Part, Source
from resilience.errors import InputRejected

_kept_at = itertools.count(time.time_ns())


@dataclass(frozen=True)
class Kept:
    """A memory, with what a store has to know about it."""

    memory: Memory
    kept_at: int
    """Orders memories that were told at the same moment."""
    position: int = 0
    """Orders the memories of one thread as they were told, without a gap: 0 is the first."""

    @cached_property
    def marks(self) -> Marks:
        return marks_of(self.memory)

    @property
    def stands(self) -> bool:
        return self.memory.superseded_by is None

    @property
    def age(self) -> tuple[float, int]:
        """Sorts the oldest first."""
        return self.memory.said_at.timestamp(), self.kept_at


def silent_about(gone: Iterable[Memory], others: Iterable[Kept]) -> list[Kept]:
    """Those of the others whose context tells of what is gone, without that context: what was said next to it may
    repeat it, and so may the answer.
    """
    told = frozenset().union(*(terms_in(each.text) for each in gone))
    return [
        replace(each, memory=replace(each.memory, context=""))
        for each in others
        if (told - terms_in(each.memory.text)) & terms_in(each.memory.context)
    ]


@dataclass(frozen=True, slots=True)
class Kin:
    """What a new memory must be compared with: the same words, or the same topic, of the same subject."""

    fingerprint: str
    topic: str


def kin_of(memory: Memory | NewMemory) -> Kin:
    words, topic = fingerprint(memory.text), _plain(memory.topic)
    if memory.subject == USER:
        return Kin(words, topic)
    subject = _plain(memory.subject)
    return Kin(words and f"{subject}: {words}", topic and f"{subject}: {topic}")


def topic_keys(topics: Iterable[str]) -> list[str]:
    """What is filed under these of the user's own has one of them in its `Kin`."""
    return [_plain(topic) for topic in topics]


def belongs(kept: Kept, part: Part) -> bool:
    memory = kept.memory
    return (
        (part.superseded or kept.stands)
        and part.kind in (None, memory.kind)
        and (not part.topics or kin_of(memory).topic in topic_keys(part.topics))
        and (part.ids is None or memory.id in part.ids)
        and part.turn in (None, memory.source)
        and holds_words(memory, part.words)
    )


def holds_words(memory: Memory, words: str) -> bool:
    """Do all of these stand in it, as they are written?"""
    if not words:
        return True
    text = f"{memory.text} {memory.topic} {memory.subject} {memory.kind}".casefold()
    return all(word in text for word in words.casefold().split())


def keep(
    standing: Iterable[Kept], news: Sequence[NewMemory], ends: Mapping[str, int] | None = None
) -> tuple[tuple[Memory, ...], tuple[Kept, ...]]:
    """The memory that now stands for each of the news, and all that has to be written.

    `standing` must hold every memory of the user that stands and is kin to any of the news; `ends` the last position
    in each thread that has one.
    """
    stand = {each.memory.id: each for each in standing}
    kin_to = {key: kin_of(each.memory) for key, each in stand.items()}
    last = dict(ends or {})
    answers: list[MemoryId] = []
    written: dict[MemoryId, Kept] = {}
    for new in map(_storable, news):
        kin = kin_of(new)
        if not kin.fingerprint:
            raise InputRejected("memory", "there is nothing in it to remember")
        known = next((key for key in stand if kin_to[key].fingerprint == kin.fingerprint), None)
        if known is not None:
            answers.append(known)
            continue
        memory = _memory_of(new)
        if not new.many and kin.topic:
            for key in _displaced(new, [old for key, old in stand.items() if kin_to[key].topic == kin.topic]):
                written[key] = superseded(stand.pop(key), memory.id)
        last[new.source.thread] = position = last.get(new.source.thread, -1) + 1
        stand[memory.id] = written[memory.id] = Kept(memory, next(_kept_at), position)
        kin_to[memory.id] = kin
        answers.append(memory.id)
    final = stand | written
    return tuple(final[key].memory for key in answers), tuple(written.values())


def _displaced(new: NewMemory, of_topic: Sequence[Kept]) -> list[MemoryId]:
    """Whose place a single value takes: that of the one there was. Of somebody's name also that of the only one that
    came up ("my sister Anna"); but of nobody's who is one of several ("my two sisters").
    """
    single = [each.memory.id for each in of_topic if not each.memory.many]
    if not _is_name(new):
        return single
    several = re.compile(rf"\b{re.escape(new.topic)}(?:s|n|en|es)\b(?!['’])", re.IGNORECASE)
    if any(several.search(each.memory.text) for each in of_topic):
        return []
    names = [each.memory.id for each in of_topic if _is_name(each.memory)]
    return [*dict.fromkeys([*single, *names])] if len(names) == 1 else single


def _is_name(memory: Memory | NewMemory) -> bool:
    called = rf"{re.escape(memory.subject)} (?:is called|heißt|s'appelle|se llama) "
    return (
        memory.kind == "relation"
        and memory.subject != USER
        and re.search(called, memory.text, re.IGNORECASE) is not None
    )


def correct(
    wrong: Kept, standing: Iterable[Kept], new: NewMemory, ends: Mapping[str, int] | None = None
) -> tuple[Memory, tuple[Kept, ...]]:
    """What now stands instead of the one that was wrong, and all that has to be written. The rest as for `keep`; where
    the topic stays what it was, it stands beside others as the wrong one did.
    """
    others = [each for each in standing if each.memory.id != wrong.memory.id]
    many = wrong.memory.many if kin_of(new).topic == kin_of(wrong.memory).topic else new.many
    (right,), written = keep(others, [replace(new, many=many)], ends)
    return right, (*written, superseded(wrong, right.id))


def superseded(old: Kept, by: MemoryId) -> Kept:
    return replace(old, memory=replace(old.memory, superseded_by=by))


def with_superseded(ids: Iterable[MemoryId], of_user: Iterable[Memory]) -> frozenset[MemoryId]:
    """Those of the ids that are the user's, and everything that led up to them. `of_user`: all that the user has."""
    memories = tuple(of_user)
    mine = frozenset(ids) & {memory.id for memory in memories}
    return mine | led_to(mine, memories)


def led_to(ids: Iterable[MemoryId], of_user: Iterable[Memory]) -> frozenset[MemoryId]:
    """What these superseded, and what that did."""
    memories, found, new = tuple(of_user), set[MemoryId](), set(ids)
    while new := {memory.id for memory in memories if memory.superseded_by in new} - found:
        found |= new
    return frozenset(found)


def _plain(words: str) -> str:
    return " ".join(writable(words).casefold().split())


def _storable(new: NewMemory) -> NewMemory:
    return replace(
        new,
        text=writable(new.text).strip(),
        topic=writable(new.topic).strip(),
        subject=writable(new.subject).strip() or USER,
        context=writable(new.context).strip(),
        source=Source(writable(new.source.thread), writable(new.source.turn)),
    )


def _memory_of(new: NewMemory) -> Memory:
    return Memory(
        id=MemoryId(str(uuid.uuid4())),
        text=new.text,
        kind=new.kind,
        said_at=new.said_at,
        source=new.source,
        topic=new.topic,
        confidence=new.confidence,
        subject=new.subject,
        context=new.context,
        valid_from=new.valid_from,
        valid_until=new.valid_until,
        many=new.many,
    )
