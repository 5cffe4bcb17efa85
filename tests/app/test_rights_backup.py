"""Backups: whole while the house is at work, read back before they count, restored whole or not at all."""

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.rights.archive import MANIFEST
from app.rights.backup import ASIDE, ERASED, RESTORING, back_up
from app.rights.restore import JOURNAL, finish_restore, restore
from app.rights.tombstones import Tombstones
from app.rights.types import DamagedBackup, Gone, NewerBackup, RightsError
from memory.types import UserId
from resilience.errors import EngineError, EngineFailed

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # real threads: no jumping clock


FILES = ("recordings/t/a.wav", "memories/shard/points", "models/m.gguf", "shell/x", "temporary/y", "secret")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class Folder:
    """A data folder with something of everything in it, and long-term memory as one file of lines."""

    data: Path
    users: frozenset[str] = frozenset()
    forgotten: list[str] = field(default_factory=list)
    trouble: str = ""
    meanwhile: Callable[[], object] | None = None
    """Happens while a backup is made."""

    def fill(self, *words: str) -> None:
        self.data.mkdir(exist_ok=True)
        for name in ("turns.sqlite", "cache.sqlite"):
            with closing(sqlite3.connect(self.data / name)) as db:
                db.executescript("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS sayings (text TEXT)")
                db.executemany("INSERT INTO sayings VALUES (?)", [(word,) for word in words])
                db.commit()
        for name in (
            "recordings/t/a.wav",
            "memories/shard/points",
            "models/m.gguf",
            "shell/x",
            "temporary/y",
            "secret",
        ):
            file = self.data / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("\n".join(words))
        (self.data / "in-use").touch()

    def words(self) -> list[str]:
        with closing(sqlite3.connect(self.data / "turns.sqlite")) as db:
            return [text for (text,) in db.execute("SELECT text FROM sayings")]

    async def copy_memories(self, into: Path) -> int:
        if self.meanwhile is not None:
            self.meanwhile()
        (into / "shard").mkdir()
        (into / "shard" / "points").write_bytes((self.data / "memories/shard/points").read_bytes())
        return await count_memories(into)

    async def back_up(self, file: Path, also: frozenset[str] = frozenset(), at: datetime = NOON) -> Path:
        await back_up(
            self.data, file, made_at=at, copy_memories=self.copy_memories, count_memories=count_memories, also=also
        )
        return file

    async def restore(self, file: Path) -> None:
        await restore(self.data, file, open_house=self.opened, count_memories=count_memories)

    @asynccontextmanager
    async def opened(self, folder: Path) -> AsyncGenerator["_House"]:
        for name in ("in-use", "secret"):
            (folder / name).touch()
        yield _House(self)


class _House:
    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    async def users(self) -> frozenset[str]:
        return self._folder.users

    async def forget(self, user: UserId) -> tuple[Gone, ...]:
        self._folder.forgotten.append(user)
        return (Gone("memories", 1, self._folder.trouble),)


async def count_memories(folder: Path) -> int:
    return len((folder / "shard" / "points").read_text().splitlines())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    filled = Folder(tmp_path / "data")
    filled.fill("one", "two")
    return filled


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.endswith(("-wal", "-shm"))
    }


def changed(file: Path, name: str, change: Callable[[bytes], bytes | None]) -> Path:
    """The same zip with one file in it changed, or gone, or new."""
    with zipfile.ZipFile(file) as old:
        content: dict[str, bytes | None] = {each: old.read(each) for each in old.namelist()}
    content[name] = change(content.get(name) or b"")
    with zipfile.ZipFile(file, "w") as new:
        for each, what in content.items():
            if what is not None:
                new.writestr(each, what)
    return file


async def test_what_was_backed_up_is_restored(folder: Folder, tmp_path: Path) -> None:
    file = await folder.back_up(tmp_path / "b.zip")
    before = everything(folder.data)
    folder.fill("three")
    (folder.data / "recordings/t/new.wav").write_text("new")
    await folder.restore(file)
    assert folder.words() == ["one", "two"]
    after = everything(folder.data)
    kept = {name for name in before if name.startswith(("recordings", "memories"))}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert "recordings/t/new.wav" not in after
    assert not (folder.data / RESTORING).exists()
    assert not (folder.data / ASIDE).exists()


async def test_a_backup_goes_into_an_empty_folder_too(folder: Folder, tmp_path: Path) -> None:
    file = await folder.back_up(tmp_path / "b.zip")
    other = Folder(tmp_path / "other")
    other.data.mkdir()
    await other.restore(file)
    assert other.words() == ["one", "two"]
    assert not (other.data / "secret").exists()


async def test_it_is_whole_while_somebody_writes(folder: Folder, tmp_path: Path) -> None:
    """What is in the write-ahead log is in it; what is not yet committed is not."""
    with closing(sqlite3.connect(folder.data / "turns.sqlite", isolation_level=None)) as db:
        db.execute("INSERT INTO sayings VALUES ('three')")
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO sayings VALUES ('four')")
        file = await folder.back_up(tmp_path / "b.zip")
        db.execute("ROLLBACK")
    other = Folder(tmp_path / "other")
    other.data.mkdir()
    await other.restore(file)
    assert other.words() == ["one", "two", "three"]


