"""CMU Sphinx by pocketsphinx: English, from packages alone, on any processor; the recogniser of last resort.

The decoding is done by `pocketsphinx_worker` in a process of its own; this is its owner's side. Of ten words of
clear speech about one is wrong, of read prose three. Names and terms of the speaker's own, and sayings to expect, are
heard better where it is told of them (`pocketsphinx_hints`).

Transcripts carry the confidence that all their words are right (`pocketsphinx_doubts`).
"""

import importlib.util
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import structlog
from anyio import to_thread
from anyio.abc import Process, UNIXSocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from resilience.errors import EngineFailed, EngineUnavailable
from voice.settings import PocketsphinxSpec
from voice.stt.phones import phones
from voice.stt.pocketsphinx_hints import Hints, OwnWord
from voice.stt.pocketsphinx_worker import GROWING, LENGTH, WHOLE
from voice.stt.sound import holds_sound, samples_of
from voice.types import Look, Settled, Transcript, Utterance

log = structlog.get_logger(__name__)

ENGINE = "pocketsphinx"
LANGUAGES = ("en",)
_WORKER = Path(__file__).with_name("pocketsphinx_worker.py")
_LOADING_SECONDS = 60.0
_ENDING_SECONDS = 2.0
_HEAD_BYTES = 3_200
_MOST_GROWING = 4
"""Utterances that are decoded while they are spoken; there is a decoder for each, and a few dozen megabytes."""
_FORGOTTEN_SECONDS = 5.0
MOST_WORDS = 100
"""Of somebody's own, that a decoder is told."""
_PART = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_GONE = anyio.IncompleteRead, anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError


class _Line:
    """A connection to a decoder of one's own. Left in the middle of an exchange it is of no more use."""

    def __init__(self, stream: UNIXSocketStream) -> None:
        self._stream = stream
        self._replies = BufferedByteReceiveStream(stream)

    async def tell(self, hints: Hints) -> None:
        """Once, before anything is decoded."""
        await self._send(hints.packed())

    async def decode(self, pcm: bytes) -> tuple[str, float | None]:
        """The words, and how sure one may be of them, where it says so."""
        await self._send(pcm)
        try:
            (length,) = LENGTH.unpack(await self._replies.receive_exactly(LENGTH.size))
            text, confidence = json.loads(await self._replies.receive_exactly(length))
        except _GONE as exc:
            raise EngineFailed(ENGINE, "the decoder ended before it answered") from exc
        return text, confidence

    async def _send(self, message: bytes) -> None:
        try:
            await self._stream.send(LENGTH.pack(len(message)) + message)
        except _GONE as exc:
            raise EngineFailed(ENGINE, "the decoder ended before it was asked") from exc

    async def aclose(self) -> None:
        """The decoder behind it is killed, whatever it is doing."""
        await anyio.aclose_forcefully(self._stream)


@dataclass(slots=True, eq=False)
class _Growing:
    """An utterance that is still being spoken."""

    line: _Line
    decoded_bytes: int = 0
    asked_at: float = 0.0
    busy: bool = False


