"""Upkeep: keeps one part open and well, so that nobody's turn has to find out that it is not.

It opens the part and tries again when that fails. It asks it a synthetic question (a probe) before anybody else may,
when somebody's call has failed, when its breaker wants to know whether it is well again, and when it has not been
asked for a while. It closes it and opens it anew when it fails such questions in a row, which rebuilds a worker
process and reconnects an endpoint.
A part that recovers is in use again within `longest_open_seconds` of its breaker, or `LONGEST_BETWEEN_OPENINGS`
where it could not be opened, and the time of one probe.
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from random import Random
from typing import Generic, Protocol, TypeVar, runtime_checkable

import anyio
import structlog
from anyio import CancelScope, Event
from anyio.abc import TaskGroup

from resilience.attempt import attempt, deadline
from resilience.breaker import BreakerState, CircuitBreaker
from resilience.containing import contained
from resilience.errors import CircuitOpen, EngineError, EngineFailed, InputRejected

log = structlog.get_logger(__name__)

OPENING_SECONDS = 300.0
"""A large model on a slow disk takes minutes; what takes longer hangs."""
CLOSING_SECONDS = 5.0
BETWEEN_OPENINGS, LONGEST_BETWEEN_OPENINGS = 5.0, 45.0
"""Seconds between attempts to open what cannot be opened; they double."""
JITTER = 0.2
ILL_PROBES_TO_REOPEN = 2
BETWEEN_PROBES = 1.0
"""Seconds, at least."""
LONGEST_PAUSE = 10.0
"""Seconds after which it looks at its breaker though nobody woke it."""
MOST_HANGING = 1
"""How many of its kind may hang in closing while another one is opened: each may hold the memory of a whole model."""

E = TypeVar("E")


@runtime_checkable
class Checkable(Protocol):
    """An engine that can show that it is well at less cost than by being asked in earnest."""

    async def check(self) -> None:
        """Raises `EngineError`. Somebody's call that is under way is not disturbed, nor what the next one builds on."""
        ...


async def always(_breaker: CircuitBreaker) -> bool:
    """Probes need nobody's leave where no other process asks the same part."""
    return True


def seconds_to_probe(breaker: CircuitBreaker, asked_at: float, check_seconds: float) -> float:
    """How long to leave the part alone, unless something moves: at most `LONGEST_PAUSE`; 0 and less is now. It was
    asked last at `asked_at`, on the monotonic clock, and while it is well this often.
    """
    now = anyio.current_time()
    match breaker.state:
        case BreakerState.OPEN:
            due = now + breaker.seconds_to_probe
        case BreakerState.HALF_OPEN:
            due = now if breaker.probe_is_due else now + BETWEEN_PROBES
        case BreakerState.FORCED_OPEN:
            due = now + LONGEST_PAUSE
        case _:
            due = max(asked_at, breaker.asked_at) + check_seconds
    return min(max(due, asked_at + BETWEEN_PROBES) - now, LONGEST_PAUSE)


