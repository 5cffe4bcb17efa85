"""Where people's wishes about their own things are carried out, one at a time, over whatever parts the house has."""

import os
import zipfile
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from tempfile import mkstemp

import anyio
import structlog
from anyio import to_thread

from app.rights.backup import (
    BACKUPS,
    ERASED,
    TEMPORARY,
    Backup,
    CopyMemories,
    CountMemories,
    back_up,
    backups_in,
    name_for,
)
from app.rights.files import private_folder
from app.rights.settings import BackupSettings
from app.rights.tombstones import Tombstones
from app.rights.types import Eraser, Exporter, Gone, Person, Receipt, Register
from memory.types import UserId
from resilience.errors import EngineError, EngineFailed

log = structlog.get_logger(__name__)

NAME = "export"
PACKED = frozenset({".flac", ".ogg", ".opus"})
READ_ME = """\
All that Nightingale keeps of {user}, as of {now:%d %B %Y, %H:%M %Z}.

threads/       your conversations, a folder for each: thread.json has everything, thread.md is for reading, thread.vtt
               has captions with the time of each turn, recordings/ has what you said, as it was recorded.
memories.json  what was learnt about you, also what something newer took the place of; memories.md is for reading.
in-mind/       what the assistant has in mind of conversations that go on.
manner.json    how you like to talk: what you chose, and the pauses you make.
settings.json  how Nightingale is set up, without what is secret.

All text is UTF-8. Times are in ISO 8601.
"""


async def nobody(_: UserId) -> int:
    return 0


class Rights:
    def __init__(
        self,
        *,
        data: Path,
        settings: BackupSettings,
        registers: Sequence[Register],
        exporters: Sequence[Exporter],
        erasers: Sequence[Eraser],
        copy_memories: CopyMemories | None,
        count_memories: CountMemories,
        send_home: Callable[[UserId], Awaitable[int]] = nobody,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`erasers`: what may still write elsewhere comes first, who knows whose threads are whose comes last.
        `send_home`: end all sessions of a user, and say how many there were.
        """
        self._data = data
        self._settings = settings
        self._registers = registers
        self._exporters = exporters
        self._erasers = erasers
        self._copy_memories = copy_memories
        self._count_memories = count_memories
        self._send_home = send_home
        self._now = now
        self._turnstile = anyio.Lock()

    @property
    def tombstones(self) -> Tombstones:
        return Tombstones(self._data / ERASED)

    @property
    def backups(self) -> Path:
        """Where the house keeps the backups that it makes by itself."""
        return self._settings.folder or self._data / BACKUPS

    async def users(self) -> frozenset[str]:
        """Everybody of whom something is kept. Raises `EngineError`, as all of these do."""
        return frozenset().union(*[await each.users() for each in self._registers])

    async def export(self, user: UserId) -> Path:
        """All of theirs in one zip, which whoever asked moves away or erases; it is swept when nobody does."""
        async with self._turnstile:
            person = Person(user, await self._threads(user))
            with _named():
                file = await to_thread.run_sync(_new_file, self._data / TEMPORARY)
                whole = False
                try:
                    await self._write_export(person, file)
                    whole = True
                finally:
                    if not whole:
                        file.unlink(missing_ok=True)
            return file

    async def erase(self, user: UserId) -> Receipt:
        """Also when a part of it fails: what the receipt says is left goes when it is asked for again."""
        async with self._turnstile:
            at = self._now()
            sessions = Gone("sessions", await self._send_home(user))
            threads, lost = await self._threads_as_far_as_known(user)
            threads = await to_thread.run_sync(self.tombstones.begin, user, threads, at)
            gone = await self._erase_parts(Person(user, threads), lost)
            if not any(each.trouble for each in gone):
                await to_thread.run_sync(self.tombstones.finish, user, self._now())
            return Receipt(user, at, (sessions, *gone, await self._renew_backups()))

    async def forget(self, user: UserId) -> tuple[Gone, ...]:
        """What `erase` does to what is kept, and no more: for what is being restored."""
        return await self._erase_parts(Person(user, await self._threads(user)), {})

    async def back_up(self, file: Path | None = None, *, also: frozenset[str] = frozenset()) -> Backup:
        """`file` None: where the house keeps its own, of which only so many stay."""
        async with self._turnstile:
            return await self._back_up(file, also)

    async def _back_up(self, file: Path | None, also: frozenset[str]) -> Backup:
        at = self._now()
        backup = await back_up(
            self._data,
            file or self.backups / name_for(at),
            made_at=at,
            copy_memories=self._copy_memories,
            count_memories=self._count_memories,
            also=also,
        )
        log.info("backup made", bytes=backup.size, files=len(backup.manifest.files))
        if file is None:
            with _named():
                for old in backups_in(self.backups)[: -self._settings.keep]:
                    old.unlink(missing_ok=True)
        return backup

    async def _renew_backups(self) -> Gone:
        """Those that the house made may hold what was just erased, so they go, and a new one is made in their place."""
        trouble = ""
        old = await to_thread.run_sync(backups_in, self.backups)
        try:
            if old:
                await self._back_up(None, frozenset())
        except EngineError as exc:
            log.error("no new backup in place of the old ones", code=exc.code, reason=exc.reason)
        for each in old:
            try:
                each.unlink(missing_ok=True)
            except OSError as exc:
                trouble = f"{each.name}: {exc.strerror}"
        return Gone("backups", len(old), trouble)

    async def _erase_parts(self, person: Person, lost: Mapping[str, str]) -> tuple[Gone, ...]:
        gone = []
        for eraser in self._erasers:
            try:
                if eraser.name in lost:  # to erase it now would lose which threads are theirs
                    gone.append(Gone(eraser.name, 0, lost[eraser.name]))
                else:
                    gone.append(Gone(eraser.name, await eraser.erase(person)))
            except EngineError as exc:
                log.error("not erased", part=eraser.name, code=exc.code, reason=exc.reason)
                gone.append(Gone(eraser.name, 0, exc.reason))
        return tuple(gone)

    async def _threads(self, user: UserId) -> tuple[str, ...]:
        known = [thread for each in self._registers for thread in await each.threads(user)]
        return tuple(dict.fromkeys(known))

    async def _threads_as_far_as_known(self, user: UserId) -> tuple[tuple[str, ...], dict[str, str]]:
        """And which of the registers could not say, and why."""
        known: list[str] = []
        lost: dict[str, str] = {}
        for register in self._registers:
            try:
                known += await register.threads(user)
            except EngineError as exc:
                lost[register.name] = exc.reason
        return tuple(known), lost

    async def _write_export(self, person: Person, file: Path) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            about = READ_ME.format(user=person.user, now=self._now())
            packed.writestr("README.txt", about)
            for exporter in self._exporters:
                async with aclosing(exporter.export(person)) as files:
                    async for name, content in files:
                        await to_thread.run_sync(_add, packed, name, content)


def _add(packed: zipfile.ZipFile, name: str, content: bytes) -> None:
    stored = PurePosixPath(name).suffix in PACKED
    packed.writestr(name, content, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)


def _new_file(folder: Path) -> Path:
    """Its owner's alone."""
    descriptor, name = mkstemp(prefix="export-", suffix=".zip", dir=private_folder(folder))
    os.close(descriptor)
    return Path(name)


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except OSError as exc:
        raise EngineFailed(NAME, f"{exc.filename or ''}: {exc.strerror or exc}".lstrip(": ")) from exc
