"""The cache's layer in Redis, which replicas share: a key for each value, and all of them begin alike."""

from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import islice

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from memory.cache_layer import Key
from resilience.errors import EngineUnavailable

CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 2.0
"""The cache is more impatient where somebody waits."""
AT_ONCE = 500


class RedisLayer:
    name = "redis"
    held: Mapping[str, int] = {}

    def __init__(self, client: Redis, prefix: str, keep_seconds: float) -> None:
        self._client = client
        self._prefix = f"{prefix}cache:"
        self._keep_ms = int(keep_seconds * 1000)

    async def find(self, keys: Sequence[Key]) -> dict[Key, bytes]:
        found: dict[Key, bytes] = {}
        with _named():
            for start in range(0, len(keys), AT_ONCE):
                some = keys[start : start + AT_ONCE]
                values = await self._client.mget([f"{self._prefix}{key}" for key in some])
                found |= {key: value for key, value in zip(some, values, strict=True) if isinstance(value, bytes)}
        return found

    async def keep(self, entries: Mapping[Key, bytes]) -> None:
        rest = iter(entries.items())
        with _named():
            while some := [*islice(rest, AT_ONCE)]:
                pipeline = self._client.pipeline(transaction=False)
                for key, value in some:
                    pipeline.set(f"{self._prefix}{key}", value, px=self._keep_ms)
                await pipeline.execute()

    async def forget(self) -> int:
        gone, cursor = 0, 0
        with _named():
            while True:
                cursor, names = await self._client.scan(cursor, match=f"{self._prefix}*", count=AT_ONCE)
                if names:
                    gone += await self._client.unlink(*names)
                if not cursor:
                    return gone


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except (RedisError, OSError) as exc:
        # The kind only: what a client says may name the password.
        raise EngineUnavailable("cache redis", f"it does not answer ({type(exc).__name__})") from exc


@asynccontextmanager
async def open_redis_layer(url: str, prefix: str, *, keep_seconds: float) -> AsyncGenerator[RedisLayer]:
    """Connects when it is first asked. Its own retries are off: the cache has a breaker."""
    client = Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    async with client:
        yield RedisLayer(client, prefix, keep_seconds)
