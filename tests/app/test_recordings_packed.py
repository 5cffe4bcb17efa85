"""Recordings become smaller once nobody waits for them; at no moment is there less than one; none outlives its time."""

import math
import shutil
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from app.codec import Format, packed, unpacked
from app.packing import Packer
from app.recordings import Recordings, RecordingSettings
from app.turn import SayingId, new_saying
from app.turns import ThreadLog, Turns, open_turns
from resilience.errors import EngineFailed
from tests.made.sayer import PATIENCE_SECONDS
from tests.made.speech import noise, tone, utterance
from voice.types import AudioFrame, Transcript, Utterance

pytestmark = pytest.mark.anyio

SAID = utterance(tone(0.5), started_at=2.0)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real threads and a real disk: no jumping clock."""
    return str(request.param)


@pytest.fixture
def thread() -> str:
    return str(uuid4())


@asynccontextmanager
async def a_log(
    folder: Path, thread: str, settings: RecordingSettings | None = None, *, pause_seconds: float = math.inf
) -> AsyncGenerator[tuple[Turns, ThreadLog]]:
    async with open_turns(
        folder, settings or RecordingSettings(), answer_seconds=PATIENCE_SECONDS, pause_seconds=pause_seconds
    ) as turns:
        yield turns, turns.of(thread, "local")


async def said(log: ThreadLog, utterance: Utterance = SAID) -> SayingId:
    saying = new_saying()
    await log.recorded(saying, utterance)
    return saying


async def answered(log: ThreadLog) -> SayingId:
    saying = await said(log)
    await log.settle([saying], "answered")
    return saying


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("recordings/*/*")}


def flac_of(saying: str) -> set[str]:
    return {f"{saying}.flac"}


# -- the codec -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pcm", [tone(1.0), noise(1.0, level=0.9), noise(4608 / 16_000), tone(1 / 16_000)])
@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_flac_gives_every_sample_back(pcm: bytes, rate: int) -> None:
    audio = AudioFrame(pcm, rate)
    assert unpacked(packed(audio, "flac")) == audio


def test_opus_leaves_a_tenth_that_lasts_as_long() -> None:
    audio = AudioFrame(tone(2.0))
    small = packed(audio, "opus")
    assert len(small) < len(audio.pcm) / 8
    assert unpacked(small).seconds == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("content", [b"", b"RIFF", packed(AudioFrame(tone(1.0)), "flac")[:-2000]])
def test_what_is_no_whole_recording_is_an_error_of_the_disk(content: bytes) -> None:
    with pytest.raises(OSError, match="not a whole recording"):
        unpacked(content)


# -- packed ----------------------------------------------------------------------------------------------------


async def test_a_recording_is_packed_by_itself_once_it_is_settled(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread, pause_seconds=0) as (turns, log):
        in_hand, saying = await said(log), await answered(log)
        with anyio.fail_after(PATIENCE_SECONDS):
            while names_in(tmp_path) != {f"{in_hand}.wav", f"{saying}.flac"}:
                await anyio.sleep(0.01)
        file = await turns.recording(saying, "local")
        assert file is not None
        assert unpacked(file.read_bytes()) == SAID.audio
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("form", "suffix"), [("flac", "flac"), ("opus", "wav")])
async def test_what_is_on_offer_loses_no_sample(form: Format, suffix: str, tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread, RecordingSettings(format=form)) as (turns, log):
        saying = await said(log)
        await log.settle([saying], "offered")
        await Packer(turns, form).pack_all()
        assert names_in(tmp_path) == {f"{saying}.{suffix}"}
        anew = new_saying()
        assert await log.take_up(saying, anew) == SAID
        assert names_in(tmp_path) == {f"{anew}.wav"}


async def test_what_was_answered_may_be_kept_as_opus(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread, RecordingSettings(format="opus")) as (turns, log):
        saying = await answered(log)
        assert await Packer(turns, "opus").pack_all() == 1
        assert names_in(tmp_path) == {f"{saying}.ogg"}


async def test_a_packed_recording_counts_with_its_own_size_and_is_erased_like_any(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread) as (turns, log):
        saying = await answered(log)
        await Packer(turns, "flac").pack_all()
        file = await turns.recording(saying, "local")
        assert file is not None
        with closing(sqlite3.connect(tmp_path / "turns.sqlite")) as db:
            assert db.execute("SELECT bytes FROM sayings").fetchall() == [(file.stat().st_size,)]
        assert await turns.erase_recording(saying, "local")
        assert names_in(tmp_path) == set()


async def test_what_is_erased_while_it_is_being_packed_stays_erased(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread) as (turns, log):
        saying = await answered(log)
        await turns.erase_recording(saying, "local")
        await turns.pack(thread, saying, packed(SAID.audio, "flac"))
        await turns.erase(thread)
        await turns.pack(thread, saying, packed(SAID.audio, "flac"))
        assert names_in(tmp_path) == set()


async def test_packing_it_twice_does_not_lose_it(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread) as (turns, log):
        saying = await answered(log)
        for _ in range(2):
            await turns.pack(thread, saying, packed(SAID.audio, "flac"))
        assert names_in(tmp_path) == flac_of(saying)


@pytest.mark.parametrize("noted", [False, True], ids=["before it was noted", "after it was noted"])
async def test_a_process_that_dies_while_packing_leaves_one_whole_recording(
    noted: bool, tmp_path: Path, thread: str
) -> None:
    async with a_log(tmp_path, thread) as (turns, log):
        saying = await answered(log)
        original = await turns.recording(saying, "local")
        assert original is not None
        shutil.copy(original, tmp_path / "original")
        if noted:
            await Packer(turns, "flac").pack_all()
    flac = original.with_suffix(".flac")
    if noted:
        shutil.copy(tmp_path / "original", original)
    else:
        flac.write_bytes(packed(SAID.audio, "flac"))
    async with a_log(tmp_path, thread) as (turns, log):
        assert names_in(tmp_path) == ({flac.name} if noted else {original.name})
        assert await turns.recording(saying, "local") is not None


async def test_a_packed_recording_that_cannot_be_noted_leaves_the_original(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread) as (turns, log):
        saying = await answered(log)
        with closing(sqlite3.connect(tmp_path / "turns.sqlite")) as other:
            other.execute("CREATE TRIGGER r BEFORE UPDATE OF format ON sayings BEGIN SELECT RAISE(FAIL, 'no'); END")
        with pytest.raises(EngineFailed):
            await Packer(turns, "flac").pack_all()
        assert names_in(tmp_path) == {f"{saying}.wav"}


async def test_one_that_cannot_be_packed_stays_as_it_is_and_is_in_nobody_s_way(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread) as (turns, log):
        damaged, empty, sound = await answered(log), await said(log, utterance(b"")), await answered(log)
        await log.settle([empty], "answered")
        file = await turns.recording(damaged, "local")
        assert file is not None
        file.write_bytes(b"RIFF")
        assert await Packer(turns, "flac").pack_all() == 1
        assert names_in(tmp_path) == {f"{damaged}.wav", f"{empty}.wav", f"{sound}.flac"}


async def test_recordings_of_before_there_was_packing_are_packed_too(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread, RecordingSettings(format="wav")) as (_, log):
        saying = await answered(log)
    async with a_log(tmp_path, thread) as (turns, _):
        assert await Packer(turns, "flac").pack_all() == 1
        assert Recordings(tmp_path / "recordings").read(thread, saying, "flac") == SAID.audio


# -- for how long ----------------------------------------------------------------------------------------------


async def test_recordings_are_kept_for_as_many_days_as_are_set_and_the_words_longer(
    tmp_path: Path, thread: str
) -> None:
    now = datetime.now(UTC)
    async with a_log(tmp_path, thread, RecordingSettings(keep_days=30)) as (turns, log):
        in_hand, old, on_offer = await said(log), await answered(log), await said(log)
        await log.understood(on_offer, Transcript("what time is it"))
        await log.settle([on_offer], "offered", reason="failed")
        assert await turns.expire(now + timedelta(days=29)) == 0
        assert await turns.expire(now + timedelta(days=31)) == 2
        assert names_in(tmp_path) == {f"{in_hand}.wav"}
        (offer,) = await log.offers()
        assert (offer.text, offer.reason) == (
            "what time is it",
            "failed kept-days:30",
        )
        assert [said.id for turn in await turns.thread_review(thread, "local") for said in turn.sayings] == [
            in_hand,
            old,
            on_offer,
        ]


async def test_recordings_may_be_kept_for_ever(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread, RecordingSettings(keep_days=None)) as (turns, log):
        await answered(log)
        assert await turns.expire(datetime.now(UTC) + timedelta(days=36_500)) == 0


async def test_no_recording_need_outlive_the_making_out_of_its_words(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread, RecordingSettings(keep="none")) as (_, log):
        saying, mumbled = await said(log), await said(log)
        await log.understood(saying, Transcript("what time is it"))
        await log.understood(mumbled, Transcript(" "))
        assert names_in(tmp_path) == {f"{mumbled}.wav"}
        await log.settle([saying, mumbled], "offered")
        assert await log.take_up(saying, new_saying()) == "what time is it"
        assert await log.take_up(mumbled, new_saying()) == SAID


async def test_a_sweep_takes_what_nobody_knows_of_and_nothing_else(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread) as (turns, log):
        saying = await said(log)
        folder = tmp_path / "recordings" / thread
        half, unknown = folder / f"{new_saying()}.part", folder / f"{new_saying()}.flac"
        for file in (half, unknown):
            file.write_bytes(b"fLaC")
        await turns.sweep_temporary()
        assert names_in(tmp_path) == {f"{saying}.wav"}
