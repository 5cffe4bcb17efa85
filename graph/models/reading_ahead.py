"""What a llama.cpp model will surely be given next, read while nobody waits.

The time and the notes of a turn stand just before its question and are gone from the next prompt, which therefore
differs from what was read where the last question begins: that question and its answer would be read again while
somebody waits. So they are read as the next prompt has them, soon after the answer, when the voice is speaking it.
"""

from array import array
from dataclasses import dataclass, replace
from itertools import takewhile

import anyio
from jinja2 import TemplateError

from graph.models.chat_template import Chat
from graph.prompts import chat_messages
from graph.types import Message, Prompt

REST_SECONDS = 2.0
"""After the answer: until its first sentence sounds, the voice wants the processor."""


@dataclass(frozen=True, slots=True, eq=False)
class Coming:
    prompt: Prompt
    """What comes next, but for its question, its notes and its quotes."""
    due: float


class Ahead:
    """What is still to be read, by conversation."""

    def __init__(self, rest_seconds: float) -> None:
        self._rest_seconds = rest_seconds
        self._coming: dict[str, Coming] = {}
        self._news = anyio.Event()

    def answered(self, prompt: Prompt, answer: str) -> None:
        history = (*prompt.history, Message("user", prompt.question), Message("assistant", answer))
        after = replace(prompt, history=history, memories=(), quotes=(), noted=(), off_the_record=False)
        self._coming[prompt.conversation] = Coming(after, anyio.current_time() + self._rest_seconds)
        self._news.set()

    def drop(self, conversation: str) -> None:
        """It goes on, or is forgotten."""
        self._coming.pop(conversation, None)

    def is_wanted(self, coming: Coming) -> bool:
        """Still? Any thread may ask."""
        return self._coming.get(coming.prompt.conversation) is coming

    async def next(self) -> Coming:
        """As soon as one is due."""
        while True:
            self._news = anyio.Event()
            first = min(self._coming.values(), key=lambda each: each.due, default=None)
            if first is None:
                await self._news.wait()
            elif (rest := first.due - anyio.current_time()) > 0:
                await anyio.sleep(rest)
            else:
                return first


def beginning(chat: Chat, prompt: Prompt) -> "array[int]":
    """The tokens that it shares with itself whatever is asked in it; none where the template refuses it."""
    try:
        one, other = (chat.tokens(chat_messages(replace(prompt, question=each)))[0] for each in ("Why", "But"))
    except (TemplateError, ValueError):
        return array("i")
    return array("i", (mine for mine, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))
