import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path

import anyio
import pytest

from graph.prompts import SUMMARISE
from graph.settings import GraphSettings
from graph.types import Prompt, TurnId
from resilience.errors import EngineFailed, EngineUnavailable
from tests.graph.fakes import HangingModel, ListedMemory, ScriptedModel
from tests.graph.talking import SARAH, first_words, house, pieces, say

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # the SQLite saver knows no other


async def test_closing_a_reply_stops_the_model_and_leaves_no_trace_of_the_answer() -> None:
    model = HangingModel("One. ", "Two. ")
    async with house(model) as conversations:
        talk = conversations.of("t", SARAH)
        async with aclosing(talk.reply(TurnId("1"), "count for me")) as reply:
            assert await first_words(reply) == "One. "
        assert model.closed == 1
        await say(talk, "2", "what time is it")
        assert [each.text for each in await conversations.history("t", SARAH)] == [
            "count for me", "what time is it", "It is 12:05.",
        ]  # fmt: skip


async def test_a_model_runs_ahead_of_its_listener_by_no_more_than_a_bound() -> None:
    model = ScriptedModel(*["word "] * 5_000)
    async with house(model) as conversations:
        async with aclosing(conversations.of("t", SARAH).reply(TurnId("1"), "talk")) as reply:
            await first_words(reply)
            for _ in range(2_000):
                await anyio.lowlevel.checkpoint()
        assert model.said < 1_100
        said = model.said
        for _ in range(50):
            await anyio.lowlevel.checkpoint()
        assert model.said == said


async def test_a_reply_cancelled_by_its_reader_is_over_when_the_reader_is() -> None:
    model = HangingModel("One. ")
    async with house(model) as conversations:
        talk = conversations.of("t", SARAH)
        async with anyio.create_task_group() as tasks:
            listening = tasks.create_task(pieces(talk, "1", "count for me"))
            while not model.said:
                await anyio.sleep(0.001)
            listening.cancel()
            await listening.wait()
            assert model.closed == 1
        await talk.settle(TurnId("1"), "One.", complete=False)
        assert [each.as_heard for each in await conversations.history("t", SARAH)] == ["count for me", "One. …"]


@pytest.mark.parametrize("patience", range(0, 60, 3))
async def test_wherever_a_reply_is_cancelled_the_thread_stays_whole(patience: int) -> None:
    memory = ListedMemory()
    async with house(ScriptedModel("One. ", "Two. "), memory) as conversations:
        talk = conversations.of("t", SARAH)
        async with anyio.create_task_group() as tasks:
            listening = tasks.create_task(pieces(talk, "1", "my name is sarah and why is that"))
            for _ in range(patience):
                await anyio.lowlevel.checkpoint()
            listening.cancel()
        await say(talk, "2", "and my dog is called rex")
        assert [each.text for each in await conversations.history("t", SARAH)] == [
            "my name is sarah and why is that", "and my dog is called rex", "One. Two. ".strip(),
        ]  # fmt: skip
    assert memory.texts("sarah") == ["The user's name is Sarah.", "The user's dog is called Rex."]


async def test_another_reply_on_the_thread_ends_the_first() -> None:
    model = HangingModel("One. ")
    async with house(model) as conversations:
        talk, other = conversations.of("t", SARAH), conversations.of("t", SARAH)
        async with aclosing(talk.reply(TurnId("1"), "first")) as reply:
            await first_words(reply)
            async with aclosing(other.reply(TurnId("2"), "second")) as second:
                assert await first_words(second) == "One. "
                with pytest.raises(StopAsyncIteration):
                    await first_words(reply)
        await other.settle(TurnId("2"), "One.", complete=True)
        assert [each.text for each in await conversations.history("t", SARAH)] == ["first", "second", "One."]


async def test_many_replies_at_once_leave_every_question_in_the_thread() -> None:
    async with house(ScriptedModel("Yes.")) as conversations:
        talk = conversations.of("t", SARAH)
        async with anyio.create_task_group() as tasks:
            for n in range(8):
                tasks.start_soon(pieces, talk, str(n), f"question {n}")
        await say(talk, "9", "question 9")
        texts = [each.text for each in await conversations.history("t", SARAH)]
        assert texts == [*(f"question {n}" for n in range(8)), "question 9", "Yes."]


async def test_a_settling_turn_is_finished_though_its_caller_is_gone() -> None:
    memory = ListedMemory()
    async with house(ScriptedModel("Yes."), memory) as conversations:
        talk = conversations.of("t", SARAH)
        await pieces(talk, "1", "i like tea")
        with anyio.CancelScope() as scope:
            scope.cancel()
            await talk.settle(TurnId("1"), "Yes.", complete=True)
    assert memory.texts("sarah") == ["The user likes tea."]


