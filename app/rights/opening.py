"""The rights over an open house; and over a closed one, opened for that only, with nothing to hear or think with."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from app.archive.settings import HistorySettings
from app.history import History, open_history
from app.house import House
from app.rights.desk import Rights, nobody
from app.rights.exporting import Threads
from app.rights.holders import (
    HouseSettings,
    InCache,
    InCheckpoints,
    InDocuments,
    InHistory,
    InManners,
    InMemory,
    InNotebook,
    InTurnLog,
)
from app.settings import Settings
from app.tenancy import quiet
from app.wiring import open_house
from memory.embedding.settings import NoEmbeddingSpec
from memory.qdrant_edge import QdrantEdge
from memory.settings import QdrantEdgeSpec, SqliteCheckpointsSpec
from memory.types import UserId


def rights_of(house: House, history: History, *, send_home: Callable[[UserId], Awaitable[int]] = nobody) -> Rights:
    """Whatever keeps something of people stands here. What writes elsewhere is erased before what it writes to; who
    knows whose the threads are, at the end.
    """
    mind, memory = InCheckpoints(house.conversations), InMemory(house.memory)
    documents = InDocuments(house.reading_desk.library)
    notebook, cache = InNotebook(house.conversations.notebook), InCache(house.cache.forget)
    log, shown, manners = InTurnLog(house.turns), InHistory(history.records), InManners(house.manners)
    return Rights(
        data=house.settings.data_dir,
        settings=house.settings.rights.backup,
        registers=(shown, log, manners),
        exporters=(Threads(shown, log), notebook, memory, documents, mind, manners, HouseSettings(house.settings)),
        erasers=(mind, notebook, memory, documents, cache, manners, log, shown),
        copy_memories=house.copy_memories,
        count_memories=count_memories,
        send_home=send_home,
    )


@asynccontextmanager
async def open_closed_house(settings: Settings) -> AsyncGenerator[Rights]:
    """The data folder is ours alone. Raises `EngineError` and `HistoryFailed`."""
    alone = quiet(settings).model_copy(update={"embedding": NoEmbeddingSpec()})
    async with (
        open_house(alone) as house,
        open_history(
            alone.data_dir / "history.sqlite", lambda _: None, settings=alone.history, erase=house.forget_thread
        ) as history,
    ):
        yield rights_of(house, history)


def in_folder(settings: Settings, folder: Path) -> Settings:
    """The same house over that folder, and over nothing but that folder: what lies on servers is another house's."""
    return settings.model_copy(
        update={
            "data_dir": folder,
            "history": HistorySettings(),
            "memory": QdrantEdgeSpec(),
            "checkpoints": SqliteCheckpointsSpec(),
            "resilience": settings.resilience.model_copy(update={"redis_url": None}),
        }
    )


async def count_memories(folder: Path) -> int:
    memory = QdrantEdge(folder)
    await memory.open()
    try:
        return await memory.count()
    finally:
        with anyio.CancelScope(shield=True):
            await memory.aclose()
