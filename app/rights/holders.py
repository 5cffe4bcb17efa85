"""The parts of the house that keep something of people, as this room sees them.

Each is a dozen lines over the part's own words; whatever it may raise becomes an `EngineError`.
"""

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any, Final, Protocol

from anyio import to_thread
from pydantic import BaseModel

from app.archive.database import HistoryFailed
from app.reviewing import Logged
from app.rights.files import safe_name
from app.rights.types import Person
from app.rights.written import as_json, document_page, memories_page, memories_table, open_part
from memory.documents.protocols import Library
from memory.protocols import LongTermMemory
from memory.types import Memory, NewMemory, Part, UserId
from resilience.errors import EngineFailed

CATCHING_UP_SECONDS = 10.0
MEMORIES_AT_ONCE = 1_000


class Records(Protocol):
    """As much of the history as is asked here. Everything raises `HistoryFailed`."""

    async def users(self) -> Sequence[str]: ...
    async def threads_of(self, user: str) -> Sequence[str]: ...
    async def thread(self, user: str, thread: str) -> Mapping[str, Any] | None: ...
    async def erase(self, user: str) -> int: ...


class InHistory:
    """Who was here, and what was shown to them."""

    name: Final = "conversations"

    def __init__(self, records: Records) -> None:
        self._records = records

    async def users(self) -> frozenset[str]:
        with _named():
            return frozenset(await self._records.users())

    async def threads(self, user: UserId) -> tuple[str, ...]:
        with _named():
            return tuple(await self._records.threads_of(user))

    async def thread(self, thread: str, user: UserId) -> Mapping[str, Any]:
        """As Chainlit keeps it, with its steps; nothing when it is not there."""
        with _named():
            return await self._records.thread(user, thread) or {}

    async def erase(self, person: Person) -> int:
        with _named():
            return await self._records.erase(person.user)


class TurnLog(Protocol):
    """As much of `Turns` as is asked here."""

    async def users(self) -> frozenset[str]: ...
    async def threads_of(self, user: str) -> tuple[str, ...]: ...
    async def thread_review(self, thread: str, user: str) -> Sequence[Logged]: ...
    async def recording(self, saying: str, user: str) -> Path | None: ...
    async def erase_all(self, user: str) -> int: ...


class InTurnLog:
    """What was said, with its recordings. It is exported with its conversation."""

    name: Final = "sayings"

    def __init__(self, turns: TurnLog) -> None:
        self._turns = turns

    async def users(self) -> frozenset[str]:
        return await self._turns.users()

    async def threads(self, user: UserId) -> tuple[str, ...]:
        return await self._turns.threads_of(user)

    async def said(self, thread: str, user: UserId) -> Sequence[Logged]:
        return await self._turns.thread_review(thread, user)

    async def sounds(self, logged: Sequence[Logged], user: UserId) -> AsyncGenerator[tuple[str, str, bytes], None]:
        """Of each saying that can still be heard, the name of its recording, and what is in it."""
        for saying in [said.id for turn in logged for said in turn.sayings if said.recorded]:
            for _ in range(2):  # one that is packed just now is found under its new name
                file = await self._turns.recording(saying, user)
                sound = None if file is None else await to_thread.run_sync(_read_if_there, file)
                if file is not None and sound is not None:
                    yield saying, file.name, sound
                    break

    async def erase(self, person: Person) -> int:
        return await self._turns.erase_all(person.user)


class Mind(Protocol):
    """As much of `Conversations` as is asked here."""

    async def history(self, thread: str, user: UserId) -> Sequence[Any]:
        """Dataclasses."""
        ...

    async def forget_thread(self, thread: str, user: UserId) -> None: ...


class InCheckpoints:
    """What the assistant has in mind of a thread that goes on."""

    name: Final = "in-mind"

    def __init__(self, conversations: Mind) -> None:
        self._conversations = conversations

    async def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
        for thread in person.threads:
            said = await self._conversations.history(thread, person.user)
            if said:
                yield f"in-mind/{thread}.json", as_json([asdict(each) for each in said])

    async def erase(self, person: Person) -> int:
        count = 0
        for thread in person.threads:
            count += bool(await self._conversations.history(thread, person.user))
            await self._conversations.forget_thread(thread, person.user)
        return count


