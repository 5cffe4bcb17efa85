"""Conversations, as the house sees them: ask for a reply, and say afterwards what of it was heard.

A turn is two runs of the graph. `reply` runs it up to the answer, where it rests; `settle` tells it what was heard and
lets it go on. A thread has one run at a time, each in a task of its own that is never cancelled half way: whoever stops
listening only ends the work that was done for them. So a thread's state is always that of a finished step.

A reply may be asked for before it is certain that the user has finished. Its run rests before its checkpoint is
written, until the reply stands, or nobody listens any more: then it has never been.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import anyio
import structlog
from anyio.abc import TaskGroup
from langsmith.run_helpers import tracing_context

from graph.build import ANSWERED, SETTLED, Graph, build
from graph.context import GraphContext, untitled
from graph.protocols import Desk, KeepsConversations, LanguageModels
from graph.runs import Run, Thread, config_of
from graph.settings import GraphSettings
from graph.state import Note, Paper, Said, Update, placed
from graph.studying import Student
from graph.types import Directive, Errand, Quote, TurnId
from memory.checkpoints import Checkpoints, open_checkpoints, thread_key
from memory.checkpoints_held import HeldCheckpoints
from memory.documents.in_process import InProcessLibrary
from memory.documents.protocols import Library
from memory.notebook import Notebook, open_notebook
from memory.protocols import LongTermMemory
from memory.settings import CheckpointSettings
from memory.types import UserId

log = structlog.get_logger(__name__)

LONGEST_FAREWELL_SECONDS = 10


@asynccontextmanager
async def open_conversations(
    *,
    models: LanguageModels,
    memory: LongTermMemory,
    library: Library | None = None,
    checkpoints: Path | None,
    checkpoints_in: CheckpointSettings | None = None,
    settings: GraphSettings,
    notebook: Path | None = None,
    title_of: Callable[[str], Awaitable[str]] = untitled,
    clock: Callable[[], datetime] = lambda: datetime.now().astimezone(),
) -> AsyncGenerator["Conversations"]:
    """`checkpoints`, `notebook` and `library` None keep the threads, what is to be noted, and the documents in process
    memory. `title_of`: what the user knows a thread by. Raises `EngineUnavailable`: a file is unusable.
    """
    async with (
        open_checkpoints(checkpoints, kept=(Said, Note, Quote, Paper, Errand), settings=checkpoints_in) as saver,
        open_notebook(notebook, memory, Student(models) if settings.study else None) as notes,
        anyio.create_task_group() as tasks,
    ):
        conversations = Conversations(
            build(saver), saver, tasks, models, memory, notes, settings, title_of, clock, library or InProcessLibrary()
        )
        try:
            yield conversations
        finally:
            await conversations.finish()


class Conversations:
    def __init__(
        self,
        graph: Graph,
        saver: Checkpoints,
        tasks: TaskGroup,
        models: LanguageModels,
        memory: LongTermMemory,
        notebook: Notebook,
        settings: GraphSettings,
        title_of: Callable[[str], Awaitable[str]],
        clock: Callable[[], datetime],
        library: Library,
    ) -> None:
        self._graph = graph
        self._saver = saver
        self._tasks = tasks
        self._models = models
        self._memory = memory
        self._library = library
        self.notebook = notebook
        """What is on its way to long-term memory."""
        self._title_of = title_of
        self._settings = settings
        self._clock = clock
        self._threads: WeakValueDictionary[str, Thread] = WeakValueDictionary()
        self._running: set[Run] = set()

    def of(self, thread: str, user: UserId, desk: Desk | None = None) -> "Conversation":
        """A thread is its user's: under the id of somebody else's there is another one, and it is new."""
        return Conversation(self, self._thread(thread, user), desk)

    async def history(self, thread: str, user: UserId) -> tuple[Said, ...]:
        """What was said and heard and is not yet summarised, oldest first, as of the last finished run.
        Raises `EngineError`.
        """
        snapshot = await self._graph.aget_state(config_of(thread_key(user, thread)))
        return tuple(snapshot.values.get("messages", ()))

    async def forget_thread(self, thread: str, user: UserId) -> None:
        """Erase the thread. What long-term memory learnt from it stays. Raises `EngineError`."""
        kept = self._thread(thread, user)
        kept.leave_all()
        async with kept.turnstile:
            await self._saver.adelete_thread(kept.key)
            if isinstance(self._models, KeepsConversations):
                await self._models.forget(kept.key)

    async def finish(self) -> None:
        """See every run to its end, without the work that was for listeners only; break off what does not end."""
        for run in self._running:
            run.listener.leave()
        with anyio.move_on_after(LONGEST_FAREWELL_SECONDS, shield=True):
            for run in [*self._running]:
                await run.finished.wait()
        for run in self._running:
            run.passage.cancel()

    def start(
        self,
        thread: Thread,
        work: Callable[[Graph, GraphContext], Awaitable[None]],
        *,
        desk: Desk | None = None,
        hurried: bool = False,
        stands: bool = True,
    ) -> Run:
        """One run of the graph on this thread, after those under way."""
        run = Run()
        if stands:
            run.stands.set()
        context = GraphContext(
            models=self._models,
            memory=self._memory,
            library=self._library,
            notebook=self.notebook,
            title_of=self._title_of,
            settings=self._settings,
            clock=self._clock,
            user=thread.user,
            thread=thread.id,
            listener=run.listener,
            desk=desk,
            hurried=hurried,
        )
        self._running.add(run)
        thread.runs.add(run)
        self._tasks.start_soon(self._drive, thread, run, context, work)
        return run

    async def _drive(
        self,
        thread: Thread,
        run: Run,
        context: GraphContext,
        work: Callable[[Graph, GraphContext], Awaitable[None]],
    ) -> None:
        try:
            # LangChain lets an environment variable send every run to a service outside; here nothing does.
            with run.passage, tracing_context(enabled=False):
                async with thread.turnstile:
                    if run.stands.is_set():
                        await work(self._graph, context)
                    else:
                        held = HeldCheckpoints(self._saver)
                        await work(self._graph.copy(update={"checkpointer": held}), context)
                        with run.listener.while_they_listen():
                            await run.stands.wait()
                        if not run.stands.is_set():
                            return
                        await held.write()
                    await self._saver.aprune([thread.key])
        except Exception as exc:  # noqa: BLE001 - raised again by whoever asked: a failure ends their turn, not everyone's
            run.failure = exc
            log.warning("run of the graph failed", code=getattr(exc, "code", type(exc).__name__))
        finally:
            run.listener.over()
            thread.runs.discard(run)
            self._running.discard(run)
            run.finished.set()

    def _thread(self, thread: str, user: UserId) -> Thread:
        return self._threads.setdefault(thread_key(user, thread), Thread(thread, user))


class Conversation:
    """One thread of one user."""

    def __init__(self, house: Conversations, thread: Thread, desk: Desk | None) -> None:
        self._house = house
        self._thread = thread
        self._desk = desk
        self._provisional: tuple[TurnId, Run] | None = None

    async def reply(
        self, turn: TurnId, text: str, *, hurried: bool = False, provisional: bool = False
    ) -> AsyncGenerator[str | Directive, None]:
        """Answer what the user said in this turn so far: deltas of text, and directives, an `Account` at the end.
        `hurried` leaves out what the answer can do without.

        Asked again for the same turn, with more of the user's words, the new answer takes the place of the old one.
        Closing the generator ends the generation within one token; asking for another reply on the thread does too.
        Raises `EngineError` when the thread cannot be read.

        A `provisional` reply disturbs no other, does not end before it `stands`, and leaves no trace if it never does.
        """
        if not provisional:
            self._thread.leave_all()

        async def answer(graph: Graph, context: GraphContext) -> None:
            await graph.ainvoke(
                {"turn": turn, "question": text},
                config_of(self._thread.key),
                context=context,
                interrupt_before=["remember"],
                durability="exit",
            )

        with self._house.notebook.making_way(self._thread.user):
            run = self._house.start(self._thread, answer, desk=self._desk, hurried=hurried, stands=not provisional)
            if provisional:
                self._provisional = turn, run
            else:
                self._thread.answered = {turn: run}
            try:
                while True:
                    try:
                        piece = await run.listener.next_word()
                    except anyio.EndOfStream:
                        break
                    yield piece
                if run.failure is None:
                    await run.stands.wait()
            finally:
                await run.listener.close()
        if run.failure is not None:
            self._thread.answered.pop(turn, None)
            raise run.failure

    def stands(self, turn: TurnId) -> bool:
        """The provisional reply of this turn answers what the user said: from now on it is one like any other. False
        when there is none, or it has been ended meanwhile.
        """
        asked, self._provisional = self._provisional, None
        if asked is None or asked[0] != turn or not asked[1].may_stand:
            return False
        run = asked[1]
        self._thread.leave_all(but=run)
        self._thread.answered = {turn: run}
        run.stands.set()
        return True

    async def settle(self, turn: TurnId, heard: str, *, complete: bool) -> None:
        """The reply of this turn has been heard, all of it (`complete`) or this much. To be told once per turn.

        It is finished even when its caller is cancelled. Raises `EngineError` when the turn could not be saved.
        """

        async def go_on(graph: Graph, context: GraphContext) -> None:
            config = config_of(self._thread.key)
            snapshot = await graph.aget_state(config)
            state: Mapping[str, Any] = snapshot.values
            messages: list[Said] = state.get("messages", [])
            if state.get("turn") == turn:
                told: Update = {"heard": heard, "complete": complete}
                await graph.aupdate_state(config, told, as_node=ANSWERED)
                await graph.ainvoke(None, config, context=context, durability="exit")
            elif heard.strip() and any(each.turn == turn for each in messages):
                # The user has gone on to another turn meanwhile, which stays where it is.
                late = placed(messages, Said(turn, "assistant", heard.strip(), cut=not complete))
                await graph.aupdate_state(config, {"messages": late}, as_node=ANSWERED if snapshot.next else SETTLED)

        run = self._house.start(self._thread, go_on)
        run.listener.hear_nothing()
        await run.finished.wait()
        replied = self._thread.answered.pop(turn, None)
        for failure in (run.failure, replied.failure if replied else None):
            if failure is not None:
                raise failure

    async def take_back(self, turn: TurnId) -> None:
        """The user did not mean it: nothing of what was said and answered in it is in the thread any more, nor on its
        way to memory. Raises `EngineError` when that could not be saved.
        """

        async def drop(graph: Graph, _context: GraphContext) -> None:
            config = config_of(self._thread.key)
            snapshot = await graph.aget_state(config)
            state: Mapping[str, Any] = snapshot.values
            left: Update = {
                "messages": [each for each in state.get("messages", ()) if each.turn != turn],
                "candidates": [each for each in state.get("candidates", ()) if each.source.turn != turn],
                "confirming": "",
                "last_answer": "",
                "known": [],
                "quoted": [],
                "told_back": False,
            }
            if state.get("off_the_record") == turn:
                left["off_the_record"] = ""
            await graph.aupdate_state(config, left, as_node=ANSWERED if snapshot.next else SETTLED)

        run = self._house.start(self._thread, drop)
        run.listener.hear_nothing()
        await run.finished.wait()
        if run.failure is not None:
            raise run.failure
