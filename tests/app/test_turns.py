"""The turn log by its stories: what was said is kept, settled once, offered back, taken up, and erased."""

import gc
import json
import sqlite3
import threading
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from structlog.testing import capture_logs

from app.ends import TurnLog
from app.recordings import NotAnId, Recordings, RecordingSettings
from app.sayings import LEFT, MIGRATIONS, STOPPED
from app.turn import SayingId, new_saying
from app.turns import Turns, open_turns
from graph.types import TurnId
from resilience.errors import EngineFailed, EngineTimeout, EngineUnavailable, InputRejected
from tests.made.sayer import KEEP_ALL, PATIENCE_SECONDS
from tests.made.speech import tone, utterance
from voice.types import Transcript, Utterance

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real threads and a real disk: no jumping clock."""
    return str(request.param)


SAID = utterance(tone(0.5), started_at=2.0)


def a_thread() -> str:
    return str(uuid4())


@asynccontextmanager
async def a_log(
    folder: Path,
    thread: str | None = None,
    settings: RecordingSettings | None = None,
    *,
    answer_seconds: float = PATIENCE_SECONDS,
) -> AsyncGenerator[tuple[Turns, TurnLog]]:
    async with open_turns(folder, settings or KEEP_ALL, answer_seconds=answer_seconds) as turns:
        yield turns, turns.of(thread or a_thread(), "local")


async def said(log: TurnLog, content: str | Utterance = "what time is it") -> SayingId:
    saying = new_saying()
    await (log.typed(saying, content) if isinstance(content, str) else log.recorded(saying, content))
    return saying


async def offered(log: TurnLog) -> list[SayingId]:
    return [offer.saying for offer in await log.offers()]


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "turns.sqlite")) as db:
        return db.execute(query).fetchall()


# -- kept, and settled once ------------------------------------------------------------------------------------


async def test_what_was_typed_is_on_disk_when_the_call_returns(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (_, log):
        await said(log, "hello")
        assert rows(tmp_path, "SELECT text, outcome FROM sayings") == [("hello", None)]


async def test_a_recording_is_a_whole_wave_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (turns, log):
        file = await turns.recording(await said(log, SAID), "local")
        assert file is not None
        with wave.open(str(file)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
            assert sound.readframes(sound.getnframes()) == SAID.audio.pcm
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
        assert {each.stat().st_mode & 0o777 for each in tmp_path.glob("turns.sqlite*")} == {0o600}


async def test_a_saying_is_settled_once_whoever_tries_again(tmp_path: Path) -> None:
    thread = a_thread()
    async with a_log(tmp_path, thread) as (turns, log):
        first, second = await said(log), await said(log)
        assert await log.settle([first], "answered") == 1
        assert await turns.of(thread, "local").settle([first, second], "cut") == 1
        assert rows(tmp_path, "SELECT outcome FROM sayings ORDER BY number") == [("answered",), ("cut",)]


async def test_another_thread_can_neither_settle_nor_take_up_nor_dismiss_it(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (turns, log):
        saying = await said(log)
        stranger = turns.of(a_thread(), "local")
        assert await stranger.settle([saying], "answered") == 0
        assert await log.offers() == ()  # who said it has it in hand still
        await log.settle([saying], "offered", reason="Nobody knew.")
        assert await stranger.offers() == ()
        assert await stranger.take_up(saying, new_saying()) is None
        await stranger.dismiss(saying)
        assert await offered(log) == [saying]


async def test_the_record_of_a_turn_is_kept_with_it_and_the_last_one_that_settles_stands(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (_, log):
        first, second = await said(log), await said(log)
        turn = TurnId(str(uuid4()))
        await log.settle([first], "cut", turn=turn, record={"stt": "whisper"})
        await log.settle([second], "answered", turn=turn, record={"stt": "whisper", "tts": "piper"})
        await log.settle([second], "cut", turn=turn, record={"stt": "too late"})
    ((kept,),) = rows(tmp_path, "SELECT record FROM turns")
    assert json.loads(str(kept)) == {"stt": "whisper", "tts": "piper"}
    assert rows(tmp_path, "SELECT DISTINCT turn FROM sayings") == [(turn,)]


async def test_the_record_of_a_turn_whose_words_could_not_be_kept_is_kept_all_the_same(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (_, log):
        assert await log.settle([new_saying()], "answered", turn=TurnId(str(uuid4())), record={"tts": "piper"}) == 0
    assert rows(tmp_path, "SELECT record FROM turns") == [('{"tts": "piper"}',)]


async def test_beginning_the_same_saying_again_changes_nothing(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (_, log):
        saying = await said(log, SAID)
        await log.recorded(saying, utterance(tone(0.1)))
        await log.settle([saying], "offered")
        assert await log.take_up(saying, new_saying()) == SAID


async def test_what_was_begun_is_carried_through_even_when_the_session_is_cancelled(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (_, log):
        with anyio.CancelScope() as scope:
            scope.cancel()
            await said(log, "hello")
        assert rows(tmp_path, "SELECT text FROM sayings") == [("hello",)]


@pytest.mark.parametrize("crafted", ["", "../../etc/passwd", "x", "{3f2504e0-4f89-41d3-9a0c-0305e82c3301}"])
async def test_what_is_no_id_names_no_file(crafted: str, tmp_path: Path) -> None:
    async with a_log(tmp_path) as (turns, log):
        with pytest.raises(InputRejected):
            turns.of(crafted, "local")
        with pytest.raises(InputRejected):
            await turns.erase(crafted)
        with pytest.raises(InputRejected):
            await log.recorded(SayingId(crafted), SAID)
        assert await turns.recording(crafted, "local") is None
    with pytest.raises(NotAnId):
        Recordings(tmp_path).path(a_thread(), crafted)


# -- offered back ----------------------------------------------------------------------------------------------


async def test_what_is_in_hand_is_not_on_offer_in_another_tab_either(tmp_path: Path) -> None:
    thread = a_thread()
    async with a_log(tmp_path, thread) as (turns, log):
        await said(log)
        other = turns.of(thread, "local")
        assert await log.offers() == await other.offers() == ()


async def test_what_is_given_back_comes_with_its_words_its_length_and_the_reason(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (_, log):
        spoken, typed = await said(log, SAID), await said(log, "hello")
        await log.understood(spoken, Transcript("what time", "whisper", "en", 0.9))
        await log.settle([spoken, typed], "offered", reason="The answer failed.")
        first, second = await log.offers()
        assert (first.saying, first.text, first.seconds) == (spoken, "what time", 0.5)
        assert (second.saying, second.text, second.seconds) == (typed, "hello", None)
        assert first.reason == second.reason == "The answer failed."
        assert first.said_at.tzinfo is not None


async def test_what_a_session_lets_go_is_on_offer_to_the_next(tmp_path: Path) -> None:
    thread = a_thread()
    async with a_log(tmp_path, thread) as (turns, log):
        answered, unanswered = await said(log), await said(log)
        await log.settle([answered], "answered")
        await log.let_go()
        (offer,) = await turns.of(thread, "local").offers()
        assert (offer.saying, offer.reason) == (unanswered, LEFT)


async def test_why_a_session_left_it_unanswered_is_known_after_a_stop_too(tmp_path: Path) -> None:
    thread = a_thread()
    async with a_log(tmp_path, thread) as (_, log):
        await said(log)
        await log.let_go()
    async with a_log(tmp_path, thread) as (_, log):
        assert [offer.reason for offer in await log.offers()] == [LEFT]


async def test_what_a_session_had_in_hand_that_ended_without_a_word_is_on_offer(tmp_path: Path) -> None:
    thread = a_thread()
    async with a_log(tmp_path, thread) as (turns, log):
        saying = await said(turns.of(thread, "local"))
        gc.collect()
        (offer,) = await log.offers()
        assert (offer.saying, offer.reason) == (saying, LEFT)


async def test_what_a_process_left_unsettled_is_on_offer_in_the_next_one(tmp_path: Path) -> None:
    thread = a_thread()
    async with a_log(tmp_path, thread) as (_, log):
        first, second = await said(log, SAID), await said(log, "and the date")
    async with a_log(tmp_path, thread) as (turns, log):
        third = await said(log, "hello again")
        offers = await log.offers()
        assert [(each.saying, each.reason) for each in offers] == [(first, STOPPED), (second, STOPPED)]
        assert await turns.of(thread, "local").settle([third], "answered") == 1


async def test_a_recording_whose_thread_never_had_a_word_is_on_offer_wherever_its_user_is(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (_, log):
        lost = await said(log, SAID)
        beside_words = a_thread()
    async with open_turns(tmp_path, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns:
        talk = turns.of(beside_words, "local")
        await talk.settle([await said(talk, "hello")], "answered")
        await talk.settle([await said(talk, SAID)], "offered", reason="It broke.")
        assert await turns.of(a_thread(), "somebody else").offers() == ()
        elsewhere = turns.of(a_thread(), "local")
        assert [offer.saying for offer in await elsewhere.offers()] == [lost]
        anew = new_saying()
        assert await elsewhere.take_up(lost, anew) == SAID
        assert await elsewhere.offers() == ()
        assert await turns.recording(lost, "local") is None
        assert await turns.recording(anew, "local") is not None


async def test_what_is_taken_up_is_on_offer_no_more(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (_, log):
        spoken, typed, understood = await said(log, SAID), await said(log, "hello"), await said(log, SAID)
        await log.understood(understood, Transcript("what time is it"))
        await log.settle([spoken, typed, understood], "offered")
        assert [await log.take_up(each, new_saying()) for each in (spoken, typed, understood)] == [
            SAID,
            "hello",
            "what time is it",
        ]
        assert [await log.take_up(each, new_saying()) for each in (spoken, typed, understood)] == [None] * 3
        assert await log.offers() == ()
        assert await log.settle([spoken, typed, understood], "answered") == 0


@pytest.mark.parametrize("content", ["hello", SAID], ids=["typed", "spoken"])
async def test_what_is_taken_up_anew_is_in_hand_at_once_and_kept_through_a_stop(
    content: str | Utterance, tmp_path: Path
) -> None:
    thread, anew = a_thread(), new_saying()
    async with open_turns(tmp_path, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns:
        log = turns.of(thread, "local")
        saying = await said(log, content)
        await log.settle([saying], "offered")
        assert await log.take_up(saying, anew) == content
        assert await log.offers() == ()
        await (log.typed(anew, content) if isinstance(content, str) else log.recorded(anew, content))
    async with a_log(tmp_path, thread) as (_, again):
        assert await offered(again) == [anew]
        assert await again.take_up(anew, new_saying()) == content


async def test_a_dismissed_offer_is_gone_with_its_recording(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (turns, log):
        saying = await said(log, SAID)
        await log.settle([saying], "offered")
        file = await turns.recording(saying, "local")
        await log.dismiss(saying)
        await log.dismiss(saying)
        assert file is not None
        assert not file.exists()
        assert await turns.recording(saying, "local") is None
        assert await log.offers() == ()


async def test_what_was_answered_cannot_be_dismissed_afterwards(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (turns, log):
        saying = await said(log, SAID)
        await log.settle([saying], "answered")
        await log.dismiss(saying)
        assert await turns.recording(saying, "local") is not None


# -- which recordings stay -------------------------------------------------------------------------------------


async def test_the_recording_of_what_was_no_words_does_not_stay(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (turns, log):
        saying = await said(log, SAID)
        await log.settle([saying], "no-words")
        assert await turns.recording(saying, "local") is None
        assert not [*tmp_path.glob("recordings/*/*")]


@pytest.mark.parametrize(("keep", "stays"), [("all", True), ("unanswered", False), ("none", False)])
async def test_whether_the_recording_of_what_was_answered_stays_is_set(keep: str, stays: bool, tmp_path: Path) -> None:
    settings = RecordingSettings.model_validate({"keep": keep})
    async with a_log(tmp_path, settings=settings) as (turns, log):
        answered, unanswered = await said(log, SAID), await said(log, SAID)
        await log.settle([answered], "answered")
        await log.settle([unanswered], "offered")
        assert (await turns.recording(answered, "local") is not None) is stays
        assert await turns.recording(unanswered, "local") is not None


QUARTER = utterance(bytes(250_000))
"""Of the megabyte that the tests below allow, but for a header too many."""


async def test_beyond_its_megabytes_a_thread_loses_its_oldest_answered_recordings_first(tmp_path: Path) -> None:
    settings = RecordingSettings(keep_megabytes_per_thread=1)
    async with a_log(tmp_path, settings=settings) as (turns, log):
        given_back, first, second = await said(log, QUARTER), await said(log, QUARTER), await said(log, QUARTER)
        await log.settle([given_back], "offered", reason="The answer failed.")
        await log.settle([first, second], "answered")
        with capture_logs() as logged:
            third = await said(log, QUARTER)
        assert [await turns.recording(each, "local") is not None for each in (given_back, first, second, third)] == [
            True,
            False,
            True,
            True,
        ]
        (line,) = logged
        assert (line["event"], line["answered"], line["offered"]) == ("recordings erased to make room", 1, 0)


async def test_an_offered_recording_makes_room_only_when_there_is_no_other_and_the_offer_says_so(
    tmp_path: Path,
) -> None:
    settings = RecordingSettings(keep_megabytes_per_thread=1)
    async with a_log(tmp_path, settings=settings) as (turns, log):
        given_back, answered = await said(log, QUARTER), await said(log, QUARTER)
        await log.settle([given_back], "offered", reason="failed")
        await log.settle([answered], "answered")
        in_hand = [await said(log, QUARTER) for _ in range(4)]
        (offer,) = await log.offers()
        assert (offer.saying, offer.seconds) == (given_back, None)
        assert offer.reason == "failed made-room"
        assert all([await turns.recording(each, "local") for each in in_hand])
        assert await log.take_up(given_back, new_saying()) is None
        assert await log.offers() == ()


async def test_all_threads_together_are_bounded_too(tmp_path: Path) -> None:
    settings = RecordingSettings(keep_megabytes=1)
    async with a_log(tmp_path, settings=settings) as (turns, _):
        kept = []
        for _ in range(6):
            log = turns.of(a_thread(), "local")
            kept.append(await said(log, QUARTER))
            await log.settle([kept[-1]], "answered")
        assert [await turns.recording(each, "local") is not None for each in kept] == [False] * 3 + [True] * 3


# -- erased ----------------------------------------------------------------------------------------------------


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


async def test_an_erased_thread_leaves_not_one_word_in_the_folder_and_the_others_stay(tmp_path: Path) -> None:
    erased = a_thread()
    secret = utterance(b"a secret melody!" * 1000)
    async with a_log(tmp_path) as (turns, log):
        await said(log, "some words that stay")
        going = turns.of(erased, "local")
        saying = await said(going, secret)
        await going.understood(saying, Transcript("the secret word"))
        await going.settle([saying], "answered", turn=TurnId("t"), record={"secret": "record"})
        assert b"secret word" in everything_in(tmp_path)
        await turns.erase(erased)
        assert b"secret" not in everything_in(tmp_path)
        assert b"words that stay" in everything_in(tmp_path)
        assert await turns.recording(saying, "local") is None


async def test_all_that_a_user_said_can_be_erased_at_once(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (turns, log):
        await said(log, "mine stays")
        for _ in range(3):
            await said(turns.of(a_thread(), "guest"), "of a guest")
        await turns.erase_all("guest")
        assert rows(tmp_path, "SELECT text FROM sayings") == [("mine stays",)]
        assert b"of a guest" not in everything_in(tmp_path)


async def test_erasing_what_there_never_was_is_no_trouble(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (turns, _):
        await turns.erase(a_thread())
        await turns.erase_all("nobody")
        assert not await turns.erase_recording(a_thread(), "local")


# -- what a start finds ----------------------------------------------------------------------------------------


async def test_a_start_clears_away_what_was_never_acknowledged_and_leaves_what_is_not_ours(tmp_path: Path) -> None:
    thread = a_thread()
    async with a_log(tmp_path, thread) as (_, log):
        saying = await said(log, SAID)
    folder = tmp_path / "recordings" / thread
    half, unknown, foreign = folder / f"{new_saying()}.part", folder / f"{new_saying()}.wav", folder / "song.wav"
    for file in (half, unknown, foreign):
        file.write_bytes(b"RIFF")
    async with a_log(tmp_path, thread) as (turns, log):
        assert [file.exists() for file in (half, unknown, foreign)] == [False, False, True]
        assert await turns.recording(saying, "local") is not None
        assert await log.take_up((await offered(log))[0], new_saying()) == SAID


async def test_a_recording_that_somebody_took_away_is_missed_and_the_words_stay(tmp_path: Path) -> None:
    thread = a_thread()
    async with a_log(tmp_path, thread) as (turns, log):
        saying = await said(log, SAID)
        await log.understood(saying, Transcript("what time is it"))
        file = await turns.recording(saying, "local")
        assert file is not None
    file.unlink()
    async with a_log(tmp_path, thread) as (_, log):
        (offer,) = await log.offers()
        assert (offer.text, offer.seconds) == ("what time is it", None)


async def test_a_file_that_is_no_database_is_said_at_the_door_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "turns.sqlite"
    file.write_text("this is not a database, it only looks like a file" * 100)
    with pytest.raises(EngineUnavailable, match=r"turns\.sqlite.*not a database"):
        async with a_log(tmp_path):
            pass
    assert file.read_text().startswith("this is not")


async def test_migrations_are_applied_once(tmp_path: Path) -> None:
    for _ in range(2):
        async with a_log(tmp_path):
            pass
    assert rows(tmp_path, "PRAGMA user_version") == [(len(MIGRATIONS),)]


# -- when it fails ---------------------------------------------------------------------------------------------


async def test_a_recording_that_cannot_be_written_is_an_engine_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (_, log):
        kept = await said(log, "hello")
        (tmp_path / "recordings").write_text("a file where the folder should be")
        with pytest.raises(EngineFailed):
            await said(log, SAID)
        assert rows(tmp_path, "SELECT id FROM sayings") == [(kept,)]


async def test_a_recording_of_which_the_log_could_take_no_note_leaves_nothing_behind(tmp_path: Path) -> None:
    async with a_log(tmp_path) as (_, log):
        with closing(sqlite3.connect(tmp_path / "turns.sqlite")) as other:
            other.execute("CREATE TRIGGER refused BEFORE INSERT ON sayings BEGIN SELECT RAISE(FAIL, 'no room'); END")
        with pytest.raises(EngineFailed, match="no room"):
            await said(log, SAID)
        assert not [*tmp_path.glob("recordings/*/*")]


async def test_a_disk_that_hangs_is_not_waited_for_and_asked_again_when_it_answers(tmp_path: Path) -> None:
    hanging, answered = threading.Event(), threading.Event()

    def hang(_: object) -> None:
        hanging.wait(30)
        answered.set()

    async with a_log(tmp_path, answer_seconds=0.2) as (turns, log):
        with pytest.raises(EngineTimeout):
            await turns.ask(hang)
        with pytest.raises(EngineTimeout):
            await said(log, "not now")
        hanging.set()
        await anyio.to_thread.run_sync(answered.wait)
        with anyio.fail_after(10):
            while True:
                try:
                    await said(log, "now")
                except EngineTimeout:
                    await anyio.sleep(0.01)
                    continue
                break
        assert rows(tmp_path, "SELECT text FROM sayings") == [("now",)]


async def test_another_process_that_keeps_the_file_locked_is_not_waited_for(tmp_path: Path) -> None:
    async with a_log(tmp_path, answer_seconds=0.5) as (_, log):
        with closing(sqlite3.connect(tmp_path / "turns.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises((EngineFailed, EngineTimeout)):
                await said(log, "locked out")
    async with a_log(tmp_path) as (_, log):
        await said(log, "let in")
        assert rows(tmp_path, "SELECT text FROM sayings") == [("let in",)]


async def test_the_log_of_the_house_never_holds_what_people_said(tmp_path: Path) -> None:
    with capture_logs() as logged:
        async with a_log(tmp_path, settings=RecordingSettings(keep_megabytes=1)) as (_, log):
            for _ in range(6):
                saying = await said(log, QUARTER)
                await log.understood(saying, Transcript("a secret"))
                await log.settle([saying], "offered", reason="a secret")
    assert logged
    assert "secret" not in str(logged)
