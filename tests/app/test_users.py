"""Who is let in behind a proxy that logs people in, and as whom."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from time import time
from typing import Any

import httpx
import pytest
from chainlit.auth.jwt import create_jwt
from chainlit.user import User
from fastapi import Depends, FastAPI, Request
from pydantic import ValidationError

from app.rights.operator import HEADER as PASS
from app.rights.operator import make_pass
from app.security.login import user_of
from app.security.settings import UserSettings
from app.security.users import KnownUsers, operators_only, who_was_let_in

pytestmark = pytest.mark.anyio

PROXY, STRANGER = "10.1.2.3", "10.9.9.9"
SECRET = "for tests only, and of a length that will do"
BEHIND_A_PROXY = UserSettings.model_validate(
    {"header": "X-Forwarded-User", "proxies": ["10.1.2.0/24", "fd00::/8"], "operators": ["olga"]}
)


@pytest.fixture(autouse=True)
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHAINLIT_AUTH_SECRET", SECRET)
    file = tmp_path / "secret"
    file.write_text(SECRET)
    return file


def log_in_of(user: str) -> str:
    token: str = create_jwt(User(identifier=user))
    return token


@asynccontextmanager
async def a_door(secret: Path, users: UserSettings = BEHIND_A_PROXY, peer: str = PROXY) -> AsyncGenerator[Any]:
    """What a request is answered that comes through it."""
    app = FastAPI()

    @app.get("/who")
    async def who(request: Request) -> dict[str, Any]:
        return {
            "let in": who_was_let_in(),
            "logged in": user_of(request),
            "cookies": request.cookies,
            "authorization": request.headers.get("authorization"),
        }

    @app.put("/everybodys", dependencies=[Depends(operators_only)])
    async def change() -> str:
        return "changed"

    @app.get("/health/live")
    async def live() -> str:
        return "alive"

    transport = httpx.ASGITransport(KnownUsers(app, users, secret), client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:

        async def ask(
            *headers: tuple[str, str], path: str = "/who", method: str = "GET", token: str | None = None
        ) -> httpx.Response:
            cookie = [] if token is None else [("Cookie", f"theme=dark; access_token={token}")]
            sent = [(name.encode(), value.encode("latin-1")) for name, value in (*headers, *cookie)]
            return await http.request(method, path, headers=sent)

        yield ask


ANNA = ("X-Forwarded-User", "anna")


async def test_who_is_named_by_the_proxy_and_logged_in_as_the_same_is_let_in(secret: Path) -> None:
    async with a_door(secret) as ask:
        told = (await ask(ANNA, token=log_in_of("anna"))).json()
    assert (told["let in"], told["logged in"]) == ("anna", "anna")
    assert told["cookies"].keys() == {"theme", "access_token"}


async def test_a_log_in_of_somebody_else_is_taken_off(secret: Path) -> None:
    async with a_door(secret) as ask:
        answer = await ask(ANNA, token=log_in_of("ben"))
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "cookies",
    [
        ["access_token={anna}; access_token={ben}"],
        ["access_token={ben}; access_token={anna}"],
        ["access_token={anna}", "access_token={ben}"],
        ["access_token={ben}", "access_token={anna}"],
        ["access_token={anna}; access_token_0={ben}"],
        ["access_token_0={ben}"],
        ['access_token="{ben}"'],
        ["access_token={ben}; access_token="],
        ["theme=dark;access_token={ben}"],
    ],
)
async def test_however_cookies_are_put_nobody_comes_in_as_somebody_else(secret: Path, cookies: list[str]) -> None:
    tokens = {"anna": log_in_of("anna"), "ben": log_in_of("ben")}
    async with a_door(secret) as ask:
        answer = await ask(ANNA, *(("Cookie", each.format(**tokens)) for each in cookies))
    if answer.status_code == 200:
        assert answer.json()["logged in"] == "anna"
        assert tokens["ben"] not in answer.text
    else:
        assert answer.status_code == 401


async def test_a_log_in_in_another_header_is_not_handed_on(secret: Path) -> None:
    async with a_door(secret) as ask:
        bearer = ("Authorization", f"Bearer {log_in_of('ben')}")
        told = (await ask(ANNA, bearer, token=log_in_of("anna"))).json()
    assert told["authorization"] is None


async def test_an_old_log_in_alone_lets_nobody_in(secret: Path) -> None:
    for peer in (PROXY, STRANGER):
        async with a_door(secret, peer=peer) as ask:
            answer = await ask(token=log_in_of("anna"))
        assert answer.status_code == 401
        assert "address of its log-in" in answer.text


async def test_the_header_is_not_believed_from_anywhere_else(secret: Path) -> None:
    for peer in (STRANGER, "127.0.0.1", "::1", "::ffff:10.9.9.9", "a folder"):
        async with a_door(secret, peer=peer) as ask:
            assert (await ask(ANNA, token=log_in_of("anna"))).status_code == 403


@pytest.mark.parametrize("peer", [PROXY, "::ffff:10.1.2.3", "fd00::7"])
async def test_a_proxy_is_known_by_its_address_however_that_is_written(secret: Path, peer: str) -> None:
    async with a_door(secret, peer=peer) as ask:
        assert (await ask(ANNA, token=log_in_of("anna"))).status_code == 200


@pytest.mark.parametrize(
    "name", ["", " ", ".anna", "an na", "anna,ben", "../anna", "a/b", "anna\t", "ann\u00e4", "a" * 129, "'; --"]
)
async def test_a_name_that_is_none_is_refused_in_words(secret: Path, name: str) -> None:
    async with a_door(secret) as ask:
        answer = await ask(("X-Forwarded-User", name))
    assert answer.status_code == 400
    assert "no name" in answer.text


async def test_two_names_are_none(secret: Path) -> None:
    async with a_door(secret) as ask:
        assert (await ask(ANNA, ("x-forwarded-user", "anna"), token=log_in_of("anna"))).status_code == 400


@pytest.mark.parametrize("name", ["anna", "anna.b@example.org", "auth0|5f7c", "1", "a" * 128])
async def test_a_name_as_log_ins_give_them_is_taken(secret: Path, name: str) -> None:
    async with a_door(secret) as ask:
        assert (await ask(("X-Forwarded-User", name), token=log_in_of(name))).json()["let in"] == name


async def test_whoever_watches_over_the_process_need_not_log_in(secret: Path) -> None:
    async with a_door(secret, peer=STRANGER) as ask:
        assert (await ask(path="/health/live")).json() == "alive"


async def test_only_operators_change_what_is_everybodys(secret: Path) -> None:
    async with a_door(secret) as ask:
        assert (await ask(ANNA, path="/everybodys", method="PUT")).status_code == 403
        assert (await ask(("X-Forwarded-User", "olga"), path="/everybodys", method="PUT")).status_code == 200


async def test_who_can_read_the_secret_comes_in_with_a_pass(secret: Path) -> None:
    good = make_pass(SECRET, "PUT", "/everybodys", "local", time())
    async with a_door(secret, peer="127.0.0.1") as ask:
        assert (await ask((PASS, good), path="/everybodys", method="PUT")).status_code == 200
        assert (await ask((PASS, good), path="/who")).status_code == 403
        forged = make_pass("another secret", "PUT", "/everybodys", "local", time())
        for bad in (forged, "", "nonsense", good[:-1]):
            assert (await ask((PASS, bad), path="/everybodys", method="PUT")).status_code == 403


async def test_where_nobody_logs_people_in_there_is_one_user_and_they_run_it(secret: Path) -> None:
    async with a_door(secret, UserSettings(), peer=STRANGER) as ask:
        told = (await ask(ANNA, token=log_in_of("local"))).json()
        assert (told["let in"], told["logged in"]) == ("local", "local")
        assert (await ask(path="/everybodys", method="PUT")).status_code == 200


@pytest.mark.parametrize("wrong", [{"header": "X User"}, {"header": "X", "proxies": ["proxy"]}, {"proxies": ["::1"]}])
def test_settings_that_could_not_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        UserSettings.model_validate(wrong)
