"""What is remembered of a person, for that person: read, found, put right, forgotten, and no more of it for a while."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol, Self, TypeVar

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from memory.gate import is_hijack, not_kept
from memory.masking import masked
from memory.protocols import LongTermMemory
from memory.types import Kind, Memory, MemoryId, NewMemory, UserId
from resilience.errors import EngineError, InputRejected

log = structlog.get_logger(__name__)

B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")

LONGEST_TEXT = 500
LONGEST_QUERY = 300
MOST_OF_A_KIND = 100
"""Shown at first; the page asks for more."""
MOST_FOUND = 50
UNREADABLE = "What I remember cannot be read just now"
NO_SUCH = "There is no such memory."
REMEDY = "Conversations go on without it, and nothing is lost: it is tried again by itself. The page Engines says more."


class Recording(Protocol):
    """Whether what a user says is learnt from. Both raise `EngineError`."""

    async def paused(self, user: UserId) -> bool: ...
    async def pause(self, user: UserId, paused: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was believed before, and where from."""

    id: MemoryId
    text: str
    said_at: datetime
    thread: str
    turn: str


@dataclass(frozen=True, slots=True)
class Shown:
    id: MemoryId
    text: str
    kind: Kind
    topic: str
    subject: str
    said_at: datetime
    thread: str
    turn: str
    confidence: float
    valid_from: datetime | None
    valid_until: datetime | None
    before: tuple[Earlier, ...]
    """What it superseded, the newest first."""


@dataclass(frozen=True, slots=True)
class Known:
    counts: dict[Kind, int]
    """How many stand, of each kind."""
    memories: tuple[Shown, ...]
    """The newest first, at most so many of each kind; what was searched for, the best first."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    forgotten: int
    """With what they superseded."""


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
    recording: Callable[[], Recording | None],
    user_of: Callable[[Request], UserId],
) -> APIRouter:
    """`open_memory`, `recording`: there are none while the house opens or closes."""
    router = APIRouter(prefix="/api/memories", tags=["memories"], dependencies=[Depends(_not_stored)])

    def desk(request: Request) -> _Desk:
        return _Desk(_present(open_memory()), user_of(request))

    @router.get("", response_model=Known)
    async def known(request: Request, query: str = "", kind: Kind | None = None, most: int = MOST_OF_A_KIND) -> Any:
        wanted = query.strip()[:LONGEST_QUERY]
        return await _or_refusal(UNREADABLE, lambda: desk(request).known(wanted, kind, max(1, most)))

    @router.get("/pause", response_model=Pause)
    async def paused(request: Request) -> Any:
        async def look() -> Pause:
            return Pause(paused=await _present(recording()).paused(user_of(request)))

        return await _or_refusal("Whether I remember what you say cannot be told just now", look)

    @router.get("/{memory_id}", response_model=Shown)
    async def one(memory_id: MemoryId, request: Request) -> Any:
        return await _or_refusal(UNREADABLE, lambda: desk(request).one(memory_id))

    @router.patch("/{memory_id}", response_model=Shown)
    async def correct(memory_id: MemoryId, request: Request) -> Any:
        """The old one stays in the chain, with when and where it was said."""
        wanted = await _body(request, Correction, f'Say {{"text": "…"}}, in 1 to {LONGEST_TEXT} characters.')
        if refusal := _objection(wanted.text):
            return JSONResponse({"code": "not-remembered", "detail": refusal}, 422)
        what = "That could not be put right just now"
        return await _or_refusal(what, lambda: desk(request).correct(memory_id, wanted))

    @router.delete("", response_model=Forgotten)
    async def forget(request: Request) -> Any:
        """For good, with what they superseded. None of them, where one of them is not this user's."""
        wanted = await _body(request, Forget, 'Say {"ids": ["…"]}, or {"all": true}.')
        return await _or_refusal("That could not be forgotten just now", lambda: desk(request).forget(wanted))

    @router.post("/pause", response_model=Pause)
    async def pause(request: Request) -> Any:
        wanted = await _body(request, Pause, 'Say {"paused": true} or {"paused": false}.')

        async def switch() -> Pause:
            user, off = user_of(request), _present(recording())
            await off.pause(user, wanted.paused)
            return Pause(paused=await off.paused(user))

        return await _or_refusal("That could not be switched just now", switch)

    return router


