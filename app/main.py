"""The web application: our guards and routes around Chainlit, over an open house."""

import os
import secrets
import shutil
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from fastapi import FastAPI
from fastapi.responses import FileResponse

from app.api.health import health_router
from app.api.models import models_router
from app.events import Announce
from app.security.headers import BodyLimit, SecurityHeaders
from app.security.hosts import AllowedHosts, AllowedOrigins
from app.settings import Settings
from app.wiring import House, open_house
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

ROOT = Path(__file__).resolve().parent.parent
SECRET_BYTES = 48


def create_app(settings: Settings) -> FastAPI:
    prepare_shell(settings.data_dir)
    from chainlit.utils import mount_chainlit  # reads the environment that was just prepared

    from app.connections import open_connections
    from app.history import HistoryFailed, open_history

    house: House | None = None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        nonlocal house

        def not_kept(failure: HistoryFailed) -> None:
            text = f"The history could not be written: {failure}."
            opened.sessions.announce(Announce("error", failure.code, text))

        try:
            async with (
                open_house(settings) as opened,
                open_history(settings.data_dir / "history.sqlite", not_kept) as history,
                open_connections(opened, history),
            ):
                house = opened
                yield
                house = None
        except* (HistoryFailed, EngineError) as failed:
            app.state.refusal = "; ".join(str(each) for each in _leaves(failed))
            raise

    app = FastAPI(lifespan=lifespan, title="Nightingale", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.refusal = "The reason stands above."
    app.include_router(health_router(lambda: house))
    app.include_router(models_router(lambda: house.shop if house else None))

    @app.get("/engines", include_in_schema=False)
    async def engines_page() -> FileResponse:
        return FileResponse(ROOT / "public" / "engines.html")

    mount_chainlit(app=app, target=str(ROOT / "app" / "chat.py"), path="/")
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(AllowedOrigins, hosts=settings.allowed_hosts)
    app.add_middleware(AllowedHosts, hosts=settings.allowed_hosts)
    return app


def _leaves(failed: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for each in failed.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(each)
        else:
            yield each


def prepare_shell(data_dir: Path) -> None:
    """Give Chainlit a folder it may write to, with our page in it, and the secret of its log-in cookie.

    The folder lies with the data, for the checkout may be read-only. The page is linked to; the configuration is
    copied, because Chainlit adds to it what it misses.
    """
    shell = data_dir.resolve() / "shell"
    shutil.rmtree(shell, ignore_errors=True)
    shutil.copytree(ROOT / ".chainlit", shell / ".chainlit", copy_function=shutil.copyfile)
    for name in ("public", "chainlit.md"):
        (shell / name).symlink_to(ROOT / name)
    os.environ["CHAINLIT_APP_ROOT"] = str(shell)
    os.environ["CHAINLIT_AUTH_SECRET"] = _secret(data_dir / "secret")
    os.environ.setdefault("TRACELOOP_TELEMETRY", "false")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def _secret(file: Path) -> str:
    """Made once, readable by its owner only."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        file.chmod(0o600)
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as new:
        secret = secrets.token_urlsafe(SECRET_BYTES)
        new.write(secret)
    return secret