class Pocketsphinx:
    def __init__(self) -> None:
        self._worker: Process | None = None
        self._control: socket.socket | None = None
        self._starting = anyio.Lock()
        self._at_once = anyio.CapacityLimiter(max(1, (os.cpu_count() or 1) - 1))
        self._reading = anyio.CapacityLimiter(1)
        self._growing: dict[tuple[float, bytes], _Growing] = {}
        self._closed = False

    @property
    def worker(self) -> int | None:
        """The worker's process id."""
        return None if self._worker is None else self._worker.pid

    @property
    def languages(self) -> tuple[str, ...]:
        return LANGUAGES

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """A cancelled call stops decoding at once. When the decoder dies its call fails; the next one has another."""
        samples = samples_of(utterance, ENGINE)
        if not holds_sound(samples):
            return Transcript("", ENGINE, "en")
        hints = Hints(await self._own_words(utterance), utterance.expected)
        async with self._at_once:
            line = await self._connect(WHOLE)
            try:
                await line.tell(hints)
                text, confidence = await line.decode(utterance.audio.pcm)
            finally:
                await line.aclose()
        return Transcript(as_written(text), ENGINE, "en", confidence)

    async def interim(self, so_far: Utterance, settled: Settled) -> Look | None:
        """Each growing utterance has a decoder that is fed what came since the last call, at a low priority; so it
        has heard all of it, whatever is settled. While it is at work, or a transcript is being made, there is nothing
        new.
        """
        samples_of(so_far, ENGINE)
        pcm = so_far.audio.pcm
        if len(pcm) < _HEAD_BYTES or self._at_once.borrowed_tokens:
            return None
        await self._forget_the_finished()
        own = await self._own_words(so_far)
        which = so_far.started_at, pcm[:_HEAD_BYTES]
        growing = self._growing.get(which)
        if growing is None:
            if len(self._growing) >= _MOST_GROWING:
                return None
            growing = self._growing[which] = _Growing(await self._connect(GROWING))
        if growing.busy or growing.decoded_bytes >= len(pcm):
            return None
        told, new = growing.decoded_bytes > 0, pcm[growing.decoded_bytes :]
        growing.busy, growing.asked_at, growing.decoded_bytes = True, anyio.current_time(), len(pcm)
        answered = False
        try:
            if not told:
                await growing.line.tell(Hints(own))
            text, _ = await growing.line.decode(new)
            answered = True
        finally:
            growing.busy = False
            if not answered:
                self._growing.pop(which, None)
                await growing.line.aclose()
        return Look(tuple(as_written(text).split()))

    async def _own_words(self, utterance: Utterance) -> tuple[OwnWord, ...]:
        if not utterance.vocabulary:
            return ()
        return await to_thread.run_sync(own_words, utterance.vocabulary, limiter=self._reading)

    async def _forget_the_finished(self) -> None:
        now = anyio.current_time()
        for which, growing in list(self._growing.items()):
            if not growing.busy and now - growing.asked_at > _FORGOTTEN_SECONDS:
                del self._growing[which]
                await growing.line.aclose()

    async def _connect(self, kind: bytes) -> _Line:
        """Start the worker if there is none, or none any more; have it serve a new connection."""
        async with self._starting:
            if self._closed:
                raise EngineFailed(ENGINE, "it was closed")
            if self._worker is None or self._worker.returncode is not None:
                await self._start()
            line = await self._hand_over(kind)
            if line is None:
                log.warning("the worker process has ended", engine=ENGINE)
                await self._start()
                line = await self._hand_over(kind)
        if line is None:
            raise EngineFailed(ENGINE, "the worker process ends as soon as it is asked")
        return line

    async def _hand_over(self, kind: bytes) -> _Line | None:
        assert self._control is not None
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [kind], [theirs.fileno()])
            except OSError:  # gone, or so far behind that its queue is full
                ours.close()
                return None
        return _Line(await UNIXSocketStream.from_socket(ours))

    async def _start(self) -> None:
        await self.stop()
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        # -P: the worker's own folder holds a `pocketsphinx.py` too, and must not come before the library.
        command = [sys.executable, "-P", str(_WORKER)]
        with theirs:
            try:
                self._worker = await anyio.open_process(
                    command, stdin=theirs.fileno(), stdout=None, stderr=None, start_new_session=True
                )
            except OSError as exc:
                ours.close()
                raise EngineUnavailable(ENGINE, f"the worker process cannot be started: {exc}") from exc
        self._control = ours

    async def warm_up(self) -> None:
        """Wait until the models are loaded. Raises `EngineUnavailable`."""
        try:
            with anyio.fail_after(_LOADING_SECONDS):
                line = await self._connect(WHOLE)
                try:
                    await line.tell(Hints())
                    await line.decode(bytes(_HEAD_BYTES))
                finally:
                    await line.aclose()
        except EngineFailed as exc:
            raise EngineUnavailable(ENGINE, "its models cannot be loaded; the worker process says why") from exc
        except TimeoutError as exc:
            raise EngineUnavailable(ENGINE, f"its models were not loaded within {_LOADING_SECONDS:g} s") from exc

    async def close(self) -> None:
        """No call starts another worker after this."""
        self._closed = True
        await self.stop()

    async def stop(self) -> None:
        """The worker ends when its control socket does; if it does not, it is killed with all that it started."""
        growing, self._growing = self._growing, {}  # while they are closed another call may come
        if self._control is not None:
            self._control.close()
            self._control = None
        worker, self._worker = self._worker, None
        if worker is not None:
            with anyio.CancelScope(shield=True):
                with anyio.move_on_after(_ENDING_SECONDS):
                    await worker.wait()
                if worker.returncode is None:
                    log.warning("the worker process does not end and is killed", engine=ENGINE)
                    with suppress(ProcessLookupError):  # it may just have done so
                        os.killpg(worker.pid, signal.SIGKILL)
                await worker.aclose()
        # Only now: whoever waits for an answer on one of them has been told by its end that none will come.
        for each in growing.values():
            await each.line.aclose()


@asynccontextmanager
async def open_pocketsphinx(_spec: PocketsphinxSpec) -> AsyncGenerator[Pocketsphinx, None]:
    """Start the worker and wait until it is ready. Raises `EngineUnavailable`."""
    if importlib.util.find_spec("pocketsphinx") is None:
        raise EngineUnavailable(ENGINE, "the library pocketsphinx is not installed")
    engine = Pocketsphinx()
    try:
        await engine.warm_up()
        yield engine
    finally:
        await engine.close()


def own_words(vocabulary: Sequence[str]) -> tuple[OwnWord, ...]:
    """With how espeak-ng reads them; blocks for a moment the first time."""
    return tuple(
        OwnWord(each, tuple((part, phones(part)) for part in _PART.findall(each))) for each in vocabulary[:MOST_WORDS]
    )


def as_written(words: str) -> str:
    """The decoder's lower-case words as one would write them, without inventing marks."""
    written = ["I" + word[1:] if word == "i" or word.startswith("i'") else word for word in words.split()]
    text = " ".join(written)
    return text[:1].upper() + text[1:]