class Upkeep(Generic[E]):
    def __init__(
        self,
        breaker: CircuitBreaker,
        opening: Callable[[], AbstractAsyncContextManager[E]],
        probe: Callable[[E], Awaitable[None]],
        *,
        probe_seconds: float,
        check_seconds: float,
        changed: Callable[[], None] = lambda: None,
        may_probe: Callable[[CircuitBreaker], Awaitable[bool]] = always,
        chance: Random | None = None,
    ) -> None:
        """`changed`: the part came, or is about to go. `may_probe`: this process, and no other one just now."""
        self.part: E | None = None
        """Open, and well when it was opened."""
        self.fault = ""
        """Why it is not there, or fails its probes, in plain words."""
        self.tried = Event()
        """It is there, or could not be opened."""
        self._breaker = breaker
        self._opening = opening
        self._probe = probe
        self._probe_seconds = probe_seconds
        self._check_seconds = check_seconds
        self._changed = changed
        self._may_probe = may_probe
        self._chance = chance or Random()  # noqa: S311 - jitter, not a secret
        self._wake = Event()
        self._asked_at = float("-inf")
        self._ill = 0
        """Probes in a row that failed."""
        self._suspected = False
        self._next_opening = 0.0
        self._lives: list[_Life[E]] = []

    @property
    def seconds_to_next_try(self) -> float | None:
        """Until it is opened, or asked, again, where that is known; None where it is at work or on its way."""
        if self.part is None:
            return max(0.0, self._next_opening - anyio.current_time()) if self.fault else None
        return self._breaker.seconds_to_probe if self._breaker.state is BreakerState.OPEN else None

    def wake(self) -> None:
        """Look at once what is to be done: the breaker moved."""
        if self.part is not None:
            self._wake.set()

    def suspect(self) -> None:
        """Somebody's call has just failed: find out now whether the next one's would, too."""
        if self.part is not None:
            self._suspected = True
            self._wake.set()

    def retry(self) -> None:
        """Try at once what could not be opened; `tried` is a new event then."""
        if self.part is None:
            self.tried = Event()
            self._wake.set()

    async def run(self) -> None:
        """Does not end before it is cancelled, and then closes the part."""
        async with anyio.create_task_group() as tasks:
            try:
                failures = 0
                while True:
                    failures = 0 if await self._keep(tasks) else failures + 1
                    if failures:
                        await self._until_next_opening(failures)
            finally:
                for life in self._lives:
                    life.abandon()

    async def _keep(self, tasks: TaskGroup) -> bool:
        """Open it, tend it, close it. False when it could not be opened."""
        self._lives = [each for each in self._lives if not each.over.is_set()]
        if len(self._lives) > MOST_HANGING:
            self._failed("it hangs and cannot be closed; restarting Nightingale helps")
            return False
        life = _Life(self._breaker.name, self._opening)
        self._lives.append(life)
        tasks.start_soon(life.live)
        try:
            part = await self._opened(life)
            if part is None:
                return False
            await self._tend(part)
            return True
        finally:
            if self.part is not None:
                self.part = None
                self._changed()
            if not await life.end():
                log.error("closing hangs and is left to itself", part=self._breaker.name, seconds=CLOSING_SECONDS)

    async def _opened(self, life: "_Life[E]") -> E | None:
        with anyio.move_on_after(OPENING_SECONDS):
            await life.opened.wait()
        part = life.part
        if part is None:
            self._failed(life.error.reason if life.error else f"it was not ready within {OPENING_SECONDS:g} s")
            return None
        try:
            with deadline(self._breaker.name, self._probe_seconds):
                await self._ask(part)
        except EngineError as exc:
            self._failed(exc.reason)
            return None
        log.info("part ready", part=self._breaker.name)
        self._asked_at = anyio.current_time()
        self.part, self.fault = part, ""
        self.tried.set()
        self._changed()
        return part

    def _failed(self, reason: str) -> None:
        log.warning("part not available", part=self._breaker.name, reason=reason)
        self.fault = reason
        self.tried.set()
        self._changed()

    async def _until_next_opening(self, failures: int) -> None:
        pause = min(BETWEEN_OPENINGS * 2.0 ** min(failures - 1, 16), LONGEST_BETWEEN_OPENINGS)
        pause *= 1 - JITTER * self._chance.random()
        self._next_opening = anyio.current_time() + pause
        await self._pause(pause)

    async def _tend(self, part: E) -> None:
        """Returns when it should be opened anew."""
        self._ill = 0
        while self._ill < ILL_PROBES_TO_REOPEN:
            check_seconds = 0.0 if self._ill or self._suspected else self._check_seconds
            pause = seconds_to_probe(self._breaker, self._asked_at, check_seconds)
            if pause > 0:
                await self._pause(pause)
            elif self._breaker.state is BreakerState.HALF_OPEN and not await self._may_probe(self._breaker):
                await self._pause(LONGEST_PAUSE)
            else:
                await self._examine(part)
        log.warning("part is opened anew", part=self._breaker.name, reason=self.fault)

    async def _examine(self, part: E) -> None:
        self._asked_at = anyio.current_time()
        self._suspected = False
        try:
            with attempt(self._breaker, self._probe_seconds, probe=True):
                await self._ask(part)
        except CircuitOpen:
            return
        except EngineError as exc:
            log.info("probe failed", part=self._breaker.name, code=exc.code, reason=exc.reason)
            self._ill += 1
            self.fault = exc.reason
        else:
            self._ill = 0
            self.fault = ""

    async def _ask(self, part: E) -> None:
        try:
            with contained(self._breaker.name):
                await self._probe(part)
        except InputRejected as exc:
            # Nothing is wrong with this input.
            raise EngineFailed(exc.engine, exc.reason) from exc

    async def _pause(self, seconds: float) -> None:
        with anyio.move_on_after(seconds):
            await self._wake.wait()
        self._wake = Event()


class _Life(Generic[E]):
    """The part from opening to closing, in a task of its own, where it may have scopes and tasks of its own."""

    def __init__(self, name: str, opening: Callable[[], AbstractAsyncContextManager[E]]) -> None:
        self.part: E | None = None
        self.error: EngineError | None = None
        self.opened = Event()
        """Or could not be."""
        self.over = Event()
        self._name = name
        self._opening = opening
        self._release = Event()
        self._scope = CancelScope(shield=True)

    async def live(self) -> None:
        try:
            with self._scope, contained(self._name):
                async with self._opening() as part:
                    self.part = part
                    self.opened.set()
                    await self._release.wait()
        except EngineError as exc:
            self.error = exc
            if self.part is not None:
                log.warning("part did not close well", part=self._name, code=exc.code, reason=exc.reason)
        finally:
            self.opened.set()
            self.over.set()

    async def end(self) -> bool:
        """Close the part. False when that takes too long; it may yet be done."""
        self._release.set()
        if not self.opened.is_set():
            self.abandon()
        with anyio.move_on_after(CLOSING_SECONDS, shield=True):
            await self.over.wait()
        return self.over.is_set()

    def abandon(self) -> None:
        """Wait for nothing any more, where that can be helped."""
        self._scope.cancel()
