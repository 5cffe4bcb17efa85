"""The reading desk of the house of these settings, from outside: of a Nightingale that runs, or opened for this only.

The lock of the data folder says which, as in `app.rights.reach`.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx
from anyio import to_thread
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.documents.desk import ReadingDesk, UnderWay
from app.folder import FolderInUse, own_data_folder
from app.rights.backup import SECRET
from app.rights.operator import HEADER, make_pass, read_secret
from app.rights.reach import CONNECT_SECONDS, prepare
from app.rights.types import NotNow
from app.running import address
from app.settings import Settings
from memory.documents.types import DocumentId
from memory.types import UserId
from resilience.errors import EngineFailed, InputRejected

PATH = "/api/documents"


class Listed(BaseModel):
    """A document, as a terminal shows it."""

    id: DocumentId
    name: str
    title: str
    characters: int
    passages: int


class Reached(Protocol):
    """Everything raises `EngineError` and `NotNow`."""

    async def take_in(self, user: UserId, file: Path, name: str) -> None:
        """Raises `InputRejected`, too, in words for the user."""
        ...

    async def under_way(self, user: UserId) -> tuple[UnderWay, ...]: ...

    async def documents(self, user: UserId) -> tuple[Listed, ...]: ...

    async def remove(self, user: UserId, id_: DocumentId) -> None: ...


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
        async with _open_alone(settings) as desk:
            yield Here(desk)


@asynccontextmanager
async def _open_alone(settings: Settings) -> AsyncGenerator[ReadingDesk]:
    """With nothing to hear, speak or think with."""
    from app.wiring import open_house

    quiet = settings.model_copy(
        update={
            "voice": settings.voice.model_copy(update={"stt": (), "tts": ()}),
            "graph": settings.graph.model_copy(update={"models": ()}),
        }
    )
    async with open_house(quiet) as house:
        yield house.reading_desk


class Here:
    def __init__(self, desk: ReadingDesk) -> None:
        self._desk = desk

    async def take_in(self, user: UserId, file: Path, name: str) -> None:
        await self._desk.take_in(user, file, name)

    async def under_way(self, user: UserId) -> tuple[UnderWay, ...]:
        return self._desk.under_way(user)

    async def documents(self, user: UserId) -> tuple[Listed, ...]:
        return tuple(
            Listed(id=each.id, name=each.name, title=each.title, characters=each.characters, passages=each.passages)
            for each in await self._desk.library.documents(user)
        )

    async def remove(self, user: UserId, id_: DocumentId) -> None:
        await self._desk.library.remove(user, [id_])


class Running:
    """The server that has the data folder."""

    def __init__(self, data: Path, port: int, secret: str, http: httpx.AsyncClient) -> None:
        self._data = data
        self._port = port
        self._secret = secret
        self._http = http

    async def take_in(self, user: UserId, file: Path, name: str) -> None:
        try:
            content = await to_thread.run_sync(file.read_bytes)
        except OSError as exc:
            raise InputRejected("documents", f"“{name}” cannot be opened: {exc.strerror}") from exc
        await self._ask("POST", PATH, user, files={"files": (name, content)})

    async def under_way(self, user: UserId) -> tuple[UnderWay, ...]:
        return _under_way.validate_python((await self._shelf(user))["reading"])

    async def documents(self, user: UserId) -> tuple[Listed, ...]:
        return _listed.validate_python((await self._shelf(user))["documents"])

    async def remove(self, user: UserId, id_: DocumentId) -> None:
        await self._ask("DELETE", f"{PATH}/{quote(id_, safe='')}", user)

    async def _shelf(self, user: UserId) -> dict[str, Any]:
        return await self._ask("GET", PATH, user)

    async def _ask(self, method: str, path: str, user: UserId, **content: Any) -> dict[str, Any]:
        headers = {
            "Host": f"localhost:{self._port}",  # its own name, which is always allowed
            HEADER: make_pass(self._secret, method, path, user, time.time()),
        }
        try:
            answer = await self._http.request(method, path, headers=headers, **content)
        except httpx.RequestError as exc:
            where = f"{self._data} is in use by a Nightingale that does not answer at {self._http.base_url}"
            raise NotNow(f"{where}: {type(exc).__name__}. Is its port set here, too? Or stop it first.") from exc
        try:
            told = _told.validate_json(answer.content)
        except ValidationError:
            told = {}
        if answer.is_error:
            reason = str(told.get("detail") or f"the server answered {answer.status_code}").rstrip(".")
            raise InputRejected("documents", reason) if answer.status_code == 422 else EngineFailed("documents", reason)
        return told


_told: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_under_way: TypeAdapter[tuple[UnderWay, ...]] = TypeAdapter(tuple[UnderWay, ...])
_listed: TypeAdapter[tuple[Listed, ...]] = TypeAdapter(tuple[Listed, ...])


@asynccontextmanager
async def _open_running(settings: Settings) -> AsyncGenerator[Running]:
    secret = await to_thread.run_sync(read_secret, settings.data_dir / SECRET)
    if secret is None:
        raise NotNow(f"{settings.data_dir / SECRET} cannot be read: only who runs that Nightingale may ask for this.")
    patience = httpx.Timeout(None, connect=CONNECT_SECONDS)  # a long document takes as long as it takes
    # Past any proxy that may be set.
    async with httpx.AsyncClient(base_url=address(settings), timeout=patience, trust_env=False) as http:
        yield Running(settings.data_dir, settings.port, secret, http)
