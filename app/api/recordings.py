"""What was said, to be heard again over HTTP by whoever said it; and erased."""

from collections.abc import Callable

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from app.security.login import user_of
from app.turns import Turns
from memory.types import UserId
from resilience.errors import EngineError

SOUNDS = {".wav": "audio/wav", ".flac": "audio/flac", ".ogg": "audio/ogg"}
HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def recordings_router(
    open_turns: Callable[[], Turns | None], asker: Callable[[Request], UserId] = user_of
) -> APIRouter:
    """`open_turns` says which turn log is open just now; there is none while the house opens or closes. `asker`: whose
    request it is.
    """
    router = APIRouter(prefix="/api/recordings", tags=["recordings"])

    def now_open() -> Turns:
        turns = open_turns()
        if turns is None:
            raise HTTPException(503, "Nightingale is just starting or stopping.")
        return turns

    @router.get("/{saying}", response_class=FileResponse)
    async def recording(saying: str, request: Request) -> Response:
        try:
            file = await now_open().recording(saying, asker(request))
        except EngineError as exc:
            return _refusal(exc)
        if file is None:
            raise HTTPException(404, "There is no such recording.")
        return FileResponse(
            file, media_type=SOUNDS[file.suffix], filename=file.name, content_disposition_type="inline", headers=HEADERS
        )

    @router.delete("/{saying}", status_code=204, response_class=Response)
    async def erase(saying: str, request: Request) -> Response:
        try:
            there_was_one = await now_open().erase_recording(saying, asker(request))
        except EngineError as exc:
            return _refusal(exc)
        if not there_was_one:
            raise HTTPException(404, "There is no such recording.")
        return Response(status_code=204)

    return router


def _refusal(error: EngineError) -> JSONResponse:
    return JSONResponse({"code": error.code, "detail": str(error)}, 503)
