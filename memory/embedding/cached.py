"""An embedder that computes a text once. Whoever asks gets the same vectors as without it."""

from collections.abc import Sequence

import numpy as np

from memory.cache import Cache
from memory.cache_layer import Key
from memory.protocols import Embedder
from memory.types import Vectors

KIND = "embedding"
_NUMBER = np.dtype("<f4")


class CachedEmbedder:
    def __init__(self, inner: Embedder, cache: Cache) -> None:
        self._inner = inner
        self._cache = cache

    @property
    def model(self) -> str:
        return self._inner.model

    @property
    def dimensions(self) -> int:
        return self._inner.dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        text_of = {Key.of(KIND, self.model, text): text for text in texts}

        async def compute(keys: Sequence[Key]) -> list[bytes]:
            rows = await self._inner.embed([text_of[key] for key in keys])
            return [row.tobytes() for row in rows.astype(_NUMBER)]

        values = await self._cache.get([Key.of(KIND, self.model, text) for text in texts], compute)
        if any(len(value) != self.dimensions * _NUMBER.itemsize for value in values):
            return await self._inner.embed(texts)  # somebody has been at the cache
        rows = np.frombuffer(b"".join(values), _NUMBER) if values else np.empty(0)
        return rows.reshape(len(texts), self.dimensions).astype(np.float32)
