"""Giving memories the vectors that they lack: all of them after the embedding model has changed, a few after it failed.

It runs in the background, a batch at a time, and may be cut off anywhere: what has its vectors has them, the rest is
found by its words until its turn comes. No memory is ever taken out for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import anyio
import structlog

from memory.elsewhere import both, embed, model_of
from memory.indexing import Embedded
from memory.protocols import Embedder
from memory.types import MemoryId
from memory.upkeep import Texts
from resilience.errors import EngineError, InputRejected

log = structlog.get_logger(__name__)

BATCH = 16
LOOK_SECONDS = 60.0
_REST_SECONDS = 0.05
"""Between two batches: others want the processor too."""


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int


class Reembeddable(Protocol):
    async def unembedded(self) -> tuple[MemoryId, ...]: ...

    async def texts(self, ids: Sequence[MemoryId]) -> tuple[Texts, ...]: ...

    async def embed(self, ids: Sequence[MemoryId], embedded: Embedded) -> None: ...


async def keep_embedded(store: Reembeddable, embedder: Embedder, tell: Callable[[Progress], None]) -> None:
    """Never ends. Whatever fails is tried again at the next look."""
    while True:
        try:
            await reembed(store, embedder, tell)
        except EngineError as exc:
            log.warning("memories wait for their vectors", code=exc.code, reason=exc.reason)
        await anyio.sleep(LOOK_SECONDS)


async def reembed(
    store: Reembeddable, embedder: Embedder, tell: Callable[[Progress], None], *, batch: int = BATCH
) -> None:
    """Go once through all that lack vectors; says nothing when there are none. A text that the embedder will not take
    is passed over. Raises `EngineError`.
    """
    ids = await store.unembedded()
    for start in range(0, len(ids), batch):
        tell(Progress(start, len(ids)))
        texts = await store.texts(ids[start : start + batch])
        try:
            await _give(store, embedder, texts)
        except InputRejected:
            for each in texts:
                await _give_if_it_can_be(store, embedder, each)
        await anyio.sleep(_REST_SECONDS)
    if ids:
        tell(Progress(len(ids), len(ids)))


async def _give_if_it_can_be(store: Reembeddable, embedder: Embedder, texts: Texts) -> None:
    try:
        await _give(store, embedder, [texts])
    except InputRejected as exc:
        log.warning("a memory has no vectors", reason=exc.reason)


async def _give(store: Reembeddable, embedder: Embedder, texts: Sequence[Texts]) -> None:
    if texts:
        rows = await embed(embedder, both([each.text for each in texts], [each.text_around for each in texts]))
        await store.embed([each.id for each in texts], Embedded(model_of(embedder), rows))
