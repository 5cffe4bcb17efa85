"""What LangGraph's savers have in common here, whatever they keep checkpoints in: failures with names, and keys."""

import math
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import quote

import anyio
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)

from memory.types import UserId
from resilience.errors import EngineFailed, EngineTimeout

NAME = "checkpoints"

Allowed = Iterable[tuple[str, str]]
"""The classes that a stored state may contain, as module and name."""


class Checkpoints(BaseCheckpointSaver[str]):
    """Every method that a graph calls, with its failures named. To stand before one of LangGraph's savers."""

    failures: ClassVar[tuple[type[Exception], ...]] = ()
    """What the library raises when its store fails."""
    answer_seconds: float = math.inf
    """How long the store may be silent."""

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        with self.named():
            return await super().aget_tuple(config)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        with self.named():
            return await super().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        with self.named():
            await super().aput_writes(config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        with self.named():
            await super().adelete_thread(thread_id)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Drop all but the newest checkpoint of these threads, which is all that this house ever goes back to."""
        with self.named():
            await super().aprune(thread_ids, strategy=strategy)

    @contextmanager
    def named(self) -> Generator[None]:
        try:
            with anyio.fail_after(self.answer_seconds):
                yield
        except TimeoutError as exc:
            raise EngineTimeout(NAME, f"no answer within {self.answer_seconds:g} s") from exc
        except self.failures as exc:
            raise EngineFailed(NAME, str(exc) or type(exc).__name__) from exc


def thread_key(user: UserId, thread: str) -> str:
    """What a thread is kept under: its user's name stands in it, so that no id, whoever crafts it, reaches what is
    somebody else's. Two different pairs never share a key.
    """
    return "/".join(quote(each, safe="", errors="surrogatepass") for each in (user, thread))
