"""What a language model must be able to do, and the notebook that a conversation writes to."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable

from graph.types import AnswerLength, Errand, Language, Prompt, Seen
from memory.gate import Telling
from memory.notes import Struck
from memory.types import NewMemory, UserId


class LanguageModel(Protocol):
    def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """Yield pieces of the answer as they come. Closing the generator stops the work within one token.
        Raises `EngineError`.
        """
        ...


@runtime_checkable
class KeepsConversations(Protocol):
    """Language models of which one may keep what it has read of a conversation, for the next turn."""

    async def forget(self, conversation: str) -> None:
        """Raises `EngineError`."""
        ...


class LanguageModels(Protocol):
    """Several of them that look like one, and tell which one it was."""

    def generate(
        self, prompt: Prompt, *, answering: Callable[[str], None] = lambda _: None
    ) -> AsyncGenerator[str, None]:
        """As a model does. `answering` is told the name of the one that answers, before its first words."""
        ...


class Desk(Protocol):
    """Who sees to what a user asks of the house: their conversations, their page, what is wrong. Of one user's
    session.
    """

    @property
    def language(self) -> Language:
        """In which they are answered."""
        ...

    @property
    def length(self) -> AnswerLength: ...

    async def see_to(self, errand: Errand) -> Seen:
        """Look things up, and say what will be done: the turn may yet be taken back, so nothing is done here. Raises
        `EngineError`.
        """
        ...


class Notebook(Protocol):
    """Between a conversation and long-term memory: what is written here is on disk, and carried out in time. Every
    call that writes raises `EngineError`.
    """

    async def note(self, user: UserId, news: Sequence[NewMemory], telling: Telling | None = None) -> None: ...

    async def strike(self, user: UserId, struck: Struck) -> None: ...

    async def pending(self, user: UserId) -> tuple[NewMemory, ...]: ...

    async def caught_up(self, user: UserId) -> bool: ...

    async def paused(self, user: UserId) -> bool: ...

    def making_way(self, user: UserId) -> AbstractContextManager[None]: ...
