"""What Chainlit asks of the history for its page, and the history does not tell: the page hears of it, and asks again.

Chainlit takes it for a fault. It logs a traceback, and leaves a page that comes back to its thread on a line on which
nothing ever happens, for neither end hangs up.
"""

from typing import Final

from fastapi import FastAPI, HTTPException
from fastapi.exception_handlers import http_exception_handler
from socketio import AsyncServer
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.archive.database import HistoryFailed

AGAIN_SECONDS: Final = 5


def say_so(shell: FastAPI) -> None:
    """From now on whoever asks by HTTP is told when to ask again."""
    shell.add_exception_handler(HistoryFailed, _told)


async def _told(request: Request, failure: Exception) -> Response:
    if isinstance(failure, HTTPException):  # it is not there
        return await http_exception_handler(request, failure)
    told = {"detail": f"Your conversations cannot be read just now: {failure}."}
    return JSONResponse(told, status_code=503, headers={"Retry-After": str(AGAIN_SECONDS)})


def hang_up(server: AsyncServer) -> None:
    """From now on, where a connection cannot begin; the page's library then comes back by itself, in its own time."""
    take = server.eio.handlers["message"]

    async def take_or_hang_up(line: str, packet: object) -> None:
        try:
            await take(line, packet)
        except HistoryFailed:
            peer = server.eio.sockets[line]
            await server.eio.disconnect(line)
            await peer.queue.put(None)  # says goodbye only, and waits for the page to go, which its library does not

    server.eio.on("message", take_or_hang_up)
