"""The turn log as a session uses it: what cannot be kept costs a word to the user, never the turn."""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, TypeVar

import anyio
import structlog
from anyio.abc import TaskGroup

from app.ends import Screen, TurnLog
from app.notices import because, tell, why_offered
from app.own_manner import OwnManner
from app.turn import Outcome, SayingId
from graph.types import TurnId
from resilience.errors import EngineError
from voice.types import Transcript, Utterance

log = structlog.get_logger(__name__)

T = TypeVar("T")

MOST_OWED: Final = 1000
"""A disk that is full for so many turns has been told of often enough."""


@dataclass(slots=True, eq=False)
class _Owed:
    """A settlement that is to be written."""

    outcome: Outcome
    settling: Callable[[], Awaitable[int]]
    count: int = 0
    """How many sayings it settled."""


class Keeping:
    def __init__(
        self, turn_log: TurnLog, screen: Screen, manner: OwnManner, settled: Callable[[Outcome], None]
    ) -> None:
        self._log = turn_log
        self._screen = screen
        self._manner = manner
        self._settled = settled
        self._was_told = False
        self._on_screen: set[SayingId] = set()
        self._owed: deque[_Owed] = deque(maxlen=MOST_OWED)
        """Settlements that could not be written; they are tried again with the next one."""
        self._paying = anyio.Lock()
        self._under_way: dict[SayingId, list[anyio.Event]] = {}
        """Of what is not settled: set when its recording, and when its words, have been written, or cannot be."""

    async def typed(self, saying: SayingId, text: str) -> None:
        await self._try(self._log.typed(saying, text), None)

    def record(self, tasks: TaskGroup, saying: SayingId, utterance: Utterance) -> None:
        """While the session goes on; what the user would take for heard must wait until it is `on_disk`."""
        self._write(tasks, saying, partial(self._log.recorded, saying, utterance))

    def note(self, tasks: TaskGroup, saying: SayingId, transcript: Transcript) -> None:
        """Its words, once it is on disk; only settling it waits for that."""
        self._write(tasks, saying, partial(self._log.understood, saying, transcript))

    async def on_disk(self, saying: SayingId) -> None:
        """It is, or the user was told that it cannot be."""
        if under_way := self._under_way.get(saying):
            await under_way[0].wait()

    async def settle(
        self,
        sayings: Sequence[SayingId],
        outcome: Outcome,
        *,
        turn: TurnId | None = None,
        reason: str = "",
        record: Mapping[str, Any] | None = None,
    ) -> bool:
        """Whether they were kept to be settled. `reason`: by its code, why they are on offer; see `why_offered`."""
        for each in sayings:
            for written in self._under_way.pop(each, ()):
                await written.wait()
        self._settled(outcome)
        kept = dict(record) if record is not None else None
        ours = _Owed(outcome, partial(self._log.settle, [*sayings], outcome, turn=turn, reason=reason, record=kept))
        self._owed.append(ours)
        paid = await self._try(self._pay(), [])
        if any(each.outcome == "offered" and each.count for each in (ours, *paid)):
            await self.show_offers()
        return ours.count > 0

    async def show_offers(self, *, afresh: bool = False) -> None:
        """What was said here and never answered. `afresh`: to a page that has none of it yet."""
        if afresh:
            self._on_screen.clear()
        for offer in await self._try(self._log.offers(), ()):
            if offer.saying not in self._on_screen:
                self._on_screen.add(offer.saying)
                await self._screen.offer(replace(offer, reason=why_offered(self._manner.language, offer.reason)))

    async def take_up(self, saying: SayingId, anew: SayingId) -> str | Utterance | None:
        """None, and the user was told, when it cannot be had."""
        try:
            taken = await self._log.take_up(saying, anew)
        except EngineError as exc:
            await self._not_now(exc)
            return None
        await self._gone(saying)
        if taken is None:
            await self._screen.show_notice("info", "offer-gone", tell(self._manner.language, "offer-gone"))
        return taken

    async def dismiss(self, saying: SayingId) -> None:
        try:
            await self._log.dismiss(saying)
        except EngineError as exc:
            await self._not_now(exc)
            return
        await self._gone(saying)

    async def let_go(self) -> None:
        for last in (self._pay, self._log.let_go):
            try:
                await last()
            except EngineError as exc:
                log.warning("sayings not let go", code=exc.code, reason=exc.reason)

    async def _pay(self) -> list["_Owed"]:
        """Make all settlements that are owed, one after the other, whoever owes them; those made here."""
        paid = []
        async with self._paying:
            while self._owed:
                first = self._owed[0]
                first.count = await first.settling()
                paid.append(first)
                if self._owed[0] is first:
                    self._owed.popleft()
        return paid

    async def _not_now(self, error: EngineError) -> None:
        """The offer stays."""
        log.warning("turn log failed", code=error.code, reason=error.reason)
        language = self._manner.language
        text = tell(language, "not-now", reason=because(language, error))
        await self._screen.show_notice("warning", "not-now", text)

    async def _gone(self, saying: SayingId) -> None:
        self._on_screen.discard(saying)
        await self._screen.offer_is_gone(saying)

    def _write(self, tasks: TaskGroup, saying: SayingId, writing: Callable[[], Awaitable[None]]) -> None:
        under_way = self._under_way.setdefault(saying, [])
        written = anyio.Event()
        tasks.start_soon(self._write_after, [*under_way], writing, written)
        under_way.append(written)

    async def _write_after(
        self, others: Sequence[anyio.Event], writing: Callable[[], Awaitable[None]], written: anyio.Event
    ) -> None:
        try:
            for other in others:
                await other.wait()
            await self._try(writing(), None)
        finally:
            written.set()

    async def _try(self, keeping: Awaitable[T], otherwise: T) -> T:
        try:
            kept = await keeping
        except EngineError as exc:
            log.warning("turn log failed", code=exc.code, reason=exc.reason)
            if not self._was_told:
                self._was_told = True
                language = self._manner.language
                text = tell(language, "turn-log", reason=because(language, exc))
                await self._screen.show_notice("warning", "turn-log", text)
            return otherwise
        self._was_told = False
        return kept
