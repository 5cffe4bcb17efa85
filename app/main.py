"""The web application: our guards and routes around Chainlit, over an open house."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import anyio
import structlog
from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.datastructures import State
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.breakers import breakers_router
from app.api.documents import BODY_BYTES, documents_router
from app.api.documents import PATH as DOCUMENTS
from app.api.feedback import feedback_router
from app.api.health import health_router
from app.api.memories import memories_router
from app.api.metrics import metrics_router
from app.api.models import models_router
from app.api.recordings import recordings_router
from app.api.rights import rights_router
from app.api.threads import threads_router
from app.api.voices import voices_router
from app.engines import Openers
from app.events import Announce
from app.health import history_part
from app.house import House
from app.rights.asking import whose_request
from app.rights.desk import Rights
from app.rights.schedule import DiaryFile, keep_schedule
from app.rights.sweeping import EndIdle, tasks_of
from app.security.headers import BodyLimit, SecurityHeaders
from app.security.hosts import AllowedHosts, AllowedOrigins
from app.security.login import user_of
from app.security.packets import drop_strays
from app.security.users import KnownUsers
from app.settings import Settings
from app.shell import ROOT, prepare_shell
from app.wiring import open_house
from memory.documents.formats import MOST_BYTES
from resilience.errors import EngineError
from voice.types import Reason

log = structlog.get_logger(__name__)

PAGES = {
    "/engines": "engines.html",
    "/memory": "memory.html",
    "/review": "review.html",
    "/review/{thread}": "review.html",
}
UPLOADS = "/project/file"
"""Where Chainlit's page sends what is attached to a message."""
ATTACHED_BYTES = MOST_BYTES + (1 << 20)
TELL_AGAIN_SECONDS = 60.0
"""A turn writes several times to the history; one word about it is enough for a while."""


def create_app(settings: Settings, openers: Openers | None = None) -> FastAPI:
    prepare_shell(settings.data_dir)
    from chainlit.server import app as shell  # reads the environment that was just prepared
    from chainlit.server import sio
    from chainlit.utils import mount_chainlit

    from app.connections import open_connections
    from app.history import HistoryFailed, open_history, stay_calm
    from app.past import Past
    from app.rights.opening import rights_of
    from app.unanswered import hang_up, say_so

    house: House | None = None
    past: Past | None = None
    rights: Rights | None = None
    told_at = float("-inf")

    def stray() -> None:
        if house is not None:
            house.metrics.packet_dropped()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        nonlocal house, past, rights
        stay_calm(asyncio.get_running_loop())

        def not_kept(failure: HistoryFailed) -> None:
            nonlocal told_at
            if anyio.current_time() - told_at < TELL_AGAIN_SECONDS:
                return
            told_at = anyio.current_time()
            what = Reason("history-unwritten", detail=str(failure))
            opened.sessions.tell_all(Announce("error", failure.code, what))

        try:
            async with (
                open_house(settings, openers) as opened,
                open_history(
                    settings.data_dir / "history.sqlite",
                    not_kept,
                    opened.breakers.new("history", settings.resilience.history, probed=True),
                    settings=settings.history,
                    erase=opened.forget_thread,
                ) as history,
                opened.health.watching(history_part(opened.breakers["history"], history.probe)),
                open_connections(opened, history) as connected,
                anyio.create_task_group() as tasks,
            ):
                past = Past(history, opened.turns)
                rights = rights_of(opened, history, send_home=connected.send_home)
                tasks.start_soon(keep_house, rights, opened, connected.end_idle)
                house = opened
                with opened.titles.told_by(history.title_of):
                    yield
                house = past = rights = None
                tasks.cancel_scope.cancel()
        except* (HistoryFailed, EngineError) as failed:
            app.state.refusal = "; ".join(str(each) for each in _leaves(failed))
            raise

    app = FastAPI(lifespan=lifespan, title="Nightingale", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.refusal = None
    app.include_router(health_router(lambda: house))
    app.include_router(models_router(lambda: house.shop if house else None))
    app.include_router(recordings_router(lambda: house.turns if house else None))
    app.include_router(breakers_router(lambda: house.breakers if house else None))
    app.include_router(metrics_router(lambda: house))
    app.include_router(
        voices_router(lambda: house.engines.tts if house else None, lambda: house.manners if house else None, user_of)
    )

    app.include_router(
        memories_router(
            lambda: house.memory if house else None,
            lambda: house.conversations.notebook if house else None,
            user_of,
        )
    )
    app.include_router(threads_router(lambda: past, user_of))
    app.include_router(feedback_router(lambda: past, user_of))
    app.include_router(
        documents_router(
            lambda: house.reading_desk if house else None, whose_request(user_of, settings.data_dir / "secret")
        )
    )
    app.include_router(rights_router(lambda: rights, user_of, settings.data_dir / "secret"))
    for path, page in PAGES.items():
        app.add_api_route(path, _served(page), methods=["GET"], include_in_schema=False)
    mount_chainlit(app=app, target=str(ROOT / "app" / "chat.py"), path="/")
    say_so(shell)
    hang_up(sio)
    drop_strays(sio, stray)
    app.add_middleware(BodyLimit, wider={DOCUMENTS: BODY_BYTES, UPLOADS: ATTACHED_BYTES})
    app.add_middleware(SecurityHeaders)
    app.add_middleware(KnownUsers, users=settings.users, secret=settings.data_dir / "secret")
    app.add_middleware(AllowedOrigins, hosts=settings.allowed_hosts)
    app.add_middleware(AllowedHosts, hosts=settings.allowed_hosts)
    app.add_middleware(_InWords, state=app.state)
    return app


def _served(page: str) -> Callable[[], Awaitable[FileResponse]]:
    async def serve() -> FileResponse:
        return FileResponse(ROOT / "public" / page)

    return serve


async def keep_house(rights: Rights, house: House, end_idle: EndIdle) -> None:
    """What is done by itself, hour by hour and day by day."""

    def now() -> datetime:
        return datetime.now(UTC)

    data = house.settings.data_dir
    sweeps = (house.turns.sweep_temporary, lambda: house.turns.expire(now()))
    tasks = tasks_of(rights, house.settings.rights, data, now=now, end_idle=end_idle, sweeps=sweeps)
    await keep_schedule(DiaryFile(data / "schedule.json"), tasks, now=now)


class _InWords:
    """When the house could not be opened, the server hears why, and not where in the code that was found out."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def in_words(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed" and self._state.refusal:
                message["message"] = self._state.refusal
            await send(message)

        await self._app(scope, receive, in_words if scope["type"] == "lifespan" else send)


def _leaves(failed: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for each in failed.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each
