"""Any server that speaks OpenAI's `/audio/speech`: raw PCM comes in as it is made, and goes on as frames."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import httpx

from resilience.endpoint import Endpoint, open_endpoint, unwinding
from resilience.errors import EngineFailed
from voice.protocols import TextToSpeech
from voice.settings import OpenAiTtsSpec
from voice.tts.portions import FRAME_SECONDS, framed, portions
from voice.types import AS_USUAL, AudioFrame, Delivery, KnownVoice

ENGINE = "openai-compatible"
SENTENCE_AT_FAULT = frozenset({413})
LONGEST_INPUT = 4000
"""Characters a request; OpenAI's own limit is 4096."""
LONGEST_WAV_HEADER = 4096
ENOUGH_TO_TELL = 16
"""Bytes that show whether an answer is a WAV file or a page of text."""


@asynccontextmanager
async def open_openai_tts(spec: OpenAiTtsSpec) -> AsyncGenerator[TextToSpeech, None]:
    """See `open_endpoint`."""
    async with open_endpoint(
        ENGINE,
        str(spec.url),
        spec.api_key,
        silence_seconds=max(spec.first_output_seconds, spec.stall_seconds),
        input_at_fault=SENTENCE_AT_FAULT,
    ) as server:
        yield OpenAiSpeech(server, spec)


class OpenAiSpeech:
    def __init__(self, server: Endpoint, spec: OpenAiTtsSpec) -> None:
        self._server = server
        self._spec = spec

    @property
    def voices(self) -> tuple[KnownVoice, ...]:
        spec = self._spec
        return (KnownVoice(f"{ENGINE}:{spec.model}:{spec.voice}", f"{spec.voice}, from a server", ""),)

    def takes(self, wanted: Delivery) -> Delivery:
        """Servers differ in what they make of a `speed`, and some pass it over; so none is asked for."""
        return Delivery()

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        for portion in portions(sentence, LONGEST_INPUT):
            async with aclosing(self._ask(portion)) as frames:
                async for frame in frames:
                    yield frame

    async def _ask(self, text: str) -> AsyncGenerator[AudioFrame, None]:
        spec = self._spec
        body = {"model": spec.model, "voice": spec.voice, "input": text, "response_format": "pcm"}
        async with self._server.post("audio/speech", json=body) as answer:
            _refuse_what_is_no_audio(answer)
            pcm = _Pcm(spec.sample_rate, longest_seconds=10 + len(text))
            async with unwinding(answer, answer.aiter_bytes()) as chunks:
                async for chunk in chunks:
                    for frame in pcm.take(chunk):
                        yield frame
            for frame in pcm.rest():
                yield frame


def _refuse_what_is_no_audio(answer: httpx.Response) -> None:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind in ("application/json", "application/xml", "application/xhtml+xml"):
        raise EngineFailed(ENGINE, f"answered with {kind}, not with sound")
    if kind.startswith("audio/") and not any(name in kind for name in ("pcm", "l16", "raw", "wav", "basic")):
        raise EngineFailed(ENGINE, f"answered with {kind}, though raw PCM was asked for")


class _Pcm:
    """Bytes as the network cuts them, to whole samples in frames; a WAV file's header is read and taken off."""

    def __init__(self, sample_rate: int, *, longest_seconds: float) -> None:
        self._sample_rate = sample_rate
        self._longest_seconds = longest_seconds
        self._seconds = 0.0
        self._held = b""
        self._begun = False

    def take(self, chunk: bytes) -> list[AudioFrame]:
        """Raises `EngineFailed`."""
        self._held += chunk
        if not self._begun and not self._begin():
            return []
        step = 2 * round(self._sample_rate * FRAME_SECONDS)
        return self._hand_over(len(self._held) - len(self._held) % step)

    def rest(self) -> list[AudioFrame]:
        """Half a sample at the end is no sound. Raises `EngineFailed`."""
        if not self._begun:
            raise EngineFailed(ENGINE, "answered without any sound")
        return self._hand_over(len(self._held) - len(self._held) % 2)

    def _hand_over(self, size: int) -> list[AudioFrame]:
        ready, self._held = self._held[:size], self._held[size:]
        frames = list(framed(ready, self._sample_rate))
        self._seconds += sum(frame.seconds for frame in frames)
        if self._seconds > self._longest_seconds:
            raise EngineFailed(ENGINE, f"does not stop: {self._seconds:.0f} s of sound for one request")
        return frames

    def _begin(self) -> bool:
        """Whether sound may be taken from what is held."""
        held = self._held
        if len(held) < ENOUGH_TO_TELL:
            return False
        if held.startswith(b"RIFF"):
            header = _wav_header(held)
            if header is None:
                if len(held) > LONGEST_WAV_HEADER:
                    raise EngineFailed(ENGINE, "answered with a WAV file without sound")
                return False
            self._sample_rate, start = header
            self._held = held[start:]
        elif held[:ENOUGH_TO_TELL].lstrip().lower().startswith((b"<!doctype", b"<html", b'{"')):
            raise EngineFailed(ENGINE, "answered with a page of text, not with sound")
        self._begun = True
        return True


def _wav_header(data: bytes) -> tuple[int, int] | None:
    """Hertz, and where the samples begin; None while the header is incomplete. Raises `EngineFailed`."""
    at, sample_rate = 12, 0
    while len(data) >= at + 8:
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"data" and sample_rate:
            return sample_rate, at + 8
        if name == b"fmt " and len(data) >= at + 24:
            channels = int.from_bytes(data[at + 10 : at + 12], "little")
            sample_rate = int.from_bytes(data[at + 12 : at + 16], "little")
            bits = int.from_bytes(data[at + 22 : at + 24], "little")
            if (channels, bits) != (1, 16) or not 8000 <= sample_rate <= 48_000:
                raise EngineFailed(ENGINE, f"answered with {channels} x {bits} bit at {sample_rate} Hz, not mono PCM16")
        at += 8 + size + size % 2
    return None