async def test_a_recording_that_is_packed_meanwhile_is_in_it_as_it_was_and_as_it_is(
    folder: Folder, tmp_path: Path
) -> None:
    recordings = folder.data / "recordings/t"
    folder.meanwhile = lambda: (recordings / "a.wav").rename(recordings / "a.flac")
    with zipfile.ZipFile(await folder.back_up(tmp_path / "b.zip")) as packed:
        assert packed.read("recordings/t/a.wav") == packed.read("recordings/t/a.flac") == b"one\ntwo"


async def test_neither_models_nor_the_secret_nor_what_is_made_anew_is_in_it(folder: Folder, tmp_path: Path) -> None:
    with zipfile.ZipFile(await folder.back_up(tmp_path / "b.zip")) as packed:
        assert {name.split("/")[0] for name in packed.namelist()} == {
            "turns.sqlite",
            "recordings",
            "memories",
            MANIFEST,
        }


async def test_they_are_when_they_are_asked_for(folder: Folder, tmp_path: Path) -> None:
    file = await folder.back_up(tmp_path / "b.zip", also=frozenset({"secret", "models"}))
    for name in ("secret", "models/m.gguf"):
        (folder.data / name).write_text("another")
    await folder.restore(file)
    assert (folder.data / "secret").read_text() == "one\ntwo"
    assert (folder.data / "models/m.gguf").read_text() == "one\ntwo"


async def test_models_and_secret_stay_where_the_backup_has_none(folder: Folder, tmp_path: Path) -> None:
    await folder.restore(await folder.back_up(tmp_path / "b.zip"))
    assert (folder.data / "secret").read_text() == "one\ntwo"
    assert (folder.data / "models/m.gguf").exists()


async def test_backup_and_what_was_restored_are_their_owner_s_alone(folder: Folder, tmp_path: Path) -> None:
    file = await folder.back_up(tmp_path / "b.zip")
    assert file.stat().st_mode & 0o777 == 0o600
    await folder.restore(file)
    for name in ("turns.sqlite", "recordings/t/a.wav", "memories/shard/points"):
        assert (folder.data / name).stat().st_mode & 0o777 == 0o600
        if "/" in name:
            assert (folder.data / name.split("/")[0]).stat().st_mode & 0o777 == 0o700


async def test_nothing_is_left_lying_about(folder: Folder, tmp_path: Path) -> None:
    await folder.back_up(tmp_path / "b.zip")
    assert [each.name for each in (folder.data / "temporary").iterdir()] == ["y"]


async def test_a_backup_that_cannot_be_read_back_is_none(folder: Folder, tmp_path: Path) -> None:
    async def miscount(_: Path) -> int:
        return 1

    with pytest.raises(DamagedBackup, match="Of 2 memories"):
        await back_up(
            folder.data,
            tmp_path / "b.zip",
            made_at=NOON,
            copy_memories=folder.copy_memories,
            count_memories=miscount,
        )
    assert not (tmp_path / "b.zip").exists()
    assert [each.name for each in (folder.data / "temporary").iterdir()] == ["y"]


async def test_a_damaged_database_is_found_before_it_is_backed_up(folder: Folder, tmp_path: Path) -> None:
    (folder.data / "notes.sqlite").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(EngineFailed, match="not a database"):
        await folder.back_up(tmp_path / "b.zip")


@pytest.mark.parametrize(
    ("name", "change", "error", "words"),
    [
        ("turns.sqlite", lambda was: was[:-1] + b"x", DamagedBackup, "turns.sqlite is damaged"),
        ("recordings/t/a.wav", lambda _: b"ONE\nTWO", DamagedBackup, "a.wav is damaged"),
        ("recordings/t/a.wav", lambda _: b"longer than it was", DamagedBackup, "size"),
        ("recordings/t/a.wav", lambda _: None, DamagedBackup, "does not hold the files"),
        ("recordings/t/b.wav", lambda _: b"new", DamagedBackup, "does not hold the files"),
        (MANIFEST, lambda _: None, DamagedBackup, "no manifest"),
        (MANIFEST, lambda _: b"[]", DamagedBackup, "no manifest"),
        (MANIFEST, lambda was: was.replace(b'"format": 1', b'"format": 2'), NewerBackup, "newer"),
        (MANIFEST, lambda was: _with(was, nightingale="99.0.0"), NewerBackup, "99.0.0"),
        (MANIFEST, lambda was: _with(was, memories=-7), DamagedBackup, "Of -7 memories"),
        (MANIFEST, lambda was: _with(was, rows={"turns.sqlite": {"sayings": 9}}), DamagedBackup, "as many rows"),
        (MANIFEST, lambda was: _with(was, files="?"), DamagedBackup, "manifest is damaged"),
    ],
)
async def test_a_damaged_or_newer_backup_is_refused_and_changes_nothing(
    name: str,
    change: Callable[[bytes], bytes | None],
    error: type[RightsError],
    words: str,
    folder: Folder,
    tmp_path: Path,
) -> None:
    file = changed(await folder.back_up(tmp_path / "b.zip"), name, change)
    before = everything(folder.data)
    with pytest.raises(error, match=words):
        await folder.restore(file)
    assert everything(folder.data) == before


