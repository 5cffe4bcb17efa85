"""What leaves with every answer, and how much may come in with a request. Pure ASGI.

The policy lets nothing leave the machine: everything is `self`. The page's own inline scripts are allowed by
their hashes, which are taken from the page as the app serves it when it is first needed; never from the answer
at hand, or a planted script would bring its own permission.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

BODY_LIMIT_BYTES = 1 << 20

_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)


def inline_script_hashes(html: str) -> list[str]:
    """CSP sources (`'sha256-…'`) for the scripts that stand in the page itself."""
    bodies = [body for attributes, body in _SCRIPT.findall(html) if not re.search(r"\bsrc\s*=", attributes)]
    digests = (hashlib.sha256(_as_parsed(body).encode()).digest() for body in bodies)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def content_security_policy(script_hashes: Sequence[str]) -> str:
    scripts = " ".join(["'self'", *script_hashes])
    return "; ".join(
        (
            "default-src 'self'",
            "base-uri 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
        )
    )


class SecurityHeaders:
    def __init__(self, app: ASGIApp, page: str = "/") -> None:
        """`page` is the path whose inline scripts are allowed to run, everywhere."""
        self._app = app
        self._page = page
        self._policy: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        policy = self._policy or await self._learn(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                if scope["path"].startswith("/public/"):
                    headers["Cache-Control"] = "no-cache"  # modules of two versions must never mix
                if scope["path"].startswith("/project/file/"):
                    headers["Content-Disposition"] = "attachment"  # what somebody attached is no page of ours
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "DENY"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=(), display-capture=()"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
            await send(message)

        await self._app(scope, receive, with_headers)

    async def _learn(self, scope: Scope) -> str:
        """Ask the app for its page, as a browser would, and allow the scripts in it."""
        status, body = await _get(self._app, scope, self._page)
        hashes = inline_script_hashes(body.decode("utf-8", "replace")) if status == 200 else []
        policy = content_security_policy(hashes)
        if status == 200:
            self._policy = policy
        else:
            log.warning("page not there yet, so none of its scripts are allowed", page=self._page, status=status)
        return policy


class BodyLimit:
    """Refuses a request whose body is too large, by its own word or when it turns out so, before it is in memory."""

    def __init__(
        self, app: ASGIApp, limit_bytes: int = BODY_LIMIT_BYTES, wider: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        """`wider`: the paths that take more, and how many bytes."""
        self._app = app
        self._limit = limit_bytes
        self._wider = wider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._wider.get(scope["path"], self._limit)
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal():
            await PlainTextResponse("Bad Content-Length.", 400)(scope, receive, send)
            return
        too_large = PlainTextResponse(f"Too large: {limit} bytes are allowed.", 413, headers={"Connection": "close"})
        if int(announced) > limit:
            await too_large(scope, receive, send)
            return
        received = 0
        answering = refused = False

        async def counted() -> Message:
            nonlocal received, refused
            if received <= limit:
                message = await receive()
                received += len(message.get("body", b""))
                if received <= limit:
                    return message
                if not answering:
                    refused = True
                    await too_large(scope, receive, send)
            return {"type": "http.disconnect"}

        async def unless_refused(message: Message) -> None:
            nonlocal answering
            if not refused:
                answering = True
                await send(message)

        try:
            await self._app(scope, counted, unless_refused)
        except ClientDisconnect:
            if not refused:
                raise


async def _get(app: ASGIApp, like: Scope, path: str) -> tuple[int, bytes]:
    """A GET in process, addressed as the request at hand is."""
    host = Headers(scope=like).get("host", "localhost")
    scope = dict(like) | {
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", host.encode("latin-1")), (b"accept", b"text/html")],
        "state": dict(like.get("state") or {}),
    }
    status, body = 0, bytearray()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    await app(scope, receive, send)
    return status, bytes(body)


def _as_parsed(script: str) -> str:
    """The text as the browser's parser hands it on: it knows one kind of line end."""
    return script.replace("\r\n", "\n").replace("\r", "\n")
