"""Which spec opens which store of memories and documents. To add one: a spec, a module, an arm here."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from memory.protocols import Embedder
from memory.settings import MemorySettings, QdrantEdgeSpec, QdrantServerSpec

if TYPE_CHECKING:
    from memory.qdrant_edge import QdrantEdge
    from memory.qdrant_server import QdrantServer


def open_memory(
    settings: MemorySettings, folder: Path, embedder: Embedder | None
) -> "AbstractAsyncContextManager[QdrantEdge | QdrantServer]":
    """The documents are its `library`. `folder`: where it lies when it is kept here. Raises `EngineError` on entry when
    the store cannot be used.
    """
    match settings:
        case QdrantEdgeSpec():
            from memory.qdrant_edge import open_qdrant_edge

            return open_qdrant_edge(folder, embedder)
        case QdrantServerSpec():
            from memory.qdrant_server import open_qdrant_server

            return open_qdrant_server(settings, embedder)
        case _:
            assert_never(settings)
