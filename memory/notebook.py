"""The notebook: between a settled turn and long-term memory. What is noted is on disk, and is carried out in time.

Nobody who answers waits for long-term memory, or for the model that looks for what the rules have missed. Entries are
carried out in order, again and again while the store is away; a crash repeats at most one, which the store takes as
known. Studying a turn is a luxury: it makes way for whoever waits for an answer, and is given up when it fails.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar, assert_never

import anyio
import structlog

from memory.gate import Telling, pass_on
from memory.notes import Entry, Notes, Struck
from memory.notes_disk import Disk, open_notes
from memory.protocols import LongTermMemory
from memory.types import Memory, NewMemory, Part, Source, UserId
from resilience.errors import EngineError, InputRejected

T = TypeVar("T")

log = structlog.get_logger(__name__)

CATCHING_UP_SECONDS = 0.5
"""How long a question waits for what was noted just before it."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0
"""Between two tries, while the store is away."""
QUIET_SECONDS = 1.0
"""Nobody has been answered for so long before a turn is studied."""
STUDY_SECONDS = 90.0
TRIES = 3
"""How often a turn is studied whose study ended the process."""
CLOSING_SECONDS = 3.0
MOST_OF_A_TURN = 1_000
"""More memories nobody tells in one turn."""


class Learner(Protocol):
    async def learn(self, telling: Telling) -> Sequence[NewMemory]:
        """What else the user told there. Raises `EngineError`."""
        ...


