"""Two people behind a proxy that logs them in, in one running Nightingale: with each other's ids, cookies and sockets.

Here the proxy is whoever speaks from 127.0.0.1, and names the user in a header.
"""

import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import aiohttp
import anyio
import pytest
import socketio
from yarl import URL

from tests.browser.house import nightingale
from tests.made.client import PATIENCE_SECONDS, Client

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]

HEADER = "X-Forwarded-User"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class House:
    url: str
    data: Path

    @asynccontextmanager
    async def browser(
        self, user: str, *, cookie_of: str = "", address: str = ""
    ) -> AsyncGenerator[aiohttp.ClientSession]:
        """Of a user whom the proxy has logged in; with a log-in here, of whoever used it last."""
        jar = aiohttp.CookieJar(unsafe=True)
        connector = aiohttp.TCPConnector(local_addr=(address, 0)) if address else None
        async with aiohttp.ClientSession(cookie_jar=jar) as before:
            headers = {HEADER: cookie_of or user}
            async with before.post(f"{self.url}/auth/header", headers=headers) as answer:
                assert answer.status == 200
        async with aiohttp.ClientSession(cookie_jar=jar, headers={HEADER: user}, connector=connector) as http:
            yield http

    @asynccontextmanager
    async def a_tab_of(
        self, user: str, *, cookie_of: str = "", thread: str = "", session: str = ""
    ) -> AsyncGenerator[Client]:
        async with self.browser(user, cookie_of=cookie_of) as http:
            client = Client(http, self.url, thread, session or str(uuid4()))
            await client.connect()
            try:
                await client.choose("stt-only")
                yield client
            finally:
                await client.leave()

    async def ask(self, user: str, method: str, path: str, body: object = None, **how: str) -> tuple[int, Any]:
        async with self.browser(user, **how) as http, http.request(method, f"{self.url}{path}", json=body) as answer:
            match answer.content_type:
                case "application/json":
                    return answer.status, await answer.json()
                case "application/zip":
                    return answer.status, await answer.read()
                case _:
                    return answer.status, await answer.text()


@dataclass
class Annas:
    thread: str
    session: str
    step: str
    answer: str
    memory: str
    feedback: str


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    data: Path = tmp_path_factory.mktemp("house")
    settings = {"VOICE__STT": "[]", "VOICE__TTS": "[]", "GRAPH__MODELS": "[]", "EMBEDDING": '{"engine": "none"}'}
    users = {"USERS__HEADER": HEADER, "USERS__PROXIES": '["127.0.0.1"]', "USERS__OPERATORS": '["olga"]'}
    async with nightingale(data, **settings, **users) as served:
        yield House(served.url, data)


@pytest.fixture(scope="module")
async def annas(house: House) -> AsyncGenerator[Annas]:
    """Her tab stays open."""
    session = str(uuid4())
    async with house.a_tab_of("anna", session=session) as tab:
        await tab.ask("my favourite colour is xylophone green")
        await tab.quiet()
        await tab.until(lambda: tab.thread)
        said: list[dict[str, Any]] = []
        memories: list[dict[str, Any]] = []
        with anyio.fail_after(PATIENCE_SECONDS):
            while len(said) < 2 or not memories:  # both are written after the turn
                said = _messages(await house.ask("anna", "GET", f"/project/thread/{tab.thread}"))
                memories = (await house.ask("anna", "GET", "/api/memories"))[1]["memories"]
        assert "xylophone" in memories[0]["text"].lower()
        feedback = {"feedback": {"forId": said[-1]["id"], "value": 1}, "sessionId": session}
        kept = (await house.ask("anna", "PUT", "/feedback", feedback))[1]["feedbackId"]
        before = await house.ask("anna", "GET", f"/project/thread/{tab.thread}")
        yield Annas(tab.thread, session, said[0]["id"], said[-1]["id"], memories[0]["id"], kept)
        after = await house.ask("anna", "GET", f"/project/thread/{tab.thread}")
        assert _messages(after) == _messages(before)
        assert (await house.ask("anna", "GET", "/api/memories"))[1]["memories"] == memories


def _messages(answer: tuple[int, Any]) -> list[Any]:
    return [step for step in answer[1]["steps"] if "message" in step["type"]]


