"""What is done at the user's word once its turn stands and the answer was heard: gone to another conversation, renamed,
deleted, muted, taken back.

A deed that fails is said, and the others are done. What cannot be undone is not done when the user broke in; and nobody
is taken elsewhere while they speak: that waits until what they said is answered.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol, assert_never

import anyio
import structlog

from app.desk_words import count_messages, say
from app.events import Chosen, Event, Level, Mention, SleepAsked
from app.learnt import Learnt
from app.notices import because
from app.own_manner import OwnManner
from app.reviewing import Listed
from app.turn import Forgotten, Outcome, Turn
from app.whereabouts import Whereabouts
from graph.types import Deed, Delete, FallAsleep, Forget, GoTo, LeafTo, Mute, Rename, TakeBack, TurnId
from memory.types import Source, UserId
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

DOING_SECONDS: Final = 30.0
LOOKING_SECONDS: Final = 1.0
NEW: Final = ""


class Conversations(Protocol):
    """One user's, in the history. Everything raises `EngineError`."""

    async def one(self, user: UserId, thread: str) -> Listed | None: ...

    async def rename(self, user: UserId, thread: str, title: str) -> bool:
        """Whether it is there."""
        ...

    async def delete(self, user: UserId, thread: str) -> bool: ...


class Thread(Protocol):
    async def take_back(self, turn: TurnId) -> None:
        """What was said and answered in it is not in the thread any more. Raises `EngineError`."""
        ...


class Page(Protocol):
    async def go(self, thread: str) -> None:
        """Leave this conversation for another; empty: for a new one."""
        ...

    async def mute(self) -> None:
        """Close the microphone; only the page opens it again."""
        ...

    async def renamed(self, title: str) -> None:
        """The conversation that it shows is called otherwise."""
        ...

    async def withdraw(self, turn: TurnId) -> None:
        """What was heard of it and answered, as far as it was ours to show, is not shown any more."""
        ...

    async def show_user(self, turn: TurnId, text: str) -> None: ...

    async def show_notice(self, level: Level, code: str, text: str) -> None: ...


