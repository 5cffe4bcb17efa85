"""What failing well costs: a breaker's guard, its sharing through Redis, and the way down from a dead rung.

`make bench-resilience`, or `.venv/bin/python -m bench.resilience --help`.
"""

import os
import shlex
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import anyio
import click

from app.telemetry.logs import LogSettings, set_up_logging
from bench.report import TOP, Figure, Section, show, this_machine, write
from resilience.breaker import BreakerState, CircuitBreaker, Stand
from resilience.breakers import Breakers
from resilience.errors import CircuitOpen, EngineUnavailable
from resilience.ladder import Ladder, Rung
from resilience.redis_stands import open_redis_stands
from resilience.settings import BreakerSettings, ResilienceSettings
from resilience.sharing import open_sharing
from tests.made.redis import redis_server

RESULTS = TOP / "bench" / "results"
OWN = ResilienceSettings().stt
DEADLINE_SECONDS = 0.05
GUARD_GOAL_US = 5.0
EXCHANGE_GOAL_MS = 0.3
STEP_GOAL_MS = 1.0


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Everything a few times: whether it runs, not how fast.")
@click.option("--name", default="resilience", show_default=True, help="Of the file that keeps the figures.")
@click.option("--results", type=click.Path(path_type=Path), default=RESULTS, help="The folder it goes to.")
def main(quick: bool, name: str, results: Path) -> None:
    """Time what failing well costs on this machine."""
    set_up_logging(LogSettings(level="error"))
    machine: dict[str, Any] = this_machine()
    sections: list[Section] = anyio.run(partial(measure, 3 if quick else 30))
    machine["load_after"] = os.getloadavg()[0]
    show(sections, machine)
    file = results / f"{name}.json"
    when = datetime.now().astimezone().isoformat()
    write(file, sections, {**machine, "when": when}, shlex.join([*sys.orig_argv]))
    click.echo(f"The same in {file}")


async def measure(times: int) -> list[Section]:
    return [time_guards(times), await time_sharing(times), await time_steps(times)]


# -- guards ----------------------------------------------------------------------------------------------------


def time_guards(times: int) -> Section:
    by_calls, by_seconds = (CircuitBreaker("x", OWN.model_copy(update={"window": w})) for w in ("calls", "seconds"))
    opened = CircuitBreaker("x", OWN)
    opened.trip("dead")
    return Section(
        "A breaker in this process: processor time of this thread",
        (
            Figure("a call, window of calls", "µs", _each(times, by_calls, _guarded), goal=GUARD_GOAL_US),
            Figure("a call, window of seconds", "µs", _each(times, by_seconds, _guarded), goal=GUARD_GOAL_US),
            Figure("a call that is refused", "µs", _each(times, opened, _refused), goal=GUARD_GOAL_US),
        ),
    )


def _guarded(breaker: CircuitBreaker) -> None:
    with breaker.guard():
        pass


def _refused(breaker: CircuitBreaker) -> None:
    try:
        with breaker.guard():
            pass
    except CircuitOpen:
        pass


def _each(times: int, breaker: CircuitBreaker, call: Callable[[CircuitBreaker], None]) -> tuple[float, ...]:
    """Microseconds, the median of ten means."""
    medians: list[float] = []
    for _ in range(times):
        means: list[float] = []
        for _ in range(10):
            began = time.thread_time()
            for _ in range(100):
                call(breaker)
            means.append((time.thread_time() - began) / 100 * 1e6)
        medians.append(statistics.median(means))
    return tuple(medians)


# -- sharing ---------------------------------------------------------------------------------------------------


async def time_sharing(times: int) -> Section:
    title = "Breakers shared through Redis on this machine"
    if shutil.which("redis-server") is None:
        return Section(title, (), ("not measured: there is no redis-server",))
    with redis_server() as server:
        exchanges: list[float] = []
        async with open_redis_stands(server.url, "bench:") as stands:
            for number in range(times):
                took: list[float] = []
                for _ in range(50):
                    began = time.perf_counter()
                    await stands.exchange("x", Stand(number, BreakerState.CLOSED), OWN)
                    took.append((time.perf_counter() - began) * 1000)
                exchanges.append(statistics.median(took))
        settings = ResilienceSettings.model_validate({"redis_url": server.url})
        breakers = Breakers()
        shared = breakers.new("x", OWN, shared=True)
        guards: list[float] = []
        async with open_sharing(breakers, settings) as sharing:
            while not sharing.standing().works:
                await anyio.sleep(0.01)
            for _ in range(times):
                guards += _each(1, shared, _guarded)
                await anyio.sleep(0)
    return Section(
        title,
        (
            Figure("one exchange, the median of 50", "ms", tuple(exchanges), goal=EXCHANGE_GOAL_MS),
            Figure("a call meanwhile", "µs", tuple(guards), goal=GUARD_GOAL_US),
        ),
        ("Exchanges are made by a task of their own: no call waits for one.",),
    )


# -- the way down ----------------------------------------------------------------------------------------------


class Engine(Protocol):
    asked: int

    async def answer(self) -> str: ...


class Answers:
    asked = 0

    async def answer(self) -> str:
        return "yes"


class Hangs:
    asked = 0

    async def answer(self) -> str:
        self.asked += 1
        await anyio.sleep_forever()
        raise AssertionError


class Refuses:
    asked = 0

    async def answer(self) -> str:
        self.asked += 1
        raise EngineUnavailable("dead", "refused the connection")


async def time_steps(times: int) -> Section:
    deadlines: list[float] = []
    beyond: list[float] = []
    after_hanging: list[float] = []
    refusals: list[float] = []
    after_refusing: list[float] = []
    for _ in range(times):
        hung, refusing = Hangs(), Refuses()
        took = await _turns(hung)
        deadlines.append(hung.asked)
        beyond.append(statistics.median(took[: hung.asked]) - DEADLINE_SECONDS * 1000)
        after_hanging.append(statistics.median(took[hung.asked :]))
        took = await _turns(refusing)
        refusals.append(statistics.median(took[: refusing.asked]))
        after_refusing.append(statistics.median(took[refusing.asked :]))
    return Section(
        f"A turn whose first rung is dead; its deadline is {DEADLINE_SECONDS * 1000:.0f} ms here",
        (
            Figure("a first rung that hangs: deadlines paid for each opening", "", tuple(deadlines), goal=1),
            Figure("… such a turn, beyond the deadline", "ms", tuple(beyond)),
            Figure("… a turn after that", "ms", tuple(after_hanging), goal=STEP_GOAL_MS),
            Figure("a first rung that refuses: a turn until it is left alone", "ms", tuple(refusals)),
            Figure("… a turn after that", "ms", tuple(after_refusing), goal=STEP_GOAL_MS),
        ),
        (f"A rung is left alone after {OWN.consecutive_failures} failures in a row, as set by default.",),
    )


async def _turns(first: Engine) -> list[float]:
    """Milliseconds of each turn, from the first on, for less than the breaker's shortest open time."""
    ladder: Ladder[Engine] = Ladder("bench", [_rung("dead", first, OWN), _rung("spare", Answers(), OWN)])
    took: list[float] = []
    for _ in range(100):
        began = time.perf_counter()
        await ladder.ask(lambda engine: engine.answer())
        took.append((time.perf_counter() - began) * 1000)
    return took


def _rung(name: str, engine: Engine, own: BreakerSettings) -> Rung[Engine]:
    return Rung(name, engine, CircuitBreaker(name, own, probed=True), DEADLINE_SECONDS, DEADLINE_SECONDS)


if __name__ == "__main__":
    main()
