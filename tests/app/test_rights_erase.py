"""To be forgotten: what goes, what the receipt says, and what happens when a part of it fails."""

import zipfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.rights.backup import ERASED
from app.rights.desk import Rights
from app.rights.settings import BackupSettings
from app.rights.tombstones import Tombstones
from app.rights.types import PartName, Person
from memory.types import UserId
from resilience.errors import EngineFailed

pytestmark = pytest.mark.anyio

ANNA = UserId("anna")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real threads: no jumping clock."""
    return str(request.param)


@dataclass
class Part:
    """Keeps something of each thread; whose it is, it knows when `knows`."""

    name: PartName
    kept: dict[str, str]
    """For each thread, whose it is."""
    knows: bool = False
    fails: int = 0
    asked: list[str] = field(default_factory=list)

    async def users(self) -> frozenset[str]:
        return frozenset(self.kept.values())

    async def threads(self, user: UserId) -> tuple[str, ...]:
        self._may_fail()
        return tuple(thread for thread, whose in self.kept.items() if whose == user)

    async def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
        for thread in person.threads:
            yield f"{self.name}/{thread}.txt", thread.encode()

    async def erase(self, person: Person) -> int:
        self.asked.append(person.user)
        self._may_fail()
        going = [thread for thread, whose in self.kept.items() if thread in person.threads or whose == person.user]
        for thread in going:
            del self.kept[thread]
        return len(going)

    def _may_fail(self) -> None:
        if self.fails:
            self.fails -= 1
            raise EngineFailed(self.name, "the disk does not answer")


class House:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.now = NOON
        self.mind = Part("in-mind", {"t1": "", "t2": "", "t3": ""})
        self.log = Part("sayings", {"t1": "anna", "t3": "bert"}, knows=True)
        self.history = Part("conversations", {"t2": "anna", "t3": "bert"}, knows=True)
        self.sent_home: list[str] = []
        self.rights = Rights(
            data=data,
            settings=BackupSettings(),
            registers=(self.history, self.log),
            exporters=(self.log, self.mind),
            erasers=(self.mind, self.log, self.history),
            copy_memories=None,
            count_memories=self._none,
            send_home=self._send_home,
            now=self._tick,
        )

    async def _send_home(self, user: UserId) -> int:
        assert self.mind.asked == self.log.asked, "sessions end before anything goes"
        self.sent_home.append(user)
        return 2

    async def _none(self, _: Path) -> int:
        return 0

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    @property
    def tombstones(self) -> Tombstones:
        return Tombstones(self.data / ERASED)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_everything_of_theirs_goes_and_nothing_of_anybody_else_s(house: House) -> None:
    receipt = await house.rights.erase(ANNA)
    assert receipt.complete
    assert house.sent_home == [ANNA]
    assert house.mind.kept == {"t3": ""}
    assert house.log.kept == house.history.kept == {"t3": "bert"}


async def test_the_receipt_says_what_went_part_by_part(house: House) -> None:
    receipt = await house.rights.erase(ANNA)
    counts = {part["what"]: part["count"] for part in receipt.as_json()["parts"]}
    assert counts == {"sessions": 2, "in-mind": 2, "sayings": 1, "conversations": 1, "backups": 0}
    assert "what I had in mind of them: 2" in receipt.as_text()
    assert "That is all there was." in receipt.as_text()


async def test_one_part_that_fails_does_not_keep_the_others_from_it(house: House) -> None:
    house.log.fails = 0
    house.mind.fails = 1
    receipt = await house.rights.erase(ANNA)
    assert not receipt.complete
    assert house.history.kept == house.log.kept == {"t3": "bert"}
    assert "what I had in mind of them: 0, but not all: the disk does not answer" in receipt.as_text()
    assert "ask for it again" in receipt.as_text()


async def test_asked_again_it_ends_what_was_begun_though_nobody_else_knows_the_threads_any_more(house: House) -> None:
    house.mind.fails = 1
    await house.rights.erase(ANNA)
    assert house.mind.kept == {"t1": "", "t2": "", "t3": ""}
    assert (await house.rights.erase(ANNA)).complete
    assert house.mind.kept == {"t3": ""}


async def test_a_part_that_cannot_say_which_threads_are_theirs_is_left_until_it_can(house: House) -> None:
    house.history.fails = 1
    receipt = await house.rights.erase(ANNA)
    assert not receipt.complete
    assert house.history.kept == {"t2": "anna", "t3": "bert"}
    assert (await house.rights.erase(ANNA)).complete
    assert house.mind.kept == {"t3": ""}


async def test_who_is_gone_already_can_be_erased_again(house: House) -> None:
    await house.rights.erase(ANNA)
    again = await house.rights.erase(ANNA)
    assert again.complete
    assert sum(part.count for part in again.parts if part.what != "sessions") == 0
    assert len(house.tombstones.all()) == 1


async def test_the_tombstone_names_nobody_and_no_thread_when_all_is_done(house: House) -> None:
    await house.rights.erase(ANNA)
    written = (house.data / ERASED).read_text()
    assert "anna" not in written
    assert "t1" not in written
    assert (house.data / ERASED).stat().st_mode & 0o777 == 0o600
    stone = house.tombstones.of(ANNA)
    assert stone is not None
    assert stone.erased_at > NOON
    assert house.tombstones.of("bert") is None


async def test_two_people_have_nothing_in_common_in_the_list(house: House) -> None:
    await house.rights.erase(ANNA)
    await house.rights.erase(UserId("bert"))
    first, second = house.tombstones.all()
    assert first.key != second.key
    assert not first.stands_for("bert")


async def test_backups_that_have_them_go_and_one_without_them_is_made(house: House) -> None:
    old = [(await house.rights.back_up()).file for _ in range(2)]
    receipt = await house.rights.erase(ANNA)
    assert receipt.parts[-1].count == 2
    (new,) = house.rights.backups.glob("*.zip")
    assert new not in old


async def test_only_so_many_backups_stay(house: House) -> None:
    made = [(await house.rights.back_up()).file for _ in range(9)]
    assert sorted(house.rights.backups.glob("*.zip")) == made[-7:]


async def test_an_export_has_everything_and_a_word_about_it(house: House) -> None:
    file = await house.rights.export(ANNA)
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as packed:
        assert packed.testzip() is None
        assert sorted(packed.namelist()) == [
            "README.txt",
            "in-mind/t1.txt",
            "in-mind/t2.txt",
            "sayings/t1.txt",
            "sayings/t2.txt",
        ]
        assert "anna" in packed.read("README.txt").decode()


async def test_who_has_nothing_here_takes_along_a_zip_that_says_so(house: House) -> None:
    with zipfile.ZipFile(await house.rights.export(UserId("nobody"))) as packed:
        assert packed.namelist() == ["README.txt"]


async def test_an_export_that_fails_leaves_nothing(house: House) -> None:
    class Broken(Part):
        async def export(self, person: Person) -> AsyncGenerator[tuple[str, bytes], None]:
            yield "memories.json", b"[]"
            raise EngineFailed("memory", "it is away")

    rights = Rights(
        data=house.data,
        settings=BackupSettings(),
        registers=(),
        exporters=(Broken("memories", {}),),
        erasers=(),
        copy_memories=None,
        count_memories=house._none,
    )
    with pytest.raises(EngineFailed):
        await rights.export(ANNA)
    assert [*(house.data / "temporary").iterdir()] == []


async def test_a_list_of_tombstones_that_is_damaged_is_not_taken_for_an_empty_one(house: House) -> None:
    (house.data / ERASED).write_text("{")
    with pytest.raises(EngineFailed, match="cannot be read"):
        await house.rights.erase(ANNA)
    assert house.log.kept == {"t1": "anna", "t3": "bert"}
