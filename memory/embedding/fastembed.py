"""Dense models by the library fastembed, which is installed apart: `pip install fastembed`.

Nothing is fetched unless that is allowed; a model that lies in the folder is found there.
"""

import importlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import numpy as np
from anyio import to_thread

from memory.embedding.rows import batches, plain, unit_rows
from memory.embedding.settings import FastembedSpec
from memory.protocols import Embedder
from memory.types import Vectors
from resilience.containing import contained
from resilience.errors import EngineError, EngineUnavailable

ENGINE = "fastembed"
LONGEST_CHARACTERS = 10_000
RUNS_AT_ONCE = 2
"""A question does not wait for a long list that is being embedded."""


class Fastembed:
    def __init__(self, library: Any, spec: FastembedSpec) -> None:
        self._library = library
        self._model = f"fastembed/{spec.model}"
        self._dimensions: int = library.embedding_size
        self._threads = anyio.CapacityLimiter(RUNS_AT_ONCE)

    @property
    def model(self) -> str:
        return self._model

    @property
    def dimensions(self) -> int:
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """A call that is cancelled is left at once; its thread ends with the batch that it is at."""
        vectors = np.empty((len(texts), self._dimensions), np.float32)
        for batch in batches(texts):
            few = [texts[number] for number in batch]
            vectors[batch] = await to_thread.run_sync(self.run, few, abandon_on_cancel=True, limiter=self._threads)
        return vectors

    def run(self, texts: Sequence[str]) -> Vectors:
        """All in one batch. Blocks. Raises `EngineFailed`."""
        with contained(ENGINE):
            rows = [*self._library.embed([plain(each, LONGEST_CHARACTERS) for each in texts], batch_size=len(texts))]
        return unit_rows(ENGINE, rows, len(texts), self._dimensions)


@asynccontextmanager
async def open_fastembed(spec: FastembedSpec, folder: Path) -> AsyncGenerator[Embedder]:
    """Loaded and warm. Raises `EngineError`."""
    yield await to_thread.run_sync(_load, spec, folder, abandon_on_cancel=True)


def _load(spec: FastembedSpec, folder: Path) -> Embedder:
    try:
        fastembed = importlib.import_module("fastembed")
    except ImportError as exc:
        raise EngineUnavailable(
            ENGINE, "the library fastembed is not installed, or not whole; `pip install fastembed` puts it there"
        ) from exc
    hint = "" if spec.download else ", and fetching it is not allowed (`download`)"
    with contained(ENGINE):
        try:
            library = fastembed.TextEmbedding(
                spec.model, str(folder), threads=spec.threads, local_files_only=not spec.download
            )
        except ValueError as exc:
            reason = f"it has no model {spec.model}, or none is in {folder}{hint}"
            raise EngineUnavailable(ENGINE, reason) from exc
        engine = Fastembed(library, spec)
    try:
        engine.run(["Good morning."])
    except EngineError as exc:
        raise EngineUnavailable(ENGINE, f"{spec.model} cannot embed: {exc.reason}") from exc
    return engine
