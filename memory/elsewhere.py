"""What a store that is elsewhere has on this side, of memories or of documents: the vectors of meaning are made here.

Where there is no embedder, or it fails, what is kept has none and is found by its words; `reembedding` makes up for it.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import structlog

from memory.indexing import Embedded, Model
from memory.protocols import Embedder
from memory.ranking import writable
from memory.types import MemoryId, Vectors
from memory.upkeep import Texts
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

UPKEEP_SECONDS = 120.0
"""For what goes through everything: erasing, copying, changing the model."""


class Elsewhere(ABC):
    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder

    @abstractmethod
    async def _ask(self, verb: str, *arguments: Any, seconds: float | None = None) -> Any:
        """Call that method over there."""

    async def prepare(self) -> None:
        """Make room for the vectors of the embedder's model, and drop those of any other."""
        if (model := self._model()) is not None:
            await self._ask("prepare", model, seconds=UPKEEP_SECONDS)

    async def unembedded(self) -> tuple[MemoryId, ...]:
        ids: tuple[MemoryId, ...] = await self._ask("unembedded", seconds=UPKEEP_SECONDS)
        return ids

    async def texts(self, ids: Sequence[MemoryId]) -> tuple[Texts, ...]:
        texts: tuple[Texts, ...] = await self._ask("texts", tuple(ids))
        return texts

    async def embed(self, ids: Sequence[MemoryId], embedded: Embedded) -> None:
        await self._ask("embed", tuple(ids), embedded)

    def _model(self) -> Model | None:
        return None if self._embedder is None else model_of(self._embedder)

    async def _vectors(self, texts: Sequence[str]) -> Vectors | None:
        if self._embedder is None:
            return None
        try:
            return await embed(self._embedder, texts)
        except EngineError as exc:
            log.warning("going on without embeddings", code=exc.code, reason=exc.reason)
            return None


def model_of(embedder: Embedder) -> Model:
    return Model(embedder.model, embedder.dimensions)


def both(texts: Sequence[str], texts_around: Sequence[str]) -> list[str]:
    """As `Embedded` wants its rows."""
    return [writable(each) for each in (*texts, *texts_around)]


async def embed(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Each different text once."""
    different = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    rows = await embedder.embed([*different])
    return np.ascontiguousarray(rows[[different[text] for text in texts]])
