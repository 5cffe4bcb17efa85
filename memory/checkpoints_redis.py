"""Checkpoints in Redis, which several replicas may share.

LangGraph's saver for it keeps only the newest checkpoint of a thread. It writes JSON, out of which it would revive any
class that is named in it, and dates as mere text; so a thread's state is sealed before it is handed over: one string,
in the form that the other stores use, and revived as there.
"""

import base64
import binascii
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.redis.ashallow import AsyncShallowRedisSaver
from langgraph.checkpoint.redis.jsonplus_redis import JsonPlusRedisSerializer
from langgraph.checkpoint.redis.util import safely_decode, to_storage_safe_str
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError
from redisvl.exceptions import RedisVLError  # type: ignore[import-untyped]  # it has none

from memory.checkpoint_saver import NAME, Allowed, Checkpoints
from memory.settings import RedisCheckpointsSpec
from resilience.errors import EngineFailed, EngineUnavailable

SEALED = "sealed"
NEEDS = {("JSON.GET", "nightingale"): "RedisJSON", ("FT._LIST",): "RediSearch"}
MINUTES_A_DAY = 24 * 60


class RedisCheckpoints(Checkpoints, AsyncShallowRedisSaver):
    failures = (OSError, RedisError, RedisVLError)

    def __init__(self, client: Redis, allowed: Allowed, keep_days: int | None) -> None:
        ttl = None if keep_days is None else {"default_ttl": keep_days * MINUTES_A_DAY, "refresh_on_read": True}
        super().__init__(redis_client=client, ttl=ttl)
        self.serde = _PlainJson()
        self._seals = JsonPlusSerializer(allowed_msgpack_modules=[*allowed])

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        sealed: Checkpoint = {**checkpoint, "channel_values": {SEALED: self._seal(checkpoint["channel_values"])}}
        return await super().aput(config, sealed, metadata, new_versions)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        found = await super().aget_tuple(config)
        if found is None:
            return None
        values = self._open(found.checkpoint["channel_values"])
        writes = [(task, channel, self._open(value)) for task, channel, value in found.pending_writes or ()]
        return found._replace(checkpoint={**found.checkpoint, "channel_values": values}, pending_writes=writes)

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        sealed = [(channel, {SEALED: self._seal(value)}) for channel, value in writes]
        await super().aput_writes(config, sealed, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """By what is written down of the thread as well, not only by the index, which lags behind."""
        await super().adelete_thread(thread_id)
        with self.named():
            register = _register(thread_id)
            checkpoint = self._make_shallow_redis_checkpoint_key(thread_id, "")
            await self._redis.delete(checkpoint, register, *await self._redis.zrange(register, 0, -1))

    async def aprune(
        self, thread_ids: Sequence[str], *, strategy: str = "keep_latest", keep_last: int | None = None
    ) -> None:
        """A checkpoint takes the place of the one before; what was written towards that one is left to us."""
        if strategy != "keep_latest" or keep_last is not None:
            raise ValueError(strategy)
        with self.named():
            for thread in thread_ids:
                register = _register(thread)
                newest = await self.aget_tuple({"configurable": {"thread_id": thread}})
                mark = "" if newest is None else f":{newest.checkpoint['id']}:"
                keys = [str(safely_decode(key)) for key in await self._redis.zrange(register, 0, -1)]
                old = [key for key in keys if mark not in key]
                if old:
                    await self._redis.delete(*old)
                    await self._redis.zrem(register, *old)

    def _seal(self, value: Any) -> str:
        kind, data = self._seals.dumps_typed(value)
        return f"{kind}:{base64.b64encode(data).decode()}"

    def _open(self, kept: Mapping[str, Any]) -> Any:
        try:
            kind, _, data = kept[SEALED].partition(":")
            return self._seals.loads_typed((kind, base64.b64decode(data)))
        except (KeyError, TypeError, AttributeError, binascii.Error) as exc:
            raise EngineFailed(NAME, "what is kept of this thread was not written by us") from exc


def _register(thread: str) -> str:
    """Where the saver notes the keys of what is written towards a thread's next checkpoint."""
    return f"write_keys_zset:{thread}:{to_storage_safe_str('')}:shallow"


class _PlainJson(JsonPlusRedisSerializer):
    def _revive_if_needed(self, obj: Any) -> Any:
        """What needs to be revived is sealed."""
        return obj


@asynccontextmanager
async def open_redis(spec: RedisCheckpointsSpec, allowed: Allowed) -> AsyncGenerator[RedisCheckpoints]:
    """Raises `EngineUnavailable` when the server cannot be used."""
    try:
        # The library reads the answers to searches in the form that they have in the older protocol.
        client = Redis.from_url(spec.url.get_secret_value(), protocol=2, socket_connect_timeout=spec.answer_seconds)
    except ValueError:
        raise EngineUnavailable(NAME, "the address of Redis cannot be read") from None  # it may tell the password
    try:
        try:
            with anyio.fail_after(spec.answer_seconds):
                await _has_what_it_takes(client)
                saver = RedisCheckpoints(client, allowed, spec.keep_days)
                await saver.asetup()
        except TimeoutError as exc:
            raise EngineUnavailable(NAME, f"Redis did not answer within {spec.answer_seconds} s") from exc
        except RedisCheckpoints.failures as exc:
            raise EngineUnavailable(NAME, f"Redis: {exc}") from exc
        saver.answer_seconds = spec.answer_seconds
        yield saver
    finally:
        with anyio.move_on_after(10, shield=True):
            await client.aclose()


async def _has_what_it_takes(client: Redis) -> None:
    missing = []
    for command, module in NEEDS.items():
        try:
            await client.execute_command(*command)  # type: ignore[no-untyped-call]  # it takes whatever Redis does
        except ResponseError as exc:
            if "unknown command" not in str(exc):
                raise
            missing.append(module)
    if missing:
        raise EngineUnavailable(
            NAME,
            f"this Redis has no {' and no '.join(missing)}: checkpoints need Redis 8 or Redis Stack. "
            "A plain Redis will do for the rest (NIGHTINGALE_RESILIENCE__REDIS_URL), not for this",
        )