ELEMENT = {"id": "{step}", "threadId": "{thread}", "type": "custom", "name": "mine", "display": "inline"}
ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/project/thread/{thread}", None),
    ("GET", "/project/share/{thread}", None),
    ("GET", "/project/thread/{thread}/element/{step}", None),
    ("PUT", "/project/thread", {"threadId": "{thread}", "name": "mine"}),
    ("PUT", "/project/thread/share", {"threadId": "{thread}", "isShared": True}),
    ("DELETE", "/project/thread", {"threadId": "{thread}"}),
    ("PUT", "/feedback", {"feedback": {"forId": "{answer}", "value": 0}, "sessionId": "{session}"}),
    ("DELETE", "/feedback", {"feedbackId": "{feedback}"}),
    ("PUT", "/project/element", {"element": ELEMENT, "sessionId": "{session}"}),
    ("DELETE", "/project/element", {"element": ELEMENT, "sessionId": "{session}"}),
    ("POST", "/project/action", {"action": {"name": "any", "payload": {}}, "sessionId": "{session}"}),
    ("GET", "/project/file/{step}?session_id={session}", None),
    ("GET", "/api/threads/{thread}", None),
    ("GET", "/api/threads/{thread}/export", None),
    ("PATCH", "/api/threads/{thread}", {"title": "mine"}),
    ("DELETE", "/api/threads/{thread}", None),
    ("GET", "/api/recordings/{step}", None),
    ("DELETE", "/api/recordings/{step}", None),
    ("GET", "/api/memories/{memory}", None),
    ("PATCH", "/api/memories/{memory}", {"text": "mine"}),
    ("GET", "/api/documents/{memory}", None),
    ("DELETE", "/api/documents/{memory}", None),
]


def filled(pattern: Any, annas: Annas) -> Any:
    match pattern:
        case str():
            return pattern.format(**vars(annas))
        case dict():
            return {key: filled(value, annas) for key, value in pattern.items()}
        case _:
            return pattern


@pytest.mark.parametrize(("method", "path", "body"), ROUTES, ids=[f"{each[0]} {each[1]}" for each in ROUTES])
async def test_no_route_gives_or_changes_what_is_somebody_else_s(
    house: House, annas: Annas, method: str, path: str, body: Any
) -> None:
    status, told = await house.ask("ben", method, filled(path, annas), filled(body, annas))
    assert status in (401, 404, 422), told
    assert "xylophone" not in str(told)


@pytest.mark.parametrize(
    ("method", "path", "body"), ROUTES[:1] + ROUTES[6:7] + ROUTES[12:], ids=lambda each: str(each)[:40]
)
async def test_with_her_cookie_somebody_else_is_nobody(
    house: House, annas: Annas, method: str, path: str, body: Any
) -> None:
    status, told = await house.ask("ben", method, filled(path, annas), filled(body, annas), cookie_of="anna")
    assert status == 401, told


async def test_what_lists_lists_ones_own_alone(house: House, annas: Annas) -> None:
    page = {"pagination": {"first": 20}, "filter": {}}
    assert [each["id"] for each in (await house.ask("anna", "POST", "/project/threads", page))[1]["data"]] == [
        annas.thread
    ]
    for method, path, body in (
        ("POST", "/project/threads", page),
        ("POST", "/project/threads", {**page, "filter": {"search": "xylophone"}}),
        ("GET", "/api/threads?search=xylophone", None),
        ("GET", "/api/memories?query=xylophone", None),
        ("GET", "/api/memories", None),
        ("GET", "/api/documents", None),
    ):
        status, told = await house.ask("ben", method, path, body)
        assert status == 200
        assert "xylophone" not in str(told).replace("search=xylophone", "")
    zipped = (await house.ask("ben", "GET", "/api/export"))[1]
    with ZipFile(BytesIO(zipped)) as taken:
        assert not any(b"xylophone" in taken.read(name) or annas.thread in name for name in taken.namelist())


