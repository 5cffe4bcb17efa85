"""What a language model must be able to do."""

from collections.abc import AsyncGenerator
from typing import Protocol

from graph.types import Prompt


class LanguageModel(Protocol):
    def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """Yield pieces of the answer as they come. Closing the generator stops the work within one token.
        Raises `EngineError`.
        """
        ...
