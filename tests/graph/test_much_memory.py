"""Of more memories than can be looked through while somebody waits, the right ones are found all the same."""

import pytest

from graph.nodes import retrieve
from tests.graph.fakes import ListedMemory
from tests.graph.talking import SARAH, house, say

pytestmark = pytest.mark.anyio

TOLD = ("my name is sarah", "my dog is called rex", "i live in leeds", "i like tea", "i like jam", "i like jazz")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # the SQLite saver knows no other


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("what is my dog called", "Your dog is called Rex."),
        ("where do i live", "You live in Leeds."),
        ("hello", "Sarah"),
        ("how do you know where i live", "you live in Leeds"),
        ("what did i tell you about my dog today", "Your dog is called Rex."),
    ],
)
async def test_what_was_told_long_ago_is_found(monkeypatch: pytest.MonkeyPatch, asked: str, answer: str) -> None:
    monkeypatch.setattr(retrieve, "NEWEST", 2)
    memory = ListedMemory()
    async with house(memory=memory) as conversations:
        talk = conversations.of("t", SARAH)
        for number, words in enumerate(TOLD):
            await say(talk, f"tell-{number}", words)
        await conversations.notebook.caught_up(SARAH)
        assert len(memory.texts("sarah")) == len(TOLD)
        assert answer in await say(talk, "ask", asked)
