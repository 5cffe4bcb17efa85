"""Conversations over an offline or a scripted model, a listed memory, and a clock that stands still."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from graph.conversation import Conversation, Conversations, open_conversations
from graph.ladders import TieredLanguageModel
from graph.models.offline import Offline
from graph.protocols import LanguageModels
from graph.settings import OFFLINE, GraphSettings
from graph.types import Account, Directive, Fetched, TurnId
from memory.documents.protocols import Library
from memory.types import UserId
from resilience.breaker import CircuitBreaker
from resilience.ladder import Ladder, Rung
from tests.graph.fakes import ListedMemory

NOON = datetime(2025, 3, 3, 12, 5, tzinfo=UTC)
SARAH, BOB = UserId("sarah"), UserId("bob")


@asynccontextmanager
async def house(
    models: LanguageModels | None = None,
    memory: ListedMemory | None = None,
    checkpoints: Path | None = None,
    settings: GraphSettings | None = None,
    library: Library | None = None,
) -> AsyncGenerator[Conversations]:
    async with open_conversations(
        models=models or offline(),
        memory=memory if memory is not None else ListedMemory(),
        library=library,
        checkpoints=checkpoints,
        settings=settings or GraphSettings(study=False),
        clock=lambda: NOON,
    ) as conversations:
        yield conversations


def offline() -> LanguageModels:
    return TieredLanguageModel(Ladder("language", [Rung(OFFLINE, Offline(), CircuitBreaker(OFFLINE), 5, 5)]))


async def pieces(conversation: Conversation, turn: str, text: str) -> list[str | Directive]:
    """What is said and asked for; how it came about is told apart."""
    async with aclosing(conversation.reply(TurnId(turn), text)) as reply:
        return [piece async for piece in reply if not isinstance(piece, Account | Fetched)]


async def account(conversation: Conversation, turn: str, text: str, *, hurried: bool = False) -> Account:
    async with aclosing(conversation.reply(TurnId(turn), text, hurried=hurried)) as reply:
        (told,) = [piece async for piece in reply if isinstance(piece, Account)]
    return told


async def say(conversation: Conversation, turn: str, text: str) -> str:
    """A whole turn, heard to its end."""
    answer = "".join(piece for piece in await pieces(conversation, turn, text) if isinstance(piece, str))
    await conversation.settle(TurnId(turn), answer, complete=True)
    return answer


async def first_words(reply: AsyncGenerator[str | Directive, None]) -> str:
    """What is said first, whatever is told before."""
    while not isinstance(piece := await anext(reply), str):
        pass
    return piece
