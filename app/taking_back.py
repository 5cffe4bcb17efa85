"""Taking back the last turn: what of it can be undone, and what is said of that. `app.deeds` does it."""

from collections.abc import Callable
from typing import Protocol

from app.desk_words import name_of, say
from app.learnt import Learnt
from app.reviewing import Listed
from app.turn import Forgotten
from app.whereabouts import Whereabouts
from graph.persons import second_person
from graph.types import Delete, Forget, GoTo, Language, LeafTo, Rename, Seen, TakeBack
from memory.types import Source, UserId
from resilience.errors import EngineError


class Titles(Protocol):
    async def one(self, user: UserId, thread: str) -> Listed | None:
        """Raises `EngineError`."""
        ...


class TakingBack:
    """Of one session."""

    def __init__(
        self,
        user: UserId,
        thread: str,
        *,
        here: Whereabouts,
        past: Titles,
        learnt: Learnt,
        language: Callable[[], Language],
    ) -> None:
        self._user = user
        self._thread = thread
        self._here = here
        self._past = past
        self._learnt = learnt
        self._language = language

    async def undo(self) -> Seen:
        """Of the last turn, and no other: who has said something since has let it be."""
        last = self._here.last
        if last is None:
            return await self._go_back()
        if last.taken_back or any(isinstance(each, TakeBack) for each in last.deeds):
            return Seen(self._say("undone-already"))
        if any(isinstance(each, Delete) or (isinstance(each, Forget) and each.for_good) for each in last.deeds):
            return Seen(self._say("undo-gone"))
        told: list[str] = []
        if last.before:
            what = dict.fromkeys(name_of(self._language(), each) for each in last.before)
            told.append(self._say("undo-manner", what=", ".join(what)))
        if any(isinstance(each, Rename) for each in last.deeds):
            told.append(self._say("undo-rename"))
        if any(isinstance(each, LeafTo) for each in last.undoing):
            told.append(self._say("undo-leaf"))
        if any(isinstance(each, Forgotten) for each in last.undoing):
            texts = [text for each in last.deeds if isinstance(each, Forget) for text in each.texts]
            told.append(self._say("undo-forgot", told=" ".join(map(second_person, texts))))
        try:
            learnt = await self._learnt.told_in(Source(self._thread, last.id))
        except EngineError:
            if not told:
                raise
            learnt = ()
        if learnt:
            told.append(self._say("undo-told", told=" ".join(map(second_person, learnt))))
        return Seen(" ".join(told), (TakeBack(),)) if told else Seen(self._say("undo-nothing"))

    async def _go_back(self) -> Seen:
        """Nothing was said here yet, but the word that led here."""
        left = self._here.came_from
        if left in ("", self._thread):
            return Seen(self._say("undo-nothing"))
        there = await self._past.one(self._user, left)
        if there is None:
            return Seen(self._say("undo-gone"))
        return Seen(self._say("undo-went", title=there.title), (GoTo(left),))

    def _say(self, key: str, **values: object) -> str:
        return say(self._language(), key, **values)
