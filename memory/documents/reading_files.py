"""Reading a file that somebody gave us: its bytes, or where it lies, to the document in it.

Files are read in a process of their own, started for each, which is held to a time and a memory: one that was made to
do harm harms that process. Whoever asks may leave; then it is ended.
"""

import json
import sys
from pathlib import Path, PurePath
from subprocess import DEVNULL, PIPE
from typing import Final

import anyio
from anyio import to_thread
from anyio.abc import Process

from memory.documents.content import Refused
from memory.documents.formats import MOST_BYTES, MOST_CHARACTERS, kind_of, label
from memory.documents.parsing_process import Parsed
from memory.documents.types import NewDocument, Part
from resilience.errors import EngineFailed, InputRejected

READER: Final = "documents"
SECONDS: Final = 120.0
MEMORY_BYTES: Final = 2 * 1024**3
_MOST_ANSWERED = 13 * MOST_CHARACTERS
"""Bytes of JSON, where a character beyond the basic plane takes twelve."""
_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); from memory.documents.parsing_process import main; "
    "main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))"
)
_ROOT = Path(__file__).resolve().parent.parent.parent


async def read_file(
    source: Path | bytes, name: str, *, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES
) -> NewDocument:
    """Raises `InputRejected`, in words for the user, for a file that is not fit to be read; `EngineError`."""
    name = label(PurePath(name.replace("\\", "/")).name)
    try:
        kind_of(name)
    except Refused as refusal:
        raise _rejected(name, str(refusal)) from refusal
    data = source if isinstance(source, bytes) else await to_thread.run_sync(_contents, source, name)
    if len(data) > MOST_BYTES:
        raise _rejected(name, f"is too big: only files of up to {MOST_BYTES // 1_000_000} MB can be read")
    if not data:
        raise _rejected(name, "is empty")
    parsed = await _parsed(data, name, seconds, memory_bytes)
    if "refused" in parsed:
        raise _rejected(name, parsed["refused"])
    if "damaged" in parsed:
        raise _rejected(name, f"cannot be read: it is damaged, or not what its name says ({parsed['damaged']})")
    parts = tuple(Part(place, text) for place, text in parsed["parts"])
    if not any(each.isalnum() for part in parts for each in part.text):
        raise _rejected(name, "has no words in it")
    return NewDocument(name, parsed["title"], parts, parsed["metadata"])


async def _parsed(data: bytes, name: str, seconds: float, memory_bytes: int) -> Parsed:
    program = [sys.executable, "-c", _PROGRAM, str(_ROOT), name, str(int(seconds) + 1), str(memory_bytes)]
    process: Process | None = None
    try:
        with anyio.fail_after(seconds):
            with anyio.CancelScope(shield=True):
                started = process = await anyio.open_process(program, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
            answer = await _exchange(started, data, name)
            return await to_thread.run_sync(json.loads, answer)
    except TimeoutError as exc:
        raise _rejected(name, f"could not be read within {seconds:g} seconds") from exc
    except OSError as exc:
        raise EngineFailed(READER, f"the process that reads files could not be started: {exc.strerror}") from exc
    except ValueError as exc:
        raise _rejected(name, "cannot be read: it takes too much memory, or too much time") from exc
    finally:
        if process is not None:
            with anyio.CancelScope(shield=True):
                await _end(process)


async def _exchange(process: Process, data: bytes, name: str) -> bytes:
    """It hears all before it says anything. One that died says nothing, which is not JSON."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        await process.stdin.send(data)
        await process.stdin.aclose()
    except anyio.BrokenResourceError:
        pass  # what it has to say of it may still come
    answer = bytearray()
    async for chunk in process.stdout:
        answer += chunk
        if len(answer) > _MOST_ANSWERED:
            raise _rejected(name, "is too long")
    return bytes(answer)


def _contents(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as exc:
        raise _rejected(name, f"cannot be opened: {exc.strerror}") from exc


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
    await process.aclose()


def _rejected(name: str, reason: str) -> InputRejected:
    return InputRejected(READER, f"“{name}” {reason}")
