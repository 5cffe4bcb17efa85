"""What is remembered of a person, for that person: read, found, put right, forgotten, and no more of it for a while."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol, Self, TypeVar

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from app.api.language import language_of
from app.known import Desk, Known, Shown
from graph.types import Language
from graph.withholding import withheld
from memory.gate import Refusal, Verdict, is_hijack
from memory.masking import masked
from memory.notes import Struck
from memory.protocols import LongTermMemory
from memory.types import Kind, Memory, MemoryId, NewMemory, UserId
from resilience.errors import EngineError, InputRejected

log = structlog.get_logger(__name__)

B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")

LONGEST_TEXT = 500
LONGEST_QUERY = 300
MOST_OF_A_KIND, MOST_AT_ONCE = 100, 1_000
"""Shown at first, and in one answer; the page asks for more."""
FORGETTING_SECONDS = 20.0
"""How long the page waits for what it had struck out to be gone."""
UNREADABLE = "What I remember cannot be read just now"
NO_SUCH = "There is no such memory."
REMEDY = "Conversations go on without it, and nothing is lost: it is tried again by itself. The page Engines says more."


class Notes(Protocol):
    """As much of the `Notebook` as is asked here. All raise `EngineError`."""

    async def paused(self, user: UserId) -> bool: ...
    async def pause(self, user: UserId, paused: bool) -> None: ...
    async def strike(self, user: UserId, struck: Struck) -> None: ...
    async def caught_up(self, user: UserId, seconds: float) -> bool: ...


@dataclass(frozen=True, slots=True)
class Forgotten:
    done: bool
    """False while the store is away: it is written down, and carried out as soon as it can be."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Correction(_Body):
    """When it holds stays as it was, unless it is said."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None


class Forget(_Body):
    """These, or everything."""

    ids: Annotated[list[MemoryId], Field(max_length=10_000)] = []
    all: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.all == bool(self.ids):
            raise ValueError("either these or everything")
        return self


class Pause(_Body):
    paused: bool


def memories_router(
    open_memory: Callable[[], LongTermMemory | None],
    notes: Callable[[], Notes | None],
    user_of: Callable[[Request], UserId],
) -> APIRouter:
    """`open_memory`, `notes`: there are none while the house opens or closes."""
    router = APIRouter(prefix="/api/memories", tags=["memories"], dependencies=[Depends(_not_stored)])

    def desk(request: Request) -> Desk:
        return Desk(_present(open_memory()), user_of(request))

    @router.get("", response_model=Known)
    async def known(
        request: Request,
        query: str = "",
        kind: Kind | None = None,
        most: int = MOST_OF_A_KIND,
        after: int | None = None,
    ) -> Any:
        wanted, limit = query.strip()[:LONGEST_QUERY], min(max(1, most), MOST_AT_ONCE)

        async def look() -> Known:
            at = desk(request)
            return await (at.found(wanted, kind) if wanted else at.by_kind(kind, limit, after))

        return await _or_refusal(UNREADABLE, look)

    @router.get("/pause", response_model=Pause)
    async def paused(request: Request) -> Any:
        async def look() -> Pause:
            return Pause(paused=await _present(notes()).paused(user_of(request)))

        return await _or_refusal("Whether I remember what you say cannot be told just now", look)

    @router.get("/{memory_id}", response_model=Shown)
    async def one(memory_id: MemoryId, request: Request) -> Any:
        return await _or_refusal(UNREADABLE, lambda: _one(desk(request), memory_id))

    @router.patch("/{memory_id}", response_model=Shown)
    async def correct(memory_id: MemoryId, request: Request) -> Any:
        """The old one stays in the chain, with when and where it was said."""
        wanted = await _body(request, Correction, f'Say {{"text": "…"}}, in 1 to {LONGEST_TEXT} characters.')
        language = language_of(request)
        if refusal := _objection(wanted.text, language):
            return JSONResponse({"code": "not-remembered", "detail": refusal, "language": language}, 422)
        memory, user = _present(open_memory()), user_of(request)
        what = "That could not be put right just now"
        return await _or_refusal(what, lambda: _put_right(memory, user, memory_id, wanted))

    @router.delete("", response_model=Forgotten)
    async def forget(request: Request) -> Any:
        """For good, with what they superseded. None of them, where one of them is not this user's."""
        wanted = await _body(request, Forget, 'Say {"ids": ["…"]}, or {"all": true}.')
        at, notebook, user = desk(request), _present(notes()), user_of(request)
        what = "That could not be forgotten just now"
        return await _or_refusal(what, lambda: _strike(at, notebook, user, wanted))

    @router.post("/pause", response_model=Pause)
    async def pause(request: Request) -> Any:
        wanted = await _body(request, Pause, 'Say {"paused": true} or {"paused": false}.')

        async def switch() -> Pause:
            user, off = user_of(request), _present(notes())
            await off.pause(user, wanted.paused)
            return Pause(paused=await off.paused(user))

        return await _or_refusal("That could not be switched just now", switch)

    return router


