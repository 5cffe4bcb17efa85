"""Long-term memory on this machine's disk, by Qdrant Edge in a process of its own.

The library holds the interpreter lock while it works, waits for the disk or tidies up; in this process that would be
heard. Being apart also means that its death costs one call: the next one starts it anew, and nothing that was
acknowledged is lost.
"""

import pickle
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from memory.edge_process import LENGTH, Answer
from memory.edge_shard import ENGINE
from memory.protocols import LongTermMemory
from memory.types import Memory, MemoryId, NewMemory, Recalled, UserId
from resilience.errors import EngineError, EngineFailed, EngineTimeout

_ANSWER_SECONDS = 30.0
_CLOSE_SECONDS = 10.0
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[2]); from memory.edge_process import main; main(sys.argv[1])"
_ROOT = Path(__file__).resolve().parent.parent


class QdrantEdge:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: Process | None = None
        self._answers: BufferedByteReceiveStream
        self._turn = anyio.Lock()

    @property
    def pid(self) -> int | None:
        """Of the process that owns the folder."""
        return None if self._process is None else self._process.pid

    async def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        answer: tuple[Memory, ...] = await self._ask("remember", user, tuple(news))
        return answer

    async def search(self, user: UserId, query: str, *, limit: int = 5) -> tuple[Recalled, ...]:
        answer: tuple[Recalled, ...] = await self._ask("search", user, query, limit)
        return answer

    async def everything(self, user: UserId) -> tuple[Memory, ...]:
        answer: tuple[Memory, ...] = await self._ask("everything", user)
        return answer

    async def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        answer: int = await self._ask("forget", user, tuple(ids))
        return answer

    async def open(self) -> None:
        """Raises `EngineUnavailable`."""
        async with self._turn:
            with anyio.CancelScope(shield=True):
                await self._start()

    async def aclose(self) -> None:
        async with self._turn:
            if self._process is None:
                return
            process, self._process = self._process, None
            assert process.stdin is not None
            await process.stdin.aclose()
            with anyio.move_on_after(_CLOSE_SECONDS):
                await process.wait()
            await _end(process)

    async def _ask(self, verb: str, *arguments: Any) -> Any:
        async with self._turn:
            # Once asked, the answer is heard out. Only a cancellation by asyncio itself passes the shield.
            with anyio.CancelScope(shield=True):
                if self._process is None:
                    await self._start()
                return await self._exchange(pickle.dumps((verb, arguments)))

    async def _start(self) -> None:
        program = [sys.executable, "-c", _PROGRAM, str(self._folder.absolute()), str(_ROOT)]
        try:
            # Standard error is shared: what the library prints as it breaks down belongs in our log.
            self._process = await anyio.open_process(program, stdin=PIPE, stdout=PIPE, stderr=None)
        except OSError as exc:
            raise EngineFailed(ENGINE, f"its process could not be started: {exc.strerror}") from exc
        assert self._process.stdout is not None
        self._answers = BufferedByteReceiveStream(self._process.stdout)
        try:
            await self._exchange(None)
        except EngineError:
            await self._kill()
            raise

    async def _exchange(self, request: bytes | None) -> Any:
        assert self._process is not None
        assert self._process.stdin is not None
        answered = False
        try:
            with anyio.fail_after(_ANSWER_SECONDS):
                if request is not None:
                    await self._process.stdin.send(LENGTH.pack(len(request)) + request)
                (length,) = LENGTH.unpack(await self._answers.receive_exactly(LENGTH.size))
                answer: Answer = pickle.loads(await self._answers.receive_exactly(length))  # noqa: S301 -- our own child
            answered = True
        except TimeoutError as exc:
            raise EngineTimeout(ENGINE, f"no answer within {_ANSWER_SECONDS:g} s") from exc
        except (anyio.BrokenResourceError, anyio.IncompleteRead, anyio.EndOfStream) as exc:
            raise EngineFailed(ENGINE, "its process ended unexpectedly") from exc
        finally:
            if not answered:  # nor may it answer later: that would be taken for the next one's answer
                with anyio.CancelScope(shield=True):
                    await self._kill()
        if answer["outcome"] == "failed":
            kind, reason = answer["value"]
            raise kind(ENGINE, reason)
        return answer["value"]

    async def _kill(self) -> None:
        if self._process is not None:
            process, self._process = self._process, None
            await _end(process)


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
    await process.aclose()


@asynccontextmanager
async def open_qdrant_edge(folder: Path) -> AsyncGenerator[LongTermMemory]:
    """Raises `EngineUnavailable` when the folder is damaged, not writable, or used by another process."""
    memory = QdrantEdge(folder)
    await memory.open()
    try:
        yield memory
    finally:
        with anyio.CancelScope(shield=True):
            await memory.aclose()
