"""Whose request it is: by the log-in of their page, or by the pass of whoever runs this house."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
from fastapi import HTTPException, Request

from app.rights.operator import HEADER, read_secret, user_by_pass
from memory.types import UserId

WhoseRequest = Callable[[Request], Awaitable[UserId]]


def whose_request(user_of: Callable[[Request], UserId], secret: Path) -> WhoseRequest:
    """`user_of`: by the log-in. `secret`: the file that proves a pass. What comes back raises 401 and 403."""

    async def whose(request: Request) -> UserId:
        given = request.headers.get(HEADER)
        if given is None:
            return user_of(request)
        own = await anyio.to_thread.run_sync(read_secret, secret)
        user = user_by_pass(given, own, request.method, request.url.path, time.time()) if own else None
        if not user:
            raise HTTPException(403, "That pass is not valid.")
        return UserId(user)

    return whose
