"""The checkpoints of a run that may turn out to be void: read where they are kept, and written only when it stands."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)


class HeldCheckpoints(BaseCheckpointSaver[str]):
    """For one run, which nobody else's may overtake."""

    def __init__(self, kept: BaseCheckpointSaver[str]) -> None:
        super().__init__(serde=kept.serde)
        self._kept = kept
        self._writes: list[Callable[[], Awaitable[object]]] = []

    async def write(self) -> None:
        """The run stands."""
        for write in self._writes:
            await write()
        self._writes.clear()

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        return await self._kept.aget_tuple(config)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        self._writes.append(partial(self._kept.aput, config, checkpoint, metadata, new_versions))
        return {**config, "configurable": {**config["configurable"], "checkpoint_id": checkpoint["id"]}}

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        self._writes.append(partial(self._kept.aput_writes, config, [*writes], task_id, task_path))

    def get_next_version(self, current: str | None, channel: None) -> str:
        return self._kept.get_next_version(current, channel)
