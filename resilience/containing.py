"""What goes wrong inside an engine stays there: its bugs are its failures, and it stops in time when it is not wanted.

A bug in one engine must not cost anybody their turn while another engine could still answer. That is why this room
holds an `except Exception`: to the ladder an engine is foreign code. It says so with a traceback, because a bug it
remains. Cancellation is no `Exception` and passes.
"""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

import anyio
import structlog

from resilience.errors import EngineError, EngineFailed

log = structlog.get_logger(__name__)

T = TypeVar("T")

CLOSING_SECONDS = 0.5
"""What an engine may take to stop before whoever waits for it goes on."""


@contextmanager
def contained(engine: str) -> Generator[None]:
    """Raises `EngineError`, and nothing else."""
    try:
        yield
    except EngineError:
        raise
    except Exception as exc:
        log.error("engine broke", engine=engine, exc_info=exc)
        raise EngineFailed(engine, f"it broke ({type(exc).__name__})") from exc


@asynccontextmanager
async def closing(engine: str, output: AsyncGenerator[T, None]) -> AsyncGenerator[AsyncGenerator[T, None]]:
    """As `contextlib.aclosing`, of an engine's output. It is closed properly also when its listener is cancelled; an
    engine that does not come to an end is cancelled. Only one that shields itself from that can keep anybody waiting.
    """
    try:
        yield output
    finally:
        with anyio.move_on_after(CLOSING_SECONDS, shield=True) as patience:
            try:
                with contained(engine):
                    await output.aclose()
            except EngineError as exc:
                log.warning("engine did not stop well", engine=engine, reason=exc.reason)
        if patience.cancelled_caught:
            log.warning("engine took too long to stop", engine=engine)
