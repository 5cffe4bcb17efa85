"""What a person gave to read, for that person: added, listed, looked into and taken away."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

from app.documents.desk import ReadingDesk, UnderWay
from app.rights.asking import WhoseRequest
from memory.documents.formats import MOST_BYTES
from memory.documents.types import Document, DocumentId, Passage
from memory.types import UserId
from resilience.errors import EngineError, InputRejected

log = structlog.get_logger(__name__)

PATH: Final = "/api/documents"
BODY_BYTES: Final = 2 * MOST_BYTES
"""The most that may be sent to it at once; the guard in front of it must let that pass."""
MOST_FILES: Final = 20
MOST_SHOWN: Final = 200
"""Passages at once; whoever reads on asks for more."""
NO_SUCH: Final = "There is no such document."
UNREADABLE: Final = "Your documents cannot be read just now"
REMEDY: Final = "Conversations go on without them, and nothing is lost: it is tried again by itself."


@dataclass(frozen=True, slots=True)
class Shown:
    id: DocumentId
    name: str
    title: str
    added_at: datetime
    characters: int
    passages: int
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    name: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Added:
    added: tuple[Shown, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    documents: tuple[Shown, ...]
    """The newest first."""
    reading: tuple[UnderWay, ...]
    """What is being read just now."""


@dataclass(frozen=True, slots=True)
class ShownPassage:
    place: str
    position: int
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    document: Shown
    passages: tuple[ShownPassage, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    removed: int


def documents_router(open_desk: Callable[[], ReadingDesk | None], whose: WhoseRequest) -> APIRouter:
    """`open_desk` says which is open just now. `whose`: who asks."""
    router = APIRouter(prefix=PATH, tags=["documents"], dependencies=[Depends(_not_stored)])

    def desk() -> ReadingDesk:
        found = open_desk()
        if found is None:
            raise HTTPException(503, "Nightingale is just starting or stopping.")
        return found

    @router.get("", response_model=Shelf)
    async def shelf(request: Request) -> Any:
        user = await whose(request)

        async def look() -> Shelf:
            documents = await desk().library.documents(user)
            return Shelf(tuple(map(_shown, documents)), desk().under_way(user))

        return await _or_refusal(UNREADABLE, look)

    @router.post("", response_model=Added)
    async def add(request: Request) -> Any:
        """Several files as multipart form data, each whole or not at all."""
        user = await whose(request)  # before anything of it is read
        async with request.form(max_files=MOST_FILES, max_fields=MOST_FILES) as form:
            files = [each for _, each in form.multi_items() if isinstance(each, UploadFile) and each.filename]
            if not files:
                raise HTTPException(422, "Send files as multipart form data.")
            outcomes = [await _taken_in(desk(), user, each) for each in files]
        added = Added(
            tuple(each for each in outcomes if isinstance(each, Shown)),
            tuple(each for each in outcomes if isinstance(each, Refused)),
        )
        if added.added:
            return added
        away = any(each.code != InputRejected.code for each in added.refused)
        told = {"detail": " ".join(each.detail for each in added.refused), "code": added.refused[0].code}
        return JSONResponse(asdict(added) | told, 503 if away else 422)

    @router.get("/{document_id}", response_model=Opened)
    async def look_into(document_id: DocumentId, request: Request, first: int = 0, most: int = MOST_SHOWN) -> Any:
        """Its passages in reading order, from the `first`, counted from 0."""
        user = await whose(request)

        async def look() -> Opened:
            document = await _mine(desk(), user, document_id)
            passages = await desk().library.passages(user, document_id)
            begin = max(first, 0)
            some = passages[begin : begin + min(max(most, 1), MOST_SHOWN)]
            return Opened(_shown(document), tuple(map(_shown_passage, some)))

        return await _or_refusal(UNREADABLE, look)

    @router.delete("/{document_id}", response_model=Removed)
    async def remove(document_id: DocumentId, request: Request) -> Any:
        user = await whose(request)

        async def erase() -> Removed:
            await _mine(desk(), user, document_id)
            removed = await desk().library.remove(user, [document_id])
            log.info("document removed", count=removed)
            return Removed(removed)

        return await _or_refusal("That could not be removed just now", erase)

    return router


async def _taken_in(desk: ReadingDesk, user: UserId, upload: UploadFile) -> Shown | Refused:
    name = upload.filename or ""
    try:
        taken = await desk.take_in(user, await upload.read(), name)
    except InputRejected as exc:
        return Refused(name, exc.code, f"{exc.reason}.")
    except EngineError as exc:
        return Refused(name, exc.code, f"{name} could not be kept just now: {exc.reason}.")
    return _shown(taken.document)


async def _mine(desk: ReadingDesk, user: UserId, id_: DocumentId) -> Document:
    found = next((each for each in await desk.library.documents(user) if each.id == id_), None)
    if found is None:
        raise HTTPException(404, NO_SUCH)
    return found


def _shown(document: Document) -> Shown:
    return Shown(
        id=document.id,
        name=document.name,
        title=document.title,
        added_at=document.added_at,
        characters=document.characters,
        passages=document.passages,
        metadata=dict(document.metadata),
    )


def _shown_passage(passage: Passage) -> ShownPassage:
    return ShownPassage(passage.place, passage.position, passage.text)


def _not_stored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


async def _or_refusal(what: str, answer: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await answer()
    except EngineError as exc:
        return JSONResponse({"code": exc.code, "detail": f"{what}: {exc.reason}.", "remedy": REMEDY}, 503)
