"""Models over HTTP: what there is, pull, cancel, remove, and a stream of how they stand."""

import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import asdict

import anyio
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse, StreamingResponse

from app.hub.shop import ModelShop, ModelStanding, ShopWindow
from app.hub.types import AlreadyPulling, ModelError, NoSuchModel, NotInstalled
from app.security.users import operators_only

OPERATORS = [Depends(operators_only)]

HEARTBEAT_SECONDS = 15.0
BETWEEN_SECONDS = 0.25
"""The stream says no more often than this how things stand."""


def models_router(open_shop: Callable[[], ModelShop | None]) -> APIRouter:
    """`open_shop` says which shop is open just now; there is none while the house opens or closes."""
    router = APIRouter(prefix="/api/models", tags=["models"])

    def now_open() -> ModelShop:
        shop = open_shop()
        if shop is None:
            raise HTTPException(503, "Nightingale is just starting or stopping.")
        return shop

    @router.get("")
    async def window() -> ShopWindow:
        return await now_open().window()

    @router.get("/events", response_class=StreamingResponse)
    async def events(request: Request) -> StreamingResponse:
        return StreamingResponse(
            _events(now_open(), request), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    @router.post("/{model_id}/pull", status_code=202, response_model=ModelStanding, dependencies=OPERATORS)
    async def pull(model_id: str) -> ModelStanding | JSONResponse:
        try:
            shop = now_open()
            shop.pull(model_id)
            return await shop.standing(model_id)
        except ModelError as exc:
            return _refusal(exc)

    @router.delete("/{model_id}/pull", status_code=202, response_model=ModelStanding, dependencies=OPERATORS)
    async def cancel(model_id: str) -> ModelStanding | JSONResponse:
        try:
            shop = now_open()
            shop.cancel(model_id)
            return await shop.standing(model_id)
        except ModelError as exc:
            return _refusal(exc)

    @router.delete("/{model_id}", response_model=ModelStanding, dependencies=OPERATORS)
    async def remove(model_id: str) -> ModelStanding | JSONResponse:
        try:
            shop = now_open()
            await shop.remove(model_id)
            return await shop.standing(model_id)
        except ModelError as exc:
            return _refusal(exc)

    return router


async def _events(shop: ModelShop, request: Request) -> AsyncGenerator[str, None]:
    last = ""
    while not (shop.closed or await request.is_disconnected()):
        news = shop.news
        now = json.dumps(asdict(await shop.window()))
        yield f"data: {now}\n\n" if now != last else ": still here\n\n"
        last = now
        await anyio.sleep(BETWEEN_SECONDS)
        with anyio.move_on_after(HEARTBEAT_SECONDS):
            await news.wait()


def _refusal(error: ModelError) -> JSONResponse:
    match error:
        case NoSuchModel() | NotInstalled():
            status = 404
        case AlreadyPulling():
            status = 409
        case _:
            status = 500
    return JSONResponse({"code": error.code, "detail": str(error)}, status)
