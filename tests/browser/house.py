"""The whole of Nightingale, started as a user starts it, on a free port and a data folder of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx

START_SECONDS = 90
"""A cold start on a busy machine; a bound, not an expectation."""


@dataclass(frozen=True, slots=True)
class Served:
    url: str
    process: subprocess.Popen[bytes]
    log: Path


@asynccontextmanager
async def nightingale(data: Path, **settings: str) -> AsyncGenerator[Served]:
    """Until every engine has been tried once. `settings` are environment variables without their prefix. Nobody is
    listened to before they press Start voice, unless these say so.
    """
    settings = {"VOICE__HANDS_FREE": "false", "VOICE__WELCOMES": "false"} | settings
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("NIGHTINGALE_", "CHAINLIT_"))
    }
    environment |= {f"NIGHTINGALE_{name}": value for name, value in settings.items()}
    environment |= {"NIGHTINGALE_PORT": str(port), "NIGHTINGALE_DATA_DIR": str(data)}
    data.mkdir(parents=True, exist_ok=True)
    log = data / "server.log"
    with log.open("ab") as out:
        command = [str(Path(sys.executable).parent / "nightingale"), "serve"]
        process = subprocess.Popen(command, env=environment, cwd=data, stdout=out, stderr=out)
    try:
        url = f"http://127.0.0.1:{port}"
        await _started(url, process, log)
        yield Served(url, process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _started(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        with anyio.fail_after(START_SECONDS):
            while True:
                if process.poll() is not None:
                    raise RuntimeError(f"the server ended by itself:\n{log.read_text()}")
                try:
                    if (await client.get("/health/startup")).is_success:
                        return
                except httpx.TransportError:
                    pass
                await anyio.sleep(0.2)
