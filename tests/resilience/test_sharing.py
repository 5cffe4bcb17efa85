import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from subprocess import PIPE

import anyio
import pytest
import redis
from anyio.abc import SocketAttribute, SocketStream
from structlog.testing import capture_logs

from resilience.breaker import BreakerState, CircuitBreaker, Stand
from resilience.breakers import Breakers
from resilience.redis_stands import open_redis_stands
from resilience.settings import BreakerSettings, ResilienceSettings
from resilience.sharing import Sharing, open_sharing
from tests.made import checkout
from tests.made.redis import RedisServer, redis_server
from tests.resilience.prober import probe_for_a_while

pytestmark = pytest.mark.anyio

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
QUICK = BreakerSettings(consecutive_failures=1, open_seconds=0.05, longest_open_seconds=0.2, slow_seconds=0.25)
LONG = BreakerSettings(consecutive_failures=1, open_seconds=60, longest_open_seconds=60)
FAR = "language/far"


@pytest.fixture
def anyio_backend() -> str:
    """Real Redis, real time; and its client is for asyncio only."""
    return "asyncio"


@pytest.fixture(scope="module")
def running() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@pytest.fixture
def server(running: RedisServer) -> Iterator[RedisServer]:
    """Empty, and well; and so it is left, whatever a test did to it."""
    running.flush()
    yield running
    running.kill()
    running.start()


class Process:
    """What one process has: its own breakers, and the sharing of them."""

    def __init__(self, breakers: Breakers, sharing: Sharing, far: CircuitBreaker) -> None:
        self.breakers = breakers
        self.sharing = sharing
        self.far = far

    @property
    def works(self) -> bool:
        return self.sharing.standing().works

    async def may_probe(self) -> bool:
        return await self.sharing.may_probe(self.far)


@asynccontextmanager
async def process(url: str | None, own: BreakerSettings = LONG, *, works: bool = True) -> AsyncGenerator[Process]:
    settings = ResilienceSettings.model_validate({"redis_url": url, "redis": QUICK})
    breakers = Breakers()
    far = breakers.new(FAR, own, shared=True)
    async with open_sharing(breakers, settings) as sharing:
        made = Process(breakers, sharing, far)
        if works:
            await until(lambda: made.works)
        yield made


async def until(so: Callable[[], bool]) -> None:
    with anyio.fail_after(30):
        while not so():
            await anyio.sleep(0.005)


async def asked_until(process: Process, answer: bool) -> None:
    with anyio.fail_after(30):
        while await process.may_probe() is not answer:
            await anyio.sleep(0.005)


def kept(server: RedisServer) -> dict[str, dict[str, str]]:
    with redis.Redis.from_url(server.url, decode_responses=True) as client:
        return {key: client.hgetall(key) for key in client.scan_iter()}


# -- without Redis ---------------------------------------------------------------------------------------------


async def test_without_redis_every_process_is_on_its_own() -> None:
    async with process(None, works=False) as ours, process(None, works=False) as theirs:
        ours.far.trip("dead")
        assert theirs.far.state is CLOSED
        assert await ours.may_probe()
        assert ours.sharing.standing().url == ""
        assert [each.name for each in ours.breakers] == [FAR]


async def test_a_redis_that_was_never_there_changes_nothing(server: RedisServer) -> None:
    server.kill()
    async with process(server.url, works=False) as ours:
        await until(lambda: "does not answer" in ours.sharing.standing().reason)
        ours.far.trip("dead")
        assert await ours.may_probe()
        assert ours.far.state is OPEN
        server.start()
        await until(lambda: FAR in "".join(kept(server)))
        await until(lambda: ours.works)
    server.kill()


# -- in step ---------------------------------------------------------------------------------------------------


