"""The rights over the house of these settings, from outside: beside a Nightingale that runs, or without one.

A server that has the data folder is asked, with a pass that only who can read its secret can make; otherwise the house
is opened here, for this one wish.
"""

import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Any, Protocol

import httpx
from anyio import to_thread

from app.rights.backup import BACKUPS, TEMPORARY
from app.rights.calling import Running
from app.rights.desk import Rights
from app.rights.files import private_folder
from app.rights.types import NotNow
from app.settings import Settings
from app.tenancy import tenant_of
from memory.types import UserId

PIECE = 1 << 20


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
    async with tenant_of(settings) as running:
        if running is not None:
            yield There(running, settings.data_dir, settings.rights.backup.folder or settings.data_dir / BACKUPS)
            return
        from app.rights.opening import open_closed_house  # Chainlit is behind it

        async with open_closed_house(settings) as rights:
            yield Here(rights)


class Here:
    def __init__(self, rights: Rights) -> None:
        self._rights = rights

    async def export(self, user: UserId) -> Path:
        return await self._rights.export(user)

    async def erase(self, user: UserId) -> dict[str, Any]:
        receipt = await self._rights.erase(user)
        return receipt.as_json() | {"text": receipt.as_text()}

    async def back_up(self, also: frozenset[str]) -> dict[str, Any]:
        return (await self._rights.back_up(also=also)).as_json()


class There:
    """The server that has the data folder."""

    def __init__(self, running: Running, data: Path, backups: Path) -> None:
        self._running = running
        self._data = data
        self._backups = backups

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
        async with self._running.ask(method, path, user, json=body) as answer:
            if answer.is_error:
                await answer.aread()
                told = _told(answer)
                if "parts" not in told:  # a receipt is an answer, also when something is left
                    raise NotNow(str(told.get("detail", f"the server answered {answer.status_code}")))
            yield answer


def _told(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