class Notebook:
    """Every call that writes returns when it is on disk, is carried out whoever is cancelled, and raises
    `EngineError`.
    """

    def __init__(
        self, notes: Notes, memory: LongTermMemory, learner: Learner | None, quiet_seconds: float = QUIET_SECONDS
    ) -> None:
        self._disk = Disk(notes)
        self._memory = memory
        self._learner = learner
        self._quiet_seconds = quiet_seconds
        self._waiting: Counter[UserId] = Counter(notes.waiting())
        self._paused = set(notes.paused())
        self._carrying_out = anyio.Lock()
        self._failing = False
        self._new, self._done = anyio.Event(), anyio.Event()
        self._talking: Counter[UserId] = Counter()
        self._studying: tuple[UserId, anyio.CancelScope] | None = None
        self._latest: dict[tuple[UserId, str, str], datetime] = {}

    @property
    def waiting(self) -> int:
        """Entries that are to be carried out, of all users."""
        return self._waiting.total()

    async def note(self, user: UserId, news: Sequence[NewMemory], telling: Telling | None = None) -> None:
        """Keep the news, which have passed the gate; and see what else there is in the telling."""
        if user in self._paused:
            return
        told = telling if self._learner is not None else None
        if not news and told is None:
            return
        await self._disk.ask(lambda notes: notes.note(user, news, told))
        if self._learner is not None:
            self._latest |= {(user, new.subject, new.topic): new.said_at for new in news}
        await self._stir()

    async def restore(self, user: UserId, known: Sequence[NewMemory]) -> None:
        """Keep again what was kept before, also while nothing may be noted of what they say."""
        await self._disk.ask(lambda notes: notes.note(user, known, None))
        await self._stir()

    async def strike(self, user: UserId, struck: Struck) -> None:
        await self._disk.ask(lambda notes: notes.strike(user, struck))
        self._disturb(user)
        await self._stir()

    async def pending(self, user: UserId) -> tuple[NewMemory, ...]:
        """What is noted and not yet in long-term memory."""
        return await self._disk.ask(lambda notes: notes.pending(user))

    async def forget_all(self, user: UserId) -> int:
        """Erase what stands here of this user, and see what is on its way to long-term memory arrive: it must be
        erased there afterwards.
        """
        gone = await self._disk.ask(lambda notes: notes.forget_all(user))
        self._paused.discard(user)
        for key in [each for each in self._latest if each[0] == user]:
            del self._latest[key]
        self._disturb(user)
        async with self._carrying_out:
            await self._stir()
        return gone

    async def paused(self, user: UserId) -> bool:
        """Whether nothing may be noted of what this user says."""
        return user in self._paused

    async def pause(self, user: UserId, paused: bool) -> None:
        await self._disk.ask(lambda notes: notes.pause(user, paused))
        (self._paused.add if paused else self._paused.discard)(user)

    async def caught_up(self, user: UserId, seconds: float = CATCHING_UP_SECONDS) -> bool:
        """Wait a little until what is noted of this user is carried out; not while the store is away."""
        with anyio.move_on_after(seconds):
            while self._waiting[user] and not self._failing:
                await self._done.wait()
        return not self._waiting[user]

    @contextmanager
    def making_way(self, user: UserId) -> Generator[None]:
        """The user is being answered: meanwhile no turn of theirs is studied."""
        self._talking[user] += 1
        self._disturb(user)
        try:
            yield
        finally:
            self._talking[user] -= 1
            self._wake()

    async def carry_out(self) -> None:
        """For ever: one entry after the other, as often as it takes."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            new = self._new
            try:
                more = await self._carry_out_next()
            except EngineError as exc:
                if not self._failing:
                    log.warning("long-term memory is behind", code=exc.code)
                self._failing = True
                self._tell_of_it()
                with anyio.move_on_after(pause):
                    await new.wait()
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                continue
            self._failing, pause = False, FIRST_PAUSE_SECONDS
            if not more:
                await new.wait()

    async def study(self) -> None:
        """For ever: one turn after the other, as soon as nobody is disturbed by it."""
        while self._learner is not None:
            new = self._new
            await anyio.sleep(self._quiet_seconds)
            try:
                if not await self._study_next(self._learner):
                    await new.wait()
            except EngineError as exc:
                log.warning("turns are not studied", code=exc.code)
                await new.wait()

    async def finish(self) -> None:
        """Carry out what can be carried out in a moment; the rest waits in the file."""
        with anyio.move_on_after(CLOSING_SECONDS, shield=True):
            try:
                while await self._carry_out_next():
                    pass
            except EngineError as exc:
                log.warning("long-term memory is behind", code=exc.code)

    async def close(self) -> None:
        await self._disk.close()

    async def _carry_out_next(self) -> bool:
        """Whether there was one."""
        async with self._carrying_out:
            entry = await self._disk.ask(Notes.next_to_carry_out)
            if entry is None:
                return False
            try:
                await self._carry(entry)
            except InputRejected as exc:
                log.warning("entry given up", code=exc.code)
            await self._disk.ask(lambda notes: notes.done(entry.id))
            await self._count()
        return True

    async def _carry(self, entry: Entry) -> None:
        match entry.body:
            case Struck(everything=True):
                await self._memory.forget_all(entry.user)
            case Struck(ids=ids, turns=turns):
                told = [each.id for turn in turns for each in await self._told(entry.user, turn)]
                await self._memory.forget(entry.user, [*dict.fromkeys([*ids, *told])])
            case Telling():
                raise AssertionError("a telling is studied, not carried out")
            case tuple() as news:
                await self._memory.remember(entry.user, news)
            case _ as never:
                assert_never(never)

    async def _told(self, user: UserId, turn: Source) -> tuple[Memory, ...]:
        return (await self._memory.page(user, Part(turn=turn), limit=MOST_OF_A_TURN)).memories

    async def _study_next(self, learner: Learner) -> bool:
        """Whether there was one to be studied now."""
        talking = [user for user, times in self._talking.items() if times > 0]
        entry = await self._disk.ask(lambda notes: notes.next_to_study(talking))
        if entry is None:
            if not talking:
                self._latest.clear()
            return False
        assert isinstance(entry.body, Telling)
        news: Sequence[NewMemory] = ()
        with anyio.move_on_after(STUDY_SECONDS) as scope:
            self._studying = entry.user, scope
            try:
                if await self._disk.ask(lambda notes: notes.tries(entry.id)) <= TRIES:
                    news = await learner.learn(entry.body)
            except EngineError as exc:
                log.warning("turn not studied", code=exc.code)
            finally:
                self._studying = None
        if scope.cancelled_caught and anyio.current_time() < scope.deadline:
            await self._disk.ask(lambda notes: notes.put_back(entry.id))
            return True
        verdict = pass_on(news, entry.body)
        kept = [each for each in verdict.passed if not self._is_late(entry.user, each)]
        if verdict.refused:
            log.info("not noted", reasons=sorted({each.why for each in verdict.refused}))
        await self._disk.ask(lambda notes: notes.studied(entry.id, kept))
        await self._stir()
        return True

    def _is_late(self, user: UserId, new: NewMemory) -> bool:
        """Whether the user has told otherwise since."""
        since = self._latest.get((user, new.subject, new.topic))
        return not new.many and since is not None and since > new.said_at

    def _disturb(self, user: UserId) -> None:
        if self._studying is not None and self._studying[0] == user:
            self._studying[1].cancel()

    async def _stir(self) -> None:
        await self._count()
        self._wake()

    async def _count(self) -> None:
        self._waiting = Counter(await self._disk.ask(Notes.waiting))
        self._tell_of_it()

    def _tell_of_it(self) -> None:
        self._done.set()
        self._done = anyio.Event()

    def _wake(self) -> None:
        self._new.set()
        self._new = anyio.Event()


@asynccontextmanager
async def open_notebook(
    file: Path | None,
    memory: LongTermMemory,
    learner: Learner | None = None,
    *,
    quiet_seconds: float = QUIET_SECONDS,
) -> AsyncGenerator[Notebook]:
    """`file` None keeps it in process memory. Raises `EngineUnavailable` when the file cannot be used."""
    notebook = Notebook(await open_notes(file), memory, learner, quiet_seconds)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(notebook.carry_out)
            tasks.start_soon(notebook.study)
            try:
                yield notebook
            finally:
                await notebook.finish()
                tasks.cancel_scope.cancel()
    finally:
        await notebook.close()
