"""The turn log against the worst: kill -9 while it writes, a full disk, another process on the same file."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from app.recordings import Recordings, RecordingSettings
from app.turn import SayingId, new_saying
from app.turns import ThreadLog, open_turns
from resilience.errors import EngineError, OutOfRoom
from tests.made import sayer
from tests.made.sayer import KEEP_ALL, PATIENCE_SECONDS, say, what_is_said
from voice.types import Utterance

pytestmark = pytest.mark.anyio

KILLS, MOST_KILLS = 10, 60
AS_THEY_ARE = RecordingSettings(format="wav")
"""Nothing is packed while a test looks."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def thread() -> str:
    return str(uuid4())


def another_process(does: str, folder: Path, thread: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", sayer.__name__, does, str(folder), thread],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


# -- killed ----------------------------------------------------------------------------------------------------


def killed_in_the_midst(folder: Path, thread: str, dice: random.Random, longest: int) -> list[list[str]]:
    """What it said until then, in whole lines: the last may have been cut, too. `longest`: life, in lines."""
    with another_process("talk", folder, thread) as talking:
        assert talking.stdout is not None
        first = [talking.stdout.readline() for _ in range(dice.randrange(1, longest))]
        time.sleep(dice.random() * 0.01)  # so that the end comes at any point of its writing
        talking.kill()
        lines = [*first, *talking.stdout.readlines()]
        return [line.split() for line in lines if line.endswith("\n")]


def is_packing(folder: Path) -> bool:
    """Whether a recording has been packed: one that is only about to be is none yet."""
    with closing(sqlite3.connect(folder / "turns.sqlite")) as db:
        query = "SELECT count(*) FROM sayings WHERE bytes IS NOT NULL AND format = 'flac'"
        return bool(db.execute(query).fetchone()[0])


async def test_whenever_it_is_killed_what_was_acknowledged_is_there_whole_and_nothing_by_halves(
    tmp_path: Path, thread: str
) -> None:
    dice = random.Random(3)
    lines: list[list[str]] = []
    kills = 0
    while kills < KILLS or (kills < MOST_KILLS and not is_packing(tmp_path)):
        longest = 12 * (1 + kills // KILLS)  # on a busy machine packing begins late
        lines += killed_in_the_midst(tmp_path, thread, dice, longest)
        kills += 1
    said = {saying for how, saying, *_ in lines if how == "said"}
    taken_up = {saying: anew for how, saying, *more in lines if how == "taken-up" for anew in more}
    assert len(said) >= KILLS
    async with open_turns(tmp_path, AS_THEY_ARE, answer_seconds=PATIENCE_SECONDS) as turns:
        log = turns.of(thread, "local")
        on_offer = {offer.saying for offer in await log.offers()}
        with closing(sqlite3.connect(tmp_path / "turns.sqlite")) as db:
            kept: dict[str, str] = dict(db.execute("SELECT id, outcome FROM sayings").fetchall())
            recorded = dict(db.execute("SELECT id, format FROM sayings WHERE bytes IS NOT NULL").fetchall())
        assert {file.name for file in tmp_path.glob("recordings/*/*")} == {
            f"{saying}.{form}" for saying, form in recorded.items()
        }
        assert "flac" in recorded.values(), "it was packing while it was killed"
        acknowledged = said | {*taken_up.values()}
        assert acknowledged <= kept.keys()
        assert len(kept.keys() - acknowledged) <= kills, "those that it could not say any more"
        assert {kept[saying] for how, saying, *_ in lines if how == "answered"} == {"answered"}
        assert {kept[saying] for saying in taken_up} == {"taken-up"}
        assert {saying for saying, outcome in kept.items() if outcome == "offered"} == on_offer
        source = {anew: saying for saying, anew in taken_up.items()}
        for saying in map(SayingId, acknowledged):
            content = what_is_said(SayingId(source.get(saying, saying)))
            if isinstance(content, Utterance) and kept[saying] != "taken-up":
                assert await turns.recording(saying, "local") is not None
                assert Recordings(tmp_path / "recordings").read(thread, saying, recorded[saying]) == content.audio
            if saying in on_offer:
                assert await log.take_up(saying, new_saying()) == content


# -- a full disk -----------------------------------------------------------------------------------------------


async def all_is_there(folder: Path, thread: str, said: list[SayingId]) -> None:
    """And nothing else."""
    async with open_turns(folder, AS_THEY_ARE, answer_seconds=PATIENCE_SECONDS) as turns:
        log = turns.of(thread, "local")
        assert [offer.saying for offer in await log.offers()] == said
        recorded = {saying for saying in said if isinstance(what_is_said(saying), Utterance)}
        assert {file.stem for file in folder.glob("recordings/*/*")} == recorded
        for saying in said:
            assert await log.take_up(saying, new_saying()) == what_is_said(saying)


async def said_until_refused(log: ThreadLog, refusals: int = 1) -> list[SayingId]:
    said: list[SayingId] = []
    failures: list[EngineError] = []
    while len(failures) < refusals:
        saying = new_saying()
        try:
            await say(log, saying)
        except OutOfRoom as exc:
            failures.append(exc)
        else:
            said.append(saying)
    assert {failure.reason for failure in failures} == {"the disk is full"}
    return said


@pytest.fixture
def small_disk(tmp_path: Path) -> Generator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small disk can be mounted only by root")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


async def test_on_a_full_disk_it_says_so_loses_nothing_and_goes_on_when_there_is_room(
    small_disk: Path, thread: str
) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(1_000_000))
    async with open_turns(small_disk, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns:
        log = turns.of(thread, "local")
        said = await said_until_refused(log, refusals=100)
        assert said
        filler.unlink()
        for saying in [new_saying() for _ in range(5)]:
            await say(log, saying)
            said.append(saying)
        await log.let_go()
    await all_is_there(small_disk, thread, said)


async def test_on_a_full_disk_a_thread_can_still_be_erased(small_disk: Path, thread: str) -> None:
    async with open_turns(small_disk, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns:
        log = turns.of(thread, "local")
        await said_until_refused(log)
        await turns.erase(thread)
        assert await log.offers() == ()
    assert not [*small_disk.glob("recordings/*")]


async def test_when_files_can_grow_no_more_it_says_so_and_what_was_acknowledged_is_there(
    tmp_path: Path, thread: str
) -> None:
    with another_process("talk_until_refused", tmp_path, thread) as talking:
        assert talking.stdout is not None
        lines = [line.split(maxsplit=1) for line in talking.stdout]
    assert talking.returncode == 0
    refusals = {what for how, what in lines if how == "refused"}
    assert refusals
    assert refusals <= {"the disk is full\n", "disk I/O error\n"}
    await all_is_there(tmp_path, thread, [SayingId(what.strip()) for how, what in lines if how == "said"])


# -- two at once -----------------------------------------------------------------------------------------------


async def test_of_two_processes_that_settle_the_same_saying_one_does(tmp_path: Path, thread: str) -> None:
    async with open_turns(tmp_path, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns:
        log = turns.of(thread, "local")
        with another_process("settle_what_is_named", tmp_path, thread) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            assert other.stdout.readline() == "ready\n"
            sayings = [new_saying() for _ in range(30)]
            for saying in sayings:
                await say(log, saying)
            other.stdin.write(" ".join(sayings) + "\n")
            other.stdin.flush()
            ours = {saying: await log.settle([saying], "answered") for saying in reversed(sayings)}
            theirs = {saying: int(other.stdout.readline()) for saying in sayings}
        assert {ours[saying] + theirs[saying] for saying in sayings} == {1}
        with closing(sqlite3.connect(tmp_path / "turns.sqlite")) as db:
            outcomes = dict(db.execute("SELECT id, outcome FROM sayings").fetchall())
        assert outcomes == {saying: "answered" if ours[saying] else "cut" for saying in sayings}
