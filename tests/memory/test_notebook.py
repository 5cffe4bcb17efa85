"""The notebook on a real disk, before a memory that may be away, and a learner that may be slow."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from memory.gate import Telling
from memory.notebook import Notebook, open_notebook
from memory.notes import Struck
from memory.types import MemoryId, NewMemory, Source, UserId
from resilience.errors import EngineFailed, EngineUnavailable, InputRejected
from tests.graph.fakes import ListedMemory

pytestmark = pytest.mark.anyio

SARAH, BOB = UserId("sarah"), UserId("bob")
NOW = datetime(2025, 3, 3, 12, 5, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # a disk keeps its own time


def told(text: str, turn: str = "1", *, topic: str = "note", many: bool = True) -> NewMemory:
    return NewMemory(text, "fact", NOW, Source("t", turn), topic, many=many, context=f"said: {text}")


def telling(words: str, turn: str = "1") -> Telling:
    return Telling(Source("t", turn), NOW, words)


TEA, JAM = told("The user likes tea."), told("The user likes jam.", "2")


@dataclass
class Studious:
    """Learns what it is told to learn, when it is let."""

    learns: Sequence[NewMemory] = ()
    fails: bool = False
    waits: bool = False
    asked: list[str] = field(default_factory=list)
    called: anyio.Event = field(default_factory=anyio.Event)

    async def learn(self, telling: Telling) -> Sequence[NewMemory]:
        self.asked.append(telling.words)
        self.called.set()
        if self.waits:
            await anyio.sleep_forever()
        if self.fails:
            raise EngineFailed("model", "gone")
        return self.learns


@dataclass
class SlowMemory(ListedMemory):
    """Takes as long as the test wants."""

    may_go_on: anyio.Event = field(default_factory=anyio.Event)

    async def _work(self) -> None:
        await self.may_go_on.wait()


@asynccontextmanager
async def a_notebook(
    memory: ListedMemory, file: Path | None = None, learner: Studious | None = None
) -> AsyncGenerator[Notebook]:
    async with open_notebook(file, memory, learner, quiet_seconds=0) as notebook:
        yield notebook


def away() -> ListedMemory:
    return ListedMemory(fails=EngineUnavailable("memory", "locked"))


def bytes_in(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir())


async def until(condition: object) -> None:
    assert callable(condition)
    with anyio.fail_after(5):
        while not condition():
            await anyio.sleep(0.01)


async def test_what_is_noted_is_carried_out_in_order() -> None:
    memory = ListedMemory()
    async with a_notebook(memory) as notebook:
        await notebook.note(SARAH, [told("The user lives in Lyon.", topic="home", many=False)])
        await notebook.note(SARAH, [told("The user lives in Oslo.", "2", topic="home", many=False)])
        assert await notebook.caught_up(SARAH)
        assert memory.texts("sarah") == ["The user lives in Oslo."]
        assert await notebook.pending(SARAH) == ()


async def test_it_is_on_disk_when_noting_returns_and_gone_when_it_is_done(tmp_path: Path) -> None:
    memory = away()
    async with a_notebook(memory, tmp_path / "notebook.sqlite") as notebook:
        await notebook.note(SARAH, [TEA])
        assert b"likes tea" in bytes_in(tmp_path)
        assert await notebook.pending(SARAH) == (TEA,)
        memory.fails = None
        await notebook.note(SARAH, [JAM])
        await until(lambda: len(memory.texts("sarah")) == 2)
    assert memory.texts("sarah") == ["The user likes tea.", "The user likes jam."]
    assert b"likes tea" not in bytes_in(tmp_path)


async def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    async with a_notebook(ListedMemory(), tmp_path / "notebook.sqlite"):
        assert (tmp_path / "notebook.sqlite").stat().st_mode & 0o077 == 0


async def test_what_the_store_does_not_take_waits_for_the_next_process(tmp_path: Path) -> None:
    file = tmp_path / "notebook.sqlite"
    async with a_notebook(away(), file) as notebook:
        await notebook.note(SARAH, [TEA])
    memory = ListedMemory()
    async with a_notebook(memory, file) as notebook:
        assert await notebook.caught_up(SARAH, 5)
    assert memory.texts("sarah") == ["The user likes tea."]


DYING = """
import sys, anyio
sys.path.insert(0, {root!r})
from pathlib import Path
from memory.notebook import open_notebook
from tests.memory.test_notebook import SARAH, away, told

