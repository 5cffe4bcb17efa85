"""Models as the running house sees them: pulls that go on while nobody watches, and news of how they stand."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

import anyio
import structlog
from anyio import to_thread
from anyio.abc import TaskGroup

from app.hub.catalogue import find
from app.hub.pull import pull
from app.hub.remote import Hub, open_hub
from app.hub.store import ModelStore
from app.hub.types import AlreadyPulling, HubSettings, Kind, Model, ModelError, Progress
from app.standing import Standing
from resilience.breaker import CircuitBreaker

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ModelStanding:
    id: str
    kind: Kind
    name: str
    size_bytes: int
    licence: str
    purpose: str
    language: str
    """Codes, with commas; empty means many."""
    state: Literal["absent", "pulling", "installed", "damaged"]
    received_bytes: int
    """Of a running pull, or kept of an unfinished one."""
    total_bytes: int
    error: str | None
    """Why the last pull of this model ended early, in plain words."""
    error_code: str | None
    """The same for whoever says it in another language."""


@dataclass(frozen=True, slots=True)
class ShopWindow:
    engines: tuple[Standing, ...]
    parts: tuple[Standing, ...]
    """What is neither engine nor model: memory, history, hub …"""
    models: tuple[ModelStanding, ...]
    free_bytes: int


@dataclass(slots=True)
class _Pull:
    scope: anyio.CancelScope
    progress: Progress


class ModelShop:
    def __init__(
        self,
        store: ModelStore,
        settings: HubSettings,
        hub: Hub,
        tasks: TaskGroup,
        *,
        standing: Callable[[], Sequence[Standing]],
        parts: Callable[[], Sequence[Standing]],
        installed_changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._store = store
        self._settings = settings
        self._hub = hub
        self._tasks = tasks
        self._engines = standing
        self._parts = parts
        self._installed_changed = installed_changed
        self._running: dict[str, _Pull] = {}
        self._errors: dict[str, ModelError] = {}
        self._news = anyio.Event()
        self.closed = False

    @property
    def news(self) -> anyio.Event:
        """Set at the next change. Take it before you look, and nothing is missed."""
        return self._news

    def announce(self) -> None:
        """Something changed: an engine, too, may have come or gone."""
        self._news.set()
        self._news = anyio.Event()

    async def window(self) -> ShopWindow:
        standings, free = await to_thread.run_sync(self._look)
        return ShopWindow(tuple(self._engines()), tuple(self._parts()), standings, free)

    async def standing(self, model_id: str) -> ModelStanding:
        """Raises `NoSuchModel`."""
        return await to_thread.run_sync(self._standing, find(model_id, self._store.catalogue))

    def pull(self, model_id: str) -> None:
        """Begin, or do nothing if it is under way. Raises `NoSuchModel`."""
        model = find(model_id, self._store.catalogue)
        if model.id in self._running:
            return
        self._errors.pop(model.id, None)
        self._running[model.id] = _Pull(anyio.CancelScope(), Progress(0, model.size_bytes))
        self._tasks.start_soon(self._pull, model, self._running[model.id], name=f"pull {model.id}")
        self.announce()

    def cancel(self, model_id: str) -> None:
        """Stop the pull if there is one; what came is kept. Raises `NoSuchModel`."""
        running = self._running.get(find(model_id, self._store.catalogue).id)
        if running is not None:
            running.scope.cancel()

    async def remove(self, model_id: str) -> None:
        """Raises `NoSuchModel`, `NotInstalled`, `AlreadyPulling` or `DiskFailed`."""
        model = find(model_id, self._store.catalogue)
        if model.id in self._running:
            raise AlreadyPulling(f"{model.id} is being pulled; cancel that first")
        await to_thread.run_sync(self._store.remove, model)
        self._errors.pop(model.id, None)
        await self._installed_changed()
        self.announce()

    async def _pull(self, model: Model, running: _Pull) -> None:
        def received(progress: Progress) -> None:
            running.progress = progress
            self.announce()

        installed = False
        try:
            with running.scope:
                await pull(self._store, self._hub, self._settings, model, received)
                installed = True
        except ModelError as exc:
            log.warning("pull failed", model=model.id, code=exc.code, reason=str(exc))
            self._errors[model.id] = exc
        finally:
            del self._running[model.id]
            self.announce()
        if installed:
            await self._installed_changed()
            self.announce()

    def _look(self) -> tuple[tuple[ModelStanding, ...], int]:
        return tuple(self._standing(model) for model in self._store.catalogue), self._store.free_bytes()

    def _standing(self, model: Model) -> ModelStanding:
        running = self._running.get(model.id)
        installed = self._store.find(model)
        state: Literal["absent", "pulling", "installed", "damaged"]
        if running is not None:
            state, received, total = "pulling", running.progress.received_bytes, running.progress.total_bytes
        elif installed is not None:
            state, received = "installed", sum(file.size for file in installed.manifest.files)
            total = received
        else:
            state = "damaged" if self._store.folder(model).exists() else "absent"
            received, total = self._store.partial_bytes(model), model.size_bytes
        error = self._errors.get(model.id)
        return ModelStanding(
            id=model.id,
            kind=model.kind,
            name=model.name,
            size_bytes=model.size_bytes,
            licence=model.licence,
            purpose=model.purpose,
            language=", ".join(model.languages),
            state=state,
            received_bytes=received,
            total_bytes=total,
            error=str(error) if error else None,
            error_code=error.code if error else None,
        )


@asynccontextmanager
async def open_shop(
    store: ModelStore,
    settings: HubSettings,
    *,
    standing: Callable[[], Sequence[Standing]],
    parts: Callable[[], Sequence[Standing]] = tuple,
    installed_changed: Callable[[], Awaitable[None]],
    breaker: CircuitBreaker | None = None,
) -> AsyncGenerator[ModelShop]:
    """Open for as long as the process serves. `installed_changed` is awaited after each install and removal, one
    at a time or several at once, and must not raise: an engine that will not open is a standing, not an error.
    Pulls still running at the end are cancelled; the next ones go on from there.
    """
    async with open_hub(settings, breaker) as hub, anyio.create_task_group() as tasks:
        shop = ModelShop(
            store, settings, hub, tasks, standing=standing, parts=parts, installed_changed=installed_changed
        )
        try:
            yield shop
        finally:
            shop.closed = True
            shop.announce()
            tasks.cancel_scope.cancel()
