"""How each person wants to talk is on the disk: theirs alone, until they are forgotten, and never in anybody's way."""

import json
from pathlib import Path

import anyio
import pytest

from app.manner import Manner
from app.manners import LEARNING_SECONDS, Manners, open_manners
from memory.types import UserId
from resilience.errors import EngineFailed

pytestmark = pytest.mark.anyio

ANNA, BERT = UserId("anna"), UserId("bert@home")
UNHURRIED = Manner(patience="unhurried")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # for the disk


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


async def chosen(folder: Path, house: Manner = UNHURRIED) -> None:
    async with open_manners(folder, house) as manners:
        (await manners.of(ANNA)).choose(ending="hold", tier="stt-only")


async def test_what_was_chosen_is_there_the_next_time_and_nobody_else_s(tmp_path: Path) -> None:
    await chosen(tmp_path)
    async with open_manners(tmp_path, Manner(patience="brisk")) as manners:
        assert (await manners.of(ANNA)).now == Manner(patience="brisk", ending="hold", tier="stt-only")
        assert (await manners.of(BERT)).now == Manner(patience="brisk")
        assert await manners.users() == {ANNA}
    assert only_file(tmp_path).stat().st_mode & 0o077 == 0


async def test_all_sessions_of_a_person_share_it(tmp_path: Path) -> None:
    async with open_manners(tmp_path, Manner()) as manners:
        assert await manners.of(ANNA) is await manners.of(ANNA)


async def test_who_chose_nothing_leaves_nothing(tmp_path: Path) -> None:
    async with open_manners(tmp_path / "manners", Manner()) as manners:
        (await manners.of(ANNA)).spoke()
        assert await manners.record(ANNA) == {}
    assert not (tmp_path / "manners").exists()


async def test_what_was_chosen_is_written_at_once(tmp_path: Path) -> None:
    async with open_manners(tmp_path, Manner()) as manners:
        own = await manners.of(ANNA)
        own.choose(patience="brisk")
        with anyio.fail_after(10):
            while not [*tmp_path.glob("*.json")]:
                await anyio.sleep(0.01)
        assert json.loads(only_file(tmp_path).read_text())["chosen"] == {"patience": "brisk"}


async def test_what_was_learnt_is_written_with_it_or_in_the_end(tmp_path: Path) -> None:
    async with open_manners(tmp_path, Manner()) as manners:
        own = await manners.of(ANNA)
        own.pauses.learn(1.25)
        own.spoke()
        await anyio.sleep(0.1)
        assert [*tmp_path.iterdir()] == []
        assert LEARNING_SECONDS > 1
    async with open_manners(tmp_path, Manner()) as manners:
        assert (await manners.of(ANNA)).pauses.as_record() == [1.25]


async def test_what_only_a_newer_version_knows_is_kept(tmp_path: Path) -> None:
    await chosen(tmp_path)
    file = only_file(tmp_path)
    written = json.loads(file.read_text())
    file.write_text(json.dumps(written | {"wake_word": "robin", "chosen": written["chosen"] | {"pitch": 1.1}}))
    async with open_manners(tmp_path, Manner()) as manners:
        (await manners.of(ANNA)).choose(ending=None)
        kept = await manners.record(ANNA)
    assert (kept["wake_word"], kept["chosen"]) == ("robin", {"tier": "stt-only", "pitch": 1.1})


@pytest.mark.parametrize("content", ["", "[]", '{"user": "anna", "chosen": {"patience": "endless"}}', "\udcff"])
async def test_a_broken_file_is_told_of_and_set_aside(tmp_path: Path, content: str) -> None:
    await chosen(tmp_path)
    only_file(tmp_path).write_bytes(content.encode("utf-8", "surrogateescape"))
    async with open_manners(tmp_path, UNHURRIED) as manners:
        own = await manners.of(ANNA)
        assert (own.now, own.lost) == (UNHURRIED, True)
        own.choose(patience="brisk")
    assert sorted(each.suffix for each in tmp_path.iterdir()) == [".broken", ".json"]
    async with open_manners(tmp_path, UNHURRIED) as manners:
        own = await manners.of(ANNA)
        assert (own.now.patience, own.lost) == ("brisk", False)
        assert await manners.erase(ANNA) == 2
    assert [*tmp_path.iterdir()] == []


async def test_who_was_forgotten_while_they_talk_leaves_nothing(tmp_path: Path) -> None:
    async with open_manners(tmp_path, Manner()) as manners:
        own = await manners.of(ANNA)
        own.choose(patience="brisk")
        assert await manners.erase(ANNA) <= 1
        own.choose(patience="unhurried")
        own.spoke()
        assert (await manners.of(ANNA)).now == Manner()
    assert [*tmp_path.iterdir()] == []


async def test_a_disk_that_takes_nothing_is_tried_again_and_keeps_nobody_from_choosing(tmp_path: Path) -> None:
    folder = tmp_path / "manners"
    folder.write_text("not a folder")
    manners = Manners(folder, Manner())
    own = await manners.of(ANNA)
    own.choose(patience="brisk")
    await manners.write()
    assert own.now.patience == "brisk"
    with pytest.raises(EngineFailed):
        await manners.erase(ANNA)
    folder.unlink()
    own = await manners.of(ANNA)
    own.choose(patience="unhurried")
    await manners.write()
    assert json.loads(only_file(folder).read_text())["chosen"] == {"patience": "unhurried"}
