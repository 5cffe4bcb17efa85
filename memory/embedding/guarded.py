"""An embedder behind a circuit breaker: bounded in time, and left alone while it is not well.

Its breaker is meant to be `probed`: then nobody's turn is spent on finding out whether it is well again.
"""

import math
from collections.abc import Sequence

from memory.protocols import Embedder
from memory.types import Vectors
from resilience.attempt import attempt
from resilience.breaker import CircuitBreaker

SECONDS = 5.0
TEXTS = 32
"""How many texts that time is for; more have so much more."""


class GuardedEmbedder:
    def __init__(self, inner: Embedder, breaker: CircuitBreaker) -> None:
        self._inner = inner
        self._breaker = breaker

    @property
    def model(self) -> str:
        return self._inner.model

    @property
    def dimensions(self) -> int:
        return self._inner.dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        with attempt(self._breaker, SECONDS * max(1, math.ceil(len(texts) / TEXTS))):
            return await self._inner.embed(texts)

    async def probe(self) -> None:
        """Embed a word of nobody's. Raises `EngineError`."""
        with attempt(self._breaker, SECONDS, probe=True):
            await self._inner.embed(["Good morning."])
