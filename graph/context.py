"""What the nodes are handed for one run: the engines, whose turn it is, and who is listening."""

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import anyio

from graph.protocols import Desk, LanguageModels, Notebook
from graph.settings import GraphSettings
from graph.types import Directive
from memory.documents.protocols import Library
from memory.protocols import LongTermMemory
from memory.types import UserId

FREE_SECONDS = 2.0
"""How long whoever leaves waits for the engine to be free; one that hangs is somebody else's affair."""


class Listener:
    """Whoever waits for the words of a run, and may go at any moment.

    When they go, only the work done for them alone (`while_they_listen`) is cancelled. The run itself always walks
    to its end, so that a thread is never left in the middle of a step.
    """

    def __init__(self) -> None:
        # Room for a model to think a whole answer ahead of a voice, and be free for others; and a bound.
        self._tell, self._words = anyio.create_memory_object_stream[str | Directive](1024)
        self._scopes: set[anyio.CancelScope] = set()
        self._left = False
        self._over = anyio.Event()

    @property
    def listens(self) -> bool:
        return not self._left

    async def tell(self, piece: str | Directive) -> None:
        await self._tell.send(piece)

    def over(self) -> None:
        """Nothing more will be said."""
        self._tell.close()
        self._over.set()

    @contextmanager
    def while_they_listen(self) -> Generator[None]:
        with anyio.CancelScope() as scope:
            if self._left:
                scope.cancel()
            self._scopes.add(scope)
            try:
                yield
            finally:
                self._scopes.discard(scope)

    async def next_word(self) -> str | Directive:
        """Raises `anyio.EndOfStream` when all is said."""
        return await self._words.receive()

    def hear_nothing(self) -> None:
        """For a run that says nothing."""
        self._words.close()

    def leave(self) -> None:
        self._left = True
        for scope in self._scopes:
            scope.cancel()

    async def close(self) -> None:
        """Leave, and see the work for us end: the engine is free then."""
        self.leave()
        with anyio.move_on_after(FREE_SECONDS, shield=True):
            await self._over.wait()
        self._words.close()


async def untitled(_thread: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class GraphContext:
    models: LanguageModels
    memory: LongTermMemory
    library: Library
    notebook: Notebook
    title_of: Callable[[str], Awaitable[str]]
    """What the user knows a thread by; empty where it has no name."""
    settings: GraphSettings
    clock: Callable[[], datetime]
    user: UserId
    thread: str
    listener: Listener
    desk: Desk | None = None
    """None: nobody sees to what the user asks of the house."""
    hurried: bool = False
    """The turn is late already: leave out what is optional."""