class _Desk:
    """One user's memories, laid out."""

    def __init__(self, memory: LongTermMemory, user: UserId) -> None:
        self._memory = memory
        self._user = user

    async def known(self, query: str, kind: Kind | None, most: int) -> Known:
        """`most` of each kind."""
        everything = await self._everything()
        standing = [each for each in everything if each.superseded_by is None]
        wanted = [each for each in standing if kind in (None, each.kind)]
        chosen = await self._found(query, wanted) if query else _newest(wanted, most)
        chains = _chains(everything)
        return Known(Counter(each.kind for each in standing), tuple(_shown(each, chains) for each in chosen))

    async def one(self, memory_id: MemoryId) -> Shown:
        everything = await self._everything()
        return _shown(_mine(everything, memory_id), _chains(everything))

    async def correct(self, memory_id: MemoryId, wanted: Correction) -> Shown:
        old = _mine(await self._everything(), memory_id)
        new = await self._memory.correct(self._user, memory_id, _corrected(old, wanted))
        if new is None:
            raise HTTPException(409, "That was put right, or forgotten, in the meantime. Please look again.")
        return await self.one(new.id)

    async def forget(self, wanted: Forget) -> Forgotten:
        if wanted.all:
            gone = await self._memory.forget_all(self._user)
        else:
            mine = {each.id for each in await self._everything()}
            if not mine.issuperset(wanted.ids):
                raise HTTPException(404, NO_SUCH)
            gone = await self._memory.forget(self._user, wanted.ids)
        log.info("memories forgotten on the page", count=gone, everything=wanted.all)
        return Forgotten(gone)

    async def _everything(self) -> tuple[Memory, ...]:
        return await self._memory.everything(self._user, superseded=True)

    async def _found(self, query: str, wanted: Sequence[Memory]) -> list[Memory]:
        """By meaning first, then whatever else has these very words in it."""
        by_id = {each.id: each for each in wanted}
        recalled = await self._memory.search(self._user, query, limit=MOST_FOUND, now=datetime.now(UTC))
        found = [by_id.pop(each.memory.id) for each in recalled if each.memory.id in by_id]
        words = query.casefold().split()
        plain = (each for each in by_id.values() if all(word in _words_of(each) for word in words))
        return found + sorted(plain, key=lambda each: each.said_at, reverse=True)


def _words_of(memory: Memory) -> str:
    return f"{memory.text} {memory.topic} {memory.subject} {memory.kind}".casefold()


def _newest(memories: Iterable[Memory], most: int) -> list[Memory]:
    """At most so many of each kind."""
    taken: Counter[str] = Counter()
    chosen = []
    for each in sorted(memories, key=lambda each: each.said_at, reverse=True):
        taken[each.kind] += 1
        if taken[each.kind] <= most:
            chosen.append(each)
    return chosen


def _chains(everything: Iterable[Memory]) -> dict[MemoryId, list[Memory]]:
    """What each memory superseded at once."""
    chains: dict[MemoryId, list[Memory]] = {}
    for each in everything:
        if each.superseded_by is not None:
            chains.setdefault(each.superseded_by, []).append(each)
    return chains


def _shown(memory: Memory, chains: dict[MemoryId, list[Memory]]) -> Shown:
    earlier: list[Memory] = []
    to_ask = [memory.id]
    while to_ask:
        before = chains.get(to_ask.pop(), [])
        earlier += before
        to_ask += [each.id for each in before]
    return Shown(
        id=memory.id,
        text=memory.text,
        kind=memory.kind,
        topic=memory.topic,
        subject=memory.subject,
        said_at=memory.said_at,
        thread=memory.source.thread,
        turn=memory.source.turn,
        confidence=memory.confidence,
        valid_from=memory.valid_from,
        valid_until=memory.valid_until,
        before=tuple(
            Earlier(each.id, each.text, each.said_at, each.source.thread, each.source.turn)
            for each in sorted(earlier, key=lambda each: each.said_at, reverse=True)
        ),
    )


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


def _mine(everything: Iterable[Memory], memory_id: MemoryId) -> Memory:
    found = next((each for each in everything if each.id == memory_id), None)
    if found is None:
        raise HTTPException(404, NO_SUCH)
    return found


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


def _objection(text: str) -> str:
    """Why the user may not have it remembered; empty when they may."""
    if is_hijack(text):
        return "I keep no instructions in my memory, only what is so of you."
    kinds = masked(text).kinds
    return not_kept(kinds) if kinds else ""


async def _or_refusal(what: str, answer: Callable[[], Awaitable[T]]) -> T | JSONResponse:
    try:
        return await answer()
    except InputRejected as exc:
        return JSONResponse({"code": exc.code, "detail": f"{what}: {exc.reason}."}, 422)
    except EngineError as exc:
        return JSONResponse({"code": exc.code, "detail": f"{what}: {exc.reason}.", "remedy": REMEDY}, 503)
