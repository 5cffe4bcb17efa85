"""Where sessions live: one task group for the whole process, one guarded task per session."""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager

import anyio
import structlog
from anyio.abc import TaskGroup, TaskStatus

from app.ends import Ends
from app.events import Announce, MeansChanged
from app.session import Session

log = structlog.get_logger(__name__)

ENDING_SECONDS = 5.0


class SessionHost:
    """Made by `open_session_host`. A callback in any task may ask it to start a session."""

    def __init__(self, tasks: TaskGroup) -> None:
        self._tasks = tasks
        self._live: set[Ends] = set()
        self._one_left = anyio.Event()

    def __len__(self) -> int:
        return len(self._live)

    def lives(self, ends: Ends) -> bool:
        return ends in self._live

    def queues(self) -> Mapping[str, int]:
        """What waits to be heard, and to be handled, in the session with most of it."""
        return {
            "microphone": max((each.microphone.statistics().current_buffer_used for each in self._live), default=0),
            "inbox": max((each.inbox.statistics().current_buffer_used for each in self._live), default=0),
        }

    async def start(self, session: Session) -> Ends:
        ends: Ends = await self._tasks.start(self._contained, session)
        return ends

    async def gone(self, leaving: Collection[Ends]) -> None:
        """Wait a while until these live no more."""
        with anyio.move_on_after(ENDING_SECONDS):
            while any(each in self._live for each in leaving):
                await self._one_left.wait()

    def tell_all(self, news: Announce | MeansChanged) -> None:
        """Whoever is too busy to take it learns it with their next turn, or from the engines page."""
        for ends in self._live:
            try:
                ends.inbox.send_nowait(news)
            except (anyio.WouldBlock, anyio.ClosedResourceError, anyio.BrokenResourceError):
                log.debug("a session missed some news", news=type(news).__name__)

    async def _contained(self, session: Session, *, task_status: TaskStatus[Ends]) -> None:
        ends: Ends | None = None
        try:
            async with anyio.create_task_group() as life:
                ends = await life.start(session.run)
                self._live.add(ends)
                task_status.started(ends)
        except Exception:  # the one place: a bug in one session must not end the others
            log.exception("session ended by a bug")
            await session.apologise()
        finally:
            if ends is not None:
                self._live.discard(ends)
            self._one_left.set()
            self._one_left = anyio.Event()

    async def end(self) -> None:
        """Send everybody home, while the house that they live in still stands."""
        self._tasks.cancel_scope.cancel()
        with anyio.move_on_after(ENDING_SECONDS, shield=True):
            while self._live:
                await self._one_left.wait()


@asynccontextmanager
async def open_session_host() -> AsyncGenerator[SessionHost]:
    async with anyio.create_task_group() as tasks:
        yield SessionHost(tasks)
        tasks.cancel_scope.cancel()
