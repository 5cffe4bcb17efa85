"""Restoring a backup: checked whole, without those who were erased since, and then put in place of what is there.

Nothing that stands is touched before all that comes is read, compared, opened, and rid of who asked to be forgotten.
The change of places itself is noted in a journal first, so that a power cut in the midst of it is made good by
`finish_restore` at the next start: the old things are laid aside, the new ones moved in, and then the old ones go.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import anyio
import structlog
from anyio import to_thread

from app.hub.types import readable
from app.rights.archive import Manifest, unpack
from app.rights.backup import (
    ASIDE,
    ERASED,
    LEFT_OUT,
    RESTORING,
    CountMemories,
    check_counts,
)
from app.rights.files import make_lasting, write_private
from app.rights.tombstones import Tombstone, Tombstones
from app.rights.types import DamagedBackup, Gone
from memory.types import UserId
from resilience.errors import EngineFailed, OutOfRoom

log = structlog.get_logger(__name__)

NAME = "restore"
JOURNAL = "restoring.json"
STAYS = LEFT_OUT | {JOURNAL}
"""What is not laid aside, unless the backup has one of its own."""


class Opened(Protocol):
    """The rights over a house that was opened to see to it."""

    async def users(self) -> frozenset[str]: ...

    async def forget(self, user: UserId) -> tuple[Gone, ...]: ...


OpenHouse = Callable[[Path], AbstractAsyncContextManager[Opened]]


async def restore(data: Path, file: Path, *, open_house: OpenHouse, count_memories: CountMemories) -> Manifest:
    """In a data folder that is ours alone. Raises `RightsError` and `EngineError`; then all is as it was."""
    with _named():
        await to_thread.run_sync(finish_restore, data)
        coming = data / RESTORING
        await to_thread.run_sync(lambda: shutil.rmtree(coming, ignore_errors=True))
    try:
        with _named():
            await to_thread.run_sync(_has_room, data, file)
            manifest = await to_thread.run_sync(lambda: unpack(file, coming))
        await check_counts(coming, manifest, count_memories=count_memories)
        stones = await to_thread.run_sync(_all_stones, data, coming)
        async with open_house(coming) as house:
            await _forget_again(house, [each for each in stones if each.erased_at >= manifest.made_at])
        with _named():
            # What opening a house in it has made there.
            await to_thread.run_sync(_tidy, coming, LEFT_OUT - {name.split("/")[0] for name in manifest.files})
    except BaseException:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(lambda: shutil.rmtree(coming, ignore_errors=True))
        raise
    with _named(), anyio.CancelScope(shield=True):
        await to_thread.run_sync(_change_places, data)
    log.info("backup restored", made_at=manifest.made_at.isoformat(), files=len(manifest.files))
    return manifest


def finish_restore(data: Path) -> bool:
    """End a change of places that was broken off; whether there was one. To be called before anything there is opened.
    Blocking; raises `OSError`.
    """
    if (data / JOURNAL).exists():
        _change_places(data)
        return True
    for left in (RESTORING, ASIDE):
        shutil.rmtree(data / left, ignore_errors=True)
    return False


async def _forget_again(house: Opened, stones: Sequence[Tombstone]) -> None:
    for user in sorted(await house.users()):
        if any(each.stands_for(user) for each in stones):
            left = [each for each in await house.forget(UserId(user)) if each.trouble]
            if left:
                what = "somebody was erased after this backup was made, and cannot be erased from it"
                raise EngineFailed(NAME, f"{what}: {left[0].what}: {left[0].trouble}")


def _all_stones(data: Path, coming: Path) -> tuple[Tombstone, ...]:
    """Those of here and those of the backup, from now on in one list."""
    both = Tombstones(coming / ERASED)
    both.add(Tombstones(data / ERASED).all())
    return both.all()


def _change_places(data: Path) -> None:
    """Every step can be taken again: the journal says which of the two is under way, and what of the old goes."""
    coming, aside, journal = data / RESTORING, data / ASIDE, data / JOURNAL
    if not journal.exists():
        new = {each.name for each in coming.iterdir()}
        old = sorted(each.name for each in data.iterdir() if each.name not in STAYS or each.name in new - {RESTORING})
        _sync_all(coming)
        write_private(journal, json.dumps({"old": old}).encode())
    old = json.loads(journal.read_text(encoding="utf-8"))["old"]
    if old is not None:
        aside.mkdir(mode=0o700, exist_ok=True)
        for name in old:
            if (data / name).exists():
                (data / name).rename(aside / name)
        make_lasting(data)
        write_private(journal, json.dumps({"old": None}).encode())
    if coming.exists():
        for each in [*coming.iterdir()]:
            each.rename(data / each.name)
        coming.rmdir()
    make_lasting(data)
    journal.unlink()
    make_lasting(data)
    shutil.rmtree(aside, ignore_errors=True)


def _has_room(data: Path, file: Path) -> None:
    """For all that comes beside all that is there, as far as its zip tells; a lie in it is found as it is unpacked."""
    try:
        with zipfile.ZipFile(file) as packed:
            wanted = sum(each.file_size for each in packed.infolist())
    except zipfile.BadZipFile as exc:
        raise DamagedBackup(f"{file.name} is no backup of Nightingale, or a damaged one: {exc}.") from exc
    if (free := shutil.disk_usage(data).free) < wanted:
        raise OutOfRoom(NAME, f"it takes {readable(wanted)}, and {readable(free)} are free")


def _tidy(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _sync_all(folder: Path) -> None:
    """Files and names: what is moved in must be there after a power cut."""
    for root, _, names in os.walk(folder):
        for name in names:
            with (Path(root) / name).open("rb") as file:
                os.fsync(file.fileno())
        make_lasting(Path(root))


@contextmanager
def _named() -> Generator[None]:
    try:
        yield
    except OSError as exc:
        raise EngineFailed(NAME, f"{exc.filename or ''}: {exc.strerror or exc}".lstrip(": ")) from exc
