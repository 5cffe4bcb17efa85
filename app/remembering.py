"""What the house remembers with: the store of memories, what finds them by their meaning, and the cache before that."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import anyio
import structlog

from app.health import Health, embeddings_part, memory_part
from app.rights.backup import CopyMemories
from app.settings import Settings
from memory.cache import Cache, open_cache
from memory.catalog import open_memory
from memory.embedding.cached import CachedEmbedder
from memory.embedding.catalog import open_embedder
from memory.embedding.guarded import GuardedEmbedder
from memory.guarded import GuardedMemory
from memory.protocols import Embedder
from memory.qdrant_edge import QdrantEdge
from memory.reembedding import Progress, keep_embedded
from resilience.breakers import Breakers
from resilience.errors import EngineError

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Remembering:
    memory: GuardedMemory
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
        guarded: GuardedEmbedder | None = None
        embedder: Embedder | None = None
        try:
            inner = await stack.enter_async_context(open_embedder(settings.embedding, data / "models" / "embedding"))
        except EngineError as exc:
            log.error("going on without embeddings", code=exc.code, reason=exc.reason)
        else:
            if inner is not None:
                guarded = GuardedEmbedder(inner, breakers.new("embeddings", resilience.embeddings, probed=True))
                embedder = CachedEmbedder(guarded, cache)
        store = await stack.enter_async_context(open_memory(settings.memory, data / "memories", embedder))
        memory = GuardedMemory(store, breakers.new("memory", resilience.memory, probed=True))
        await stack.enter_async_context(health.watching(memory_part(breakers["memory"], memory.probe)))
        if guarded is not None and embedder is not None:
            await stack.enter_async_context(health.watching(embeddings_part(breakers["embeddings"], guarded.probe)))
            tasks = await stack.enter_async_context(anyio.create_task_group())
            tasks.start_soon(keep_embedded, store, embedder, _tell)
            stack.callback(tasks.cancel_scope.cancel)
        yield Remembering(memory, cache, store.copy_to if isinstance(store, QdrantEdge) else None)


def _tell(progress: Progress) -> None:
    log.info("memories are given their vectors", done=progress.done, total=progress.total)
