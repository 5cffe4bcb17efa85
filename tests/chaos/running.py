"""The app as a process of its own on a data folder of its own: started, killed, started again, and looked into."""

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import httpx

from bench.usage import family, memory_megabytes

TOP = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 600.0
"""On a machine that others keep busy; nothing is judged by it."""
STOP_SECONDS = 20.0
WORKERS = {"pocketsphinx": b"pocketsphinx_worker", "memory": b"memory.edge_process"}
"""What the command lines of the app's own processes contain."""
STARVED_BYTES = 4096
OURS = ("NIGHTINGALE_", "CHAINLIT_")


@dataclass
class App:
    url: str
    data: Path
    log: Path
    environment: Mapping[str, str]
    started: int = 0
    process: subprocess.Popen[bytes] | None = None
    most_megabytes: float = 0.0
    _up: anyio.Event = field(default_factory=anyio.Event)

    async def start(self) -> None:
        """Returns when it answers. Its engines are still being opened then."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.served"], cwd=TOP, env=self.environment, stdout=out, stderr=out
            )
        self.started += 1
        await self.answers("/health/live")
        self._up.set()

    async def answers(self, path: str) -> None:
        """Wait until it does."""
        async with httpx.AsyncClient(base_url=self.url, timeout=START_SECONDS) as client:
            with anyio.fail_after(START_SECONDS):
                while True:
                    with suppress(httpx.TransportError):
                        if (await client.get(path)).is_success:
                            return
                    if self.process is None or self.process.poll() is not None:
                        raise RuntimeError(f"the app ended by itself:\n{self.log.read_text()[-4000:]}")
                    await anyio.sleep(0.1)

    async def up(self) -> None:
        await self._up.wait()

    @property
    def is_up(self) -> bool:
        return self._up.is_set()

    def kill(self) -> None:
        """As `kill -9` does: no farewell. Its own processes end when they notice."""
        self._up = anyio.Event()
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    async def stop(self) -> int:
        """As a user does; says how it ended."""
        self._up = anyio.Event()
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with anyio.move_on_after(STOP_SECONDS):
                while self.process.poll() is None:
                    await anyio.sleep(0.1)
        self.process.kill()
        return self.process.wait()

    def weigh(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.most_megabytes = max(self.most_megabytes, memory_megabytes(self.process.pid))

    def workers(self, which: str) -> list[int]:
        """The app's own processes for this, oldest first; forks of theirs too."""
        assert self.process is not None
        found = []
        for pid in family(self.process.pid)[1:]:
            with suppress(OSError):
                if WORKERS[which] in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        return found

    def signal_workers(self, which: str, number: signal.Signals) -> int:
        return sum(_signalled(pid, number) for pid in self.workers(which))

    def signal_each(self, pids: Iterable[int], number: signal.Signals) -> None:
        """Those of them that are still the app's own."""
        assert self.process is not None
        for pid in set(pids) & set(family(self.process.pid)):
            _signalled(pid, number)

    def starve_workers(self, which: str) -> int:
        """From now on they get no more memory than they have; how many there were."""
        pids = self.workers(which)
        for pid in pids:
            with suppress(ProcessLookupError):
                _, hard = resource.prlimit(pid, resource.RLIMIT_AS)
                resource.prlimit(pid, resource.RLIMIT_AS, (STARVED_BYTES, hard))
        return len(pids)


def _signalled(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


@asynccontextmanager
async def open_app(folder: Path, data: Path, environment: Mapping[str, str]) -> AsyncGenerator[App]:
    """Until every engine has been tried once. Settings in this process's own environment do not reach it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    own = {"NIGHTINGALE_PORT": str(port), "NIGHTINGALE_DATA_DIR": str(data), "NIGHTINGALE_LOG__FORMAT": "json"}
    own["NIGHTINGALE_VOICE__WELCOMES"] = "false"  # else the first saying would be an answer to that
    own["NIGHTINGALE_VOICE__HANDS_FREE"] = "false"
    app = App(f"http://127.0.0.1:{port}", data, folder / "server.log", inherited | own | dict(environment))
    try:
        await app.start()
        await app.answers("/health/startup")
        yield app
    finally:
        if app.process is not None and app.process.poll() is None:
            with anyio.CancelScope(shield=True):
                await app.stop()
