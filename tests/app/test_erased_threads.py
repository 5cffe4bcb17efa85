"""A thread that is deleted in the sidebar is gone everywhere, or it is still there to be deleted again."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from chainlit.user import User

from app.archive.asker import asked_by
from app.history import History, HistoryFailed, open_history
from app.turn import new_saying
from app.turns import open_turns
from memory.types import UserId
from resilience.errors import EngineFailed
from tests.made.sayer import KEEP_ALL, PATIENCE_SECONDS
from tests.made.speech import tone, utterance

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # SQLAlchemy's asynchronous engine knows no other


@pytest.fixture
async def troubles() -> list[HistoryFailed]:
    return []


@asynccontextmanager
async def a_thread(
    folder: Path, troubles: list[HistoryFailed], erase: Callable[[str, UserId], Awaitable[None]]
) -> AsyncGenerator[tuple[History, str]]:
    async with open_history(folder / "history.sqlite", troubles.append, erase=erase) as history:
        thread = str(uuid4())
        with asked_by("local"):
            await history.create_user(User(identifier="local"))
            await history.update_thread(thread, name="Hello")
            yield history, thread


async def test_a_deleted_thread_takes_its_recordings_along(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with (
        open_turns(tmp_path, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns,
        a_thread(tmp_path, troubles, lambda thread, _: turns.erase(thread)) as (history, thread),
    ):
        saying = new_saying()
        await turns.of(thread, "local").recorded(saying, utterance(tone(0.1)))
        assert await turns.recording(saying, "local") is not None
        await history.delete_thread(thread)
        assert await history.get_thread(thread) is None
        assert not [*tmp_path.glob("recordings/*")]
    assert troubles == []


async def test_a_thread_of_which_something_could_not_be_erased_is_still_there_to_be_deleted_again(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    async def refuse(_thread: str, _user: UserId) -> None:
        raise EngineFailed("turn log", "the disk is full")

    async with a_thread(tmp_path, troubles, refuse) as (history, thread):
        with pytest.raises(HistoryFailed, match="disk is full"):
            await history.delete_thread(thread)
        assert await history.get_thread(thread) is not None
    assert len(troubles) == 1


async def test_of_somebody_else_s_thread_nothing_is_erased_anywhere(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    erased: list[str] = []

    async def note(thread: str, _user: UserId) -> None:
        erased.append(thread)

    async with a_thread(tmp_path, troubles, note) as (history, thread):
        for user in ("ben", "", "loca%"):
            with asked_by(user), pytest.raises(HistoryFailed, match="no such conversation"):
                await history.delete_thread(thread)
        assert await history.get_thread(thread) is not None
    assert erased == []
    assert troubles == []
