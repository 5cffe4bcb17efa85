"""Who asks, where a proxy in front of this house has logged people in and names them in a header. Pure ASGI.

The header is believed from the proxy alone. The log-in that Chainlit gives a page (a cookie) has to name the same user,
on every request and every socket; another's is taken off the request, which is then nobody's until the page has logged
in anew, as it does by itself. So nobody goes on as somebody else with what is left in a browser.
"""

import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from time import time

import structlog
from anyio import to_thread
from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from app.rights.operator import HEADER as PASS
from app.rights.operator import read_secret, user_by_pass
from app.security.hosts import refuse
from app.security.settings import UserSettings
from memory.types import FIRST_USER, UserId

log = structlog.get_logger(__name__)

LOG_IN = "access_token"
"""Chainlit's cookie; a long one is cut into several of which this is the beginning of the name."""
NOBODYS = frozenset({"/health/live", "/health/startup", "/health/ready", "/metrics"})
"""What tells nothing of anybody, to whoever watches over the process."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+|-]{0,127}")

THROUGH_THE_PROXY = "Nobody is logged in here. Please open Nightingale by the address of its log-in."
NOT_FROM_THERE = "Who asks is not to be said from here."
NOT_A_NAME = "That is no name that I can keep things under: 1 to 128 of A-Z a-z 0-9 . _ @ + | -, once."
NOT_VALID = "That pass is not valid."
OPERATORS_ONLY = "Only who runs this house may do that."


@dataclass(frozen=True, slots=True)
class Asker:
    user: UserId
    operates: bool
    """Whether they may change what is everybody's."""


ALONE = Asker(FIRST_USER, operates=True)
_asker: ContextVar[Asker] = ContextVar("who was let in")


def who_was_let_in() -> UserId:
    """For whoever logs them in; what a request may see is told by its log-in (`app.security.login`)."""
    return _asker.get(ALONE).user


async def operators_only() -> None:
    """For routes that change what is everybody's. Raises 403."""
    if not _asker.get(ALONE).operates:
        raise HTTPException(403, OPERATORS_ONLY)


class KnownUsers:
    """Lets in whom the proxy has named, and whoever runs this house with their pass; refuses everybody else."""

    def __init__(self, app: ASGIApp, users: UserSettings, secret: Path) -> None:
        """`secret`: the file that passes are made with."""
        self._app = app
        self._users = users
        self._secret = secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._users.header is None or scope["type"] not in ("http", "websocket") or scope["path"] in NOBODYS:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.getlist(self._users.header)
        if given and not self._is_proxy(scope):
            log.warning("user named by a stranger", path=scope["path"])
            await refuse(scope, receive, send, 403, NOT_FROM_THERE)
        elif given and (len(given) > 1 or not NAME.fullmatch(given[0])):
            await refuse(scope, receive, send, 400, NOT_A_NAME)
        elif given:
            user = UserId(given[0])
            with _let_in(Asker(user, operates=user in self._users.operators)):
                await self._app(_with_log_in_of(user, scope), receive, send)
        elif PASS in headers and scope["type"] == "http":
            named = await self._by_pass(headers[PASS], scope)
            if named is None:
                await refuse(scope, receive, send, 403, NOT_VALID)
                return
            with _let_in(Asker(named, operates=True)):
                await self._app(_with_log_in_of(named, scope), receive, send)
        else:
            await refuse(scope, receive, send, 401, THROUGH_THE_PROXY)

    def _is_proxy(self, scope: Scope) -> bool:
        try:
            address = ip_address((scope.get("client") or ("", 0))[0])
        except ValueError:  # a socket in a folder has no address
            return False
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or address
        return any(address in network for network in self._users.proxies)

    async def _by_pass(self, given: str, scope: Scope) -> UserId | None:
        own = await to_thread.run_sync(read_secret, self._secret)
        named = own and user_by_pass(given, own, scope["method"], scope["path"], time())
        return UserId(named) if named else None


@contextmanager
def _let_in(asker: Asker) -> Generator[None]:
    mark = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(mark)


def _with_log_in_of(user: UserId, scope: Scope) -> Scope:
    """The request as Chainlit and our routes are to see it: with no log-in but this user's."""
    cookies: dict[str, str] = {}
    for line in Headers(scope=scope).getlist("cookie"):
        cookies |= cookie_parser(line)
    kept = {name: value for name, value in cookies.items() if not name.startswith(LOG_IN)}
    token = _log_in_of(user, cookies)
    if token is not None:
        kept[LOG_IN] = token
    headers = [(name, value) for name, value in scope["headers"] if name not in (b"cookie", b"authorization")]
    if kept:
        line = "; ".join(f"{name}={value}" for name, value in kept.items())
        headers.append((b"cookie", line.encode("latin-1", "replace")))
    return {**scope, "headers": headers}


def _log_in_of(user: UserId, cookies: Mapping[str, str]) -> str | None:
    from chainlit.auth.cookie import get_token_from_cookies  # not before its environment is prepared
    from chainlit.auth.jwt import decode_jwt
    from jwt import InvalidTokenError

    token: str | None = get_token_from_cookies(dict(cookies))
    if token is None:
        return None
    try:
        whose = decode_jwt(token).identifier
    except InvalidTokenError:
        return None
    if whose != user:
        log.info("log-in of another user taken off")
        return None
    return token
