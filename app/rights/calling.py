"""Asking a Nightingale that runs, which has the data folder: with a pass that only who can read its secret can make."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from anyio import to_thread

from app.rights.backup import SECRET
from app.rights.operator import HEADER, make_pass, read_secret
from app.rights.types import NotNow
from app.running import address
from app.settings import Settings
from memory.types import UserId

CONNECT_SECONDS = 3.0
"""To find out whether somebody is there; what they are asked for may take as long as it takes."""


class Running:
    def __init__(self, data: Path, port: int, secret: str, http: httpx.AsyncClient) -> None:
        self._data = data
        self._port = port
        self._secret = secret
        self._http = http

    @asynccontextmanager
    async def ask(self, method: str, path: str, user: UserId, **content: Any) -> AsyncGenerator[httpx.Response]:
        """`content`: as httpx takes it. Raises `NotNow`: it does not answer."""
        headers = {
            "Host": f"localhost:{self._port}",  # its own name, which is always allowed
            HEADER: make_pass(self._secret, method, path, user, time.time()),
        }
        try:
            async with self._http.stream(method, path, headers=headers, **content) as answer:
                yield answer
        except httpx.RequestError as exc:
            where = f"{self._data} is in use by a Nightingale that does not answer at {self._http.base_url}"
            raise NotNow(f"{where}: {type(exc).__name__}. Is its port set here, too? Or stop it first.") from exc


@asynccontextmanager
async def open_running(settings: Settings) -> AsyncGenerator[Running]:
    """Raises `NotNow`: its secret cannot be read."""
    secret = await to_thread.run_sync(read_secret, settings.data_dir / SECRET)
    if secret is None:
        raise NotNow(f"{settings.data_dir / SECRET} cannot be read: only who runs that Nightingale may ask for this.")
    patience = httpx.Timeout(None, connect=CONNECT_SECONDS)
    # Past any proxy that may be set.
    async with httpx.AsyncClient(base_url=address(settings), timeout=patience, trust_env=False) as http:
        yield Running(settings.data_dir, settings.port, secret, http)
