"""Two users of one running Nightingale: through Chainlit's routes and sockets, and ours, with each other's ids."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import anyio
import jwt
import pytest
import socketio
from yarl import URL

from tests.browser.house import Served, nightingale
from tests.made.client import PATIENCE_SECONDS, Client

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class House:
    served: Served
    secret: str

    @property
    def url(self) -> str:
        return self.served.url

    @asynccontextmanager
    async def as_user(self, name: str) -> AsyncGenerator[aiohttp.ClientSession]:
        """Logged in as Chainlit would have done it."""
        claims: dict[str, Any] = {"identifier": name, "display_name": None, "metadata": {}}
        until = datetime.now(UTC) + timedelta(hours=1)
        token = jwt.encode({**claims, "iat": datetime.now(UTC), "exp": until}, self.secret, algorithm="HS256")
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            http.cookie_jar.update_cookies({"access_token": token}, URL(self.url))
            yield http

    @asynccontextmanager
    async def a_tab_of(self, name: str, thread: str = "", session: str = "") -> AsyncGenerator[Client]:
        async with self.as_user(name) as http:
            client = Client(http, self.url, thread, session or str(uuid4()))
            await client.connect()
            try:
                await client.choose("stt-only")
                yield client
            finally:
                await client.leave()

    async def ask(self, name: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
        async with self.as_user(name) as http, http.request(method, f"{self.url}{path}", json=body) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()


@dataclass
class Annas:
    thread: str
    session: str
    steps: list[dict[str, Any]]


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    data: Path = tmp_path_factory.mktemp("house")
    nothing = {"VOICE__STT": "[]", "VOICE__TTS": "[]", "GRAPH__MODELS": "[]"}
    async with nightingale(data, **nothing) as served:
        yield House(served, (data / "secret").read_text().strip())


@pytest.fixture(scope="module")
async def annas(house: House) -> AsyncGenerator[Annas]:
    """Her tab stays open."""
    session = str(uuid4())
    async with house.a_tab_of("anna", session=session) as tab:
        await tab.ask("my secret is a nightingale")
        await tab.quiet()
        await tab.until(lambda: tab.thread)
        with anyio.fail_after(PATIENCE_SECONDS):
            said: list[dict[str, Any]] = []
            while len(said) < 2:  # Chainlit writes in tasks of its own
                status, thread = await house.ask("anna", "GET", f"/project/thread/{tab.thread}")
                assert status == 200
                said = [step for step in thread["steps"] if "message" in step["type"]]
        yield Annas(tab.thread, session, said)
        _, thread = await house.ask("anna", "GET", f"/project/thread/{tab.thread}")
        assert [step for step in thread["steps"] if "message" in step["type"]] == said


async def listed(house: House, user: str, **wanted: object) -> list[dict[str, Any]]:
    body = {"pagination": {"first": 20}, "filter": wanted}
    status, page = await house.ask(user, "POST", "/project/threads", body)
    assert status == 200
    threads: list[dict[str, Any]] = page["data"]
    return threads


async def test_each_sees_their_own_threads_only(house: House, annas: Annas) -> None:
    assert [thread["id"] for thread in await listed(house, "anna")] == [annas.thread]
    assert [thread["id"] for thread in await listed(house, "anna", search="Nightingale")] == [annas.thread]
    for wanted in ({}, {"search": "nightingale"}, {"userId": (await listed(house, "anna"))[0]["userId"]}):
        assert await listed(house, "ben", **wanted) == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/project/thread/{thread}", None),
        ("GET", "/project/share/{thread}", None),
        ("GET", "/project/thread/{thread}/element/{step}", None),
        ("PUT", "/project/thread", {"threadId": "{thread}", "name": "mine"}),
        ("PUT", "/project/thread/share", {"threadId": "{thread}", "isShared": True}),
        ("DELETE", "/project/thread", {"threadId": "{thread}"}),
        ("DELETE", "/feedback", {"feedbackId": "{step}"}),
        ("GET", "/api/recordings/{step}", None),
        ("DELETE", "/api/recordings/{step}", None),
    ],
)
@pytest.mark.parametrize("whose", ["anna's", "nobody's", "no id at all"])
async def test_what_is_somebody_else_s_is_not_found_and_neither_is_what_is_nobody_s(
    house: House, annas: Annas, whose: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    ids = {
        "anna's": {"{thread}": annas.thread, "{step}": annas.steps[0]["id"]},
        "nobody's": {"{thread}": str(uuid4()), "{step}": str(uuid4())},
        "no id at all": {"{thread}": "x' OR '1'='1", "{step}": "x' OR '1'='1"},
    }[whose]
    for name, crafted in ids.items():
        path = path.replace(name, crafted)
        body = body and {key: crafted if value == name else value for key, value in body.items()}
    status, _ = await house.ask("ben", method, path, body)
    assert status == 404


async def test_nobody_judges_somebody_else_s_answers(house: House, annas: Annas) -> None:
    for step in (annas.steps[-1]["id"], str(uuid4())):
        feedback = {"feedback": {"forId": step, "value": 0, "threadId": annas.thread}, "sessionId": annas.session}
        status, told = await house.ask("ben", "PUT", "/feedback", feedback)
        assert status == 404
        assert told["detail"] == "There is no such message."
    own = {"feedback": {"forId": annas.steps[-1]["id"], "value": 1}, "sessionId": annas.session}
    status, told = await house.ask("anna", "PUT", "/feedback", own)
    assert status == 200
    taken = {"feedbackId": told["feedbackId"]}
    assert (await house.ask("ben", "DELETE", "/feedback", taken))[0] == 404
    assert (await house.ask("anna", "DELETE", "/feedback", taken))[0] == 200


@pytest.mark.parametrize("whose", ["thread", "session"])
async def test_nobody_connects_to_somebody_else_s_thread_or_session(house: House, annas: Annas, whose: str) -> None:
    crafted = {"thread": annas.thread} if whose == "thread" else {"session": annas.session}
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with house.a_tab_of("ben", **crafted):
            pass


async def test_a_thread_cannot_be_shared_by_its_own_user_either(house: House, annas: Annas) -> None:
    status, _ = await house.ask("anna", "PUT", "/project/thread/share", {"threadId": annas.thread, "isShared": True})
    assert status == 404
    assert (await house.ask("ben", "GET", f"/project/share/{annas.thread}"))[0] == 404


async def test_a_message_under_somebody_else_s_id_changes_nothing_of_theirs(house: House, annas: Annas) -> None:
    async with house.a_tab_of("ben") as tab:
        await tab.ask("hello")
        crafted = {**annas.steps[0], "output": "what is the date today?", "threadId": annas.thread}
        await tab._socket.emit("client_message", {"message": crafted, "fileReferences": []})
        await tab.until(lambda: len(tab.answers) > 1)
        await tab.quiet()
    status, thread = await house.ask("anna", "GET", f"/project/thread/{annas.thread}")
    assert status == 200
    assert [step for step in thread["steps"] if "message" in step["type"]] == annas.steps
    assert len(await listed(house, "ben")) == 1


async def test_who_is_not_logged_in_gets_nothing(house: House, annas: Annas) -> None:
    async with aiohttp.ClientSession() as http:
        paths = (f"/project/thread/{annas.thread}", f"/api/recordings/{annas.steps[0]['id']}", "/api/voices")
        for path in paths:
            async with http.get(f"{house.url}{path}") as answer:
                assert answer.status == 401
        cookie = {"Cookie": "access_token=forged"}
        async with http.get(f"{house.url}/api/recordings/{annas.steps[0]['id']}", headers=cookie) as answer:
            assert answer.status == 401


async def test_its_own_user_goes_on_with_a_thread_renames_and_deletes_it(house: House) -> None:
    async with house.a_tab_of("carol") as tab:
        await tab.ask("hello")
        thread = await tab.until(lambda: tab.thread)
        with anyio.fail_after(PATIENCE_SECONDS):
            while len(await tab.kept()) < 2:
                await anyio.sleep(0.1)
    async with house.a_tab_of("carol", thread=thread) as tab:
        await tab.until(lambda: tab.resumed)
        assert tab.resumed[0]["output"] == "hello"
    assert (await house.ask("carol", "PUT", "/project/thread", {"threadId": thread, "name": "Greeting"}))[0] == 200
    assert [each["name"] for each in await listed(house, "carol")] == ["Greeting"]
    assert (await house.ask("carol", "DELETE", "/project/thread", {"threadId": thread}))[0] == 200
    assert (await house.ask("carol", "GET", f"/project/thread/{thread}"))[0] == 404
    assert await listed(house, "carol") == []
