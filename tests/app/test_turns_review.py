"""What the turn log tells of a thread, and to whom: each user's sayings are theirs alone."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from app.ends import TurnLog
from app.turn import SayingId, new_saying
from app.turns import ThreadLog, Turns, open_turns
from graph.types import TurnId
from tests.made.sayer import KEEP_ALL, PATIENCE_SECONDS
from tests.made.speech import tone, utterance
from voice.types import Transcript

pytestmark = pytest.mark.anyio

SAID = utterance(tone(0.5))


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Real threads and a real disk: no jumping clock."""
    return str(request.param)


@pytest.fixture
def thread() -> str:
    return str(uuid4())


@asynccontextmanager
async def a_log(folder: Path, thread: str, user: str = "anna") -> AsyncGenerator[tuple[Turns, ThreadLog]]:
    async with open_turns(folder, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns:
        yield turns, turns.of(thread, user)


async def said(log: TurnLog, words: str, *, aloud: bool = False) -> SayingId:
    saying = new_saying()
    if not aloud:
        await log.typed(saying, words)
        return saying
    await log.recorded(saying, SAID)
    await log.understood(saying, Transcript(words, "whisper", "en", 0.9))
    return saying


# -- looking back ----------------------------------------------------------------------------------------------


async def test_a_thread_is_told_turn_by_turn_with_how_each_answer_came_about(tmp_path: Path, thread: str) -> None:
    turn = TurnId(str(uuid4()))
    async with a_log(tmp_path, thread) as (turns, log):
        first = await said(log, "what time", aloud=True)
        lost = await said(log, "never answered")
        second = await said(log, "is it")
        await log.settle([first, second], "cut", turn=turn, record={"tier": "full", "heard": [["It is noon.", 0.5]]})
        await log.settle([lost], "offered", reason="The answer failed.")
        told, alone = await turns.thread_review(thread, "anna")
        assert (told.turn, told.record) == (turn, {"tier": "full", "heard": [["It is noon.", 0.5]]})
        spoken, typed = told.sayings
        assert (spoken.id, spoken.text, spoken.engine, spoken.confidence) == (first, "what time", "whisper", 0.9)
        assert (spoken.seconds, spoken.recorded, spoken.outcome) == (0.5, True, "cut")
        assert (typed.id, typed.recorded, typed.said_at > spoken.said_at) == (second, False, True)
        (offered,) = alone.sayings
        assert (alone.turn, alone.record, offered.reason) == (None, None, "The answer failed.")
        assert await turns.recordings_of(turn, "anna") == (first,)


async def test_what_was_cleaned_of_hesitations_is_kept_word_for_word(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread) as (turns, log):
        saying = new_saying()
        await log.recorded(saying, SAID)
        await log.understood(saying, Transcript("Stop.", "whisper", "en", 0.9, "Uh, st-stop."))
        ((told,),) = [each.sayings for each in await turns.thread_review(thread, "anna")]
        assert (told.text, told.verbatim) == ("Stop.", "Uh, st-stop.")


async def test_a_turn_whose_words_could_not_be_kept_is_told_with_its_record(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread) as (turns, log):
        await log.settle([new_saying()], "answered", turn=TurnId("t"), record={"tts": "piper"})
        (told,) = await turns.thread_review(thread, "anna")
        assert (told.turn, told.sayings, told.record) == ("t", (), {"tts": "piper"})


async def test_a_user_s_threads_come_the_oldest_first(tmp_path: Path) -> None:
    threads = [str(uuid4()) for _ in range(3)]
    async with a_log(tmp_path, threads[0]) as (turns, _):
        for thread in threads:
            await said(turns.of(thread, "anna"), "hello")
        await said(turns.of(str(uuid4()), "ben"), "hello")
        await said(turns.of(threads[0], "anna"), "hello again")
        assert await turns.threads_of("anna") == tuple(threads)
        assert await turns.users() == {"anna", "ben"}


# -- two users -------------------------------------------------------------------------------------------------


async def test_with_the_ids_of_somebody_else_s_there_is_nothing_to_be_had(tmp_path: Path, thread: str) -> None:
    turn = TurnId(str(uuid4()))
    async with a_log(tmp_path, thread) as (turns, anna):
        spoken, given_back = await said(anna, "my secret", aloud=True), await said(anna, "my question")
        await anna.settle([spoken], "answered", turn=turn, record={"tier": "full"})
        await anna.settle([given_back], "offered")
        ben = turns.of(thread, "ben")
        assert await turns.thread_review(thread, "ben") == ()
        assert await turns.recordings_of(turn, "ben") == ()
        assert await turns.recording(spoken, "ben") is None
        assert not await turns.erase_recording(spoken, "ben")
        assert await ben.offers() == ()
        assert await ben.take_up(given_back, new_saying()) is None
        assert await turns.threads_of("ben") == ()
        assert await turns.recording(spoken, "anna") is not None
        assert [offer.saying for offer in await anna.offers()] == [given_back]


async def test_with_the_ids_of_somebody_else_s_nothing_can_be_changed(tmp_path: Path, thread: str) -> None:
    turn = TurnId(str(uuid4()))
    async with a_log(tmp_path, thread) as (turns, anna):
        in_hand, given_back = await said(anna, "mine"), await said(anna, "my question")
        await anna.settle([given_back], "offered", turn=turn, record={"tier": "full"})
        ben = turns.of(thread, "ben")
        await ben.typed(in_hand, "not mine")
        await ben.understood(in_hand, Transcript("not mine"))
        await ben.dismiss(given_back)
        assert await ben.settle([in_hand, given_back], "silenced", turn=turn, record={"tier": "stolen"}) == 0
        own = await said(ben, "mine")
        assert await ben.settle([own], "silenced", turn=turn, record={"tier": "stolen"}) == 1
        await ben.let_go()
        assert await turns.erase_all("ben") == 1
        told = await turns.thread_review(thread, "anna")
        assert [(each.text, each.outcome) for turn in told for each in turn.sayings] == [
            ("mine", None),
            ("my question", "offered"),
        ]
        assert [turn.record for turn in told] == [None, {"tier": "full"}]


async def test_of_an_erased_user_nothing_is_left_and_of_the_other_everything(tmp_path: Path, thread: str) -> None:
    async with a_log(tmp_path, thread) as (turns, anna):
        stays = await said(anna, "words that stay", aloud=True)
        ben = turns.of(thread, "ben")
        goes = await said(ben, "words of ben", aloud=True)
        await ben.settle([goes], "answered", turn=TurnId("t"), record={"words": "of ben"})
        elsewhere = turns.of(str(uuid4()), "ben")
        await said(elsewhere, "words of ben", aloud=True)
        assert await turns.erase_all("ben") == 3
        everything = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
        assert b"of ben" not in everything
        assert elsewhere.thread not in {folder.name for folder in tmp_path.glob("recordings/*")}
        assert b"words that stay" in everything
        assert [file.stem for file in tmp_path.glob("recordings/*/*")] == [stays]