async def main():
    async with open_notebook(Path(sys.argv[1]), away()) as notebook:
        for number in range(1000):
            await notebook.note(SARAH, [told(f"The user has thing {{number}}.", str(number))])
            print("noted", number, flush=True)

anyio.run(main)
"""


async def test_a_killed_process_loses_nothing_it_has_noted(tmp_path: Path) -> None:
    file = tmp_path / "notebook.sqlite"
    script = DYING.format(root=str(Path(__file__).parents[2]))
    with subprocess.Popen([sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE, text=True) as dying:
        assert dying.stdout is not None
        lines = [dying.stdout.readline().split() for _ in range(20)]
        os.kill(dying.pid, signal.SIGKILL)
    memory = ListedMemory()
    async with a_notebook(memory, file) as notebook:
        assert await notebook.caught_up(SARAH, 5)
    noted = [words[1] for words in lines if words[0] == "noted"]
    assert len(noted) > 10
    assert {f"The user has thing {number}." for number in noted} <= set(memory.texts("sarah"))


async def test_what_was_carried_out_and_not_crossed_out_is_carried_out_again_and_stands_once(tmp_path: Path) -> None:
    memory = ListedMemory()
    await memory.remember(SARAH, [TEA])
    async with a_notebook(memory, tmp_path / "notebook.sqlite") as notebook:
        await notebook.note(SARAH, [TEA])
        assert await notebook.caught_up(SARAH)
    assert memory.texts("sarah") == ["The user likes tea."]


async def test_nobody_waits_for_a_store_that_is_away() -> None:
    async with a_notebook(away()) as notebook:
        await notebook.note(SARAH, [TEA])
        await until(lambda: notebook._failing)
        with anyio.fail_after(5):
            assert not await notebook.caught_up(SARAH, 60)


async def test_a_question_waits_for_one_user_only_and_not_for_ever() -> None:
    memory = SlowMemory()
    async with a_notebook(memory) as notebook:
        await notebook.note(SARAH, [TEA])
        assert not await notebook.caught_up(SARAH, 0.05)
        with anyio.fail_after(5):
            assert await notebook.caught_up(BOB, 60)
        memory.may_go_on.set()


async def test_what_the_store_refuses_stands_in_nobodys_way() -> None:
    memory = ListedMemory(fails=InputRejected("memory", "there is nothing in it to remember"))
    async with a_notebook(memory) as notebook:
        await notebook.note(SARAH, [TEA])
        assert await notebook.caught_up(SARAH, 5)
        memory.fails = None
        await notebook.note(SARAH, [JAM])
        assert await notebook.caught_up(SARAH, 5)
    assert memory.texts("sarah") == ["The user likes jam."]


async def test_where_nobody_learns_nothing_is_kept_in_mind_of_what_was_told() -> None:
    async with a_notebook(ListedMemory()) as notebook:
        await notebook.note(SARAH, [TEA, JAM])
        assert await notebook.caught_up(SARAH)
        assert notebook._latest == {}


async def test_what_is_struck_out_is_forgotten() -> None:
    memory = ListedMemory()
    kept, gone = await memory.remember(SARAH, [TEA, JAM])
    async with a_notebook(memory) as notebook:
        await notebook.strike(SARAH, Struck(ids=(gone.id,)))
        assert await notebook.caught_up(SARAH)
    assert memory.texts("sarah") == [kept.text]


async def test_what_was_struck_out_before_the_store_had_it_never_gets_there(tmp_path: Path) -> None:
    memory = away()
    async with a_notebook(memory, tmp_path / "notebook.sqlite") as notebook:
        await notebook.note(SARAH, [TEA])
        await notebook.note(SARAH, [JAM])
        assert notebook.waiting == 2
        await notebook.strike(SARAH, Struck(turns=(TEA.source,)))
        assert b"likes tea" not in bytes_in(tmp_path)
        memory.fails = None
        await notebook.note(SARAH, [told("The user likes gin.", "3")])
        await until(lambda: len(memory.texts("sarah")) == 2)
    assert memory.texts("sarah") == ["The user likes jam.", "The user likes gin."]


async def test_what_was_struck_out_on_its_way_to_the_store_is_forgotten_there() -> None:
    memory = SlowMemory()
    async with a_notebook(memory) as notebook:
        await notebook.note(SARAH, [TEA])
        await until(notebook._carrying_out.locked)
        await notebook.strike(SARAH, Struck(turns=(TEA.source,)))
        memory.may_go_on.set()
        await until(lambda: not notebook._waiting[SARAH])
    assert memory.texts("sarah") == []


async def test_what_is_struck_out_and_has_reached_the_store_meanwhile_is_forgotten_there() -> None:
    memory = ListedMemory()
    async with a_notebook(memory) as notebook:
        await notebook.note(SARAH, [TEA])
        assert await notebook.caught_up(SARAH)
        assert memory.texts("sarah") == [TEA.text]
        await notebook.strike(SARAH, Struck(turns=(TEA.source,)))
        assert await notebook.caught_up(SARAH)
    assert memory.texts("sarah") == []


async def test_to_strike_everything_leaves_nothing_to_be_kept() -> None:
    memory = away()
    async with a_notebook(memory) as notebook:
        await notebook.note(SARAH, [TEA])
        await notebook.note(BOB, [JAM])
        memory.kept[SARAH] = list(await ListedMemory().remember(SARAH, [told("The user likes figs.")]))
        await notebook.strike(SARAH, Struck(everything=True))
        memory.fails = None
        await notebook.note(SARAH, [told("The user likes gin.", "3")])
        await until(lambda: memory.texts("bob") and memory.texts("sarah"))
    assert (memory.texts("sarah"), memory.texts("bob")) == (["The user likes gin."], ["The user likes jam."])


async def test_an_erased_user_is_in_no_file_and_nobody_else_is_touched(tmp_path: Path) -> None:
    memory = away()
    async with a_notebook(memory, tmp_path / "notebook.sqlite", Studious(waits=True)) as notebook:
        await notebook.note(SARAH, [told("The user likes xylophones.")], telling("i like xylophones"))
        await notebook.note(BOB, [JAM])
        assert await notebook.forget_all(SARAH) == 2
        assert b"xylophones" not in bytes_in(tmp_path)
        assert b"sarah" not in bytes_in(tmp_path)
        assert await notebook.pending(BOB) == (JAM,)


async def test_nothing_is_noted_while_a_user_has_paused_it_and_that_outlives_the_process(tmp_path: Path) -> None:
    file, memory = tmp_path / "notebook.sqlite", ListedMemory()
    async with a_notebook(memory, file) as notebook:
        await notebook.pause(SARAH, True)
    async with a_notebook(memory, file) as notebook:
        assert (await notebook.paused(SARAH), await notebook.paused(BOB)) == (True, False)
        await notebook.note(SARAH, [TEA])
        await notebook.pause(SARAH, False)
        await notebook.note(SARAH, [JAM])
    assert memory.texts("sarah") == ["The user likes jam."]


async def test_a_file_that_cannot_be_used_is_said_to_be_so(tmp_path: Path) -> None:
    file = tmp_path / "notebook.sqlite"
    file.write_bytes(b"this is no database, and never was one" * 100)
    with pytest.raises(EngineUnavailable, match="not usable"):
        async with a_notebook(ListedMemory(), file):
            pass


async def test_an_entry_that_cannot_be_read_is_dropped(tmp_path: Path) -> None:
    file, memory = tmp_path / "notebook.sqlite", away()
    async with a_notebook(memory, file) as notebook:
        await notebook.note(SARAH, [TEA])
        await notebook._disk.ask(lambda notes: notes._db.execute("UPDATE entries SET body = '[{}]'"))
        await notebook.note(SARAH, [JAM])
    memory.fails = None
    async with a_notebook(memory, file) as notebook:
        assert await notebook.caught_up(SARAH, 5)
    assert memory.texts("sarah") == ["The user likes jam."]


async def test_what_a_learner_finds_is_kept_once_it_has_passed_the_gate() -> None:
    memory = ListedMemory()
    learner = Studious([told("The user keeps bees."), told("The user lives in Oslo.")])
    async with a_notebook(memory, learner=learner) as notebook:
        await notebook.note(SARAH, [], telling("i keep bees"))
        await until(lambda: memory.texts("sarah"))
        assert await notebook.caught_up(SARAH)
    assert memory.texts("sarah") == ["The user keeps bees."]


async def test_a_learner_that_fails_costs_nothing_and_is_not_asked_again() -> None:
    memory, learner = ListedMemory(), Studious(fails=True)
    async with a_notebook(memory, learner=learner) as notebook:
        await notebook.note(SARAH, [TEA], telling("i like tea"))
        await learner.called.wait()
        await notebook.note(SARAH, [JAM], telling("i like jam"))
        await until(lambda: len(learner.asked) == 2)
    assert learner.asked == ["i like tea", "i like jam"]
    assert memory.texts("sarah") == ["The user likes tea.", "The user likes jam."]


async def test_whoever_waits_for_an_answer_is_not_kept_waiting_by_a_learner() -> None:
    memory, learner = ListedMemory(), Studious([told("The user keeps bees.")], waits=True)
    async with a_notebook(memory, learner=learner) as notebook:
        await notebook.note(SARAH, [], telling("i keep bees"))
        await learner.called.wait()
        with notebook.making_way(SARAH):
            await until(lambda: notebook._studying is None)
            learner.waits = False
            await anyio.sleep(0.05)
            assert learner.asked == ["i keep bees"]
        await until(lambda: memory.texts("sarah"))
    assert learner.asked == ["i keep bees"] * 2


async def test_a_turn_that_was_struck_out_while_it_was_studied_teaches_nothing() -> None:
    memory, learner = ListedMemory(), Studious([told("The user keeps bees.")], waits=True)
    async with a_notebook(memory, learner=learner) as notebook:
        await notebook.note(SARAH, [], telling("i keep bees"))
        await learner.called.wait()
        learner.waits = False
        await notebook.strike(SARAH, Struck(ids=(MemoryId("x"),), sources=(Source("t", "1"),)))
        await until(lambda: notebook._studying is None)
        await notebook.note(SARAH, [], telling("i like tea", "2"))
        await until(lambda: len(learner.asked) > 1)
    assert memory.texts("sarah") == []


async def test_what_is_learnt_late_does_not_supersede_what_was_told_since() -> None:
    memory = ListedMemory()
    learner = Studious([told("The user lives in Lyon.", topic="home", many=False)])
    async with a_notebook(memory, learner=learner) as notebook:
        with notebook.making_way(SARAH):
            await notebook.note(SARAH, [], telling("lyon is home"))
            since = replace(
                told("The user lives in Oslo.", "2", topic="home", many=False), said_at=NOW + timedelta(minutes=1)
            )
            await notebook.note(SARAH, [since])
            await notebook.caught_up(SARAH)
        await learner.called.wait()
    assert memory.texts("sarah") == ["The user lives in Oslo."]


async def test_without_a_learner_no_words_are_kept(tmp_path: Path) -> None:
    async with a_notebook(ListedMemory(), tmp_path / "notebook.sqlite") as notebook:
        await notebook.note(SARAH, [], telling("i keep bees"))
        assert b"bees" not in bytes_in(tmp_path)
