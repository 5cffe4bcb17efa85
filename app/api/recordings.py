"""What was said, to be heard again over HTTP; and erased."""

from collections.abc import Callable

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse, JSONResponse, Response

from app.turns import Turns
from resilience.errors import EngineError

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def recordings_router(open_turns: Callable[[], Turns | None]) -> APIRouter:
    """`open_turns` says which turn log is open just now; there is none while the house opens or closes."""
    router = APIRouter(prefix="/api/recordings", tags=["recordings"])

    def now_open() -> Turns:
        turns = open_turns()
        if turns is None:
            raise HTTPException(503, "Nightingale is just starting or stopping.")
        return turns

    @router.get("/{saying}", response_class=FileResponse)
    async def recording(saying: str) -> Response:
        try:
            file = await now_open().recording(saying)
        except EngineError as exc:
            return _refusal(exc)
        if file is None:
            raise HTTPException(404, "There is no such recording.")
        return FileResponse(
            file, media_type="audio/wav", filename=file.name, content_disposition_type="inline", headers=HEADERS
        )

    @router.delete("/{saying}", status_code=204, response_class=Response)
    async def erase(saying: str) -> Response:
        try:
            there_was_one = await now_open().erase_recording(saying)
        except EngineError as exc:
            return _refusal(exc)
        if not there_was_one:
            raise HTTPException(404, "There is no such recording.")
        return Response(status_code=204)

    return router


def _refusal(error: EngineError) -> JSONResponse:
    return JSONResponse({"code": error.code, "detail": str(error)}, 503)
