"""Chainlit's callbacks. Loaded by Chainlit from its path; holds no state."""

from pathlib import Path

import chainlit as cl
import chainlit.socket  # its own listeners first: the last to come replaces the one before
from chainlit.context import init_ws_context
from chainlit.server import sio
from chainlit.session import WebsocketSession
from chainlit.types import ThreadDict

from app import wire
from app.connections import connections
from app.documents.uploads import Attached
from app.history import History
from app.security.users import who_was_let_in
from memory.types import FIRST_USER


@cl.header_auth_callback
async def admit(_headers: object) -> cl.User:
    """The guards know who asks, and keep others out."""
    user = who_was_let_in()
    return cl.User(identifier=user, display_name="You" if user == FIRST_USER else user)


@cl.data_layer
def history() -> History:
    return connections().history


@cl.on_chat_start
async def begin() -> None:
    await connections().here()


@cl.on_chat_resume
async def resume(_thread: ThreadDict) -> None:
    await connections().here()


@cl.on_message
async def typed(message: cl.Message) -> None:
    files = [Attached(each.name, Path(each.path)) for each in message.elements if each.path]
    await (await connections().here()).typed(message.content, files)


@cl.on_audio_start
async def microphone_on() -> bool:
    (await connections().here()).screen.voice_began()
    return True  # anything else leaves Chainlit's button dead


@sio.on("audio_chunk")
async def audio(line: str, payload: object = None) -> None:
    """In place of Chainlit's own listener, which passes over without a word what is no chunk."""
    session = WebsocketSession.get(line)
    if session is None:  # its page has come back on another line; this is what was still under way on the old one
        return
    init_ws_context(session)
    chunk = payload if isinstance(payload, dict) else {}
    known = connections().known()
    if known is None:  # its session ended by a fault; a new one goes on listening
        known = await connections().here()
        await known.microphone_opened()
    await known.heard(chunk.get("data"), chunk.get("mimeType"))


@cl.on_audio_end
async def microphone_off() -> None:
    known = connections().known()
    if known is not None:
        known.microphone_closed()


@cl.on_window_message
async def page(raw: object) -> None:
    try:
        message = wire.read(raw)
    except wire.NotForUs:
        return
    await (await connections().here()).page_said(message)


@cl.on_chat_end
async def lost() -> None:
    connections().lost()
