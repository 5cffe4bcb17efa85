"""The question that is asked of a language model to find out whether it is well, when nobody else asks."""

from contextlib import aclosing
from datetime import UTC, datetime

from graph.prompts import SYSTEM
from graph.protocols import LanguageModel
from graph.types import Prompt
from resilience.errors import EngineFailed
from resilience.upkeep import Checkable


async def probe_language(engine: LanguageModel) -> None:
    """The first piece of an answer is enough. Raises `EngineError`.

    It begins as every conversation does, so that a server which keeps what it read keeps that.
    """
    if isinstance(engine, Checkable):
        await engine.check()
        return
    question = Prompt(system=SYSTEM, history=(), memories=(), now=datetime.now(UTC), question="Hello.")
    async with aclosing(engine.generate(question)) as pieces:
        async for _ in pieces:
            return
    raise EngineFailed("language model", "it was greeted and said nothing")
