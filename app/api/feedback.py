"""What an answer was worth, as the page's thumbs say it.

In place of Chainlit's own route, which takes what is not theirs who ask for a fault of the server.
"""

from collections.abc import Callable
from typing import Any, Literal, Protocol

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from memory.types import UserId
from resilience.errors import EngineError

NO_SUCH = "There is no such message."


class Judges(Protocol):
    async def judge(self, user: UserId, step: str, value: Literal[0, 1], comment: str) -> str | None:
        """The judgement's id; None where there is no such message of theirs. Raises `EngineError`."""
        ...


class Judgement(BaseModel):
    forId: str  # noqa: N815 - as the page says it
    value: Literal[0, 1]
    comment: str | None = None


class Judged(BaseModel):
    """Among other things, which are not needed."""

    feedback: Judgement


def feedback_router(open_judges: Callable[[], Judges | None], user_of: Callable[[Request], UserId]) -> APIRouter:
    """`open_judges`: there are none while the house opens or closes."""
    router = APIRouter(tags=["feedback"])

    @router.put("/feedback", response_model=None)
    async def judge(judged: Judged, request: Request) -> dict[str, Any] | JSONResponse:
        user, judges = user_of(request), open_judges()
        if judges is None:
            raise HTTPException(503, "Nightingale is just starting or stopping.")
        given = judged.feedback
        try:
            kept = await judges.judge(user, given.forId, given.value, given.comment or "")
        except EngineError as exc:
            return JSONResponse({"code": exc.code, "detail": str(exc)}, 503)
        if kept is None:
            raise HTTPException(404, NO_SUCH)
        return {"success": True, "feedbackId": kept}

    return router
