"""What a page without a browser says into the server's socket: Chainlit's own messages, and ours among them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from app.wire import VERSION

OURS = {"nightingale": VERSION, "sender": "page"}


def connecting(cookie: str, *, session: str, thread: str = "") -> dict[str, Any]:
    """How socketio's client is to connect. `cookie`: of who has logged in."""
    return {
        "headers": {"Cookie": cookie},
        "socketio_path": "/ws/socket.io",
        "transports": ["websocket"],
        "auth": {
            "clientType": "webapp",
            "sessionId": session,
            "threadId": thread,
            "userEnv": "{}",
            "chatProfile": "",
        },
    }


def typed(text: str, attached: Sequence[str] = ()) -> dict[str, Any]:
    """A `client_message`, with the files of these ids."""
    message = {
        "id": str(uuid4()),
        "threadId": "",
        "name": "local",
        "type": "user_message",
        "output": text,
        "createdAt": datetime.now(UTC).isoformat(),
        "metadata": {},
    }
    return {"message": message, "fileReferences": [{"id": each} for each in attached]}


def sound(pcm: bytes, *, first: bool = False) -> dict[str, Any]:
    """An `audio_chunk`."""
    return {"isStart": first, "mimeType": "pcm16", "elapsedTime": 0, "data": pcm}
