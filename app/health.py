"""How the parts beside the engines are: memory, history, hub, Redis, disk, graphics cards.

Each part that can be asked is asked a synthetic question: when it has not been asked for a while, and when its
breaker wants to know whether it is well again, so that no turn has to find out. The model hub is not: nobody but a
user who wants a model may cause this house to speak to it. Redis and the engines look after themselves
(`resilience.sharing`, `app.engines`).
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import anyio
import structlog
from anyio import to_thread

from app import gpu
from app.folder import disk
from app.standing import PartKind, Standing, StandingState
from resilience.breaker import BreakerState, CircuitBreaker, Transition
from resilience.breakers import Breakers
from resilience.errors import CircuitOpen, EngineError
from resilience.sharing import SharingStanding
from resilience.upkeep import seconds_to_probe

log = structlog.get_logger(__name__)

BETWEEN_LOOKS_AT_THE_DISK = 5.0
"""Seconds. A look costs microseconds, and nothing else notices a full disk before something is lost to it."""


@dataclass(frozen=True, slots=True)
class Part:
    kind: PartKind
    name: str
    breaker: CircuitBreaker
    without: str
    """What the house does while it is away, in plain words."""
    remedy: str
    probe: Callable[[], Awaitable[None]] | None = None
    """A question under its breaker, as a probe; raises `EngineError`. None: it is never asked unasked."""


class Shares(Protocol):
    def standing(self) -> SharingStanding: ...


class Health:
    def __init__(
        self, check_seconds: float, sharing: Shares | None, look_at_gpus: Callable[[], list[Standing]]
    ) -> None:
        self._check_seconds = check_seconds
        self._sharing = sharing
        self._look_at_gpus = look_at_gpus
        self._parts: list[Part] = []
        self._gpus: Sequence[Standing] = ()
        self._disk: Sequence[Standing] = ()
        self._moved = anyio.Event()

    def parts(self) -> list[Standing]:
        redis = self._redis()
        return [*map(_standing, self._parts), *([redis] if redis else []), *self._disk, *self._gpus]

    def moved(self, _: Transition) -> None:
        """A breaker did: look at once what is to be done."""
        self._moved.set()
        self._moved = anyio.Event()

    @asynccontextmanager
    async def watching(self, part: Part) -> AsyncGenerator[None]:
        """Meanwhile it is among the parts, and asked how it is."""
        self._parts.append(part)
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._watch, part)
                yield
                tasks.cancel_scope.cancel()
        finally:
            self._parts.remove(part)

    async def watch_gpus(self) -> None:
        """Ends where there are none: a driver does not come while we run."""
        while True:
            self._gpus = await to_thread.run_sync(self._look_at_gpus, abandon_on_cancel=True)
            if not self._gpus:
                return
            await anyio.sleep(self._check_seconds)

    async def watch_disk(self, folder: Path) -> None:
        while True:
            self._disk = [await to_thread.run_sync(disk, folder, abandon_on_cancel=True)]
            await anyio.sleep(BETWEEN_LOOKS_AT_THE_DISK)

    async def _watch(self, part: Part) -> None:
        if part.probe is None:
            return
        asked_at = anyio.current_time()
        while True:
            moved = self._moved  # taken before we look, so that nothing is missed
            pause = seconds_to_probe(part.breaker, asked_at, self._check_seconds)
            if pause > 0:
                with anyio.move_on_after(pause):
                    await moved.wait()
                continue
            asked_at = anyio.current_time()
            try:
                await part.probe()
            except CircuitOpen:
                pass
            except EngineError as exc:
                log.warning("part is not well", part=part.name, code=exc.code, reason=exc.reason)

    def _redis(self) -> Standing | None:
        told = self._sharing.standing() if self._sharing else None
        if told is None or not told.url:
            return None
        if told.works:
            return Standing("redis", "Redis", "in-use", f"States are shared through {told.url}.")
        detail = f"{_sentence(told.reason)} Until it is back, this process goes by what it sees itself."
        return Standing(
            "redis", "Redis", "failed", detail, f"See whether a Redis server answers at {told.url}.", "open"
        )


def _standing(part: Part) -> Standing:
    breaker = part.breaker
    state: StandingState = "in-use"
    detail = remedy = ""
    next_try: float | None = None
    match breaker.state:
        case BreakerState.CLOSED | BreakerState.FORCED_CLOSED:
            pass
        case BreakerState.FORCED_OPEN:
            state, detail = "failed", f"It was switched off by an operator. {part.without}"
            remedy = "`nightingale breakers` switches it on again."
        case BreakerState.OPEN | BreakerState.HALF_OPEN:
            state, remedy = "failed", part.remedy
            detail = f"{_sentence(breaker.reason)} {part.without}".strip()
            next_try = round(breaker.seconds_to_probe, 1)
    return Standing(part.kind, part.name, state, detail, remedy, breaker.state.value, next_try)


def _sentence(reason: str) -> str:
    text = reason.strip() or "it failed several times"
    return f"{text[0].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def memory_part(breaker: CircuitBreaker, probe: Callable[[], Awaitable[None]]) -> Part:
    without = "Conversations go on without what you told earlier; what you tell now is kept for later."
    remedy = "It is asked again by itself. If that does not help, see the log, and whether the disk is full."
    return Part("memory", "Long-term memory", breaker, without, remedy, probe)


def embeddings_part(breaker: CircuitBreaker, probe: Callable[[], Awaitable[None]]) -> Part:
    without = "Memories are found by their words alone; what you tell now gets its meaning later."
    remedy = "It is asked again by itself. If that does not help, see the log."
    return Part("embeddings", "Embeddings", breaker, without, remedy, probe)


def history_part(breaker: CircuitBreaker, probe: Callable[[], Awaitable[None]]) -> Part:
    without = "Conversations go on; what is said meanwhile may be missing from the sidebar."
    remedy = "It is asked again by itself. If that does not help, see the log, and whether the disk is full."
    return Part("history", "Session history", breaker, without, remedy, probe)


def hub_part(breaker: CircuitBreaker) -> Part:
    without = "What is installed works on; no model can be fetched. It is asked again when somebody wants a model."
    return Part("hub", "Model hub", breaker, without, "See whether this machine can reach the network.")


@asynccontextmanager
async def open_health(
    check_seconds: float,
    breakers: Breakers,
    *,
    sharing: Shares | None = None,
    data: Path | None = None,
    look_at_gpus: Callable[[], list[Standing]] = gpu.gpus,
) -> AsyncGenerator[Health]:
    health = Health(check_seconds, sharing, look_at_gpus)
    with breakers.watched(health.moved):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(health.watch_gpus)
            if data is not None:
                tasks.start_soon(health.watch_disk, data)
            yield health
            tasks.cancel_scope.cancel()
