"""Which names the page may be opened under, and which pages may speak to us. Pure ASGI, HTTP and WebSocket.

A local server is open to two tricks of other people's pages: a name of theirs that resolves to this machine (DNS
rebinding), and requests that the user's browser sends for them. The first carries a foreign Host, the second a
foreign Origin, and neither can be forged by a page. Programs are not browsers: where there is no Origin, none is
demanded, on the WebSocket either, for a browser never leaves it out there and a program could write any.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
"""What this machine calls itself; always allowed, on any port."""

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_SOCKET_PATHS = ("/ws/socket.io",)
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class AllowedHosts:
    """Refuses what is addressed to somebody else."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._names = {name.lower() for name in (*OWN_NAMES, *hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).getlist("host")
        place = _place(f"//{given[0]}") if len(given) == 1 else None
        if place is None:
            await refuse(scope, receive, send, 400, "Bad Host header.")
        elif place[0] not in self._names:
            log.warning("host refused", host=given[0][:100])
            await refuse(scope, receive, send, 421, "This name is not one of mine.")
        else:
            await self._app(scope, receive, send)


class AllowedOrigins:
    """Refuses what other people's pages ask for, and lets no permission for them out.

    An Origin is ours when it names the host and port that the request is addressed to; stand inside `AllowedHosts`,
    which vouches for those. `hosts` are names we have behind a proxy that does not hand on the Host it was asked for.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._names = {name.lower() for name in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if _matters(scope) and not self._is_ours(scope):
            log.warning("origin refused", origin=Headers(scope=scope).get("origin", "")[:100], path=scope["path"])
            await refuse(scope, receive, send, 403, "Other pages may not do that.")
            return

        async def without_permissions(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                message["headers"] = [
                    (name, value)
                    for name, value in message.get("headers", ())
                    if not name.lower().startswith(b"access-control-")
                ]
            await send(message)

        await self._app(scope, receive, without_permissions)

    def _is_ours(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        given = headers.getlist("origin")
        if not given:
            return headers.get("sec-fetch-site") not in ("cross-site", "same-site")
        origin = _place(given[0]) if len(given) == 1 else None
        if origin is None:
            return False
        scheme = urlsplit(given[0]).scheme
        return origin == _place(f"{scheme}://{headers.get('host', '')}") or origin[0] in self._names


def _matters(scope: Scope) -> bool:
    if scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS:
        return True
    path: str = scope["path"]
    return any(socket in path for socket in _SOCKET_PATHS)


def _place(url: str) -> tuple[str, int | None] | None:
    """Name and port (None where neither it nor the scheme says), or None for what is not an address."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    if ":" in name:
        name = f"[{name}]"
    return name.rstrip("."), port or _DEFAULT_PORTS.get(parts.scheme)


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
    """In words; a socket is refused before it was accepted."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it was accepted: the browser sees a 403
        return
    headers: Mapping[str, str] = {"Connection": "close", "X-Content-Type-Options": "nosniff"}
    await PlainTextResponse(text, status, headers)(scope, receive, send)
