"""What processes know of shared breakers, kept in Redis: one key for each breaker, and one script for all that is done.

The script runs as one step: it compares, keeps the later epoch, and hands out the right to probe. Times are Redis' own,
so the clocks of the processes do not matter. Every key is forgotten some time after the last process that asks.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from resilience.breaker import BreakerState, Stand
from resilience.errors import EngineFailed, EngineUnavailable
from resilience.settings import BreakerSettings

CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 0.5
REASON_CHARACTERS = 200
KEPT_TIMES = 4
"""How many of its longest cycles (open, then probed) a breaker is remembered for."""

SCRIPT = """
local epoch, state, left, openings, reason = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local who, lease, keep = ARGV[6], tonumber(ARGV[7]), ARGV[8]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local told = redis.call('HMGET', KEYS[1], 'epoch', 'state', 'until', 'openings', 'reason', 'prober', 'probing_until')

if lease < 0 then
  if told[6] == who then redis.call('HDEL', KEYS[1], 'prober', 'probing_until') end
  return {}
end

local function forced(word) return word == 'forced-open' or word == 'forced-closed' end
local known = tonumber(told[1])
if not known or known < epoch or (known == epoch and forced(state) and not forced(told[2])) then
  known, told = epoch, {ARGV[1], state, string.format('%.0f', now + left), openings, reason, false, false}
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'epoch', told[1], 'state', told[2], 'until', told[3], 'openings', told[4],
    'reason', told[5])
end

local granted = '0'
if lease > 0 and known == epoch then
  local till = tonumber(told[7]) or 0
  -- A lease that ends later than a new one would was given before the clock was set back.
  if not told[6] or told[6] == who or till <= now or till > now + lease then
    redis.call('HSET', KEYS[1], 'prober', who, 'probing_until', string.format('%.0f', now + lease))
    granted = '1'
  end
end
redis.call('PEXPIRE', KEYS[1], keep)
return {told[1], told[2], string.format('%.0f', tonumber(told[3]) - now), told[4], told[5], granted}
"""


@dataclass(frozen=True, slots=True)
class Told:
    stand: Stand
    """What is known of the breaker now: mine, or a later one."""
    granted: bool
    """Whether this process may probe."""


class RedisStands:
    def __init__(self, client: Redis, prefix: str) -> None:
        self._client = client
        self._script = client.register_script(SCRIPT)
        self._prefix = prefix
        self._who = uuid4().hex

    async def exchange(self, name: str, mine: Stand, own: BreakerSettings, *, lease_seconds: float = 0.0) -> Told:
        """Tell and be told; with `lease_seconds` also ask to be the one process that probes for so long.

        Raises `EngineError`, as everything here.
        """
        keep = KEPT_TIMES * (own.longest_open_seconds + own.lease_seconds)
        told = await self._ask(name, mine, lease_seconds, keep)
        try:
            epoch, state, left, openings, reason, granted = told
            stand = Stand(int(epoch), BreakerState(state), int(left) / 1000, int(openings), reason)
        except ValueError as exc:
            raise EngineFailed("redis", f"what it keeps of {name} cannot be read") from exc
        return Told(stand, granted == "1")

    async def release(self, name: str) -> None:
        """Let another process probe, if it was this one that did."""
        await self._ask(name, Stand(0, BreakerState.CLOSED), -1.0, 0.0)

    async def ping(self) -> None:
        try:
            await self._client.ping()
        except (RedisError, OSError) as exc:
            raise _unavailable(exc) from exc

    async def _ask(self, name: str, mine: Stand, lease_seconds: float, keep_seconds: float) -> list[str]:
        left = f"{mine.seconds_left * 1000:.0f}"
        lease, keep = f"{lease_seconds * 1000:.0f}", f"{keep_seconds * 1000:.0f}"
        reason = mine.reason[:REASON_CHARACTERS]
        try:
            answer: list[str] = await self._script(
                keys=[f"{self._prefix}breaker:{name}"],
                args=[mine.epoch, mine.state.value, left, mine.openings, reason, self._who, lease, keep],
            )
        except (RedisError, OSError) as exc:
            raise _unavailable(exc) from exc
        return answer


def _unavailable(cause: Exception) -> EngineUnavailable:
    """The kind only: what a client says may name the password."""
    return EngineUnavailable("redis", f"it does not answer ({type(cause).__name__})")


@asynccontextmanager
async def open_redis_stands(url: str, prefix: str) -> AsyncGenerator[RedisStands]:
    """Connects when it is first asked. Its own retries are off: a breaker says when to ask again."""
    client = Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        encoding_errors="replace",
        protocol=2,
    )
    async with client:
        yield RedisStands(client, prefix)
