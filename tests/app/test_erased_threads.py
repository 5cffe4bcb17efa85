"""A thread that is deleted in the sidebar is gone everywhere, or it is still there to be deleted again."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from chainlit.context import ChainlitContext, context_var
from chainlit.session import HTTPSession
from chainlit.user import User

from app.history import HistoryFailed, SqliteHistory, open_history
from app.turn import new_saying
from app.turns import open_turns
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
    folder: Path, troubles: list[HistoryFailed], erase: Callable[[str], Awaitable[None]]
) -> AsyncGenerator[tuple[SqliteHistory, str]]:
    async with open_history(folder / "history.sqlite", troubles.append, erase=erase) as history:
        session = HTTPSession(
            id="s", client_type="webapp", thread_id=None, token=None, user=None, user_env={}, environ={}
        )
        mark = context_var.set(ChainlitContext(session))
        user = await history.create_user(User(identifier="local"))
        assert user is not None
        thread = str(uuid4())
        await history.update_thread(thread, name="Hello", user_id=user.id)
        yield history, thread
        context_var.reset(mark)


async def test_a_deleted_thread_takes_its_recordings_along(tmp_path: Path, troubles: list[HistoryFailed]) -> None:
    async with (
        open_turns(tmp_path, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns,
        a_thread(tmp_path, troubles, turns.erase) as (history, thread),
    ):
        saying = new_saying()
        await turns.of(thread, "local").recorded(saying, utterance(tone(0.1)))
        assert await turns.recording(saying) is not None
        await history.delete_thread(thread)
        assert await history.get_thread(thread) is None
        assert not [*tmp_path.glob("recordings/*")]
    assert troubles == []


async def test_a_thread_of_which_something_could_not_be_erased_is_still_there_to_be_deleted_again(
    tmp_path: Path, troubles: list[HistoryFailed]
) -> None:
    async def refuse(_: str) -> None:
        raise EngineFailed("turn log", "the disk is full")

    async with a_thread(tmp_path, troubles, refuse) as (history, thread):
        with pytest.raises(HistoryFailed, match="disk is full"):
            await history.delete_thread(thread)
        assert await history.get_thread(thread) is not None
    assert len(troubles) == 1
