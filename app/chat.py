"""Chainlit's callbacks. Loaded by Chainlit from its path; holds no state."""

import chainlit as cl
from chainlit.types import ThreadDict

from app import wire
from app.connections import connections
from app.history import SqliteHistory

USER = "local"


@cl.header_auth_callback  # type: ignore[untyped-decorator]
async def admit(_headers: object) -> cl.User:
    """Whoever reaches this machine's own loopback is its user; the guards keep others out."""
    return cl.User(identifier=USER, display_name="You")


@cl.data_layer  # type: ignore[untyped-decorator]
def history() -> SqliteHistory:
    return connections().house.history


@cl.on_chat_start  # type: ignore[untyped-decorator]
async def begin() -> None:
    await connections().here()


@cl.on_chat_resume  # type: ignore[untyped-decorator]
async def resume(_thread: ThreadDict) -> None:
    await connections().here()


@cl.on_message  # type: ignore[untyped-decorator]
async def typed(message: cl.Message) -> None:
    await (await connections().here()).typed(message.content)


@cl.on_audio_start  # type: ignore[untyped-decorator]
async def microphone_on() -> bool:
    await connections().here()
    return True  # anything else leaves Chainlit's button dead


@cl.on_audio_chunk  # type: ignore[untyped-decorator]
async def audio(chunk: cl.InputAudioChunk) -> None:
    known = connections().known()
    if known is not None:
        await known.heard(chunk.data, chunk.mimeType)


@cl.on_audio_end  # type: ignore[untyped-decorator]
async def microphone_off() -> None:
    known = connections().known()
    if known is not None:
        known.microphone_closed()


@cl.on_window_message  # type: ignore[untyped-decorator]
async def page(raw: object) -> None:
    try:
        message = wire.read(raw)
    except wire.NotForUs:
        return
    await (await connections().here()).page_said(message)


@cl.on_chat_end  # type: ignore[untyped-decorator]
async def lost() -> None:
    connections().lost()
