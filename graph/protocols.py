"""What a language model must be able to do."""

from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from graph.types import Prompt


class LanguageModel(Protocol):
    def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """Yield pieces of the answer as they come. Closing the generator stops the work within one token.
        Raises `EngineError`.
        """
        ...


class LanguageModels(Protocol):
    """Several of them that look like one, and tell which one it was."""

    def generate(
        self, prompt: Prompt, *, answering: Callable[[str], None] = lambda _: None
    ) -> AsyncGenerator[str, None]:
        """As a model does. `answering` is told the name of the one that answers, before its first words."""
        ...
