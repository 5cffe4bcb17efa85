"""Several language models that look like one.

Models fail, and some lie: they end without a word, or say the same thing without end. What they give is looked at
here, under the breaker of the rung that gave it.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from anyio.lowlevel import checkpoint

from graph.protocols import KeepsConversations, LanguageModel
from graph.strings import said
from graph.types import Language, Prompt
from resilience.containing import closing
from resilience.errors import AllRungsFailed, EngineFailed
from resilience.ladder import CutShort, Ladder

LONGEST_ANSWER: Final = 100_000
"""Characters: two hours of speech. A model that goes on has lost its end."""
LONGEST_LOOP: Final = 400
"""Characters that come again and again; what is longer may be a song."""
LOOPS: Final = 4
SHORTEST_LOOPING: Final = 400
"""Characters: who asks for ten times "ha" gets them."""
ENOUGH_TO_KNOW_AGAIN: Final = 40
"""Characters."""
LOOKED_AT_EVERY: Final = 100
"""Characters between two looks."""


def stopped(language: Language) -> str:
    """Said when a model dies after its first words. Another one would begin a different answer, so this one ends here;
    the breaker of the dead one is open then, and the next question goes to the next rung.
    """
    return f" … {said(language, 'model-stopped')}"


class TieredLanguageModel:
    def __init__(self, ladder: Ladder[LanguageModel]) -> None:
        self._ladder = ladder

    async def generate(
        self, prompt: Prompt, *, answering: Callable[[str], None] = lambda _: None
    ) -> AsyncGenerator[str, None]:
        """`answering` is told the name of the rung that answers, before its first words."""
        output = self._ladder.stream(lambda engine: _words(engine, prompt), answering=lambda rung: answering(rung.name))
        async with aclosing(output):
            try:
                async for piece in output:
                    yield piece
            except CutShort:
                yield stopped(prompt.language)
            except AllRungsFailed as exc:
                raise EngineFailed("language models", str(exc)) from exc

    async def forget(self, conversation: str) -> None:
        for rung in self._ladder.rungs:
            if isinstance(rung.engine, KeepsConversations):
                await rung.engine.forget(conversation)


async def _words(engine: LanguageModel, prompt: Prompt) -> AsyncGenerator[str, None]:
    """What comes before the first word is kept back: until then, another model may still answer."""
    name = type(engine).__name__
    kept_back, said = "", ""
    looked_at = 0
    async with closing(name, engine.generate(prompt)) as pieces:
        async for piece in pieces:
            if not piece or not (said or any(map(str.isalnum, piece))):
                kept_back += piece
                await checkpoint()  # a model that gives nothing without end can be cancelled here
                continue
            new, kept_back = kept_back + piece, ""
            said += new
            if len(said) - looked_at >= LOOKED_AT_EVERY:
                looked_at = len(said)
                if len(said) > LONGEST_ANSWER or is_looping(said):
                    raise EngineFailed(name, "does not come to an end")
            yield new
    if not said:
        raise EngineFailed(name, "ended without a word")


def is_looping(said: str) -> bool:
    """Whether it ends in the same words again and again."""
    end = said[-ENOUGH_TO_KNOW_AGAIN:]
    before = said.rfind(end, 0, len(said) - 1)
    if before < 0:
        return False
    period = len(said) - len(end) - before
    enough = max(LOOPS * period, SHORTEST_LOOPING)
    return period <= LONGEST_LOOP and len(said) >= enough and said[period - enough :] == said[-enough:-period]