def _with(manifest: bytes, **fields: object) -> bytes:
    return json.dumps({**json.loads(manifest), **fields}).encode()


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "recordings/../../outside", "C:outside", "a\\..\\b"])
async def test_a_name_that_leads_out_of_the_folder_is_refused(name: str, folder: Folder, tmp_path: Path) -> None:
    file = await folder.back_up(tmp_path / "b.zip")
    changed(file, name, lambda _: b"x")
    part = {"size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    changed(file, MANIFEST, lambda was: _with(was, files={**json.loads(was)["files"], name: part}))
    with pytest.raises(DamagedBackup):
        await folder.restore(file)
    assert not [*tmp_path.parent.glob("outside")]
    assert not (folder.data.parent / "outside").exists()


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)])
async def test_what_is_no_backup_is_refused(content: bytes, folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(DamagedBackup):
        await folder.restore(tmp_path / "b.zip")
    assert folder.words() == ["one", "two"]


async def test_who_was_erased_after_the_backup_is_not_brought_back_by_it(folder: Folder, tmp_path: Path) -> None:
    file = await folder.back_up(tmp_path / "b.zip")
    Tombstones(folder.data / ERASED).begin("anna", [], NOON + timedelta(hours=1))
    folder.users = frozenset({"anna", "bert"})
    await folder.restore(file)
    assert folder.forgotten == ["anna"]
    assert Tombstones(folder.data / ERASED).of("anna") is not None


async def test_who_came_back_after_they_were_erased_is_in_later_backups(folder: Folder, tmp_path: Path) -> None:
    Tombstones(folder.data / ERASED).begin("anna", [], NOON - timedelta(hours=1))
    file = await folder.back_up(tmp_path / "b.zip")
    folder.users = frozenset({"anna"})
    await folder.restore(file)
    assert folder.forgotten == []


async def test_tombstones_travel_with_later_backups(folder: Folder, tmp_path: Path) -> None:
    old = await folder.back_up(tmp_path / "old.zip")
    Tombstones(folder.data / ERASED).begin("anna", [], NOON + timedelta(hours=1))
    new = await folder.back_up(tmp_path / "new.zip", at=NOON + timedelta(hours=2))
    other = Folder(tmp_path / "other", users=frozenset({"anna"}))
    other.data.mkdir()
    await other.restore(new)
    await other.restore(old)
    assert other.forgotten == ["anna"]


async def test_a_backup_from_which_somebody_cannot_be_erased_is_not_restored(folder: Folder, tmp_path: Path) -> None:
    file = await folder.back_up(tmp_path / "b.zip")
    Tombstones(folder.data / ERASED).begin("anna", [], NOON + timedelta(hours=1))
    folder.fill("three")
    folder.users, folder.trouble = frozenset({"anna"}), "the disk is full"
    with pytest.raises(EngineError, match="cannot be erased from it"):
        await folder.restore(file)
    assert folder.words() == ["one", "two", "three"]


OLD = {"turns.sqlite": "old", "turns.sqlite-wal": "old", "memories/shard": "old", "only-old": "old", "secret": "s"}
NEW = {"turns.sqlite": "new", "memories/shard": "new", "only-new": "new"}


def lay(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


@pytest.mark.parametrize("aside", range(5))
@pytest.mark.parametrize("moved_in", range(4))
def test_a_change_of_places_that_is_broken_off_is_ended_at_the_next_start(
    aside: int, moved_in: int, tmp_path: Path
) -> None:
    """After any number of its steps: first all the old ones go, then the new ones come."""
    if moved_in and aside < 4:
        return
    going, coming = (
        ["memories", "only-old", "turns.sqlite", "turns.sqlite-wal"],
        ["memories", "only-new", "turns.sqlite"],
    )
    lay(tmp_path, OLD)
    lay(tmp_path / RESTORING, NEW)
    (tmp_path / ASIDE).mkdir()
    (tmp_path / JOURNAL).write_text(json.dumps({"old": None if moved_in else going}))
    for name in going[:aside]:
        (tmp_path / name).rename(tmp_path / ASIDE / name)
    for name in coming[:moved_in]:
        (tmp_path / RESTORING / name).rename(tmp_path / name)
    assert finish_restore(tmp_path)
    assert {name: content.decode() for name, content in everything(tmp_path).items()} == {**NEW, "secret": "s"}
    assert not finish_restore(tmp_path)


def test_a_restore_that_was_broken_off_before_it_touched_anything_leaves_nothing(tmp_path: Path) -> None:
    lay(tmp_path, OLD)
    lay(tmp_path / RESTORING, NEW)
    assert not finish_restore(tmp_path)
    assert set(everything(tmp_path)) == {*OLD} - {"turns.sqlite-wal"}
