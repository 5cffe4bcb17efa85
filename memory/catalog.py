"""Which spec opens which store of memories. To add one: a spec, a module, an arm here."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import assert_never

from memory.protocols import Embedder
from memory.qdrant_memory import QdrantMemory
from memory.settings import MemorySettings, QdrantEdgeSpec, QdrantServerSpec


def open_memory(
    settings: MemorySettings, folder: Path, embedder: Embedder | None
) -> AbstractAsyncContextManager[QdrantMemory]:
    """`folder`: where memories lie that are kept here. Raises `EngineError` on entry when the store cannot be used."""
    match settings:
        case QdrantEdgeSpec():
            from memory.qdrant_edge import open_qdrant_edge

            return open_qdrant_edge(folder, embedder)
        case QdrantServerSpec():
            from memory.qdrant_server import open_qdrant_server

            return open_qdrant_server(settings, embedder)
        case _:
            assert_never(settings)
