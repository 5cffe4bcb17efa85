"""Conversations over HTTP, for whoever had them: listed, found, looked back on, renamed, taken along, deleted."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, Literal, Protocol, TypeVar
from urllib.parse import quote
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from app.api.language import language_of
from app.reviewing import Page, Review, told_in
from app.rights.transcript import ASSISTANT, YOU, Line, Transcript, as_json, as_markdown, as_webvtt
from graph.types import Language
from memory.types import UserId
from resilience.errors import EngineError

log = structlog.get_logger(__name__)

T = TypeVar("T")
Form = Literal["md", "json", "vtt"]

LONGEST_TITLE = 80
LONGEST_SEARCH = 300
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TITLE)]
SAY = f'Say {{"title": "…"}}, in 1 to {LONGEST_TITLE} characters, or {{"favourite": true}}.'
NO_SUCH = "There is no such conversation."
REMEDY = "Conversations go on without it: it is tried again by itself. The page Engines says more."
FORMS = {
    "md": ("text/markdown; charset=utf-8", as_markdown),
    "json": ("application/json", as_json),
    "vtt": ("text/vtt; charset=utf-8", as_webvtt),
}


class Threads(Protocol):
    """Everything is about one user; a thread of somebody else is not there. Everything raises `EngineError`."""

    async def threads(self, user: UserId, search: str, cursor: str | None) -> Page: ...
    async def review(self, user: UserId, thread: str) -> Review | None: ...
    async def rename(self, user: UserId, thread: str, title: str) -> bool: ...
    async def favour(self, user: UserId, thread: str, favourite: bool) -> bool: ...
    async def delete(self, user: UserId, thread: str) -> bool: ...


class Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    favourite: bool | None = None


def threads_router(open_threads: Callable[[], Threads | None], user_of: Callable[[Request], UserId]) -> APIRouter:
    """`open_threads`: there are none while the house opens or closes."""
    router = APIRouter(prefix="/api/threads", tags=["threads"], dependencies=[Depends(_not_stored)])

    def desk(request: Request) -> _Desk:
        found = open_threads()
        if found is None:
            raise HTTPException(503, "Nightingale is just starting or stopping.")
        return _Desk(found, user_of(request), language_of(request))

    @router.get("", response_model=Page)
    async def listed(request: Request, search: str = "", cursor: str | None = None) -> Any:
        """The latest first. `search`: in titles and in what was said."""
        return await _or_refusal(lambda: desk(request).listed(search, cursor))

    @router.get("/{thread}", response_model=Review)
    async def review(thread: str, request: Request) -> Any:
        return await _or_refusal(lambda: desk(request).review(thread))

    @router.get("/{thread}/export", response_class=Response)
    async def export(thread: str, request: Request, form: Form = "md") -> Response:
        return await _or_refusal(lambda: desk(request).export(thread, form))

    @router.patch("/{thread}", response_model=Change)
    async def change(thread: str, request: Request) -> Any:
        wanted = await _change(request)
        return await _or_refusal(lambda: desk(request).change(thread, wanted))

    @router.delete("/{thread}", status_code=204, response_class=Response)
    async def delete(thread: str, request: Request) -> Response:
        """With its recordings, and all else that is kept of it; what was learnt from it stays."""
        return await _or_refusal(lambda: desk(request).delete(thread))

    return router


class _Desk:
    """One user's conversations, laid out."""

    def __init__(self, threads: Threads, user: UserId, language: Language) -> None:
        self._threads = threads
        self._user = user
        self._language = language

    async def listed(self, search: str, cursor: str | None) -> Page:
        return await self._threads.threads(self._user, search.strip()[:LONGEST_SEARCH], cursor)

    async def review(self, thread: str) -> Review:
        found = await self._threads.review(self._user, _id(thread))
        if found is None:
            raise HTTPException(404, NO_SUCH)
        return told_in(self._language, found)

    async def export(self, thread: str, form: Form) -> Response:
        transcript = transcript_of(await self.review(thread))
        kind, write = FORMS[form]
        name = quote(f"{transcript.folder.name}.{form}")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}", "Cache-Control": "no-store"}
        return Response(write(transcript), media_type=kind, headers=headers)

    async def change(self, thread: str, wanted: Change) -> Change:
        there = wanted.title is None or await self._threads.rename(self._user, _id(thread), wanted.title)
        if there and wanted.favourite is not None:
            there = await self._threads.favour(self._user, _id(thread), wanted.favourite)
        if not there:
            raise HTTPException(404, NO_SUCH)
        return wanted

    async def delete(self, thread: str) -> Response:
        if not await self._threads.delete(self._user, _id(thread)):
            raise HTTPException(404, NO_SUCH)
        log.info("thread deleted on the page")
        return Response(status_code=204)


def transcript_of(review: Review) -> Transcript:
    return Transcript(review.id, review.title, review.at, tuple(_lines(review)), {"turns": asdict(review)["turns"]})


def _lines(review: Review) -> Iterator[Line]:
    for turn in review.turns:
        for said in turn.said:
            yield Line(YOU, said.text, said.said_at, said.seconds)
        answer = " ".join(sentence.text for sentence in turn.answer)
        asked_at = turn.said[-1].said_at if turn.said else review.at
        answered_at = asked_at + timedelta(seconds=turn.steps[-1].began if turn.steps else 0)
        for text in filter(None, (answer, *turn.shown)):
            yield Line(ASSISTANT, text, answered_at)


def _id(thread: str) -> str:
    try:
        return str(UUID(thread))
    except ValueError as exc:
        raise HTTPException(404, NO_SUCH) from exc


async def _change(request: Request) -> Change:
    try:
        wanted = Change.model_validate_json(await request.body())
    except ValidationError as exc:
        raise HTTPException(422, SAY) from exc
    if wanted.title is None and wanted.favourite is None:
        raise HTTPException(422, SAY)
    return wanted


def _not_stored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


async def _or_refusal(answer: Callable[[], Awaitable[T]]) -> T | JSONResponse:
    try:
        return await answer()
    except EngineError as exc:
        detail = f"Your conversations cannot be reached just now: {exc.reason}."
        return JSONResponse({"code": exc.code, "detail": detail, "remedy": REMEDY}, 503)
