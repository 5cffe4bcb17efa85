"""Packs recordings, one after the other, once what was said is settled; never while somebody waits for them."""

from typing import Protocol

import anyio
import anyio.to_thread
import structlog

from app.codec import Format, packed
from resilience.errors import EngineError
from voice.types import AudioFrame

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 5.0
"""After a turn was settled there is often another; the packing can wait."""
RETRY_SECONDS = 60.0


class Unpacked(Protocol):
    """The log, as much of it as is asked here. Everything raises `EngineError`."""

    @property
    def settled(self) -> anyio.Event:
        """Of the next settlement."""
        ...

    async def to_pack(self, but: frozenset[str]) -> tuple[str, str, AudioFrame] | None:
        """Thread, saying and sound of one, which is none of these."""
        ...

    async def pack(self, thread: str, saying: str, content: bytes) -> None: ...


class Packer:
    def __init__(self, recordings: Unpacked, form: Format) -> None:
        self._recordings = recordings
        self._form = form
        self._limiter = anyio.CapacityLimiter(1)
        self._unpackable: frozenset[str] = frozenset()

    async def run(self, pause_seconds: float = PAUSE_SECONDS) -> None:
        """A pause after something was settled, and a longer one after what failed."""
        while True:
            await anyio.sleep(pause_seconds)
            settled = self._recordings.settled  # taken before we look, so that nothing is missed
            try:
                await self.pack_all()
            except EngineError as exc:
                log.warning("recordings not packed yet", code=exc.code, reason=exc.reason)
                await anyio.sleep(RETRY_SECONDS)
                continue
            await settled.wait()

    async def pack_all(self) -> int:
        """How many there were. Raises `EngineError`."""
        count = 0
        while (found := await self._recordings.to_pack(self._unpackable)) is not None:
            thread, saying, audio = found
            try:
                content = await anyio.to_thread.run_sync(packed, audio, self._form, limiter=self._limiter)
            except OSError as exc:
                log.warning("a recording stays as it is", reason=exc.strerror)
                self._unpackable |= {saying}
                continue
            await self._recordings.pack(thread, saying, content)
            count += 1
        return count