class InMemory:
    """What was learnt about them, in long-term memory."""

    name: Final = "memories"

    def __init__(self, memory: LongTermMemory) -> None:
        self._memory = memory

    async def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
        memories = await self._all(person.user)
        yield "memories.json", await to_thread.run_sync(memories_table, memories)
        yield "memories.md", await to_thread.run_sync(memories_page, memories)

    async def _all(self, user: UserId) -> list[Memory]:
        """Page by page: nobody who asks for something has to wait for the whole of it."""
        memories: list[Memory] = []
        after: int | None = None
        while True:
            page = await self._memory.page(user, Part(superseded=True), after=after, limit=MEMORIES_AT_ONCE)
            memories += page.memories
            if (after := page.after) is None:
                return memories[::-1]

    async def erase(self, person: Person) -> int:
        return await self._memory.forget_all(person.user)


class InDocuments:
    """What they gave to read."""

    name: Final = "documents"

    def __init__(self, library: Library) -> None:
        self._library = library

    async def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
        """The text of each; the file itself was not kept."""
        taken: set[str] = set()
        for document in await self._library.documents(person.user):
            passages = await self._library.passages(person.user, document.id)
            base = safe_name(PurePath(document.name).stem, "document")
            name = next(each for each in _numbered(base) if each.casefold() not in taken)
            taken.add(name.casefold())
            yield f"documents/{name}.md", document_page(document, passages).encode()

    async def erase(self, person: Person) -> int:
        return await self._library.remove_all(person.user)


class Notes(Protocol):
    """As much of the `Notebook` as is asked here."""

    async def caught_up(self, user: UserId, seconds: float) -> bool: ...
    async def pending(self, user: UserId) -> Sequence[NewMemory]: ...
    async def forget_all(self, user: UserId) -> int: ...


class InNotebook:
    """What is on its way to long-term memory."""

    name: Final = "being-remembered"

    def __init__(self, notebook: Notes) -> None:
        self._notebook = notebook

    async def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
        """Nothing, as a rule: exported before the memories, it waits a moment for all of it to be among them."""
        if not await self._notebook.caught_up(person.user, CATCHING_UP_SECONDS):
            pending = await self._notebook.pending(person.user)
            if pending:
                yield "memories-to-be.json", as_json([asdict(each) for each in pending])

    async def erase(self, person: Person) -> int:
        return await self._notebook.forget_all(person.user)


class InCache:
    """Under the hash of the words stands what was made of them. Nobody knows whose it is, so all of it goes."""

    name: Final = "caches"

    def __init__(self, forget: Callable[[], Awaitable[int]]) -> None:
        self._forget = forget

    async def erase(self, person: Person) -> int:
        return await self._forget()


class Manners(Protocol):
    """As much of the manners as is asked here."""

    async def users(self) -> frozenset[str]: ...
    async def record(self, user: UserId) -> Mapping[str, Any]: ...
    async def erase(self, user: UserId) -> int: ...


class InManners:
    """How they like to talk."""

    name: Final = "manner"

    def __init__(self, manners: Manners) -> None:
        self._manners = manners

    async def users(self) -> frozenset[str]:
        return await self._manners.users()

    async def threads(self, user: UserId) -> tuple[str, ...]:
        """It is of no conversation."""
        return ()

    async def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
        record = await self._manners.record(person.user)
        if record:
            yield "manner.json", as_json(record)

    async def erase(self, person: Person) -> int:
        return await self._manners.erase(person.user)


class HouseSettings:
    """How the house was set up for them, without what is secret."""

    def __init__(self, settings: BaseModel) -> None:
        self._settings = settings

    async def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
        yield "settings.json", as_json(open_part(self._settings))


def _numbered(name: str) -> Iterator[str]:
    yield name
    for number in itertools.count(2):
        yield f"{name}-{number}"


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except HistoryFailed as exc:
        raise EngineFailed("history", str(exc)) from exc


def _read_if_there(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
