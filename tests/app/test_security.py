import base64
import hashlib
import re
import socket
from collections.abc import AsyncGenerator

import httpx
import pytest
from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import HTMLResponse
from starlette.types import ASGIApp
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.security.headers import BodyLimit, SecurityHeaders, inline_script_hashes
from app.security.hosts import AllowedHosts, AllowedOrigins
from tests.made.servers import serving

pytestmark = pytest.mark.anyio

SCRIPT = "\nwindow.theme = 'night';\n"
PAGE = f'<html><head><script>{SCRIPT}</script><script type="module" src="/app.js"></script></head></html>'
OURS = "http://127.0.0.1:8000"


def an_open_app() -> FastAPI:
    """As careless as a stock server: any origin may read, with credentials."""
    app = FastAPI()
    permissive = {"Access-Control-Allow-Origin": "http://evil.example", "Access-Control-Allow-Credentials": "true"}

    @app.get("/")
    async def page() -> Response:
        return HTMLResponse(PAGE, headers=permissive)

    @app.post("/write")
    async def write(request: Request) -> dict[str, int]:
        return {"received": len(await request.body())}

    @app.get("/planted")
    async def planted() -> Response:
        return HTMLResponse("<script>steal()</script>", headers={"Content-Security-Policy": "script-src *"})

    @app.get("/ws/socket.io/")
    async def polling() -> Response:
        return Response("0{}", headers=permissive)

    @app.websocket("/ws")
    async def greet(talk: WebSocket) -> None:
        await talk.accept()
        await talk.send_text("welcome")
        await talk.close()

    return app


def guarded(limit_bytes: int = 1000, hosts: tuple[str, ...] = ()) -> ASGIApp:
    app = SecurityHeaders(BodyLimit(an_open_app(), limit_bytes))
    return AllowedHosts(AllowedOrigins(app, hosts), hosts)


def client(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OURS)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000", "night.lan", "localhost."]
)
async def test_our_own_names_are_let_in(host: str) -> None:
    async with client(guarded(hosts=("night.lan",))) as http:
        assert (await http.get("/", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("evil.example:8000", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.nip.io", 421),
        ("", 400),
        ("localhost@evil.example", 400),
        ("localhost/evil.example", 400),
        ("localhost:port", 400),
        ("[::1", 400),
    ],
)
async def test_other_names_are_refused(host: str, status: int) -> None:
    async with client(guarded()) as http:
        answer = await http.get("/", headers={"Host": host})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/plain; charset=utf-8")


async def test_a_request_with_two_hosts_is_refused() -> None:
    async with client(guarded()) as http:
        answer = await http.get("/", headers=[("Host", "localhost"), ("Host", "evil.example")])
    assert answer.status_code == 400


@pytest.mark.parametrize("origin", [OURS, None])
async def test_our_own_page_and_programs_may_write(origin: str | None) -> None:
    async with client(guarded()) as http:
        headers = {"Origin": origin} if origin else {}
        assert (await http.post("/write", content=b"hello", headers=headers)).json() == {"received": 5}


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:3000", "https://127.0.0.1.evil.example", "file://", ""]
)
async def test_other_pages_may_not_write(origin: str) -> None:
    async with client(guarded()) as http:
        assert (await http.post("/write", headers={"Origin": origin})).status_code == 403


async def test_other_pages_may_not_poll_the_socket() -> None:
    async with client(guarded()) as http:
        assert (await http.get("/ws/socket.io/", headers={"Origin": "http://evil.example"})).status_code == 403
        assert (await http.get("/ws/socket.io/", headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
        assert (await http.get("/ws/socket.io/", headers={"Sec-Fetch-Site": "same-origin"})).status_code == 200


@pytest.mark.parametrize(
    ("host", "origin"), [("night.lan", "https://night.lan"), ("127.0.0.1:8000", "https://night.lan")]
)
async def test_a_page_behind_a_proxy_is_ours_by_its_configured_name(host: str, origin: str) -> None:
    async with client(guarded(hosts=("night.lan",))) as http:
        assert (await http.post("/write", headers={"Host": host, "Origin": origin})).status_code == 200


async def test_no_permission_for_other_origins_leaves() -> None:
    async with client(guarded()) as http:
        for path in ("/", "/ws/socket.io/"):
            answer = await http.get(path)
            assert answer.status_code == 200
            assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.fixture
async def socket_url() -> AsyncGenerator[str]:
    async with serving(guarded()) as url:
        yield url.replace("http://", "ws://") + "/ws"


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_our_own_page_and_programs_may_open_a_socket(socket_url: str) -> None:
    own = socket_url.replace("ws://", "http://").removesuffix("/ws")
    for headers in ({"Origin": own}, {}):
        with connect(socket_url, additional_headers=headers) as talk:
            assert talk.recv() == "welcome"


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_other_pages_may_not_open_a_socket(socket_url: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        connect(socket_url, additional_headers={"Origin": origin})
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_socket_to_a_foreign_name_is_refused(socket_url: str) -> None:
    port = int(socket_url.split(":")[2].removesuffix("/ws"))
    with socket.create_connection(("127.0.0.1", port)) as line, pytest.raises(InvalidStatus) as refusal:
        connect(f"ws://evil.example:{port}/ws", sock=line)
    assert refusal.value.response.status_code == 403


def test_inline_scripts_are_hashed_as_the_browser_reads_them() -> None:
    digest = base64.b64encode(hashlib.sha256(b"a\nb").digest()).decode()
    assert inline_script_hashes("<SCRIPT defer>a\r\nb</SCRIPT ><script src='/x.js'></script>") == [f"'sha256-{digest}'"]


async def test_the_page_s_own_scripts_may_run_and_nothing_may_leave() -> None:
    async with client(guarded()) as http:
        answer = await http.get("/")
    policy = answer.headers["content-security-policy"]
    assert inline_script_hashes(PAGE)[0] in policy
    assert "default-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"script-src[^;]*unsafe", policy)
    assert answer.headers["permissions-policy"].startswith("microphone=(self)")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


async def test_a_planted_page_brings_no_permission_of_its_own() -> None:
    async with client(guarded()) as http:
        answer = await http.get("/planted")
        page = await http.get("/")
    (policy,) = answer.headers.get_list("content-security-policy")
    assert policy == page.headers["content-security-policy"]


async def test_a_body_that_is_announced_too_large_is_refused() -> None:
    async with client(guarded(limit_bytes=10)) as http:
        assert (await http.post("/write", content=b"x" * 10)).status_code == 200
        assert (await http.post("/write", content=b"x" * 11)).status_code == 413


@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # trio warns of a body that nobody reads to its end
async def test_a_body_that_grows_too_large_is_refused_without_being_read_on() -> None:
    sent = 0

    async def endless() -> AsyncGenerator[bytes, None]:
        nonlocal sent
        while sent < 1000:
            sent += 4
            yield b"four"

    async with client(guarded(limit_bytes=10)) as http:
        answer = await http.post("/write", content=endless())
    assert answer.status_code == 413
    assert sent <= 12


async def test_a_length_that_is_no_number_is_refused() -> None:
    async with client(guarded()) as http:
        assert (await http.post("/write", content=b"", headers={"Content-Length": "many"})).status_code == 400
