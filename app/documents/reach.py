"""The reading desk of the house of these settings, from outside: of one that runs, or that is opened for this only."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from anyio import to_thread
from pydantic import BaseModel, TypeAdapter, ValidationError

from app.documents.desk import ReadingDesk, UnderWay
from app.rights.calling import Running
from app.settings import Settings
from app.tenancy import quiet, tenant_of
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
    async with tenant_of(settings) as running:
        if running is not None:
            yield There(running)
            return
        from app.wiring import open_house

        async with open_house(quiet(settings)) as house:
            yield Here(house.reading_desk)


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


class There:
    """The server that has the data folder."""

    def __init__(self, running: Running) -> None:
        self._running = running

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
        async with self._running.ask(method, path, user, **content) as answer:
            body = await answer.aread()
        try:
            told = _told.validate_json(body)
        except ValidationError:
            told = {}
        if answer.is_error:
            reason = str(told.get("detail") or f"the server answered {answer.status_code}").rstrip(".")
            raise InputRejected("documents", reason) if answer.status_code == 422 else EngineFailed("documents", reason)
        return told


_told: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_under_way: TypeAdapter[tuple[UnderWay, ...]] = TypeAdapter(tuple[UnderWay, ...])
_listed: TypeAdapter[tuple[Listed, ...]] = TypeAdapter(tuple[Listed, ...])
