"""One of several processes that ask the same part and share its breaker: `python -m tests.resilience.prober`."""

import sys
from random import Random

import anyio
from redis.asyncio import Redis

from resilience.breaker import BreakerState
from resilience.breakers import Breakers
from resilience.errors import CircuitOpen, EngineFailed, InputRejected
from resilience.settings import BreakerSettings, ResilienceSettings
from resilience.sharing import Sharing, open_sharing

PROCESSES = 2


async def probe_for_a_while(url: str, *, probes: int, epochs: int, seed: int) -> tuple[int, int, int]:
    """How many probes it made, how many of all processes were ever out at once, and how often it was told to wait."""
    chance = Random(seed)
    own = BreakerSettings(
        consecutive_failures=1, open_seconds=0.01, longest_open_seconds=0.03, probes=probes, lease_seconds=5
    )
    breakers = Breakers()
    far = breakers.new("language/far", own, shared=True)
    made = most = refused = 0

    async def probe() -> None:
        nonlocal made, most
        try:
            with far.guard(probe=True):
                made += 1
                most = max(most, await client.incr("probes out"))
                await anyio.sleep(chance.uniform(0, 0.01))
                await client.decr("probes out")
                match chance.randrange(3):
                    case 0:
                        raise EngineFailed("far", "still ill")
                    case 1:
                        raise InputRejected("far", "decides nothing")
        except (CircuitOpen, EngineFailed, InputRejected):
            pass

    settings = ResilienceSettings.model_validate({"redis_url": url})
    async with Redis.from_url(url) as client, open_sharing(breakers, settings) as sharing:
        await _reached(sharing)
        await _all_here(client)
        while far.epoch < epochs:
            if far.state is BreakerState.CLOSED:
                far.trip("ill")
            if far.probe_is_due:
                if await sharing.may_probe(far):
                    async with anyio.create_task_group() as tasks:
                        for _ in range(probes + 1):
                            tasks.start_soon(probe)
                else:
                    refused += 1
            await anyio.sleep(chance.uniform(0, 0.005))
    return made, most, refused


async def _reached(sharing: Sharing) -> None:
    while not sharing.standing().works:
        await anyio.sleep(0.01)


async def _all_here(client: Redis) -> None:
    """Nobody begins before the other has: on a busy machine one would be done by then."""
    await client.incr("here")
    while int(await client.get("here") or 0) < PROCESSES:
        await anyio.sleep(0.01)


async def main() -> None:
    url, probes, epochs, seed = sys.argv[1:]
    print(*await probe_for_a_while(url, probes=int(probes), epochs=int(epochs), seed=int(seed)))


if __name__ == "__main__":
    anyio.run(main)
