"""What the house remembers with: the store of memories, what finds them by their meaning, and the cache before that."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import anyio
import structlog
from anyio.abc import TaskGroup

from app.health import Health, embeddings_part, memory_part
from app.rights.backup import CopyMemories
from app.settings import Settings
from memory.cache import Cache, open_cache
from memory.catalog import open_memory
from memory.documents.guarded import GuardedLibrary
from memory.embedding.cached import CachedEmbedder
from memory.embedding.catalog import late_embedder, open_embedder
from memory.embedding.guarded import GuardedEmbedder
from memory.embedding.late import LateEmbedder
from memory.guarded import GuardedMemory
from memory.protocols import Embedder
from memory.qdrant_edge import QdrantEdge
from memory.reembedding import Progress, Reembeddable, keep_embedded
from resilience.breakers import Breakers
from resilience.errors import EngineError
from resilience.settings import BreakerSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Remembering:
    memory: GuardedMemory
    library: GuardedLibrary
    cache: Cache
    copy_memories: CopyMemories | None


@asynccontextmanager
async def open_remembering(settings: Settings, breakers: Breakers, health: Health) -> AsyncGenerator[Remembering]:
    """Raises `EngineError` when the store cannot be used. Without embeddings memories are found by their words."""
    data, resilience = settings.data_dir, settings.resilience
    async with AsyncExitStack() as stack:
        cache = await stack.enter_async_context(
            open_cache(
                settings.cache,
                data / "cache.sqlite",
                redis_url=str(resilience.redis_url) if resilience.redis_url else None,
                redis_prefix=resilience.redis_prefix,
            )
        )
        late, tasks = late_embedder(settings.embedding), await stack.enter_async_context(_background())
        opening = open_embedder(settings.embedding, data / "models" / "embedding")
        tasks.start_soon(_keep_open, opening, late, breakers, resilience.embeddings, health)
        if not late.is_known:
            await late.tried.wait()
        embedder = CachedEmbedder(late, cache) if late.is_known else None
        store = await stack.enter_async_context(open_memory(settings.memory, data / "memories", embedder))
        memory = GuardedMemory(store, breakers.new("memory", resilience.memory, probed=True))
        await stack.enter_async_context(health.watching(memory_part(breakers["memory"], memory.probe)))
        if embedder is not None:
            tasks = await stack.enter_async_context(_background())
            tasks.start_soon(_keep_embedded, late, store, embedder)
            tasks.start_soon(_keep_embedded, late, store.library, embedder)
        library = GuardedLibrary(store.library, breakers["memory"])
        yield Remembering(memory, library, cache, store.copy_to if isinstance(store, QdrantEdge) else None)


@asynccontextmanager
async def _background() -> AsyncGenerator[TaskGroup]:
    async with anyio.create_task_group() as tasks:
        yield tasks
        tasks.cancel_scope.cancel()


async def _keep_open(
    opening: AbstractAsyncContextManager[Embedder | None],
    late: LateEmbedder,
    breakers: Breakers,
    settings: BreakerSettings,
    health: Health,
) -> None:
    """From now on, as soon as it is there, until it is cancelled."""
    async with AsyncExitStack() as stack:
        inner: Embedder | None = None
        try:
            inner = await stack.enter_async_context(opening)
        except EngineError as exc:
            log.error("going on without embeddings", code=exc.code, reason=exc.reason)
        if inner is None:
            late.arrived(None)
            return
        breaker = breakers.new("embeddings", settings, probed=True)
        guarded = GuardedEmbedder(inner, breaker)
        await stack.enter_async_context(health.watching(embeddings_part(breaker, guarded.probe)))
        stack.callback(late.arrived, None)
        late.arrived(guarded)
        await anyio.sleep_forever()


async def _keep_embedded(late: LateEmbedder, store: Reembeddable, embedder: Embedder) -> None:
    await late.tried.wait()
    if late.is_open:
        await keep_embedded(store, embedder, _tell)


def _tell(progress: Progress) -> None:
    log.info("memories are given their vectors", done=progress.done, total=progress.total)
