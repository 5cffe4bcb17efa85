from itertools import pairwise

import anyio
import pytest

from resilience.breaker import CircuitBreaker
from resilience.errors import (
    CircuitOpen,
    EngineBusy,
    EngineError,
    EngineFailed,
    EngineTimeout,
    EngineUnavailable,
    InputRejected,
)
from resilience.retry import NO_RETRY, Retry, Tries

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("virtual_time")]

FAILED = EngineFailed("x", "boom")
STEADY = Retry(retries=3, first_wait_seconds=0.1, longest_wait_seconds=0.3, jitter=0)


def healthy() -> CircuitBreaker:
    return CircuitBreaker("x")


async def waits(retry: Retry, seconds: float = 10.0) -> list[float]:
    tries, times = Tries(retry, seconds), [anyio.current_time()]
    while await tries.again(healthy(), FAILED):
        times.append(anyio.current_time())
    return [later - earlier for earlier, later in pairwise(times)]


async def test_each_wait_is_twice_as_long_up_to_the_longest() -> None:
    assert await waits(STEADY) == pytest.approx([0.1, 0.2, 0.3])


async def test_chance_only_shortens_a_wait() -> None:
    seen = [(await waits(Retry(retries=1, first_wait_seconds=1, jitter=0.5)))[0] for _ in range(30)]
    assert 0.5 <= min(seen) < max(seen) <= 1


async def test_without_retries_there_is_one_try() -> None:
    assert await waits(NO_RETRY) == []


async def test_a_wait_that_does_not_fit_into_the_time_left_is_not_begun() -> None:
    assert await waits(STEADY, seconds=0.25) == pytest.approx([0.1])


@pytest.mark.parametrize("hopeless", [EngineUnavailable, InputRejected, CircuitOpen, EngineBusy])
async def test_what_asking_again_cannot_help_is_not_asked_again(hopeless: type[EngineError]) -> None:
    assert not await Tries(STEADY, 10).again(healthy(), hopeless("x", "no"))


@pytest.mark.parametrize("hopeful", [EngineFailed, EngineTimeout])
async def test_what_may_be_chance_is_asked_again(hopeful: type[EngineError]) -> None:
    assert await Tries(STEADY, 10).again(healthy(), hopeful("x", "hm"))


async def test_nobody_waits_for_an_open_breaker() -> None:
    breaker = healthy()
    breaker.trip("boom")
    assert not await Tries(STEADY, 10).again(breaker, FAILED)
    assert anyio.current_time() == 0


def test_four_retries_are_too_many() -> None:
    with pytest.raises(ValueError, match="retries"):
        Retry(retries=4)
