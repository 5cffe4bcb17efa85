"""The far end of `qdrant_edge`: a process that owns one folder of memories and answers one question at a time.

Requests and answers are pickled tuples behind a four-byte length. It ends when its standard input does, that is
also when its parent was killed.
"""

import os
import pickle
import signal
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypedDict

from memory.edge_shard import open_edge_shelf
from resilience.errors import EngineError

LENGTH = struct.Struct("<I")


class Answer(TypedDict):
    outcome: Literal["done", "failed"]
    value: Any
    """What was asked for; or the kind of `EngineError`, and its reason."""


def main(folder: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes us in order
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up among the answers
    try:
        with open_edge_shelf(Path(folder)) as shelf:
            _send(answers, Answer(outcome="done", value=None))
            while (request := _receive(sys.stdin.buffer)) is not None:
                verb, arguments = request
                try:
                    answer = Answer(outcome="done", value=getattr(shelf, verb)(*arguments))
                except EngineError as exc:
                    answer = _failure(exc)
                _send(answers, answer)
    except EngineError as exc:
        _send(answers, _failure(exc))


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
    body: tuple[str, tuple[Any, ...]] = pickle.loads(requests.read(length))  # noqa: S301 -- from our own parent only
    return body
