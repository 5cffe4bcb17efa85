"""A desk over a real history, with conversations in it, and a session that asks it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import anyio

from app.deeds import Deeds
from app.desk import Desk
from app.events import Event
from app.history import History, HistoryFailed, open_history
from app.learnt import Learnt
from app.manner import Manner
from app.own_manner import OwnManner
from app.past import Past
from app.reviewing import Logged
from app.standing import Standing
from app.turn import Outcome, Turn
from app.whereabouts import Whereabouts
from graph.types import Account, Directive, Errand, Seen, TurnId
from memory.notebook import Notebook, open_notebook
from memory.types import UserId
from tests.fakes import Room
from tests.graph.fakes import ListedMemory

NOON = datetime(2025, 5, 5, 12, tzinfo=UTC)
ANNA, BEN = UserId("anna"), UserId("ben")


class NoLog:
    """A turn log that was erased: the history shows what was said."""

    async def thread_review(self, thread: str, user: str) -> Sequence[Logged]:
        return ()


class Asking:
    """A conversation in which some words are errands, and all others are answered with "Hm."."""

    def __init__(self, desk: Desk, errands: Mapping[str, Errand], *, tells: Sequence[Directive] = ()) -> None:
        """`tells`: with every answer that is none to an errand."""
        self.desk = desk
        self.errands = errands
        self.tells = tells
        self.asked: list[tuple[TurnId, str]] = []
        self.settled: list[tuple[str, bool]] = []
        self.taken_back: list[TurnId] = []
        self._stands = anyio.Event()

    async def reply(
        self, turn: TurnId, text: str, *, hurried: bool = False, provisional: bool = False
    ) -> AsyncGenerator[str | Directive, None]:
        self.asked.append((turn, text))
        self._stands = stands = anyio.Event()
        seen = Seen("Hm.", ()) if text not in self.errands else await self.desk.see_to(self.errands[text])
        for directive in (*seen.directives, *(self.tells if text not in self.errands else ())):
            yield directive
        if seen.text:
            yield seen.text
        yield Account("with-memory", "", ())
        if provisional:
            await stands.wait()

    def stands(self, turn: TurnId) -> bool:
        self._stands.set()
        return bool(self.asked) and self.asked[-1][0] == turn

    async def settle(self, turn: TurnId, heard: str, *, complete: bool) -> None:
        self.settled.append((heard, complete))

    async def take_back(self, turn: TurnId) -> None:
        self.taken_back.append(turn)


class Done(Deeds):
    """Counts the turns that were seen to."""

    count = 0

    async def carry_out(self, turn: Turn, outcome: Outcome, tell: Callable[[Event], Awaitable[None]]) -> None:
        await super().carry_out(turn, outcome, tell)
        self.count += 1


@dataclass
class Office:
    history: History
    past: Past
    memory: ListedMemory
    notebook: Notebook
    room: Room
    here: Whereabouts
    manner: OwnManner
    desk: Desk
    thread: str
    erased: list[str]
    standing: list[Standing]
    done: Done = field(init=False)
    """The deeds that were handed out last."""

    async def add(self, title: str, *said: tuple[str, str], user: str = ANNA, days: float = 0.0, id_: str = "") -> str:
        """A conversation with messages, as (type, text), so many days before noon."""
        thread = id_ or str(uuid4())
        at = NOON - timedelta(days=days)
        await self.history.execute_sql(
            'INSERT INTO threads ("id", "createdAt", "name", "userIdentifier") VALUES (:id, :at, :name, :user)',
            {"id": thread, "at": at.isoformat(), "name": title, "user": user},
        )
        for number, (kind, text) in enumerate(said):
            await self.history.execute_sql(
                'INSERT INTO steps ("id", "name", "type", "threadId", "streaming", "output", "createdAt")'
                " VALUES (:id, 'x', :type, :thread, FALSE, :text, :at)",
                {
                    "id": str(uuid4()),
                    "type": f"{kind}_message",
                    "thread": thread,
                    "text": text,
                    "at": (at + timedelta(seconds=number)).isoformat(),
                },
            )
        return thread

    async def titles(self) -> list[str]:
        return [each.title for each in (await self.past.threads(ANNA)).threads]

    async def ask(self, name: str, about: str = "", *, confirmed: bool = False) -> Seen:
        """A turn that is heard to its end, without its deeds."""
        seen = await self.desk.see_to(Errand(name, about, confirmed))  # type: ignore[arg-type]  # a test names it
        turn = Turn(deeds=list(seen.directives))  # type: ignore[arg-type]  # only deeds come of an errand
        self.deeds().closes(turn)
        return seen

    def deeds(self, conversation: Asking | None = None) -> Done:
        self.done = Done(
            ANNA,
            self.thread,
            here=self.here,
            past=self.past,
            learnt=Learnt(self.memory, self.notebook, ANNA),
            manner=self.manner,
            conversation=conversation or Asking(self.desk, {}),
            page=self.room,
        )
        return self.done


@asynccontextmanager
async def an_office(folder: Path) -> AsyncGenerator[Office]:
    """Anna's, in a conversation that is new."""
    erased: list[str] = []

    async def erase(thread: str, _user: UserId) -> None:
        erased.append(thread)

    def trouble(failure: HistoryFailed) -> None:
        pass  # who asked is told

    memory, here, manner = ListedMemory(), Whereabouts(), OwnManner(Manner())
    async with (
        open_history(folder / "history.sqlite", trouble, erase=erase) as history,
        open_notebook(None, memory) as notebook,
    ):
        past, thread = Past(history, NoLog()), str(uuid4())
        standing = list[Standing]()
        desk = Desk(
            ANNA,
            thread,
            here=here,
            past=past,
            learnt=Learnt(memory, notebook, ANNA),
            manner=manner,
            standing=lambda: standing,
            clock=lambda: NOON,
        )
        yield Office(history, past, memory, notebook, Room(), here, manner, desk, thread, erased, standing)
