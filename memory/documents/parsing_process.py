"""The far end of `reading_files`: a process that reads one file, with little time and little memory, and ends.

The file comes in on standard input, what is in it goes out on standard output as JSON, which harms nobody whatever
became of this process on the way.
"""

import json
import os
import resource
import sys
from types import TracebackType
from typing import BinaryIO, TypedDict

from memory.documents.content import Refused
from memory.documents.formats import document_in


class Parsed(TypedDict, total=False):
    title: str
    parts: list[tuple[str, str]]
    metadata: dict[str, str]
    refused: str
    """Instead: why, for the user."""
    damaged: str
    """Instead: what a library raised."""


def main(name: str, cpu_seconds: int, memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up in the answer

    def tell(kind: type[BaseException], _error: BaseException, _trace: TracebackType | None) -> None:
        _send(answers, Parsed(damaged=kind.__name__))

    sys.excepthook = tell
    try:
        document = document_in(sys.stdin.buffer.read(), name)
    except Refused as refusal:
        _send(answers, Parsed(refused=str(refusal)))
        return
    parts = [(each.place, each.text) for each in document.parts]
    _send(answers, Parsed(title=document.title, parts=parts, metadata=dict(document.metadata)))


def _send(answers: BinaryIO, parsed: Parsed) -> None:
    answers.write(json.dumps(parsed).encode())
    answers.flush()