class Deeds:
    """Of one session."""

    def __init__(
        self,
        user: UserId,
        thread: str,
        *,
        here: Whereabouts,
        past: Conversations,
        learnt: Learnt,
        manner: OwnManner,
        conversation: Thread,
        page: Page,
    ) -> None:
        self.here = here
        self._user = user
        self._thread = thread
        self._past = past
        self._learnt = learnt
        self._manner = manner
        self._conversation = conversation
        self._page = page
        self._one_by_one = anyio.Lock()
        self._put_off: GoTo | None = None

    def closes(self, turn: Turn) -> None:
        """Its answer was heard, or cut: from now on it is the last one, and "next" goes on from there."""
        before = self.here.leaf
        self.here.closes(turn)
        for deed in turn.deeds:
            if isinstance(deed, LeafTo):
                self.here.leaf_to(deed.place)
                if before is not None and self.here.leaf is not before:
                    turn.undoing.append(LeafTo(before))

    async def prepare(self, turn: Turn, deed: Deed) -> None:
        """It is to be done when the answer was heard: what is forgotten then is kept at hand, should the user think
        better of it.
        """
        if not isinstance(deed, Forget) or deed.for_good:
            return
        try:
            with anyio.fail_after(LOOKING_SECONDS):
                if memories := await self._learnt.kept_of(deed):
                    turn.undoing.append(Forgotten(memories))
        except EngineError as exc:
            log.warning("forgotten for good", code=exc.code, reason=exc.reason)
        except TimeoutError:
            log.warning("forgotten for good", code="engine-timeout")

    async def carry_out(self, turn: Turn, outcome: Outcome, tell: Callable[[Event], Awaitable[None]]) -> None:
        """`tell`: to the session's inbox."""
        if outcome == "silenced":
            return
        with anyio.move_on_after(DOING_SECONDS):
            async with self._one_by_one:
                put_off, self._put_off = self._put_off, None
                for deed in turn.deeds if not turn.taken_back else ():
                    put_off = None if isinstance(deed, GoTo | TakeBack) else put_off
                    try:
                        if event := await self._do(deed, turn, broken_into=outcome == "cut"):
                            await tell(event)
                    except EngineError as exc:
                        log.warning("not done", deed=type(deed).__name__, code=exc.code, reason=exc.reason)
                        await tell(Mention(self._say("not-done", reason=because(self._manner.tongue, exc))))
                if put_off is not None:
                    await self._go(put_off.thread)

    async def instead(self, turn: Turn, meant: str) -> Event | None:
        """The last turn was taken for something else: take it back, and show what was meant as said in `turn`."""
        taken, event = self.here.last, None
        if taken is not None and taken is not turn and not taken.taken_back:
            turn.record["instead_of"] = taken.id
            try:
                await self._conversation.take_back(taken.id)
            except EngineError as exc:
                log.warning("a turn stays in its thread", code=exc.code, reason=exc.reason)
            async with self._one_by_one:
                event = await self._take_back(taken)
            await self._page.withdraw(taken.id)
        if turn.spoken:
            await self._page.show_user(turn.id, meant)
        return event

    async def _do(self, deed: Deed, turn: Turn, *, broken_into: bool) -> Event | None:
        match deed:
            case GoTo() if broken_into:
                self._put_off = None if turn.stopped else deed
            case GoTo():
                await self._go(deed.thread)
            case Rename():
                return await self._rename(deed, turn)
            case Delete() if broken_into:
                return Mention(self._say("spared"))
            case Delete():
                return await self._delete(deed)
            case Mute():
                await self._page.mute()
            case FallAsleep():
                return SleepAsked() if turn.stopped or not broken_into else None
            case TakeBack():
                return await self._take_back(turn.previous) if turn.previous is not None and not deed.meant else None
            case LeafTo() | Forget():
                pass  # that was known as soon as the turn closed, and the graph has forgotten
            case _:
                assert_never(deed)
        return None

    async def _go(self, thread: str) -> None:
        self._manner.goes_to_another_conversation(self._thread)
        await self._page.go(thread)

    async def _rename(self, deed: Rename, turn: Turn) -> Event | None:
        before = await self._past.one(self._user, deed.thread)
        if before is None or not await self._past.rename(self._user, deed.thread, deed.title):
            return Mention(self._say("gone-already", title=deed.title))
        turn.undoing.append(Rename(deed.thread, before.title))
        if deed.thread == self._thread:
            await self._page.renamed(deed.title)
        return None

    async def _delete(self, deed: Delete) -> Event | None:
        """Of this conversation the receipt is shown, for there is no thread left to keep it."""
        doomed = await self._past.one(self._user, deed.thread)
        if doomed is None or not await self._past.delete(self._user, deed.thread):
            return Mention(self._say("gone-already", title="" if doomed is None else doomed.title))
        receipt = self._say(
            "deleted", title=doomed.title, messages=count_messages(self._manner.tongue, doomed.messages)
        )
        if deed.thread != self._thread:
            return Mention(receipt)
        await self._page.show_notice("info", "deleted", receipt)
        await self._go(NEW)
        return None

    async def _take_back(self, turn: Turn) -> Event | None:
        """What to do of it in the session itself."""
        turn.taken_back = True
        before, turn.before = turn.before, {}
        if before:
            self._manner.choose(**before)
        try:
            for deed in turn.undoing:
                match deed:
                    case Rename():
                        await self._past.rename(self._user, deed.thread, deed.title)
                        if deed.thread == self._thread:
                            await self._page.renamed(deed.title)
                    case LeafTo():
                        self.here.leaf_to(deed.place)
                    case Forgotten():
                        await self._learnt.know_again(deed.memories)
                    case _:
                        pass  # nothing else can be undone
            await self._learnt.unlearn(Source(self._thread, turn.id))
        except EngineError as exc:
            log.warning("not taken back", code=exc.code, reason=exc.reason)
            return Mention(self._say("undone-partly", reason=because(self._manner.tongue, exc)))
        return Chosen({"tier": before["tier"]}) if "tier" in before else None

    def _say(self, key: str, **values: object) -> str:
        return say(self._manner.tongue, key, **values)
