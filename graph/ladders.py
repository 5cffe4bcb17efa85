"""Several language models that look like one."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from graph.protocols import LanguageModel
from graph.types import Prompt
from resilience.errors import AllRungsFailed, EngineFailed
from resilience.ladder import CutShort, Ladder

STOPPED: Final = (
    " … I am sorry, my language model stopped in the middle of that. Ask me again, and I will try another way."
)
"""Said when a model dies after its first words. Another one would begin a different answer, so this one ends here;
the breaker of the dead one is open then, and the next question goes to the next rung."""


class TieredLanguageModel:
    def __init__(self, ladder: Ladder[LanguageModel]) -> None:
        self._ladder = ladder

    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        async with aclosing(self._ladder.stream(lambda engine: engine.generate(prompt))) as output:
            try:
                async for piece in output:
                    yield piece
            except CutShort:
                yield STOPPED
            except AllRungsFailed as exc:
                raise EngineFailed("language models", str(exc)) from exc
