"""A walk through the graph and whoever listens to it, and the thread that it walks on."""

import anyio
from langchain_core.runnables import RunnableConfig

from graph.context import Listener
from graph.types import TurnId
from memory.checkpoints import thread_key
from memory.types import UserId


class Run:
    """One walk through the graph, and whoever listens to it."""

    def __init__(self) -> None:
        self.listener = Listener()
        self.passage = anyio.CancelScope(shield=True)
        self.finished = anyio.Event()
        self.failure: Exception | None = None
        self.stands = anyio.Event()
        """What it answers is what the user said."""

    @property
    def may_stand(self) -> bool:
        return self.failure is None and self.listener.listens


class Thread:
    """A thread in use: one run passes at a time."""

    def __init__(self, thread: str, user: UserId) -> None:
        self.id = thread
        self.user = user
        self.key = thread_key(user, thread)
        self.turnstile = anyio.Lock()
        self.runs: set[Run] = set()
        self.answered: dict[TurnId, Run] = {}
        """The run of the newest reply, until it is settled."""

    def leave_all(self, *, but: Run | None = None) -> None:
        for run in self.runs:
            if run is not but:
                run.listener.leave()


def config_of(key: str) -> RunnableConfig:
    return {"configurable": {"thread_id": key}}
