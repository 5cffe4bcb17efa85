"""What breaks, and is mended again: the engines' faults as planned, and everything around them."""

import os
import signal
import struct
import subprocess
import time
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, assert_never

import anyio

from tests.chaos.faults import Switches
from tests.chaos.plan import Breakage, EngineFault
from tests.chaos.proxy import Mode, Proxy
from tests.chaos.running import App
from tests.chaos.watch import Direction, Watch
from tests.made.redis import RedisServer

CLIMB_SECONDS: Final = 60.0
"""What has recovered is back in service, and said to be, within this."""
PATIENCE: Final = 30.0
"""Beyond that: to find out by how much it was missed."""
CLOCK_STEPS: Final = {"clock forward": 5400, "clock back": -5400}
DIRECTIONS: Final[tuple[Direction, ...]] = ("hears", "speaks")
DISK_MEGABYTES: Final = 512


@dataclass(slots=True)
class Happened:
    what: str
    began: float
    """Seconds into the run, as below."""
    ended: float
    noticed: bool = False
    """Whether a tier went down for it."""
    climbed: float | None = None
    """Seconds from its end to the tier message up; None if no tier went down, or the run ended before."""
    given_up: bool = False
    """Whether it was waited for too long."""


class Clock:
    """The wall clock of the app, where a C compiler has made it movable."""

    def __init__(self, folder: Path) -> None:
        self._shift = folder / "clock"
        self._library = folder / "clock.so"
        self.moves = False

    def prepare(self) -> None:
        self.set(0)
        source = Path(__file__).with_name("clock.c")
        command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(source), "-ldl"]
        try:
            self.moves = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            self.moves = False

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "CHAOS_CLOCK": str(self._shift)} if self.moves else {}

    def set(self, seconds: int) -> None:
        """In place: the app has it mapped."""
        descriptor = os.open(self._shift, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, struct.pack("@q", seconds), 0)
        finally:
            os.close(descriptor)


@contextmanager
def small_disk(folder: Path) -> Generator[bool]:
    """A file system of its own at `folder`, where that is allowed; says whether."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", folder], check=True)


@dataclass
class World:
    """All that can break."""

    app: App
    switches: Switches
    redis: RedisServer
    redis_line: Proxy
    endpoint_line: Proxy
    clock: Clock
    own_disk: bool
    watch: Watch
    began: float = field(default_factory=time.monotonic)
    happened: list[Happened] = field(default_factory=list)
    skipped: set[str] = field(default_factory=set)

    async def break_engines(self, plan: Iterator[EngineFault], direction: Direction | None) -> None:
        """One ladder: a fault, and peace until what it brought down is up again."""
        for fault in plan:
            await anyio.sleep(fault.rest_seconds)
            await self.app.up()
            began = time.monotonic()
            self.switches.on(fault.part, fault.kind, fault.seconds)
            await self._stand(fault, direction, began)

    async def _stand(self, fault: EngineFault, direction: Direction | None, began: float) -> None:
        event = Happened(f"{fault.part} {fault.kind}", began - self.began, 0.0)
        with anyio.move_on_after(fault.seconds):
            while True:
                event.noticed = event.noticed or (direction is not None and self.watch.shows(direction) is False)
                await anyio.sleep(0.1)
        self.switches.off(fault.part)
        event.ended = time.monotonic() - self.began
        self.happened.append(event)
        if direction is not None:
            # What the last call met may only now bring the tier down.
            late = time.monotonic() + 2.0
            while not event.noticed and time.monotonic() < late:
                event.noticed = self.watch.shows(direction) is False
                await anyio.sleep(0.1)
            if event.noticed:
                event.climbed = await self.watch.climbs(direction, CLIMB_SECONDS + PATIENCE)
                event.given_up = event.climbed is None

    async def peace(self) -> None:
        """Nothing breaks any more: see how long it takes until all works."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self.watch.look)
            await self.app.up()
            ended = time.monotonic() - self.began
            event = Happened("all of them", ended, ended, noticed=True)
            self.happened.append(event)
            climbs = [await self.watch.climbs(direction, CLIMB_SECONDS + PATIENCE) for direction in DIRECTIONS]
            event.climbed = None if None in climbs else sum(filter(None, climbs))
            event.given_up = event.climbed is None
            tasks.cancel_scope.cancel()

    async def break_things(self, plan: Iterator[Breakage]) -> None:
        for breakage in plan:
            await anyio.sleep(breakage.rest_seconds)
            await self.app.up()
            began = time.monotonic() - self.began
            async with self._broken(breakage) as done:
                if done:
                    await anyio.sleep(breakage.seconds)
            if done:
                self.happened.append(Happened(breakage.what, began, time.monotonic() - self.began))
            else:
                self.skipped.add(breakage.what)

    @asynccontextmanager
    async def _broken(self, breakage: Breakage) -> AsyncGenerator[bool]:
        """Broken on entry, mended at the end; False when that cannot be had on this machine."""
        match breakage.what:
            case "redis killed":
                self.redis.kill()
                yield True
                await anyio.to_thread.run_sync(self.redis.start)
            case "redis paused":
                self.redis.pause()
                yield True
                self.redis.resume()
            case "redis flushed":
                await anyio.to_thread.run_sync(self.redis.flush)
                yield True
            case "redis slow" | "redis cut off":
                async with _line(self.redis_line, "slow" if breakage.what == "redis slow" else "cut"):
                    yield True
            case "endpoint slow" | "endpoint cut off" | "endpoint dumb":
                modes: dict[str, Mode] = {"endpoint slow": "slow", "endpoint cut off": "cut", "endpoint dumb": "dumb"}
                async with _line(self.endpoint_line, modes[breakage.what]):
                    yield True
            case "pocketsphinx killed" | "memory killed":
                yield self.app.signal_workers(breakage.what.partition(" ")[0], signal.SIGKILL) > 0
            case "pocketsphinx stopped" | "memory stopped":
                worker = breakage.what.partition(" ")[0]
                stopped = self.app.workers(worker)
                yield self.app.signal_workers(worker, signal.SIGSTOP) > 0
                self.app.signal_each(stopped, signal.SIGCONT)
            case "pocketsphinx starved" | "memory starved":
                yield self.app.starve_workers(breakage.what.partition(" ")[0]) > 0
            case "disk full":
                filler = _filled(self.app.data) if self.own_disk else None
                yield filler is not None
                if filler is not None:
                    filler.unlink()
            case "clock forward" | "clock back":
                self.clock.set(CLOCK_STEPS[breakage.what])
                yield self.clock.moves
                self.clock.set(0)
            case "app killed":
                self.app.kill()
                await self.app.start()
                yield True
            case _:
                assert_never(breakage.what)


@asynccontextmanager
async def _line(line: Proxy, mode: Mode) -> AsyncGenerator[None]:
    line.mode = mode
    try:
        yield
    finally:
        line.mode = "open"


def _filled(disk: Path) -> Path:
    """To the last byte."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    return filler
