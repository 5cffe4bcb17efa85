"""What is a person's own, over HTTP: take it along, have it erased; and backups, for whoever runs this house."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import anyio
import structlog
from fastapi import APIRouter, Header, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.background import BackgroundTask

from app.rights.desk import Rights
from app.rights.files import safe_name
from app.rights.operator import HEADER, read_secret, user_by_pass
from app.rights.types import RightsError
from memory.types import UserId
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
Pass = Annotated[str | None, Header(alias=HEADER)]


class Confirmed(BaseModel):
    """That it is no slip of the finger."""

    model_config = ConfigDict(extra="forbid")

    confirm: str
    """The name of the user who is to be erased, or the word `erase`."""


class AlsoWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    also: tuple[Literal["models", "secret"], ...] = ()


def rights_router(
    open_rights: Callable[[], Rights | None],
    user_of: Callable[[Request], UserId],
    secret: Path,
) -> APIRouter:
    """`open_rights` says which are open just now. `user_of`: whose page asks. `secret`: the file that proves who runs
    this house, and may ask for others.
    """
    router = APIRouter(prefix="/api", tags=["rights"])

    def now_open() -> Rights:
        rights = open_rights()
        if rights is None:
            raise HTTPException(503, "Nightingale is just starting or stopping.")
        return rights

    async def by_pass(request: Request, given: str) -> UserId:
        own = await anyio.to_thread.run_sync(read_secret, secret)
        user = own and user_by_pass(given, own, request.method, request.url.path, time.time())
        if user is None or own is None:
            raise HTTPException(403, "That pass is not valid.")
        return UserId(user)

    async def whose(request: Request, given: str | None) -> UserId:
        return user_of(request) if given is None else await by_pass(request, given)

    @router.get("/export", response_class=FileResponse)
    async def export(request: Request, given: Pass = None) -> Response:
        user = await whose(request, given)
        try:
            file = await now_open().export(user)
        except EngineError as exc:
            return _refusal(exc)
        return FileResponse(
            file,
            media_type="application/zip",
            filename=f"nightingale-{safe_name(user, 'export')}.zip",
            headers=HEADERS,
            background=BackgroundTask(file.unlink, missing_ok=True),
        )

    @router.delete("/user")
    async def erase(request: Request, confirmed: Confirmed, given: Pass = None) -> JSONResponse:
        user = await whose(request, given)
        if confirmed.confirm not in (user, "erase"):
            raise HTTPException(422, f"To erase everything, confirm it with the name {user!r} or the word 'erase'.")
        try:
            receipt = await now_open().erase(user)
        except EngineError as exc:
            return _refusal(exc)
        told = receipt.as_json() | {"text": receipt.as_text()}
        return JSONResponse(told, 200 if receipt.complete else 503, headers=HEADERS)

    @router.post("/backup")
    async def back_up(request: Request, wanted: AlsoWanted, given: Pass = None) -> JSONResponse:
        if given is None:
            raise HTTPException(403, "Only who runs this house may ask for a backup: nightingale backup.")
        await by_pass(request, given)
        try:
            backup = await now_open().back_up(also=frozenset(wanted.also))
        except (EngineError, RightsError) as exc:
            return _refusal(exc)
        return JSONResponse(backup.as_json(), headers=HEADERS)

    return router


def _refusal(error: EngineError | RightsError) -> JSONResponse:
    log.warning("right not granted", code=error.code, reason=str(error))
    return JSONResponse({"code": error.code, "detail": str(error)}, 503, headers=HEADERS)
