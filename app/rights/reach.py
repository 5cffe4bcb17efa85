"""The rights over the house of these settings, from outside: beside a Nightingale that runs, or without one.

The lock of the data folder says which. Where it is taken, the server that has it is asked, with a pass that only who
can read its secret can make; otherwise the house is opened here, for this one wish.
"""

import json
import os
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Any, Protocol

import httpx
from anyio import to_thread

from app.folder import FolderInUse, own_data_folder
from app.rights.backup import BACKUPS, SECRET, TEMPORARY
from app.rights.desk import Rights
from app.rights.files import private_folder
from app.rights.operator import HEADER, make_pass, read_secret
from app.rights.restore import finish_restore
from app.rights.types import NotNow
from app.running import address
from app.settings import Settings
from app.shell import prepare_shell
from memory.types import UserId
from resilience.errors import EngineFailed

PIECE = 1 << 20
CONNECT_SECONDS = 3.0
"""To find out whether somebody is there; what they are asked for may take as long as it takes."""


class Reached(Protocol):
    """Everything raises `RightsError` and `EngineError`."""

    async def export(self, user: UserId) -> Path:
        """A file which whoever asked moves away."""
        ...

    async def erase(self, user: UserId) -> dict[str, Any]:
        """The receipt as JSON, with its `text`."""
        ...

    async def back_up(self, also: frozenset[str]) -> dict[str, Any]:
        """What was made, as JSON."""
        ...


@asynccontextmanager
async def reach(settings: Settings) -> AsyncGenerator[Reached]:
    """Raises `FolderRefused` when the data folder cannot be used, `NotNow` when nobody answers for it."""
    with ExitStack() as ours:
        try:
            ours.enter_context(own_data_folder(settings.data_dir))
        except FolderInUse:
            async with _open_running(settings) as running:
                yield running
            return
        await to_thread.run_sync(prepare, settings)
        from app.rights.opening import open_closed_house  # Chainlit is behind it

        async with open_closed_house(settings) as rights:
            yield _Here(rights)


def prepare(settings: Settings) -> None:
    """Before anything is opened in the folder, which is ours, or Chainlit is imported. Raises `EngineFailed`."""
    try:
        finish_restore(settings.data_dir)
        prepare_shell(settings.data_dir)
    except OSError as exc:
        raise EngineFailed("data folder", f"{exc.filename}: {exc.strerror}") from exc


class _Here:
    def __init__(self, rights: Rights) -> None:
        self._rights = rights

    async def export(self, user: UserId) -> Path:
        return await self._rights.export(user)

    async def erase(self, user: UserId) -> dict[str, Any]:
        receipt = await self._rights.erase(user)
        return receipt.as_json() | {"text": receipt.as_text()}

    async def back_up(self, also: frozenset[str]) -> dict[str, Any]:
        return (await self._rights.back_up(also=also)).as_json()


class Running:
    """The server that has the data folder."""

    def __init__(self, data: Path, backups: Path, port: int, secret: str, http: httpx.AsyncClient) -> None:
        self._data = data
        self._backups = backups
        self._port = port
        self._secret = secret
        self._http = http

    async def export(self, user: UserId) -> Path:
        folder = private_folder(self._data / TEMPORARY)
        async with self._ask("GET", "/api/export", user) as answer:
            descriptor, name = await to_thread.run_sync(lambda: mkstemp(prefix="export-", suffix=".zip", dir=folder))
            with os.fdopen(descriptor, "wb") as file:  # one that is broken off is swept
                async for piece in answer.aiter_bytes(PIECE):
                    await to_thread.run_sync(file.write, piece)
        return Path(name)

    async def erase(self, user: UserId) -> dict[str, Any]:
        async with self._ask("DELETE", "/api/user", user, {"confirm": user}) as answer:
            told: dict[str, Any] = json.loads(await answer.aread())
            return told

    async def back_up(self, also: frozenset[str]) -> dict[str, Any]:
        async with self._ask("POST", "/api/backup", UserId("operator"), {"also": sorted(also)}) as answer:
            told: dict[str, Any] = json.loads(await answer.aread())
        return told | {"file": str(self._backups / Path(told["file"]).name)}  # it may stand elsewhere than we do

    @asynccontextmanager
    async def _ask(self, method: str, path: str, user: UserId, body: Any = None) -> AsyncGenerator[httpx.Response]:
        headers = {
            "Host": f"localhost:{self._port}",  # its own name, which is always allowed
            HEADER: make_pass(self._secret, method, path, user, time.time()),
        }
        try:
            async with self._http.stream(method, path, json=body, headers=headers) as answer:
                if answer.is_error:
                    await answer.aread()
                    told = _told(answer)
                    if "parts" not in told:  # a receipt is an answer, also when something is left
                        raise NotNow(str(told.get("detail", f"the server answered {answer.status_code}")))
                yield answer
        except httpx.RequestError as exc:
            where = f"{self._data} is in use by a Nightingale that does not answer at {self._http.base_url}"
            raise NotNow(f"{where}: {type(exc).__name__}. Is its port set here, too? Or stop it first.") from exc


@asynccontextmanager
async def _open_running(settings: Settings) -> AsyncGenerator[Running]:
    secret = await to_thread.run_sync(read_secret, settings.data_dir / SECRET)
    if secret is None:
        raise NotNow(f"{settings.data_dir / SECRET} cannot be read: only who runs that Nightingale may ask for this.")
    patience = httpx.Timeout(None, connect=CONNECT_SECONDS)
    # Past any proxy that may be set.
    async with httpx.AsyncClient(base_url=address(settings), timeout=patience, trust_env=False) as http:
        backups = settings.rights.backup.folder or settings.data_dir / BACKUPS
        yield Running(settings.data_dir, backups, settings.port, secret, http)


def _told(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
