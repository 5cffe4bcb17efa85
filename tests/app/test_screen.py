"""What a page is shown, through Chainlit's own messages."""

from collections.abc import AsyncGenerator

import pytest
from chainlit.chat_context import chat_contexts
from chainlit.context import ChainlitContext, context_var
from chainlit.session import HTTPSession

from app.browser import PageScreen
from graph.types import TurnId

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # Chainlit knows no other


@pytest.fixture
async def in_a_session() -> AsyncGenerator[None]:
    session = HTTPSession(id="s", client_type="webapp", thread_id=None, token=None, user=None, user_env={}, environ={})
    mark = context_var.set(ChainlitContext(session))
    yield
    context_var.reset(mark)


@pytest.mark.usefixtures("in_a_session")
async def test_chainlit_keeps_nothing_in_memory_of_what_was_said_and_answered() -> None:
    screen = PageScreen()
    for turn in map(TurnId, ("one", "two")):
        await screen.show_user(turn, "Where is")
        await screen.show_user(turn, "Where is the key?")
        await screen.show_reply("With Anna.")
        await screen.reply_ended()
    assert chat_contexts == {}
