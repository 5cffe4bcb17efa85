"""Shared breakers kept in step between processes, through Redis where there is one.

What one process learns about a part that all of them ask (an endpoint), the others know within a moment, and only one
of them probes it. A task of its own does the talking: nobody's call waits on Redis, and a breaker's `guard()` never
awaits. While Redis is away every process goes by what it sees itself; when it is back the later epoch wins.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio
import structlog
from pydantic import RedisDsn

from resilience.breaker import CircuitBreaker, Transition
from resilience.breakers import Breakers
from resilience.errors import EngineError
from resilience.settings import ResilienceSettings

if TYPE_CHECKING:
    from resilience.redis_stands import RedisStands

log = structlog.get_logger(__name__)

ROUND_SECONDS = 0.25
"""How soon what another process did is known here. What happens here is told at once."""
PATIENCE_SECONDS = 0.02
GRANT_SECONDS = 5.0
"""How long after it was granted a probe may begin."""
MARGIN_SECONDS = 1.0
GOODBYE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class SharingStanding:
    url: str
    """Without user and password; empty where no Redis is set."""
    works: bool
    reason: str
    """Why it does not."""


@dataclass(frozen=True, slots=True)
class _Grant:
    epoch: int
    until: float


class Sharing:
    """Without Redis: every process by itself."""

    async def may_probe(self, breaker: CircuitBreaker) -> bool:
        """Whether this process may probe now, which it should then begin at once. If not, ask again in a second."""
        return True

    def standing(self) -> SharingStanding:
        return SharingStanding("", works=False, reason="")


class SharingThroughRedis(Sharing):
    def __init__(self, breakers: Breakers, stands: "RedisStands", redis: CircuitBreaker, url: str) -> None:
        self._breakers = breakers
        self._stands = stands
        self._redis = redis
        self._url = url
        self._works = False
        self._reason = ""
        self._wake = anyio.Event()
        self._asked: dict[str, anyio.Event] = {}
        """Who wants to probe, until it is answered."""
        self._grants: dict[str, _Grant] = {}

    async def may_probe(self, breaker: CircuitBreaker) -> bool:
        if not self._works or not self._breakers.is_shared(breaker.name):
            return True
        if not self._is_granted(breaker):
            answered = self._asked.setdefault(breaker.name, anyio.Event())
            self._wake.set()
            with anyio.move_on_after(PATIENCE_SECONDS):
                await answered.wait()
        # An answer that comes too late for this question is found by the next one.
        return self._is_granted(breaker) or not self._works

    def standing(self) -> SharingStanding:
        return SharingStanding(self._url, self._works, self._reason)

    def moved(self, transition: Transition) -> None:
        if self._breakers.is_shared(transition.breaker):
            self._wake.set()

    async def keep_in_step(self) -> None:
        while True:
            self._wake = anyio.Event()
            await self._go_round()
            with anyio.move_on_after(ROUND_SECONDS):
                await self._wake.wait()

    async def say_goodbye(self) -> None:
        """The last news; and nobody needs to wait for this process's probes any more."""
        if not self._works:
            return
        await self._go_round()
        try:
            for name in self._grants:
                await self._stands.release(name)
        except EngineError as exc:
            log.info("redis was not told that we leave", reason=exc.reason)

    def _is_granted(self, breaker: CircuitBreaker) -> bool:
        grant = self._grants.get(breaker.name)
        return grant is not None and grant.epoch == breaker.epoch and anyio.current_time() < grant.until

    async def _go_round(self) -> None:
        asked, self._asked = self._asked, {}
        shared = [breaker for breaker in self._breakers if self._breakers.is_shared(breaker.name)]
        shared.sort(key=lambda breaker: breaker.name not in asked)
        try:
            if not shared:
                with self._redis.guard():
                    await self._stands.ping()
            for breaker in shared:
                await self._exchange(breaker, to_probe=breaker.name in asked)
        except EngineError as exc:
            self._lost(exc.reason)
        else:
            if self._redis.admits:
                self._regained()
            else:
                self._lost(self._redis.reason)
        for answered in asked.values():
            answered.set()

    def _lost(self, reason: str) -> None:
        if self._works or not self._reason:
            log.warning("redis lost", reason=reason)
        self._works, self._reason = False, reason

    def _regained(self) -> None:
        if self._reason:
            log.info("redis regained")
        self._works, self._reason = True, ""

    async def _exchange(self, breaker: CircuitBreaker, *, to_probe: bool) -> None:
        own = breaker.settings
        mine = breaker.stand()
        # Longer than the probe's own lease by as much as it may begin later: they must not overlap another's.
        lease = GRANT_SECONDS + own.lease_seconds + MARGIN_SECONDS if to_probe else 0.0
        now = anyio.current_time()
        with self._redis.guard():
            told = await self._stands.exchange(breaker.name, mine, own, lease_seconds=lease)
        if told.granted:
            self._grants[breaker.name] = _Grant(mine.epoch, now + GRANT_SECONDS)
        breaker.adopt(told.stand)


@asynccontextmanager
async def open_sharing(breakers: Breakers, settings: ResilienceSettings) -> AsyncGenerator[Sharing]:
    """Returns at once, whether Redis is there or not."""
    if settings.redis_url is None:
        yield Sharing()
        return
    from resilience.redis_stands import open_redis_stands

    redis = breakers.new("redis", settings.redis)
    async with open_redis_stands(str(settings.redis_url), settings.redis_prefix) as stands:
        sharing = SharingThroughRedis(breakers, stands, redis, _without_password(settings.redis_url))
        try:
            with breakers.watched(sharing.moved):
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(sharing.keep_in_step)
                    yield sharing
                    tasks.cancel_scope.cancel()
        finally:
            with anyio.move_on_after(GOODBYE_SECONDS, shield=True):
                await sharing.say_goodbye()


def _without_password(url: RedisDsn) -> str:
    return f"{url.scheme}://{url.host}:{url.port}{url.path or ''}"
