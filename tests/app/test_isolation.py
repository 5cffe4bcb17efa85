"""Two users of one history: with whatever ids Ben comes, what is Anna's is not there for him."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chainlit.context import ChainlitContext, context_var
from chainlit.session import HTTPSession
from chainlit.types import Feedback, Pagination, ThreadFilter
from chainlit.user import PersistedUser, User

from app.archive.asker import asked_by
from app.history import History, HistoryFailed, open_history

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # SQLAlchemy's asynchronous engine knows no other


@dataclass
class Annas:
    """What is hers, by its ids."""

    history: History
    user: str
    thread: str
    step: str
    feedback: str
    element: str

    async def everything(self) -> list[Any]:
        tables = ("users", "threads", "steps", "elements", "feedbacks")
        return [await self.history.execute_sql(f"SELECT * FROM {table} ORDER BY id", {}) for table in tables]


def a_step(thread: str, **more: object) -> dict[str, Any]:
    step = {"id": str(uuid4()), "threadId": thread, "name": "You", "type": "user_message", "streaming": False}
    return {**step, "output": "a secret", "createdAt": "2026-01-01T00:00:00Z", **more}


@pytest.fixture
async def annas(tmp_path: Path) -> AsyncGenerator[Annas]:
    async with open_history(tmp_path / "history.sqlite", lambda _: None) as history:
        session = HTTPSession(
            id="s", client_type="webapp", thread_id=None, token=None, user=None, user_env={}, environ={}
        )
        mark = context_var.set(ChainlitContext(session))
        thread, element = str(uuid4()), str(uuid4())
        with asked_by("anna"):
            user = await history.create_user(User(identifier="anna"))
            assert user is not None
            await history.update_thread(thread, name="Anna's secret")
            step = a_step(thread, metadata={"favorite": True})
            await history.create_step(step)
            feedback = await history.upsert_feedback(Feedback(forId=step["id"], value=1))
            await history.execute_sql(
                'INSERT INTO elements ("id", "threadId", "forId", "name") VALUES (:id, :thread, :step, :name)',
                {"id": element, "thread": thread, "step": step["id"], "name": "a picture"},
            )
        with asked_by("ben"):
            await history.create_user(User(identifier="ben"))
        yield Annas(history, user.id, thread, step["id"], feedback, element)
        context_var.reset(mark)


Attempt = Callable[[Annas], Awaitable[Any]]

WRITES: dict[str, Attempt] = {
    "rename": lambda anna: anna.history.update_thread(anna.thread, name="mine"),
    "take over": lambda anna: anna.history.update_thread(anna.thread, name="mine", user_id=anna.user),
    "tag": lambda anna: anna.history.update_thread(anna.thread, tags=["mine"]),
    "share": lambda anna: anna.history.update_thread(anna.thread, metadata={"is_shared": True}),
    "delete": lambda anna: anna.history.delete_thread(anna.thread),
    "say something in it": lambda anna: anna.history.create_step(a_step(anna.thread)),
    "put words in her mouth": lambda anna: anna.history.create_step(a_step(anna.thread, id=anna.step, output="mine")),
    "change a step": lambda anna: anna.history.update_step(a_step(anna.thread, id=anna.step, output="mine")),
    "make it a favourite": lambda anna: anna.history.set_step_favorite(a_step(anna.thread, id=anna.step), False),
    "judge": lambda anna: anna.history.upsert_feedback(Feedback(forId=anna.step, value=0)),
    "judge by its id": lambda anna: anna.history.upsert_feedback(Feedback(forId=anna.step, value=0, id=anna.feedback)),
    "take back her judgement": lambda anna: anna.history.delete_feedback(anna.feedback),
}
QUIET: dict[str, Attempt] = {
    "note as a page leaves": lambda anna: anna.history.update_thread(anna.thread, metadata={"mine": True}),
    "delete a step": lambda anna: anna.history.delete_step(anna.step),
    "delete an element": lambda anna: anna.history.delete_element(anna.element, anna.thread),
}
"""Chainlit expects nothing of these; that there was nothing to do is no failure."""


@pytest.mark.parametrize("attempt", WRITES.values(), ids=WRITES)
async def test_what_is_somebody_else_s_cannot_be_written_to_and_does_not_seem_to_be_there(
    annas: Annas, attempt: Attempt
) -> None:
    before = await annas.everything()
    with asked_by("ben"), pytest.raises(HistoryFailed, match="There is no such") as hers:
        await attempt(annas)
    assert await annas.everything() == before
    nothing = Annas(annas.history, *(str(uuid4()) for _ in range(5)))
    if attempt in (WRITES["judge"], WRITES["judge by its id"], WRITES["take back her judgement"], WRITES["delete"]):
        with asked_by("ben"), pytest.raises(HistoryFailed) as nobodys:
            await attempt(nothing)
        assert str(nobodys.value) == str(hers.value)


@pytest.mark.parametrize("attempt", QUIET.values(), ids=QUIET)
async def test_what_is_somebody_else_s_stays_as_it_is(annas: Annas, attempt: Attempt) -> None:
    before = await annas.everything()
    with asked_by("ben"):
        await attempt(annas)
    assert await annas.everything() == before


@pytest.mark.parametrize("attempt", [*WRITES.values(), *QUIET.values()], ids=[*WRITES, *QUIET])
async def test_who_is_nobody_changes_nothing(annas: Annas, attempt: Attempt) -> None:
    before = await annas.everything()
    try:
        await attempt(annas)
    except HistoryFailed:
        pass
    else:
        assert attempt is QUIET["note as a page leaves"]
    assert await annas.everything() == before


async def test_what_is_somebody_else_s_cannot_be_read(annas: Annas) -> None:
    history = annas.history
    with asked_by("ben"):
        assert await history.get_thread_author(annas.thread) == ""
        assert await history.get_element(annas.thread, annas.element) is None
        assert await history.get_favorite_steps(annas.user) == []
        for search in (None, "secret"):
            wanted = ThreadFilter(userId=annas.user, search=search)
            assert (await history.list_threads(Pagination(first=20), wanted)).data == []
        assert (
            await history.list_threads(Pagination(first=20), ThreadFilter(userId=annas.user, feedback=1))
        ).data == []


async def test_of_somebody_else_s_thread_chainlit_gets_a_husk_that_it_refuses_to_open(annas: Annas) -> None:
    with asked_by("ben"):
        husk = await annas.history.get_thread(annas.thread)
        assert husk is not None
        assert husk["userIdentifier"] != "ben"
        assert "secret" not in str(husk)
        assert "anna" not in str(husk)
        assert await annas.history.get_thread(str(uuid4())) is None
        crafted = await annas.history.get_thread("' OR 1=1 --")
        assert crafted is not None
        assert crafted["userIdentifier"] != "ben"


async def test_the_records_take_nothing_for_somebody_else_s_thread_even_without_chainlit(annas: Annas) -> None:
    before = await annas.everything()
    with pytest.raises(HistoryFailed):
        await annas.history.records.keep_step("ben", a_step(annas.thread))
    await annas.history.records.delete_thread("ben", annas.thread)
    assert await annas.history.records.thread("ben", annas.thread) is None
    assert [thread async for thread in annas.history.records.export("ben")] == []
    assert await annas.everything() == before


async def test_a_step_of_somebody_else_s_cannot_be_drawn_into_ones_own_thread(annas: Annas) -> None:
    own = str(uuid4())
    with asked_by("ben"):
        await annas.history.update_thread(own, name="Ben's")
        with pytest.raises(HistoryFailed):
            await annas.history.create_step(a_step(own, id=annas.step, output="mine"))
    with asked_by("anna"):
        back = await annas.history.get_thread(annas.thread)
    assert back is not None
    assert [step["output"] for step in back["steps"]] == ["a secret"]


async def test_a_judgement_under_somebody_else_s_id_is_ones_own(annas: Annas) -> None:
    own, step = str(uuid4()), str(uuid4())
    with asked_by("ben"):
        await annas.history.create_step(a_step(own, id=step))
        assert await annas.history.upsert_feedback(Feedback(forId=step, value=0, id=annas.feedback)) != annas.feedback
    with asked_by("anna"):
        back = await annas.history.get_thread(annas.thread)
    assert back is not None
    assert back["steps"][0]["feedback"]["value"] == 1


async def test_a_new_thread_is_theirs_who_ask_whatever_user_is_named(annas: Annas) -> None:
    own = str(uuid4())
    with asked_by("ben"):
        await annas.history.update_thread(own, name="mine", user_id=annas.user)
        assert await annas.history.get_thread_author(own) == "ben"
    with asked_by("anna"):
        assert await annas.history.get_thread_author(own) == ""


@pytest.mark.parametrize("user", ["anna ", "ANNA", "ann_", "%", "", "anna\0"])
async def test_names_that_are_nearly_hers_are_not_hers(annas: Annas, user: str) -> None:
    with asked_by(user):
        assert await annas.history.get_thread_author(annas.thread) == ""
        assert (await annas.history.list_threads(Pagination(first=20), ThreadFilter(userId="?"))).data == []
        with pytest.raises(HistoryFailed):
            await annas.history.delete_thread(annas.thread)


async def test_in_a_session_its_user_asks(annas: Annas) -> None:
    session = context_var.get().session
    session.user = User(identifier="anna")
    assert await annas.history.get_thread_author(annas.thread) == "anna"
    session.user = PersistedUser(id=annas.user, identifier="ben", createdAt="")
    assert await annas.history.get_thread_author(annas.thread) == ""