async def _one(desk: Desk, memory_id: MemoryId) -> Shown:
    shown = await desk.one(memory_id)
    if shown is None:
        raise HTTPException(404, NO_SUCH)
    return shown


async def _mine(desk: Desk, ids: Sequence[MemoryId]) -> tuple[Memory, ...]:
    mine = await desk.mine(ids)
    if not {each.id for each in mine}.issuperset(ids):
        raise HTTPException(404, NO_SUCH)
    return mine


async def _put_right(memory: LongTermMemory, user: UserId, memory_id: MemoryId, wanted: Correction) -> Shown:
    desk = Desk(memory, user)
    (old,) = await _mine(desk, [memory_id])
    new = await memory.correct(user, memory_id, _corrected(old, wanted))
    if new is None:
        raise HTTPException(409, "That was put right, or forgotten, in the meantime. Please look again.")
    return await _one(desk, new.id)


async def _strike(desk: Desk, notes: Notes, user: UserId, wanted: Forget) -> Forgotten:
    """As "forget that" does: it outlasts the process, and reaches what is still on its way to the store."""
    gone = () if wanted.all else await _mine(desk, wanted.ids)
    sources = tuple(dict.fromkeys(each.source for each in gone))
    await notes.strike(user, Struck(tuple(each.id for each in gone), sources, everything=wanted.all))
    log.info("memories forgotten on the page", count=len(gone), everything=wanted.all)
    return Forgotten(await notes.caught_up(user, FORGETTING_SECONDS))


def _corrected(old: Memory, wanted: Correction) -> NewMemory:
    """It belongs to the same moment; the words it was taken from were the wrong ones."""
    said = wanted.model_fields_set
    return NewMemory(
        text=wanted.text,
        kind=old.kind,
        said_at=datetime.now(UTC),
        source=old.source,
        topic=old.topic,
        subject=old.subject,
        valid_from=wanted.valid_from if "valid_from" in said else old.valid_from,
        valid_until=wanted.valid_until if "valid_until" in said else old.valid_until,
    )


def _not_stored(response: Response) -> None:
    response.headers["Cache-Control"] = "no-store"


def _present(part: T | None) -> T:
    if part is None:
        raise HTTPException(503, "Nightingale is just starting or stopping.")
    return part


async def _body(request: Request, model: type[B], otherwise: str) -> B:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as exc:
        raise HTTPException(422, otherwise) from exc


def _objection(text: str, language: Language) -> str:
    """Why the user may not have it remembered; empty when they may."""
    secrets = masked(text).kinds
    refused = [Refusal("order")] if is_hijack(text) else [Refusal("secret", secrets)] if secrets else []
    return " ".join(withheld(Verdict((), tuple(refused)), language))


async def _or_refusal(what: str, answer: Callable[[], Awaitable[T]]) -> T | JSONResponse:
    try:
        return await answer()
    except InputRejected as exc:
        return JSONResponse({"code": exc.code, "detail": f"{what}: {exc.reason}."}, 422)
    except EngineError as exc:
        return JSONResponse({"code": exc.code, "detail": f"{what}: {exc.reason}.", "remedy": REMEDY}, 503)