async def test_a_summary_under_way_gives_way_to_the_next_turn() -> None:
    hanging = HangingModel()

    class SleepyWriter(ScriptedModel):
        asleep = True

        def generate(
            self, prompt: Prompt, *, answering: Callable[[str], None] = lambda _: None
        ) -> AsyncGenerator[str, None]:
            return hanging.generate(prompt) if self.asleep and prompt.system == SUMMARISE else super().generate(prompt)

    model = SleepyWriter("Yes.")
    settings = GraphSettings(study=False, summarise_after_messages=4, keep_messages=2)
    async with house(model, settings=settings) as conversations:
        talk = conversations.of("t", SARAH)
        for n in range(2):
            await say(talk, str(n), f"question {n}")
        await pieces(talk, "2", "question 2")
        async with anyio.create_task_group() as tasks:
            tasks.create_task(talk.settle(TurnId("2"), "Yes.", complete=True))
            while not hanging.prompts:
                await anyio.sleep(0.001)
            model.asleep = False
            assert await pieces(talk, "3", "question 3") == ["Yes."]
        assert hanging.closed == 1
        await talk.settle(TurnId("3"), "", complete=False)
        assert [each.text for each in await conversations.history("t", SARAH)] == ["question 2", "Yes.", "question 3"]


async def test_a_thread_goes_on_after_the_file_was_closed_and_opened_again(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "threads.sqlite"
    async with house(ScriptedModel("Yes."), checkpoints=file) as conversations:
        await say(conversations.of("t", SARAH), "1", "is it late")
        await pieces(conversations.of("t", SARAH), "2", "is it dark")
    model = ScriptedModel("No.")
    async with house(model, checkpoints=file) as conversations:
        talk = conversations.of("t", SARAH)
        await talk.settle(TurnId("2"), "Yes.", complete=True)
        await say(talk, "3", "is it cold")
        assert [each.text for each in await conversations.history("t", SARAH)] == [
            "is it late", "Yes.", "is it dark", "Yes.", "is it cold", "No.",
        ]  # fmt: skip
    assert len(model.prompts[-1].history) == 4


DIES = """
import os, sys, anyio
from pathlib import Path
from tests.graph.fakes import ScriptedModel
from tests.graph.talking import SARAH, house, pieces, say

async def main():
    async with house(ScriptedModel("Yes."), checkpoints=Path(sys.argv[1])) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "is it late")
        await pieces(talk, "2", "my name is sarah and is it dark")
        while conversations._running:
            await anyio.sleep(0.001)
        os._exit(9)

anyio.run(main)
"""


async def test_a_process_that_dies_between_answer_and_settling_loses_no_word_of_the_users(tmp_path: Path) -> None:
    file = tmp_path / "threads.sqlite"
    died = await anyio.run_process([sys.executable, "-c", DIES, str(file)], check=False, stderr=subprocess.STDOUT)
    assert died.returncode == 9, died.stdout.decode()
    memory = ListedMemory()
    async with house(ScriptedModel("No."), memory, checkpoints=file) as conversations:
        await say(conversations.of("t", SARAH), "3", "is it cold")
        assert [each.text for each in await conversations.history("t", SARAH)] == [
            "is it late", "Yes.", "my name is sarah and is it dark", "is it cold", "No.",
        ]  # fmt: skip
    assert memory.texts("sarah") == ["The user's name is Sarah."]


async def test_only_the_newest_state_of_a_thread_is_kept_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "threads.sqlite"
    async with house(ScriptedModel("Yes."), checkpoints=file) as conversations:
        for n in range(4):
            await say(conversations.of("t", SARAH), str(n), f"question {n}")
        assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}
    with sqlite3.connect(file) as db:
        counts = db.execute("SELECT (SELECT count(*) FROM checkpoints), (SELECT count(*) FROM writes)").fetchone()
    db.close()
    assert counts == (1, 0)


async def test_a_damaged_file_is_an_engine_that_is_not_available(tmp_path: Path) -> None:
    file = tmp_path / "threads.sqlite"
    file.write_bytes(b"this is no database" * 100)
    with pytest.raises(EngineUnavailable, match="not a database"):
        async with house(checkpoints=file):
            pass


async def test_a_disk_that_fails_costs_the_record_and_not_the_answer(tmp_path: Path) -> None:
    file = tmp_path / "threads.sqlite"
    async with house(ScriptedModel("Yes."), checkpoints=file) as conversations:
        talk = conversations.of("t", SARAH)
        await say(talk, "1", "is it late")
        disk = sqlite3.connect(file, isolation_level=None)
        disk.execute("CREATE TRIGGER full BEFORE INSERT ON checkpoints BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
        disk.close()
        assert await pieces(talk, "2", "is it dark") == ["Yes."]
        with pytest.raises(EngineFailed, match="checkpoints: "):
            await talk.settle(TurnId("2"), "Yes.", complete=True)


async def test_a_house_that_is_cancelled_finishes_what_was_settled() -> None:
    memory = ListedMemory()
    with anyio.CancelScope() as scope:
        async with house(ScriptedModel("Yes."), memory) as conversations:
            talk = conversations.of("t", SARAH)
            await pieces(talk, "1", "i like tea")
            async with anyio.create_task_group() as tasks:
                tasks.create_task(talk.settle(TurnId("1"), "Yes.", complete=True))
                await anyio.lowlevel.checkpoint()
                scope.cancel()
    assert memory.texts("sarah") == ["The user likes tea."]