async def test_forgetting_and_erasing_end_at_oneself(house: House, annas: Annas) -> None:
    assert (await house.ask("ben", "DELETE", "/api/memories", {"ids": [annas.memory]}))[0] in (200, 404)
    assert (await house.ask("ben", "DELETE", "/api/memories", {"all": True}))[0] == 200
    assert (await house.ask("ben", "DELETE", "/api/user", {"confirm": "anna"}))[0] == 422
    assert (await house.ask("ben", "DELETE", "/api/user", {"confirm": "erase"}))[0] == 200
    assert (await house.ask("anna", "GET", f"/api/memories/{annas.memory}"))[0] == 200
    assert (await house.ask("anna", "GET", f"/api/threads/{annas.thread}"))[0] == 200


@pytest.mark.parametrize("crafted", ["thread", "session", "cookie", "cookie and thread", "cookie and session"])
async def test_no_socket_opens_on_what_is_somebody_else_s(house: House, annas: Annas, crafted: str) -> None:
    how = {"cookie_of": "anna"} if "cookie" in crafted else {}
    how |= {name: getattr(annas, name) for name in ("thread", "session") if name in crafted}
    with pytest.raises(socketio.exceptions.ConnectionError):
        async with house.a_tab_of("ben", **how):
            pass


async def test_in_a_session_of_ones_own_her_thread_and_her_words_are_not_there(house: House, annas: Annas) -> None:
    async with house.a_tab_of("ben") as tab:
        await tab.ask("hello")
        crafted = {"id": annas.step, "threadId": annas.thread, "output": "what is my favourite colour", "name": "anna"}
        message = {**crafted, "type": "user_message", "createdAt": "2026-01-01T00:00:00Z", "metadata": {}}
        await tab._socket.emit("client_message", {"message": message, "fileReferences": []})
        await tab.until(lambda: len(tab.answers) > 1)
        await tab.window({"nightingale": 1, "sender": "page", "type": "on-offer", "saying": annas.step, "do": "answer"})
        await tab.ask("what did i say before")
        assert "xylophone" not in str(tab.answers)


async def test_the_page_logs_its_user_in_anew_and_then_everything_is_theirs(house: House) -> None:
    async with house.browser("ben", cookie_of="anna") as http:
        async with http.get(f"{house.url}/user") as answer:
            assert answer.status == 401
        async with http.post(f"{house.url}/auth/header") as answer:
            assert answer.status == 200
        async with http.get(f"{house.url}/user") as answer:
            told = await answer.json()
    assert (told["identifier"], told["display_name"]) == ("ben", "ben")


async def test_past_the_proxy_nobody_comes_in(house: House, annas: Annas) -> None:
    async with house.browser("anna", address="127.0.0.2") as http:
        for path in ("/", "/user", f"/project/thread/{annas.thread}", "/api/memories", "/api/breakers", "/memory"):
            async with http.get(f"{house.url}{path}") as answer:
                assert answer.status == 403
            async with http.get(f"{house.url}{path}", headers={HEADER: ""}) as answer:
                assert answer.status == 403
        async with http.get(f"{house.url}/health/ready") as answer:
            assert answer.status == 200
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{house.url}/") as answer:
            assert answer.status == 401
            assert "address of its log-in" in await answer.text()


async def test_models_and_breakers_are_the_operators_and_whose_the_data_folder_is(house: House) -> None:
    force = {"force": "open"}
    (breaker, *_) = [each["name"] for each in (await house.ask("ben", "GET", "/api/breakers"))[1]]
    assert (await house.ask("ben", "PUT", f"/api/breakers/{breaker}", force))[0] == 403
    assert (await house.ask("ben", "POST", "/api/models/nothing/pull"))[0] == 403
    assert (await house.ask("ben", "DELETE", "/api/models/nothing"))[0] == 403
    assert (await house.ask("olga", "DELETE", "/api/models/nothing"))[0] == 404
    assert (await house.ask("olga", "PUT", f"/api/breakers/{breaker}", force))[0] == 200
    program = [str(Path(sys.executable).parent / "nightingale"), "breakers", breaker, "auto"]
    here = {"NIGHTINGALE_PORT": str(URL(house.url).port), "NIGHTINGALE_DATA_DIR": str(house.data)}
    told = await anyio.run_process(program, env={**os.environ, **here}, cwd=house.data, check=False)
    assert told.returncode == 0, told.stderr
    assert breaker in told.stdout.decode()