async def test_what_one_process_learns_the_others_know(server: RedisServer) -> None:
    async with process(server.url) as ours, process(server.url) as theirs:
        ours.far.trip("it refuses the connection")
        await until(lambda: theirs.far.state is OPEN)
        assert theirs.far.reason == "it refuses the connection"
        assert theirs.far.epoch == 1
        assert 40 < theirs.far.seconds_to_probe <= 60
        theirs.far.force(None)
        await until(lambda: ours.far.state is CLOSED)
        assert ours.far.epoch == 2


async def test_an_operators_word_to_one_process_holds_for_all(server: RedisServer) -> None:
    async with process(server.url) as ours, process(server.url) as theirs:
        ours.far.force("open")
        await until(lambda: theirs.far.state is BreakerState.FORCED_OPEN)
        theirs.far.force(None)
        await until(lambda: ours.far.state is CLOSED)


async def test_a_process_that_starts_learns_what_is_known(server: RedisServer) -> None:
    async with process(server.url) as ours:
        ours.far.trip("dead")
    async with process(server.url) as theirs:
        assert theirs.far.state is OPEN, "also what happened just before the other one left"


async def test_a_part_of_one_process_is_nobody_elses_business(server: RedisServer) -> None:
    async with process(server.url) as ours, process(server.url) as theirs:
        own, other = ours.breakers.new("memory", LONG), theirs.breakers.new("memory", LONG)
        own.trip("dead")
        ours.far.trip("dead too")
        await until(lambda: theirs.far.state is OPEN)
        assert other.state is CLOSED
        assert list(kept(server)) == [f"nightingale:breaker:{FAR}"]
        assert await ours.sharing.may_probe(own)


async def test_what_is_kept_is_forgotten_when_nobody_asks(server: RedisServer) -> None:
    async with process(server.url) as ours:
        ours.far.trip("dead")
        await until(lambda: [each["epoch"] for each in kept(server).values()] == ["1"])
    with redis.Redis.from_url(server.url) as client:
        assert 200_000 < int(client.pttl(f"nightingale:breaker:{FAR}")) <= 4 * (60 + 30) * 1000


# -- probes ----------------------------------------------------------------------------------------------------


async def test_one_process_probes_for_all(server: RedisServer) -> None:
    async with process(server.url, QUICK) as ours, process(server.url, QUICK) as theirs:
        ours.far.trip("dead")
        await until(lambda: ours.far.probe_is_due and theirs.far.probe_is_due)
        await asked_until(ours, True)
        assert not await theirs.may_probe()
        assert await ours.may_probe(), "until it knows"
        with ours.far.guard(probe=True):
            pass
        await until(lambda: theirs.far.state is CLOSED)


async def test_a_process_that_leaves_lets_another_probe(server: RedisServer) -> None:
    async with process(server.url, QUICK) as theirs:
        async with process(server.url, QUICK) as ours:
            ours.far.trip("dead")
            await until(lambda: ours.far.probe_is_due and theirs.far.probe_is_due)
            await asked_until(ours, True)
            assert not await theirs.may_probe()
        await asked_until(theirs, True)


async def test_the_right_to_probe_ends_with_its_time(server: RedisServer) -> None:
    mine = Stand(1, OPEN, 0.0, 1, "dead")
    async with open_redis_stands(server.url, "a:") as ours, open_redis_stands(server.url, "a:") as theirs:
        assert (await ours.exchange(FAR, mine, LONG, lease_seconds=0.3)).granted
        assert not (await theirs.exchange(FAR, mine, LONG, lease_seconds=0.3)).granted
        with anyio.fail_after(30):
            while not (await theirs.exchange(FAR, mine, LONG, lease_seconds=0.3)).granted:
                await anyio.sleep(0.01)


async def test_who_does_not_know_the_latest_may_not_probe(server: RedisServer) -> None:
    async with open_redis_stands(server.url, "a:") as ours, open_redis_stands(server.url, "a:") as theirs:
        await ours.exchange(FAR, Stand(3, CLOSED), LONG)
        told = await theirs.exchange(FAR, Stand(1, OPEN, 0.0, 1, "dead"), LONG, lease_seconds=1)
        assert (told.granted, told.stand.epoch, told.stand.state) == (False, 3, CLOSED)


