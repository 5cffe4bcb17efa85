"""The history behind the sidebar: nothing that was said is lost, and it is found again. On SQLite and on PostgreSQL."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chainlit.context import ChainlitContext, context_var
from chainlit.session import HTTPSession
from chainlit.types import Feedback, Pagination, ThreadFilter
from chainlit.user import User
from sqlalchemy import event

from app.archive.asker import asked_by
from app.archive.listing import FAVOURITE, Wanted, query_for
from app.archive.settings import HistorySettings
from app.archive.tables import MIGRATIONS
from app.history import History, HistoryFailed, open_history
from tests.made.postgres import a_postgres, why_not

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"  # SQLAlchemy's asynchronous engine knows no other


@pytest.fixture(scope="module")
def server() -> Generator[HistorySettings]:
    with a_postgres() as url:
        yield HistorySettings.model_validate({"url": url})


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest) -> HistorySettings:
    if request.param == "sqlite":
        return HistorySettings()
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    found: HistorySettings = request.getfixturevalue("server")
    return found


@pytest.fixture
async def history(where: HistorySettings, tmp_path: Path) -> AsyncGenerator[History]:
    """Asked by Anna."""
    async with open_history(tmp_path / "history.sqlite", lambda _: None, settings=where) as opened:
        session = HTTPSession(
            id="s", client_type="webapp", thread_id=None, token=None, user=None, user_env={}, environ={}
        )
        mark = context_var.set(ChainlitContext(session))
        with asked_by("anna"):
            await opened.create_user(User(identifier="anna", metadata={"image": "owl"}))
            yield opened
            for user in await opened.records.users():
                await opened.erase_user(user)
        context_var.reset(mark)


def a_step(thread: str, output: str, *, minute: int = 0, **more: object) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "threadId": thread,
        "name": "You",
        "type": "user_message",
        "output": output,
        "streaming": False,
        "createdAt": f"2026-01-01T{minute // 60:02}:{minute % 60:02}:00Z",
        **more,
    }


async def a_thread(history: History, name: str = "Hello", *said: str, minute: int = 0) -> str:
    thread = str(uuid4())
    await history.update_thread(thread, name=name)
    for output in said:
        await history.create_step(a_step(thread, output, minute=minute))
    return thread


async def found(history: History, search: str | None = None, feedback: Any = None) -> list[str | None]:
    """Names, as the sidebar gets them."""
    page = await history.list_threads(Pagination(first=20), ThreadFilter(userId="?", search=search, feedback=feedback))
    return [thread["name"] for thread in page.data]


# -- kept ------------------------------------------------------------------------------------------------------


async def test_a_thread_comes_back_as_it_was_said(history: History) -> None:
    thread = await a_thread(history)
    step = a_step(
        thread, "hello", tags=["voice"], modes={"a": "b"}, metadata={"turn": "t1"}, generation={"n": 1}, isError=False
    )
    await history.create_step(step)
    back = await history.get_thread(thread)
    assert back is not None
    assert (back["name"], back["userIdentifier"], back["tags"], back["metadata"]) == ("Hello", "anna", [], {})
    (kept,) = back["steps"]
    assert {name: kept[name] for name in step} == step
    assert kept["streaming"] is False
    assert kept["feedback"] is None


async def test_a_step_that_is_written_again_changes_in_what_is_said_of_it(history: History) -> None:
    thread = await a_thread(history)
    step = a_step(thread, "hel", language="en")
    await history.create_step(step)
    del step["language"]
    await history.update_step({**step, "output": "hello", "parentId": None, "feedback": None, "icon": "bird"})
    back = await history.get_thread(thread)
    assert back is not None
    assert [(kept["output"], kept["language"]) for kept in back["steps"]] == [("hello", "en")]


async def test_text_that_no_database_takes_is_kept_without_what_is_no_character(history: History) -> None:
    thread = await a_thread(history, "na\0me", "nightin\0gale \ud800")
    back = await history.get_thread(thread)
    assert back is not None
    assert (back["name"], back["steps"][0]["output"]) == ("name", "nightingale ?")


@pytest.mark.parametrize("search", ["\ud800", "night\0ingale"])
async def test_a_search_for_what_is_no_text_finds_nothing_and_does_no_harm(history: History, search: str) -> None:
    await a_thread(history, "Birds", "nightingale")
    for _ in range(6):  # more than any breaker bears
        try:
            assert await found(history, search) == []
        except HistoryFailed:
            continue
    assert await found(history) == ["Birds"]


async def test_steps_come_in_the_order_in_which_they_were_said(history: History) -> None:
    thread = await a_thread(history)
    for minute in (3, 1, 2):
        await history.create_step(a_step(thread, str(minute), minute=minute))
    back = await history.get_thread(thread)
    assert back is not None
    assert [step["output"] for step in back["steps"]] == ["1", "2", "3"]


async def test_a_step_of_a_thread_that_is_not_there_yet_begins_it(history: History) -> None:
    thread = str(uuid4())
    await history.create_step(a_step(thread, "hello"))
    assert await history.get_thread_author(thread) == "anna"


async def test_notes_on_a_thread_are_added_to_what_stands_there(history: History) -> None:
    thread = await a_thread(history)
    await history.update_thread(thread, metadata={"a": 1, "b": {"c": [2]}})
    await history.update_thread(thread, metadata={"a": None, "d": "é"})
    back = await history.get_thread(thread)
    assert back is not None
    assert (back["name"], back["metadata"]) == ("Hello", {"b": {"c": [2]}, "d": "é"})


async def test_notes_begin_no_conversation_so_one_that_was_deleted_stays_gone_when_its_page_leaves(
    history: History,
) -> None:
    thread = await a_thread(history)
    await history.delete_thread(thread)
    await history.update_thread(thread, metadata={"id": "page"})
    assert await history.get_thread(thread) is None


async def test_a_very_long_first_message_makes_a_short_title(history: History) -> None:
    await a_thread(history, "word " * 10_000)
    (name,) = await found(history)
    assert name is not None
    assert len(name) <= 80
    assert name.endswith("…")


async def test_a_thread_is_renamed_but_never_to_nothing(history: History) -> None:
    thread = await a_thread(history, "Hello")
    await history.update_thread(thread, name="Owls")
    await history.update_thread(thread, name="  ")
    assert await found(history) == ["Owls"]


async def test_a_user_comes_back_with_what_is_known_of_them(history: History) -> None:
    user = await history.get_user("anna")
    assert user is not None
    again = await history.create_user(User(identifier="anna", metadata={"image": "lark"}))
    assert again is not None
    assert (user.metadata, again.metadata, again.id == user.id) == ({"image": "owl"}, {"image": "lark"}, True)
    assert await history.get_user("nobody") is None


@pytest.mark.parametrize("crafted", ["x') OR 1=1 --", "", "../../etc/passwd", "1234"])
async def test_an_id_that_is_none_is_refused(history: History, crafted: str) -> None:
    with pytest.raises(HistoryFailed, match="no such conversation"):
        await history.update_thread(crafted, name="x")
    with pytest.raises(HistoryFailed, match="no such conversation"):
        await history.create_step(a_step(crafted, "x"))


# -- listed ----------------------------------------------------------------------------------------------------


async def test_what_was_active_last_comes_first_and_is_dated_by_that(history: History) -> None:
    for name, minute in (("First", 1), ("Last", 3), ("Middle", 2)):
        await a_thread(history, name, "hello", minute=minute)
    page = await history.list_threads(Pagination(first=20), ThreadFilter(userId="?"))
    assert [(thread["name"], thread["createdAt"]) for thread in page.data] == [
        ("Last", "2026-01-01T00:03:00Z"),
        ("Middle", "2026-01-01T00:02:00Z"),
        ("First", "2026-01-01T00:01:00Z"),
    ]


async def test_page_by_page_every_thread_is_listed_once_though_one_is_deleted_meanwhile(history: History) -> None:
    threads = [await a_thread(history, str(n), "hello", minute=n // 2) for n in range(11)]
    listed: list[str] = []
    cursor, more = None, True
    while more:
        page = await history.list_threads(Pagination(first=3, cursor=cursor), ThreadFilter(userId="?"))
        listed += [thread["id"] for thread in page.data]
        cursor, more = page.pageInfo.endCursor, page.pageInfo.hasNextPage
        if len(listed) == 3:
            await history.delete_thread(listed[-1])
    assert len(listed) == 11
    assert set(listed) == set(threads)


async def test_the_list_takes_one_query_and_no_more_rows_than_it_shows(history: History) -> None:
    for n in range(30):
        await a_thread(history, str(n), *(["hello"] * 5), minute=n)
    queries: list[str] = []
    engine = history.database.engine.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        queries.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        page = await history.list_threads(Pagination(first=20), ThreadFilter(userId="?"))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(page.data) == 20
    assert page.pageInfo.hasNextPage
    assert {len(thread["steps"]) for thread in page.data} == {0}
    assert len(queries) == 1
    query, bound = query_for("anna", Wanted(limit=20))
    rows = await history.database.rows(query, **bound)
    assert len(rows) == 21, "one more, to know whether there are more"
    assert "output" not in rows[0]


async def test_words_are_found_in_titles_and_in_what_was_said_whatever_their_case(history: History) -> None:
    await a_thread(history, "Birds", "why do NIGHTINGALES sing?", "Étoile")
    await a_thread(history, "Nightingale Road", "where is it?")
    await a_thread(history, "Dinner", "soup")
    assert set(await found(history, "nightingale")) == {"Birds", "Nightingale Road"}
    assert await found(history, "étoile") == await found(history, "ÉTOILE") == ["Birds"]
    assert await found(history, "soup in the fridge") == []
    assert await found(history, "sing birds") == ["Birds"], "each of its words, in any order"
    assert len(await found(history, "  ")) == 3


@pytest.mark.parametrize("search", ["%", "_", "\\", "100%", "a_b", "'; DROP TABLE steps; --", ":word0", "x" * 10_000])
async def test_what_is_searched_for_is_taken_as_it_stands(history: History, search: str) -> None:
    await a_thread(history, "Plain", "nothing special")
    await a_thread(history, "Special", f"so: {search}")
    assert await found(history, search) == ["Special"]


async def test_what_was_only_thought_is_not_found(history: History) -> None:
    thread = await a_thread(history, "Hello")
    await history.create_step(a_step(thread, "a hidden thought", type="run"))
    assert await found(history, "thought") == []


async def test_threads_are_found_by_what_was_thought_of_their_answers(history: History) -> None:
    for name, value in (("Good", 1), ("Bad", 0)):
        thread = await a_thread(history, name)
        step = a_step(thread, "an answer", type="assistant_message")
        await history.create_step(step)
        await history.upsert_feedback(Feedback(forId=step["id"], value=value))
    await a_thread(history, "Neither")
    assert await found(history, feedback=1) == ["Good"]
    assert await found(history, feedback=0) == ["Bad"]


async def test_favourites_are_found(history: History) -> None:
    thread = await a_thread(history, "Dear", "hello")
    await a_thread(history, "Other")
    await history.update_thread(thread, tags=[FAVOURITE])
    page = await history.conversations("anna", Wanted(favourites=True))
    assert [(each.title, each.favourite, each.messages) for each in page.conversations] == [("Dear", True, 1)]
    await history.update_thread(thread, tags=[])
    assert (await history.conversations("anna", Wanted(favourites=True))).conversations == ()


@pytest.mark.parametrize("cursor", ["x", "|", "9999|zzzz", "5f0c9a4e-0000-4000-8000-00000000abcd", "' OR 1=1|"])
async def test_a_crafted_cursor_leads_nowhere_else(history: History, cursor: str) -> None:
    await a_thread(history)
    page = await history.list_threads(Pagination(first=-1, cursor=cursor), ThreadFilter(userId="?"))
    assert len(page.data) <= 1


# -- feedback and favourites -----------------------------------------------------------------------------------


async def test_feedback_on_an_answer_is_kept_once_and_may_be_changed_and_taken_back(history: History) -> None:
    thread = await a_thread(history)
    step = a_step(thread, "an answer")
    await history.create_step(step)
    first = await history.upsert_feedback(Feedback(forId=step["id"], value=1, comment="nice"))
    assert await history.upsert_feedback(Feedback(forId=step["id"], value=0, id=str(uuid4()))) == first
    back = await history.get_thread(thread)
    assert back is not None
    assert back["steps"][0]["feedback"] == {"id": first, "forId": step["id"], "value": 0, "comment": ""}
    assert await history.delete_feedback(first)
    back = await history.get_thread(thread)
    assert back is not None
    assert back["steps"][0]["feedback"] is None


async def test_favourite_messages_come_back_the_newest_first(history: History) -> None:
    thread = await a_thread(history)
    for minute, text in ((1, "old"), (2, "new"), (3, "plain")):
        step = a_step(thread, text, minute=minute)
        await history.create_step(step)
        if text != "plain":
            await history.set_step_favorite(step, True)
    favourites = await history.get_favorite_steps("?")
    assert [step["output"] for step in favourites] == ["new", "old"]
    await history.set_step_favorite(favourites[0], False)
    assert [step["output"] for step in await history.get_favorite_steps("?")] == ["old"]


# -- deleted ---------------------------------------------------------------------------------------------------


async def test_a_deleted_thread_takes_along_all_that_is_in_it(history: History) -> None:
    thread, stays = await a_thread(history), await a_thread(history, "Stays", "hello")
    step = a_step(thread, "hello")
    await history.create_step(step)
    await history.upsert_feedback(Feedback(forId=step["id"], value=1))
    await history.delete_thread(thread)
    assert await history.get_thread(thread) is None
    assert await history.execute_sql("SELECT * FROM feedbacks", {}) == []
    rows = await history.execute_sql('SELECT "threadId" FROM steps', {})
    assert rows == [{"threadId": stays}]


async def test_a_deleted_step_takes_its_feedback_along(history: History) -> None:
    thread = await a_thread(history)
    step, other = a_step(thread, "goes"), a_step(thread, "stays")
    for each in (step, other):
        await history.create_step(each)
        await history.upsert_feedback(Feedback(forId=each["id"], value=1))
    await history.delete_step(step["id"])
    back = await history.get_thread(thread)
    assert back is not None
    assert [(kept["output"], kept["feedback"] is not None) for kept in back["steps"]] == [("stays", True)]
    assert await history.execute_sql("SELECT count(*) AS n FROM feedbacks", {}) == [{"n": 1}]


async def test_everything_of_one_user_is_exported_and_erased_and_of_the_other_nothing(history: History) -> None:
    hers = await a_thread(history, "Hers", "mine", "and mine")
    with asked_by("ben"):
        await history.create_user(User(identifier="ben"))
        await a_thread(history, "His", "not mine")
    exported = [thread async for thread in history.records.export("anna")]
    assert [(thread["id"], [step["output"] for step in thread["steps"]]) for thread in exported] == [
        (hers, ["mine", "and mine"])
    ]
    assert await history.erase_user("anna") == 4, "two steps, a thread, and her name"
    assert await history.records.users() == ["ben"]
    assert [thread async for thread in history.records.export("anna")] == []
    with asked_by("ben"):
        assert await found(history, "mine") == ["His"]
    assert await history.erase_user("anna") == 0


# -- beginning -------------------------------------------------------------------------------------------------


async def test_threads_outlive_the_process_and_migrations_are_applied_once(
    history: History, where: HistorySettings, tmp_path: Path
) -> None:
    thread = await a_thread(history, "Hello", "hello")
    async with open_history(tmp_path / "history.sqlite", lambda _: None, settings=where) as again:
        back = await again.get_thread(thread)
        assert back is not None
        assert [step["output"] for step in back["steps"]] == ["hello"]
        version = "PRAGMA user_version" if where.url is None else "SELECT max(done) FROM history_version"
        (row,) = await again.database.rows(version)
        assert [*row.values()] == [len(MIGRATIONS)]


async def test_a_thread_that_is_nobody_s_is_its_only_user_s_after_the_next_start(
    history: History, where: HistorySettings, tmp_path: Path
) -> None:
    thread = str(uuid4())
    await history.execute_sql('INSERT INTO threads ("id") VALUES (:id)', {"id": thread})
    async with open_history(tmp_path / "history.sqlite", lambda _: None, settings=where) as again:
        assert await again.get_thread_author(thread) == "anna"


async def test_a_probe_writes_nothing_and_finds_it_well(history: History) -> None:
    await history.probe()


# -- a server --------------------------------------------------------------------------------------------------


async def test_a_server_that_is_not_there_is_said_at_the_door(tmp_path: Path) -> None:
    if why_not() is not None:
        pytest.skip(str(why_not()))
    settings = HistorySettings.model_validate({"url": f"postgresql://night@/x?host={tmp_path}"})
    with pytest.raises(HistoryFailed, match="PostgreSQL"):
        async with open_history(tmp_path / "unused", lambda _: None, settings=settings):
            pass


async def test_a_database_that_is_not_there_is_said_at_the_door(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if why_not() is not None:
        pytest.skip(str(why_not()))
    server: HistorySettings = request.getfixturevalue("server")
    assert server.url is not None
    url = server.url.get_secret_value().replace("/postgres?", "/nowhere?")
    with pytest.raises(HistoryFailed, match="nowhere"):
        async with open_history(
            tmp_path / "unused", lambda _: None, settings=HistorySettings.model_validate({"url": url})
        ):
            pass


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite:///x", "host", ""])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="postgresql://"):
        HistorySettings.model_validate({"url": url})


def test_the_password_of_the_database_is_not_shown() -> None:
    settings = HistorySettings.model_validate({"url": "postgresql://night:secret@host/db"})
    assert "secret" not in repr(settings)
    assert settings.engine_url == "postgresql+asyncpg://night:secret@host/db"
