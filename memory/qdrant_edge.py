"""Long-term memory, and documents, on this machine's disk, by Qdrant Edge in a process of its own.

The library holds the interpreter lock while it works, waits for the disk or tidies up; in this process that would be
heard. Being apart also means that its death costs one call: the next one starts it anew, and nothing that was
acknowledged is lost.

Whoever asks may leave before the answer is there; the next one hears it out first. A process that owes an answer for
too long hangs: it is killed, and whoever noticed goes on with a new one.
"""

import pickle
import sys
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any

import anyio
import structlog
from anyio import to_thread
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from memory.documents.qdrant_library import QdrantLibrary
from memory.edge_points import ENGINE
from memory.edge_process import LENGTH, Answer
from memory.elsewhere import UPKEEP_SECONDS
from memory.protocols import Embedder
from memory.qdrant_memory import QdrantMemory
from resilience.errors import EngineError, EngineFailed, EngineTimeout

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 10.0
"""After which the process counts as hung."""
_OPEN_SECONDS = 120.0
"""All memories are read, perhaps carried over from an older format, or rewritten where an erasure was cut off."""
_GRACE_SECONDS = 0.5
"""For an answer that is overdue only because nobody came to hear it."""
_SEND_SECONDS = 1.0
_CLOSE_SECONDS = 10.0
_MUCH = 100_000
"""Bytes that would hold up the event loop."""
_PROGRAM = """
import sys
sys.path.insert(0, sys.argv[2])
try:
    from memory.edge_process import main
except MemoryError:
    sys.exit("There is not enough memory to open the memories.")
main(sys.argv[1])
"""
_ROOT = Path(__file__).resolve().parent.parent


class QdrantEdge(QdrantMemory):
    def __init__(
        self, folder: Path, embedder: Embedder | None = None, *, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        super().__init__(embedder, alone=True)
        self.library = QdrantLibrary(self._ask_library, embedder)
        self._folder = folder
        self._answer_seconds = answer_seconds
        self._process: Process | None = None
        self._answers: BufferedByteReceiveStream
        self._length: int | None = None
        """Of the answer that is just coming in."""
        self._owed: deque[float] = deque()
        """For each answer that has not come yet, when it is overdue."""
        self._turn = anyio.Lock()

    @property
    def pid(self) -> int | None:
        """Of the process that owns the folder."""
        return None if self._process is None else self._process.pid

    async def copy_to(self, folder: Path) -> int:
        """Lay a copy, between two writes, into a folder that another one can be opened on; how many are in it."""
        number: int = await self._ask("copy_to", folder, seconds=UPKEEP_SECONDS)
        return number

    async def count(self) -> int:
        """All there are, of everybody, having read them."""
        number: int = await self._ask("count", seconds=UPKEEP_SECONDS)
        return number

    async def open(self) -> None:
        """Raises `EngineUnavailable`."""
        async with self._turn:
            await self._start()
        await self.prepare()
        await self.library.prepare()

    async def aclose(self) -> None:
        async with self._turn:
            if self._process is None:
                return
            process = self._process
            assert process.stdin is not None
            with anyio.move_on_after(_CLOSE_SECONDS):
                try:
                    await self._hear_out()
                except EngineError:
                    return
                await process.stdin.aclose()
                await process.wait()
            await self._kill()

    async def _ask(self, verb: str, *arguments: Any, seconds: float | None = None) -> Any:
        async with self._turn:
            try:
                await self._hear_out()
            except EngineError as exc:
                log.warning("memory process given up", code=exc.code, reason=exc.reason)
            if self._process is None:
                await self._start()
            await self._send(pickle.dumps((verb, arguments)), seconds or self._answer_seconds)
            return _value(await self._hear_out())

    async def _ask_library(self, verb: str, *arguments: Any, seconds: float | None = None) -> Any:
        return await self._ask(f"library.{verb}", *arguments, seconds=seconds)

    async def _start(self) -> None:
        program = [sys.executable, "-c", _PROGRAM, str(self._folder.absolute()), str(_ROOT)]
        try:
            with anyio.CancelScope(shield=True):
                # Standard error is shared: what the library prints as it breaks down belongs in our log.
                process = self._process = await anyio.open_process(program, stdin=PIPE, stdout=PIPE, stderr=None)
        except OSError as exc:
            raise EngineFailed(ENGINE, f"its process could not be started: {exc.strerror}") from exc
        assert process.stdout is not None
        self._answers = BufferedByteReceiveStream(process.stdout)
        self._owed.append(anyio.current_time() + _OPEN_SECONDS)
        try:
            _value(await self._hear_out())
        except EngineError:
            await self._kill()
            raise

    async def _send(self, request: bytes, answer_seconds: float) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        sent = False
        try:
            with anyio.fail_after(_SEND_SECONDS, shield=True):  # half a request cannot be taken back
                await self._process.stdin.send(LENGTH.pack(len(request)) + request)
            sent = True
        except TimeoutError as exc:
            raise EngineTimeout(ENGINE, "it does not listen") from exc
        except anyio.BrokenResourceError as exc:
            raise EngineFailed(ENGINE, "its process ended unexpectedly") from exc
        finally:
            if not sent:
                await self._kill()
        self._owed.append(anyio.current_time() + answer_seconds)

    async def _hear_out(self) -> Answer | None:
        """The last of the answers that are owed. A process that gives none is killed."""
        answer: Answer | None = None
        while self._owed:
            patience = max(self._owed[0] - anyio.current_time(), _GRACE_SECONDS)
            try:
                with anyio.fail_after(patience):
                    if self._length is None:
                        (self._length,) = LENGTH.unpack(await self._answers.receive_exactly(LENGTH.size))
                    body = await self._answers.receive_exactly(self._length)
            except TimeoutError as exc:
                await self._kill()
                raise EngineTimeout(ENGINE, "it gave no answer any more") from exc
            except (anyio.BrokenResourceError, anyio.IncompleteRead, anyio.EndOfStream) as exc:
                await self._kill()
                raise EngineFailed(ENGINE, "its process ended unexpectedly") from exc
            self._length = None
            self._owed.popleft()
            if len(body) > _MUCH:
                answer = await to_thread.run_sync(pickle.loads, body)
            else:
                answer = pickle.loads(body)  # noqa: S301 -- our own child
        return answer

    async def _kill(self) -> None:
        self._owed.clear()
        self._length = None
        if self._process is not None:
            process, self._process = self._process, None
            with anyio.CancelScope(shield=True):
                await _end(process)


def _value(answer: Answer | None) -> Any:
    assert answer is not None
    if answer["outcome"] == "failed":
        kind, reason = answer["value"]
        raise kind(ENGINE, reason)
    return answer["value"]


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
    await process.aclose()


@asynccontextmanager
async def open_qdrant_edge(folder: Path, embedder: Embedder | None = None) -> AsyncGenerator[QdrantEdge]:
    """Raises `EngineUnavailable` when the folder is damaged, not writable, or used by another process."""
    memory = QdrantEdge(folder, embedder)
    try:
        await memory.open()
        yield memory
    finally:
        with anyio.CancelScope(shield=True):
            await memory.aclose()
