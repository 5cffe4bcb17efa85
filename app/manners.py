"""Where it is kept how each person wants to talk: a small file for each, in a folder of its own.

Whoever has a session has their manner at hand; it is written in the background: what was chosen at once, what was
learnt now and then. A file that cannot be read is set aside, and its person is told.
"""

import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from weakref import WeakValueDictionary

import anyio
import structlog
from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field

from app.manner import Manner
from app.own_manner import OwnManner
from app.rights.files import private_folder, write_private
from graph.types import Language
from memory.types import UserId
from resilience.errors import EngineFailed
from voice.pauses import Pauses
from voice.types import KnownVoice

log = structlog.get_logger(__name__)

NAME: Final = "manner"
LEARNING_SECONDS: Final = 30.0
"""So long may what was only learnt stay unwritten."""
FAREWELL_SECONDS: Final = 5.0


class Record(BaseModel):
    """One person's file. What only a newer version knows is kept as it is."""

    model_config = ConfigDict(extra="allow")

    version: Literal[1] = 1
    user: str
    chosen: dict[str, Any] = {}
    pauses: tuple[Annotated[float, Field(ge=0)], ...] = ()
    """Seconds, the oldest first."""


class Manners:
    """Made by `open_manners`."""

    def __init__(
        self,
        folder: Path,
        house: Manner,
        voices: Callable[[], Sequence[KnownVoice]] = lambda: (),
        language: Language = "en",
    ) -> None:
        """`house`: what holds where nothing was chosen. `voices`: among which anybody may choose. `language`: of the
        house.
        """
        self._folder = folder
        self._house = house
        self._voices = voices
        self._language: Language = language
        self._at_hand: WeakValueDictionary[UserId, OwnManner] = WeakValueDictionary()
        self._records: dict[UserId, Record] = {}
        """As they stand on the disk, of those at hand."""
        self._unwritten: dict[UserId, OwnManner] = {}
        self._due, self._at_once = anyio.Event(), anyio.Event()
        self._one_by_one = anyio.Lock()

    async def of(self, user: UserId) -> OwnManner:
        async with self._one_by_one:
            known = self._at_hand.get(user)
            if known is not None:
                return known
            record, lost = await to_thread.run_sync(self._read, user)

            def keep(own: OwnManner, at_once: bool) -> None:
                if self._at_hand.get(user) is own:
                    self._unwritten[user] = own
                    self._due.set()
                    if at_once:
                        self._at_once.set()

            own = OwnManner(
                self._house,
                record.chosen,
                Pauses(record.pauses),
                lost=lost,
                keep=keep,
                voices=self._voices,
                language=self._language,
            )
            self._at_hand[user] = own
            self._records[user] = record
            return own

    async def users(self) -> frozenset[str]:
        """Of whom something is kept. Raises `EngineFailed`."""
        with _named():
            return await to_thread.run_sync(lambda: frozenset(each.user for each in self._all()))

    async def record(self, user: UserId) -> dict[str, Any]:
        """All that is kept of them; nothing where there is nothing. Raises `EngineFailed`."""
        await self.write()
        async with self._one_by_one:
            with _named():
                found = await to_thread.run_sync(_parsed, self._file(user))
        return {} if found is None else found.model_dump(mode="json")

    async def erase(self, user: UserId) -> int:
        """How many files went. Whoever of them still talks is not kept any more. Raises `EngineFailed`."""
        async with self._one_by_one:
            self._at_hand.pop(user, None)
            self._unwritten.pop(user, None)
            self._records.pop(user, None)
            with _named():
                return await to_thread.run_sync(self._erase, user)

    async def write(self) -> None:
        """What was not yet."""
        async with self._one_by_one:
            self._due, self._at_once = anyio.Event(), anyio.Event()
            for user in [*self._unwritten]:
                own, is_kept = self._unwritten.pop(user), False
                old = self._records[user]
                new = old.model_copy(update={"chosen": own.chosen, "pauses": tuple(own.pauses.as_record())})
                try:
                    if new != old:
                        await to_thread.run_sync(self._write, new)
                        self._records[user] = new
                    is_kept = True
                except OSError as exc:
                    log.warning("manner not kept", reason=exc.strerror)
                finally:
                    if not is_kept:  # or broken off: it is tried again with the next change, or at the end
                        self._unwritten.setdefault(user, own)
            self._records = {user: each for user, each in self._records.items() if user in self._at_hand}

    async def keep_writing(self) -> None:
        while True:
            await self._due.wait()
            with anyio.move_on_after(LEARNING_SECONDS):
                await self._at_once.wait()
            await self.write()

    # -- on the disk -----------------------------------------------------------------------------------------

    def _file(self, user: str) -> Path:
        """Under no name that a disk might not take, or take for another's."""
        return self._folder / f"{hashlib.sha256(user.encode()).hexdigest()}.json"

    def _read(self, user: str) -> tuple[Record, bool]:
        """And whether what there was is lost."""
        file = self._file(user)
        try:
            record = _parsed(file)
            if record is not None:
                Manner.model_validate(self._house.model_dump() | record.chosen)
            return record or Record(user=user), False
        except OSError as exc:
            log.error("manner cannot be read", reason=exc.strerror)
        except ValueError as exc:
            log.error("manner cannot be read", reason=type(exc).__name__)
            try:
                file.replace(file.with_suffix(".broken"))
            except OSError as failed:
                log.error("manner cannot be set aside", reason=failed.strerror)
        return Record(user=user), True

    def _write(self, record: Record) -> None:
        private_folder(self._folder)
        write_private(self._file(record.user), record.model_dump_json(indent=1).encode())

    def _erase(self, user: str) -> int:
        file, count = self._file(user), 0
        for each in (file, file.with_suffix(".broken"), file.with_name(f"{file.name}.part")):
            count += each.exists()
            each.unlink(missing_ok=True)
        return count

    def _all(self) -> Generator[Record]:
        for file in sorted(self._folder.glob("*.json")):
            try:
                record = _parsed(file)
            except ValueError:
                continue  # nobody can say whose it is until they come themselves
            if record is not None:
                yield record


@asynccontextmanager
async def open_manners(
    folder: Path,
    house: Manner,
    voices: Callable[[], Sequence[KnownVoice]] = lambda: (),
    language: Language = "en",
) -> AsyncGenerator[Manners]:
    """See `Manners`."""
    manners = Manners(folder, house, voices, language)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(manners.keep_writing)
        try:
            yield manners
        finally:
            tasks.cancel_scope.cancel()
            with anyio.move_on_after(FAREWELL_SECONDS, shield=True):
                await manners.write()


def _parsed(file: Path) -> Record | None:
    """None where there is none. Raises `OSError` and `ValueError`."""
    try:
        return Record.model_validate(json.loads(file.read_bytes()))
    except FileNotFoundError:
        return None


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except (OSError, ValueError) as exc:
        told = exc.strerror if isinstance(exc, OSError) else type(exc).__name__
        raise EngineFailed(NAME, f"{told}") from exc
