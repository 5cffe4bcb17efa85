"""What a page is shown, through Chainlit's own messages."""

from collections.abc import AsyncGenerator

import pytest
from chainlit.chat_context import chat_contexts
from chainlit.context import ChainlitContext, context_var
from chainlit.emitter import BaseChainlitEmitter
from chainlit.message import Message
from chainlit.session import HTTPSession
from chainlit.step import StepDict

from app.browser import PageScreen
from graph.types import TurnId

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # Chainlit knows no other


class Page(BaseChainlitEmitter):
    """What the page was given whole, and what its thread was called, in the order in which it was."""

    def __init__(self, session: HTTPSession) -> None:
        super().__init__(session)
        self.steps: list[StepDict] = []
        self.titles: list[str] = []

    async def send_step(self, step_dict: StepDict) -> None:
        self.steps.append(step_dict)

    async def init_thread(self, interaction: str) -> None:
        self.titles.append(interaction)


@pytest.fixture
async def in_a_session() -> AsyncGenerator[Page]:
    session = HTTPSession(id="s", client_type="webapp", thread_id=None, token=None, user=None, user_env={}, environ={})
    page = Page(session)
    mark = context_var.set(ChainlitContext(session, page))
    yield page
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


async def test_an_answer_that_is_cut_stands_before_the_typed_words_that_cut_it(in_a_session: Page) -> None:
    screen = PageScreen()
    await screen.show_user(TurnId("one"), "Where is the key?")
    await screen.show_reply("With Anna.")
    await Message("And the car?", type="user_message").send()  # Chainlit writes down by itself what is typed
    await screen.reply_ended()
    kept = sorted(in_a_session.steps, key=lambda step: str(step["createdAt"]))
    assert [step["output"] for step in kept] == ["Where is the key?", "With Anna.", "And the car?"]


async def test_a_conversation_that_we_began_is_called_by_the_users_first_words(in_a_session: Page) -> None:
    screen = PageScreen()
    screen.voice_began()
    await screen.show_reply("Hello, I am Nightingale.")
    await screen.reply_ended()
    for turn in ("one", "two"):
        await screen.show_user(TurnId(turn), f"Plan my trip, part {turn}.")
        await screen.show_reply("Gladly.")
        await screen.reply_ended()
    assert in_a_session.titles[1:] == ["Plan my trip, part one."]
