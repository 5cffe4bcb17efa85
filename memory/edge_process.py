"""The far end of `qdrant_edge`: a process that owns one folder of memories and documents, and answers one question at
a time.

Requests and answers are pickled tuples behind a four-byte length. It ends when its standard input does, that is
also when its parent was killed.
"""

import gc
import os
import pickle
import select
import signal
import struct
import sys
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypedDict

from memory.edge_shard import EdgeShelf, open_edge_shelf
from resilience.errors import EngineError, EngineFailed

LENGTH = struct.Struct("<I")
QUIET_SECONDS = 20.0
"""In a conversation somebody asks more often."""


class Answer(TypedDict):
    outcome: Literal["done", "failed"]
    value: Any
    """What was asked for; or the kind of `EngineError`, and its reason."""


def main(folder: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes us in order
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up among the answers
    gc.disable()  # to look for garbage among all there is takes as long as ten searches
    try:
        with open_edge_shelf(Path(folder)) as shelf:
            _send(answers, Answer(outcome="done", value=None))
            gc.freeze()
            gc.enable()
            while (request := _next(shelf)) is not None:
                verb, arguments = request
                try:
                    answer = Answer(outcome="done", value=attrgetter(verb)(shelf)(*arguments))
                except EngineError as exc:
                    answer = _failure(exc)
                _send(answers, answer)
    except EngineError as exc:
        _send(answers, _failure(exc))


def _next(shelf: EdgeShelf) -> tuple[str, tuple[Any, ...]] | None:
    """Tidies up as soon as nobody has asked for anything for a while. Whoever asks has heard the answer before."""
    if shelf.untidy and not select.select([sys.stdin], [], [], QUIET_SECONDS)[0]:
        with suppress(EngineError):  # nothing is lost by it; it is tried again when as much has been written
            shelf.tidy_up()
    return _receive(sys.stdin.buffer)


def _failure(error: EngineError) -> Answer:
    return Answer(outcome="failed", value=(type(error), error.reason))


def _send(answers: BinaryIO, answer: Answer) -> None:
    body = pickle.dumps(answer)
    answers.write(LENGTH.pack(len(body)) + body)
    answers.flush()


def _receive(requests: BinaryIO) -> tuple[str, tuple[Any, ...]] | None:
    head = requests.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    try:
        body: tuple[str, tuple[Any, ...]] = pickle.loads(requests.read(length))  # noqa: S301 -- from our own parent only
    except (ImportError, MemoryError) as exc:  # what a question is made of cannot be loaded where no memory is left
        raise EngineFailed("memory", f"{type(exc).__name__} as a question came") from exc
    return body
