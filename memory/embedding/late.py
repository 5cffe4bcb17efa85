"""An embedder that may be asked before it is open: what it is called is known, and vectors come later.

Loading a model takes a second or more, for which nobody should wait to see the page. Until then memories are found by
their words, and get their vectors when it is there.
"""

from collections.abc import Sequence

from anyio import Event

from memory.protocols import Embedder
from memory.types import Vectors
from resilience.errors import EngineUnavailable


class LateEmbedder:
    def __init__(self, model: str | None = None, dimensions: int = 0) -> None:
        """`model`: None where it is not known before it is open."""
        self._model = model
        self._dimensions = dimensions
        self._inner: Embedder | None = None
        self.tried = Event()
        """It is open, or could not be opened."""

    @property
    def is_known(self) -> bool:
        """Before that it has no name to be asked by."""
        return self._model is not None

    @property
    def is_open(self) -> bool:
        return self._inner is not None

    @property
    def model(self) -> str:
        assert self._model is not None, "it is not known yet"
        return self._model

    @property
    def dimensions(self) -> int:
        return self._dimensions

    def arrived(self, inner: Embedder | None) -> None:
        """None: it could not be opened."""
        self._inner = inner
        if inner is not None:
            self._model, self._dimensions = inner.model, inner.dimensions
        self.tried.set()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        if self._inner is None:
            reason = "the model is not there" if self.tried.is_set() else "the model is being opened"
            raise EngineUnavailable("embeddings", reason)
        return await self._inner.embed(texts)
