"""What was computed once need not be computed again: embeddings, speech, whatever is the same for the same input.

Three layers, the nearest first: this process's memory; Redis, where there is one; a file. Whoever asks waits some
milliseconds for the far ones at most, and then computes; what fails is left alone for a while, and nobody hears of it.
What is new is taken to the far layers by a task of the cache's own.

Keys are digests and values are vectors or sound, but whoever guesses the words can tell from either that they were
said. So erasing a user empties the whole cache: it holds nothing that cannot be computed again.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import structlog
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from memory.cache_layer import Key, Layer
from memory.cache_near import NearLayer
from memory.cache_settings import CacheSettings
from resilience.attempt import attempt, deadline
from resilience.breaker import CircuitBreaker, Transition
from resilience.errors import EngineError
from resilience.settings import BreakerSettings

log = structlog.get_logger(__name__)

READ_SECONDS = 0.015
READ_SECONDS_PER_KEY = 0.001
"""What a far layer may take; with both of them a single question waits for 32 ms at worst, and then for a while not."""
WRITE_SECONDS = 5.0
FORGET_SECONDS = 30.0
CLOSING_SECONDS = 1.0
WRITES_WAITING = 256
"""More are dropped: the cache is behind, and loses nothing that matters."""
NEAR = NearLayer.name
_BREAKER = BreakerSettings(consecutive_failures=2, open_seconds=2.0)


@dataclass(frozen=True, slots=True)
class Figures:
    kind: str
    layer: str
    hits: int
    misses: int
    bytes: int
    """Held there now; 0 for Redis, which is not asked."""


@dataclass(slots=True, eq=False)
class _Making:
    """Values that somebody is looking for, or computing; others who want them wait."""

    done: anyio.Event = field(default_factory=anyio.Event)
    values: dict[Key, bytes] = field(default_factory=dict)
    error: EngineError | None = None


@dataclass(frozen=True, slots=True)
class _New:
    values: dict[Key, bytes]
    forgotten: int
    """How often the cache had been emptied by then."""


class Cache:
    def __init__(
        self, memory_bytes: int, layers: Sequence[Layer] = (), news: MemoryObjectSendStream[_New] | None = None
    ) -> None:
        """`news`: what is new is sent there, for `write_down`."""
        self._near = NearLayer(memory_bytes)
        self._far = [
            (layer, CircuitBreaker(f"cache {layer.name}", _BREAKER, probed=True, moved=_tell)) for layer in layers
        ]
        self._hits: Counter[tuple[str, str]] = Counter()
        self._misses: Counter[tuple[str, str]] = Counter()
        self._making: dict[Key, _Making] = {}
        self._forgotten = 0
        """How often: what was begun before it is not kept after it."""
        self._writing = anyio.Lock()
        self._news = news

    async def get(
        self, keys: Sequence[Key], make: Callable[[Sequence[Key]], Awaitable[Sequence[bytes]]]
    ) -> list[bytes]:
        """The value of each. `make` is given those that are in no layer, all at once; what somebody else is making is
        waited for. Raises what `make` raises, to everybody who waits if it is an `EngineError`.
        """
        found = self._found_near(keys)
        while missing := [key for key in dict.fromkeys(keys) if key not in found]:
            others = {self._making[key] for key in missing if key in self._making}
            if mine := [key for key in missing if key not in self._making]:
                found |= await self._get_far(mine, make)
            for making in others:
                await making.done.wait()
                if making.error is not None:
                    raise making.error
                found |= {key: making.values[key] for key in missing if key in making.values}
        return [found[key] for key in keys]

    async def find(self, key: Key, *, patient: bool = False) -> bytes | None:
        """What is there; for values that are used while they are being made, and are kept by a `keeper` after that.
        `patient`: nobody waits, and a far layer may be slow.
        """
        if found := self._found_near([key]):
            if self._near.is_only_here(key):
                self._send(found)
            return found[key]
        forgotten = self._forgotten
        found = await self._found_far([key], WRITE_SECONDS if patient else None)
        if forgotten == self._forgotten:
            self._near.keep(found)
        return found.get(key)

    def keeper(self, key: Key, *, comes_again: bool = False) -> Callable[[bytes], None]:
        """What keeps the value once it is whole; it does nothing when the cache has been emptied by then. Only what
        `comes_again` goes to the far layers: at once where that is known, else when it is found for the first time.
        What was said to somebody once is in this process only, and not for long.
        """
        forgotten = self._forgotten

        def keep(value: bytes) -> None:
            if forgotten == self._forgotten:
                self._near.keep({key: value}, only_here=not comes_again)
                if comes_again:
                    self._send({key: value})

        return keep

    def figures(self) -> tuple[Figures, ...]:
        """Since the start, by kind, the nearest layer first."""
        held = {NEAR: self._near.held} | {layer.name: layer.held for layer, _ in self._far}
        kinds = {kind for kind, _ in self._hits | self._misses}.union(*held.values())
        return tuple(
            Figures(kind, layer, self._hits[kind, layer], self._misses[kind, layer], held[layer].get(kind, 0))
            for kind in sorted(kinds)
            for layer in held
        )

    async def forget(self) -> int:
        """Everything, in every layer; say how many values went. Raises `EngineError` when a layer could not be emptied;
        the others are.
        """
        self._forgotten += 1
        gone = [self._near.forget()]
        error: EngineError | None = None
        async with self._writing:
            for layer, _ in self._far:
                try:
                    with deadline(f"cache {layer.name}", FORGET_SECONDS):
                        gone.append(await layer.forget())
                except EngineError as exc:
                    error = error or exc
        if error is not None:
            raise error
        return max(gone)

    async def write_down(self, news: MemoryObjectReceiveStream[_New]) -> None:
        """Take what is new to the far layers, until no more can come."""
        async for new in news:
            async with self._writing:
                for layer, breaker in self._far:
                    if new.forgotten == self._forgotten:
                        await _keep(layer, breaker, new.values)

    def _found_near(self, keys: Sequence[Key]) -> dict[Key, bytes]:
        found = {}
        for key in dict.fromkeys(keys):
            value = self._near.find(key)
            if value is not None:
                found[key] = value
        self._count(NEAR, keys, found)
        return found

    async def _found_far(self, keys: Sequence[Key], seconds: float | None = None) -> dict[Key, bytes]:
        values: dict[Key, bytes] = {}
        seconds = seconds or READ_SECONDS + len(keys) * READ_SECONDS_PER_KEY
        for layer, breaker in self._far:
            if wanted := [key for key in keys if key not in values]:
                found = await _find(layer, breaker, wanted, seconds)
                self._count(layer.name, wanted, found)
                values |= found
        return values

    async def _get_far(
        self, keys: list[Key], make: Callable[[Sequence[Key]], Awaitable[Sequence[bytes]]]
    ) -> dict[Key, bytes]:
        making, forgotten = _Making(), self._forgotten
        self._making |= dict.fromkeys(keys, making)
        try:
            values = await self._found_far(keys)
            new: dict[Key, bytes] = {}
            if wanted := [key for key in keys if key not in values]:
                new = dict(zip(wanted, await make(wanted), strict=True))
                values |= new
            if forgotten == self._forgotten:
                self._near.keep(values)
                self._send(new)
            making.values = values
        except EngineError as exc:
            making.error = exc
            raise
        finally:
            for key in keys:
                del self._making[key]
            making.done.set()
        return values

    def _send(self, new: dict[Key, bytes]) -> None:
        if new and self._news is not None:
            try:
                self._news.send_nowait(_New(new, self._forgotten))
            except anyio.WouldBlock:
                log.info("cache is behind")

    def _count(self, layer: str, asked: Sequence[Key], found: Mapping[Key, bytes]) -> None:
        for key in dict.fromkeys(asked):
            (self._hits if key in found else self._misses)[key.kind, layer] += 1


async def _find(layer: Layer, breaker: CircuitBreaker, keys: Sequence[Key], seconds: float) -> dict[Key, bytes]:
    try:
        with attempt(breaker, seconds):
            return await layer.find(keys)
    except EngineError:
        return {}


async def _keep(layer: Layer, breaker: CircuitBreaker, entries: Mapping[Key, bytes]) -> None:
    """Nobody waits for it, so it is what finds out whether a layer is well again."""
    try:
        with attempt(breaker, WRITE_SECONDS, probe=True):
            await layer.keep(entries)
    except EngineError as exc:
        log.debug("not kept", part=breaker.name, reason=exc.reason)


def _tell(moved: Transition) -> None:
    log.info("cache layer moved", part=moved.breaker, state=moved.after.value, reason=moved.reason)


@asynccontextmanager
async def open_cache(
    settings: CacheSettings, file: Path | None, *, redis_url: str | None = None, redis_prefix: str = "nightingale:"
) -> AsyncGenerator[Cache]:
    """Also where the file cannot be used: then it goes without. `file`: None keeps nothing on the disk."""
    async with AsyncExitStack() as stack:
        layers: list[Layer] = []
        if redis_url is not None:
            from memory.cache_redis import open_redis_layer

            opened = open_redis_layer(redis_url, redis_prefix, keep_seconds=settings.redis_days * 86_400)
            layers.append(await stack.enter_async_context(opened))
        if file is not None and settings.file_mb:
            from memory.cache_file import open_file_layer

            try:
                layers.append(await stack.enter_async_context(open_file_layer(file, settings.file_mb * 1_000_000)))
            except EngineError as exc:
                log.warning("cache goes without its file", reason=exc.reason)
        yield await stack.enter_async_context(layered(settings.memory_mb * 1_000_000, layers))


@asynccontextmanager
async def layered(memory_bytes: int, layers: Sequence[Layer]) -> AsyncGenerator[Cache]:
    """What is new when it closes is still taken to the layers, if they are quick."""
    send, receive = anyio.create_memory_object_stream[_New](WRITES_WAITING)
    with send, receive:
        cache = Cache(memory_bytes, layers, send)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(cache.write_down, receive)
            yield cache
            send.close()
            tasks.cancel_scope.deadline = anyio.current_time() + CLOSING_SECONDS
