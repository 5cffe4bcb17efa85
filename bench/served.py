"""The server as `nightingale serve` starts it: how soon it is there, what it holds, and a turn through its socket."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import anyio
import httpx

from bench.page import open_page
from bench.report import TOP, Figure, Section
from bench.usage import cpu_seconds, memory_megabytes

LOOK_SECONDS = 0.02
START_SECONDS = 600.0
"""On a machine that others keep busy."""
STOP_SECONDS = 15.0
SECOND_START_GOAL_SECONDS = 8.0
IMPORTS = "import app.cli, app.server, chainlit.utils, app.connections, app.history"
MOMENTS = (("/health/live", "first answer"), ("/", "first page byte"), ("/health/startup", "every engine tried"))


@dataclass
class Server:
    url: str
    process: subprocess.Popen[bytes]
    moments: dict[str, float] = field(default_factory=dict)
    """Seconds since the process was started."""
    cpu: float = 0.0
    """Seconds until every engine had been tried."""


@asynccontextmanager
async def server(data: Path, settings: Mapping[str, str] = MappingProxyType({})) -> AsyncGenerator[Server]:
    """On the embedded engines, with a data folder of its own. `settings`: what else its environment says."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    data.mkdir(parents=True, exist_ok=True)
    environment = _clean() | {
        "NIGHTINGALE_PORT": str(port),
        "NIGHTINGALE_DATA_DIR": str(data),
        "NIGHTINGALE_LOG__LEVEL": "error",
        "NIGHTINGALE_VOICE__WELCOMES": "false",
        "NIGHTINGALE_VOICE__HANDS_FREE": "false",
        **settings,
    }
    command = [str(Path(sys.executable).parent / "nightingale"), "serve"]
    with (data / "server.log").open("ab") as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, cwd=data, stdout=log, stderr=log)
    try:
        opened = Server(f"http://127.0.0.1:{port}", process)
        await _watch_start(opened, began)
        yield opened
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _watch_start(opened: Server, began: float) -> None:
    async with httpx.AsyncClient(base_url=opened.url) as client:
        with anyio.fail_after(START_SECONDS):
            for path, moment in MOMENTS:
                while not await _answers(client, path):
                    if opened.process.poll() is not None:
                        raise RuntimeError("the server ended by itself")
                    await anyio.sleep(LOOK_SECONDS)
                opened.moments[moment] = time.perf_counter() - began
    opened.cpu = cpu_seconds(opened.process.pid)


async def _answers(client: httpx.AsyncClient, path: str) -> bool:
    try:
        return (await client.get(path)).is_success
    except httpx.TransportError:
        return False


async def time_served(folder: Path, spoken: bytes, *, starts: int, turns: int) -> tuple[Section, Section]:
    """The first start has an empty data folder; the last is talked to."""
    data = folder / "served"
    async with server(data) as first:
        pass
    later: list[Server] = []
    for _ in range(starts - 1):
        async with server(data) as again:
            later.append(again)
    async with server(data) as last:
        later.append(last)
        pid = last.process.pid
        idle = memory_megabytes(pid)
        async with open_page(last.url) as page:
            waits = [await page.take_turn(spoken) for _ in range(turns)]
            talking = memory_megabytes(pid)
    imports = [_import_cpu_seconds(folder) for _ in range(starts)]
    goals = {"first page byte": SECOND_START_GOAL_SECONDS}
    start = Section(
        "From `nightingale serve` to a page",
        (
            *(Figure(f"first start: {name}", "s", (seconds,)) for name, seconds in first.moments.items()),
            *(
                Figure(f"later starts: {name}", "s", tuple(each.moments[name] for each in later), goal=goals.get(name))
                for _, name in MOMENTS
            ),
            Figure("later starts: processor time until then", "s", tuple(each.cpu for each in later)),
            Figure("of that, importing Python code", "s", tuple(imports)),
        ),
        ("`make run` looks at .venv before; that is not in these figures.",),
    )
    connected = Section(
        "The server on the embedded engines, talked to through its socket",
        (
            Figure("memory of all its processes, idle", "MB", (idle,)),
            Figure("memory of all its processes, one session talking", "MB", (talking,)),
            Figure("the user's last sound → first audio chunk on the wire", "ms", tuple(1000 * each for each in waits)),
        ),
        ("Resident pages; those that processes share count once.",),
    )
    return start, connected


def _import_cpu_seconds(folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = _clean() | {"CHAINLIT_APP_ROOT": str(folder), "PYTHONPATH": str(TOP)}
    subprocess.run([sys.executable, "-c", IMPORTS], env=environment, cwd=folder, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("NIGHTINGALE_", "CHAINLIT_"))}
