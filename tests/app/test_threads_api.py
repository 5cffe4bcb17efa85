"""Conversations over HTTP, over a real history: listed, looked back on and changed by their owner, and nobody else."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, Request

from app.api.threads import threads_router
from app.history import History, HistoryFailed, open_history
from app.notices import in_words
from app.past import Past
from app.reviewing import Logged, Said
from memory.types import UserId
from resilience.errors import EngineUnavailable

pytestmark = pytest.mark.anyio

NOON = datetime(2025, 5, 5, 12, tzinfo=UTC)
ANNA, BEN = UserId("anna"), UserId("ben")
RECORD = {
    "tier": "full",
    "stt": "whisper",
    "tts": "piper",
    "model": "qwen",
    "level": "without-memory",
    "troubles": ["memory:engine-timeout"],
    "heard": [["It is noon.", 1.0], ["You could eat.", 0.4]],
    "steps": [["pause", 0.0, 0.5], ["hearing", 0.5, 0.7], ["thinking", 0.7, 0.9], ["speaking", 0.9, 3.0]],
}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """A real database, which knows asyncio only."""
    return "asyncio"


class Log:
    """A turn log of a dictionary."""

    def __init__(self) -> None:
        self.of: dict[str, list[Logged]] = {}
        self.away = False

    async def thread_review(self, thread: str, user: str) -> Sequence[Logged]:
        if self.away:
            raise EngineUnavailable("turn log", "the disk is gone")
        return self.of.get(thread, ())


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@dataclass
class Counter:
    client: httpx.AsyncClient
    history: History
    log: Log
    erased: list[str] = field(default_factory=list)

    async def thread(self, user: str, title: str, *messages: tuple[str, str, float]) -> str:
        """Messages are (type, text, seconds after noon)."""
        thread = str(uuid4())
        await self.history.execute_sql(
            'INSERT INTO threads ("id", "createdAt", "name", "userIdentifier") VALUES (:id, :at, :name, :user)',
            {"id": thread, "at": NOON.isoformat(), "name": title, "user": user},
        )
        for kind, text, seconds in messages:
            await self.history.execute_sql(
                'INSERT INTO steps ("id", "name", "type", "threadId", "streaming", "output", "createdAt")'
                " VALUES (:id, 'x', :type, :thread, FALSE, :text, :at)",
                {"id": str(uuid4()), "type": kind, "thread": thread, "text": text, "at": at(seconds).isoformat()},
            )
        return thread

    async def titles(self, **query: str) -> list[str]:
        return [each["title"] for each in (await self.client.get("/api/threads", params=query)).json()["threads"]]

    async def review(self, thread: str, language: str = "en") -> dict[str, Any]:
        answer = await self.client.get(f"/api/threads/{thread}", headers={"Accept-Language": language})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


def user_of(request: Request) -> UserId:
    return UserId(request.headers.get("user", ANNA))


@asynccontextmanager
async def a_counter(folder: Path) -> AsyncGenerator[Counter]:
    log, erased = Log(), list[str]()

    async def erase(thread: str, _user: UserId) -> None:
        erased.append(thread)

    def trouble(failure: HistoryFailed) -> None:
        raise AssertionError(failure)

    async with open_history(folder / "history.sqlite", trouble, erase=erase) as history:
        past = Past(history, log)
        app = FastAPI()
        app.include_router(threads_router(lambda: past, user_of))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            yield Counter(client, history, log, erased)


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncGenerator[Counter]:
    async with a_counter(tmp_path) as counter:
        yield counter


async def test_conversations_are_listed_the_latest_first_and_found_by_title_and_words(counter: Counter) -> None:
    await counter.thread(ANNA, "Lunch", ("user_message", "What time is it?", 0))
    await counter.thread(ANNA, "Holidays", ("user_message", "Where is Oslo?", 60), ("assistant_message", "North.", 61))
    told = (await counter.client.get("/api/threads")).json()
    assert [(each["title"], each["messages"], each["favourite"]) for each in told["threads"]] == [
        ("Holidays", 2, False),
        ("Lunch", 1, False),
    ]
    assert told["next"] is None
    assert await counter.titles(search="oslo") == ["Holidays"]
    assert await counter.titles(search="lunch") == ["Lunch"]


async def test_many_conversations_come_page_by_page(counter: Counter) -> None:
    for number in range(32):
        await counter.thread(ANNA, f"Number {number}", ("user_message", "Hello.", number))
    first = (await counter.client.get("/api/threads")).json()
    second = (await counter.client.get("/api/threads", params={"cursor": first["next"]})).json()
    assert (len(first["threads"]), first["threads"][0]["title"]) == (30, "Number 31")
    assert ([each["title"] for each in second["threads"]], second["next"]) == (["Number 1", "Number 0"], None)


@pytest.mark.parametrize(
    ("asked", "trouble", "reason"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "Das Langzeitgedächtnis hat zu lange gebraucht.", "Die Antwort kam nicht."),
        ("ja, fr;q=0.5", "La mémoire à long terme a mis trop de temps.", "La réponse n'est pas venue."),
        ("ja", "Long-term memory took too long.", "The answer did not come."),
    ],
)
async def test_what_went_wrong_is_told_in_the_language_that_is_asked_for(
    counter: Counter, asked: str, trouble: str, reason: str
) -> None:
    thread = await counter.thread(ANNA, "Lunch")
    said = Said("s-1", "What time is it?", at(0), outcome="offered", reason="no-answer")
    counter.log.of[thread] = [Logged("t-1", (said,), RECORD)]
    (turn,) = (await counter.review(thread, asked))["turns"]
    assert (turn["troubles"], turn["said"][0]["reason"]) == ([trouble], reason)


async def test_a_turn_tells_what_was_said_heard_and_how_it_went(counter: Counter) -> None:
    thread = await counter.thread(
        ANNA,
        "Lunch",
        ("user_message", "What time is it?", 0),
        ("assistant_message", "It is noon. You could eat.", 1),
        ("assistant_message", "I cannot hear you just now.", 2),
    )
    said = Said("s-1", "What time is it?", at(0), "whisper", 0.87, 1.2, recorded=True, outcome="cut")
    counter.log.of[thread] = [Logged("t-1", (said,), RECORD)]
    told = await counter.review(thread)
    (turn,) = told["turns"]
    assert (told["title"], turn["id"], turn["outcome"]) == ("Lunch", "t-1", "cut")
    assert (turn["said"][0]["confidence"], turn["said"][0]["recorded"]) == (0.87, True)
    assert turn["answer"] == [{"text": "It is noon.", "heard": 1.0}, {"text": "You could eat.", "heard": 0.4}]
    assert turn["shown"] == ["I cannot hear you just now."]
    assert turn["troubles"] == ["Long-term memory took too long."]
    assert turn["steps"][-1] == {"name": "speaking", "began": 0.9, "ended": 3.0}
    assert [turn[each] for each in ("tier", "stt", "tts", "model", "level")] == [
        "full",
        "whisper",
        "piper",
        "qwen",
        "without-memory",
    ]


@pytest.mark.parametrize("record", [None, {}, {"level": "offline", "look_ahead": False}, {"heard": "all of it"}])
async def test_what_an_older_turn_did_not_write_down_is_left_out(
    counter: Counter, record: dict[str, Any] | None
) -> None:
    thread = await counter.thread(ANNA, "Lunch", ("assistant_message", "It is noon.", 1))
    counter.log.of[thread] = [Logged("t-1", (Said("s-1", "What time is it?", at(0)),), record)]
    (turn,) = (await counter.review(thread))["turns"]
    assert (turn["answer"], turn["shown"], turn["steps"]) == ([], ["It is noon."], [])


async def test_an_answer_belongs_to_the_turn_it_followed(counter: Counter) -> None:
    thread = await counter.thread(
        ANNA,
        "Sums",
        ("assistant_message", "Hello.", -5),
        ("assistant_message", "Two.", 1),
        ("assistant_message", "Four.", 11),
    )
    said = [Logged(f"t-{n}", (Said(f"s-{n}", "Sum?", at(10 * n)),), None) for n in range(2)]
    counter.log.of[thread] = [*said, Logged(None, (Said("s-9", "", at(20), outcome="no-words"),), None)]
    turns = (await counter.review(thread))["turns"]
    assert [(turn["id"], turn["shown"]) for turn in turns] == [
        ("t-0", ["Hello.", "Two."]),
        ("t-1", ["Four."]),
        ("s-9", []),
    ]


async def test_a_turn_of_which_the_words_were_lost_still_tells_what_was_answered(counter: Counter) -> None:
    thread = await counter.thread(ANNA, "Lunch")
    counter.log.of[thread] = [Logged("t-1", (), RECORD)]
    (turn,) = (await counter.review(thread))["turns"]
    assert (turn["said"], turn["outcome"], turn["answer"][0]["text"]) == ([], None, "It is noon.")
    exported = await counter.client.get(f"/api/threads/{thread}/export")
    assert "It is noon. You could eat." in exported.text


async def test_without_a_log_of_its_turns_it_shows_what_the_history_has(counter: Counter) -> None:
    thread = await counter.thread(
        ANNA, "Old", ("user_message", "One?", 0), ("assistant_message", "Yes.", 1), ("user_message", "Two?", 2)
    )
    turns = (await counter.review(thread))["turns"]
    assert [(turn["said"][0]["text"], turn["shown"]) for turn in turns] == [("One?", ["Yes."]), ("Two?", [])]


async def test_it_is_renamed_and_made_a_favourite(counter: Counter) -> None:
    thread = await counter.thread(ANNA, "Lunch")
    url = f"/api/threads/{thread}"
    assert (await counter.client.patch(url, json={"title": " Dinner "})).json()["title"] == "Dinner"
    assert (await counter.client.patch(url, json={"favourite": True})).status_code == 200
    told = await counter.review(thread)
    assert (told["title"], told["favourite"]) == ("Dinner", True)
    assert (await counter.client.patch(url, json={"favourite": False})).status_code == 200
    assert (await counter.review(thread))["favourite"] is False


@pytest.mark.parametrize("body", [{}, {"title": " "}, {"title": "x" * 81}, {"favourite": "maybe"}, {"tags": []}, "x"])
async def test_what_is_no_change_is_refused_in_words(counter: Counter, body: object) -> None:
    thread = await counter.thread(ANNA, "Lunch")
    answer = await counter.client.patch(f"/api/threads/{thread}", json=body)
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], str)


async def test_a_deleted_conversation_is_gone_with_all_that_was_kept_of_it(counter: Counter) -> None:
    thread = await counter.thread(ANNA, "Lunch", ("user_message", "What time is it?", 0))
    assert (await counter.client.delete(f"/api/threads/{thread}")).status_code == 204
    assert await counter.titles() == []
    assert counter.erased == [thread]
    assert (await counter.client.get(f"/api/threads/{thread}")).status_code == 404


@pytest.mark.parametrize(("form", "kind"), [("md", "text/markdown"), ("vtt", "text/vtt"), ("json", "application/json")])
async def test_it_can_be_taken_along(counter: Counter, form: str, kind: str) -> None:
    thread = await counter.thread(ANNA, "Mittagessen ☕")
    said = Said("s-1", "What time is it?", at(0), seconds=1.2)
    counter.log.of[thread] = [Logged("t-1", (said,), RECORD)]
    answer = await counter.client.get(f"/api/threads/{thread}/export", params={"form": form})
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''2025-05-05-Mittagessen")
    assert answer.headers["cache-control"] == "no-store"
    for words in ("What time is it?", "It is noon. You could eat."):
        assert words in answer.text
    if form == "json":
        assert json.loads(answer.text)["turns"][0]["answer"][1]["heard"] == 0.4


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("GET", "/export", None),
        ("PATCH", "", {"title": "Mine"}),
        ("PATCH", "", {"favourite": True}),
        ("DELETE", "", None),
    ],
)
async def test_nobody_else_s_is_there(counter: Counter, method: str, tail: str, body: object) -> None:
    of_ben = await counter.thread(BEN, "Secret", ("user_message", "The word is mellon.", 0))
    counter.log.of[of_ben] = [Logged("t-1", (Said("s-1", "The word is mellon.", at(0)),), None)]
    for thread in (of_ben, str(uuid4()), "x", "..%2F..", "%00"):
        answer = await counter.client.request(method, f"/api/threads/{thread}{tail}", json=body)
        assert answer.status_code == 404
    assert await counter.titles() == await counter.titles(search="mellon") == []
    rows = await counter.history.execute_sql('SELECT "name", "tags" FROM threads', {})
    assert rows == [{"name": "Secret", "tags": None}]
    assert counter.erased == []


async def test_a_log_that_is_away_is_said_with_what_to_do(counter: Counter) -> None:
    thread = await counter.thread(ANNA, "Lunch")
    counter.log.away = True
    answer = await counter.client.get(f"/api/threads/{thread}")
    assert (answer.status_code, answer.json()["code"]) == (503, "engine-unavailable")
    assert "the disk is gone" in answer.json()["detail"]
    assert "tried again" in answer.json()["remedy"]


async def test_a_history_that_is_away_is_said_too(tmp_path: Path) -> None:
    async with open_history(tmp_path / "history.sqlite", lambda _: None) as history:
        past = Past(history, Log())
    app = FastAPI()
    app.include_router(threads_router(lambda: past, user_of))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/api/threads")).status_code == 503


async def test_while_the_house_opens_there_are_none_yet() -> None:
    app = FastAPI()
    app.include_router(threads_router(lambda: None, user_of))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        assert (await client.get("/api/threads")).status_code == 503


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("memory:shed", "Long-term memory was left out to save time."),
        ("language:no-such-code", "The language model had trouble (no-such-code)."),
        ("weather:engine-failed", "Weather failed."),
        ("The answer was late.", "The answer was late."),
    ],
)
def test_troubles_are_told_in_words(trouble: str, words: str) -> None:
    assert in_words(trouble) == words