async def test_a_new_epoch_ends_every_right_to_probe(server: RedisServer) -> None:
    async with open_redis_stands(server.url, "a:") as ours, open_redis_stands(server.url, "a:") as theirs:
        assert (await ours.exchange(FAR, Stand(1, OPEN), LONG, lease_seconds=60)).granted
        assert (await theirs.exchange(FAR, Stand(2, OPEN), LONG, lease_seconds=60)).granted


@pytest.mark.parametrize("probes", [1, 2])
async def test_two_processes_never_have_more_probes_out_than_one_may(server: RedisServer, probes: int) -> None:
    said: list[str] = []

    async def run(seed: int) -> None:
        command = [sys.executable, "-m", "tests.resilience.prober", server.url, str(probes), "30", str(seed)]
        done = await anyio.run_process(command, cwd=checkout.TOP, stderr=PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode()
        said.append(done.stdout.decode())

    async with anyio.create_task_group() as tasks:
        for seed in range(2):
            tasks.start_soon(run, seed)
    made, most, refused = zip(*(map(int, each.split()) for each in said), strict=True)
    assert max(most) == probes
    assert min(made) > 5, "both of them had their turns"
    assert sum(refused) > 0, "and were in each other's way"


async def test_nor_do_four_sharings_in_one_process(server: RedisServer) -> None:
    most: list[int] = []

    async def run(seed: int) -> None:
        most.append((await probe_for_a_while(server.url, probes=1, epochs=30, seed=seed))[1])

    async with anyio.create_task_group() as tasks:
        for seed in range(4):
            tasks.start_soon(run, seed)
    assert max(most) == 1


# -- Redis in trouble ------------------------------------------------------------------------------------------


async def lost(*processes: Process) -> None:
    await until(lambda: not any(each.works for each in processes))


async def test_a_redis_that_dies_leaves_everybody_as_they_are_and_the_later_epoch_wins_when_it_is_back(
    server: RedisServer,
) -> None:
    async with process(server.url) as ours, process(server.url) as theirs:
        ours.far.trip("dead")
        await until(lambda: theirs.far.state is OPEN)
        server.kill()
        await lost(ours, theirs)
        assert [ours.far.state, theirs.far.state] == [OPEN, OPEN]
        assert await ours.may_probe()
        assert await theirs.may_probe(), "each asks for itself"
        ours.far.force(None)
        ours.far.trip("dead again")
        theirs.far.force(None)
        server.start()
        await until(lambda: theirs.far.epoch == 3)
        assert (theirs.far.state, theirs.far.reason) == (OPEN, "dead again")
        assert ours.far.epoch == 3


async def test_a_redis_that_hangs_costs_nobody_anything(server: RedisServer) -> None:
    async with process(server.url) as ours, process(server.url) as theirs:
        server.pause()
        ours.far.trip("dead")
        await lost(ours, theirs)
        for _ in range(1000):
            with theirs.far.guard():
                pass
        assert await ours.may_probe()
        assert theirs.far.state is CLOSED
        assert ours.breakers["redis"].state is not CLOSED
        server.resume()
        await until(lambda: theirs.far.state is OPEN)
        await until(lambda: ours.works and theirs.works)


async def test_whoever_asks_while_it_is_not_yet_known_to_hang_is_told_soon(server: RedisServer) -> None:
    async with process(server.url, QUICK) as ours:
        ours.far.trip("dead")
        await until(lambda: ours.far.probe_is_due)
        server.pause()
        await asked_until(ours, True)
        with ours.far.guard(probe=True):
            pass
        assert ours.far.state is CLOSED


async def test_a_redis_that_was_wiped_is_told_again(server: RedisServer) -> None:
    async with process(server.url) as ours, process(server.url) as theirs:
        ours.far.trip("dead")
        await until(lambda: theirs.far.state is OPEN)
        server.flush()
        await until(lambda: [each["epoch"] for each in kept(server).values()] == ["1"])
        assert [ours.far.state, theirs.far.state] == [OPEN, OPEN]
        theirs.far.force(None)
        await until(lambda: ours.far.state is CLOSED)


async def test_a_redis_that_starts_empty_learns_the_latest_from_whoever_knows_it(server: RedisServer) -> None:
    async with process(server.url) as ours, process(server.url) as theirs:
        server.kill()
        await lost(ours, theirs)
        for _ in range(3):
            theirs.far.trip("dead")
            theirs.far.force(None)
        theirs.far.trip("dead for good")
        ours.far.trip("dead")
        server.start()
        await until(lambda: ours.far.epoch == 7)
        assert ours.far.reason == "dead for good"


async def test_a_slow_redis_delays_the_news_and_nothing_else(server: RedisServer) -> None:
    async with slow_way_to(server) as way, process(way.url) as ours, process(server.url) as theirs:
        way.seconds = 0.3
        ours.far.trip("dead")
        assert ours.far.state is OPEN
        await until(lambda: ours.breakers["redis"].state is not CLOSED)
        await lost(ours)
        assert await ours.may_probe()
        way.seconds = 0.0
        await until(lambda: theirs.far.state is OPEN)
        await until(lambda: ours.works)


async def test_what_cannot_be_read_is_trouble_with_redis_and_no_more(server: RedisServer) -> None:
    async with process(server.url) as ours:
        with redis.Redis.from_url(server.url) as client:
            client.hset(f"nightingale:breaker:{FAR}", mapping={"epoch": "9", "state": "purple"})
        await lost(ours)
        assert ours.sharing.standing().reason == f"what it keeps of {FAR} cannot be read"
        assert ours.far.state is CLOSED
        with redis.Redis.from_url(server.url) as client:
            client.flushall()
        await until(lambda: ours.works)


async def test_losing_and_regaining_are_said_once(server: RedisServer) -> None:
    async with process(server.url) as ours:
        with capture_logs() as logged:
            server.kill()
            await lost(ours)
            await until(lambda: ours.breakers["redis"].state is OPEN)
            await until(lambda: ours.breakers["redis"].state is HALF_OPEN)
            await until(lambda: ours.breakers["redis"].state is OPEN)
            server.start()
            await until(lambda: ours.works)
    assert [each["event"] for each in logged] == ["redis lost", "redis regained"]


async def test_the_password_is_nowhere_to_be_seen(server: RedisServer) -> None:
    url = server.url.replace("//", "//someone:hush@")
    with capture_logs() as logged:
        async with process(url, works=False) as ours:
            await until(lambda: ours.sharing.standing().reason != "")
            standing = ours.sharing.standing()
    assert standing.url == server.url
    assert not standing.works
    assert "hush" not in f"{standing} {logged}"
    assert "AuthenticationError" in standing.reason


# -- a slow way ------------------------------------------------------------------------------------------------


class SlowWay:
    def __init__(self, port: int) -> None:
        self.url = f"redis://127.0.0.1:{port}/0"
        self.seconds = 0.0
        """What every piece of an answer takes longer."""


@asynccontextmanager
async def slow_way_to(server: RedisServer) -> AsyncGenerator[SlowWay]:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    way = SlowWay(listener.extra(SocketAttribute.local_port))

    async def pass_on(source: SocketStream, to: SocketStream, *, slowly: bool) -> None:
        try:
            async for piece in source:
                if slowly:
                    await anyio.sleep(way.seconds)
                await to.send(piece)
            await to.send_eof()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass

    async def connect(client: SocketStream) -> None:
        async with client, await anyio.connect_tcp("127.0.0.1", server.port) as far:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(lambda: pass_on(client, far, slowly=False))
                tasks.start_soon(lambda: pass_on(far, client, slowly=True))

    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, connect)
        yield way
        tasks.cancel_scope.cancel()
