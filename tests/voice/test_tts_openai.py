"""The HTTP voice against servers that misbehave; each is a small ASGI app on a loopback port."""

import json
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import anyio
import pytest

from resilience.errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable, InputRejected
from tests.made.servers import serving
from tests.made.speech import tone, wav_bytes
from voice.catalog import open_tts
from voice.protocols import TextToSpeech
from voice.settings import OpenAiTtsSpec
from voice.types import AudioFrame

pytestmark = pytest.mark.anyio

App = Callable[[Any, Any, Any], Awaitable[None]]
PCM = tone(0.5)


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """Real sockets want a real clock."""
    return request.param


def answering(status: int = 200, chunks: Iterable[bytes] = (PCM,), kind: str = "audio/pcm") -> App:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", kind.encode())] if kind else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})

    return app


@asynccontextmanager
async def voice_at(app: App, **more: Any) -> AsyncGenerator[TextToSpeech, None]:
    async def http_only(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        await app(scope, receive, send)

    async with serving(http_only) as url:
        spec = OpenAiTtsSpec.model_validate({"url": f"{url}/v1", "model": "m", "sample_rate": 16_000, **more})
        async with open_tts(spec) as voice:
            yield voice


async def said(voice: TextToSpeech, text: str = "Good morning.") -> list[AudioFrame]:
    async with aclosing(voice.synthesize(text)) as frames:
        return [frame async for frame in frames]


def joined(frames: list[AudioFrame]) -> bytes:
    return b"".join(frame.pcm for frame in frames)


async def test_it_asks_the_way_openai_documents_it() -> None:
    asked: list[tuple[str, dict[bytes, bytes], Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append((scope["path"], dict(scope["headers"]), json.loads((await receive())["body"])))
        await answering()(scope, receive, send)

    async with voice_at(app, api_key="secret", voice="nova") as voice:
        await said(voice, "Good morning.")
    ((path, headers, body),) = asked
    assert path == "/v1/audio/speech"
    assert headers[b"authorization"] == b"Bearer secret"
    assert body == {"model": "m", "voice": "nova", "input": "Good morning.", "response_format": "pcm"}


@pytest.mark.parametrize("size", [1, 3, 1281, 5000])
async def test_chunks_that_cut_samples_in_two_are_put_together(size: int) -> None:
    pcm = PCM[:6001]  # and half a sample at the end, which is no sound
    async with voice_at(answering(chunks=[pcm[i : i + size] for i in range(0, len(pcm), size)])) as voice:
        frames = await said(voice)
    assert joined(frames) == pcm[:6000]
    assert all(len(frame.pcm) % 2 == 0 for frame in frames)


@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_a_wav_file_is_taken_at_its_own_rate(size: int) -> None:
    wav = wav_bytes(PCM, 22_050)
    async with voice_at(answering(chunks=[wav[i : i + size] for i in range(0, 2000, size)], kind="audio/wav")) as voice:
        frames = await said(voice)
    assert {frame.sample_rate for frame in frames} == {22_050}
    assert PCM.startswith(joined(frames))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, EngineFailed),
        (401, EngineUnavailable),
        (403, EngineUnavailable),
        (404, EngineUnavailable),
        (413, InputRejected),
        (429, EngineFailed),
        (500, EngineFailed),
        (503, EngineFailed),
        (302, EngineFailed),
    ],
)
async def test_a_refusal_is_named_for_what_it_means(status: int, error: type[EngineError]) -> None:
    async with voice_at(answering(status, [b'{"error": "Good morning."}'], "application/json")) as voice:
        with pytest.raises(error) as caught:
            await said(voice)
    assert type(caught.value) is error
    assert "Good morning" not in str(caught.value)


@pytest.mark.parametrize(
    ("chunks", "kind"),
    [
        ([b"<!DOCTYPE html><html><body>Welcome</body></html>"], "text/html; charset=utf-8"),
        ([b"<!DOCTYPE html><html><body>Welcome</body></html>"], ""),
        ([b"  <html><body>Welcome</body></html>"], "application/octet-stream"),
        ([b'{"detail": "this is no sound at all"}'], "application/json"),
        ([b'{"detail": "this is no sound at all"}'], ""),
        ([b"ID3" + bytes(500)], "audio/mpeg"),
        ([], "audio/pcm"),
        ([b"\x01"], "audio/pcm"),
        ([b"RIFF\x24\x00\x00\x00WAVEfmt "], "audio/wav"),
        ([b"RIFF\x24\x00\x00\x00WAVE" + b"junk\x00\x00\x00\x00" * 2000], "audio/wav"),
    ],
)
async def test_what_is_no_sound_is_a_failure(chunks: list[bytes], kind: str) -> None:
    async with voice_at(answering(chunks=chunks, kind=kind)) as voice:
        with pytest.raises(EngineFailed):
            await said(voice)


async def test_a_wav_file_in_stereo_is_refused() -> None:
    stereo = bytearray(wav_bytes(PCM))
    stereo[22] = 2
    async with voice_at(answering(chunks=[bytes(stereo)], kind="audio/wav")) as voice:
        with pytest.raises(EngineFailed, match="mono"):
            await said(voice)


async def test_an_answer_far_too_long_for_its_sentence_is_a_failure() -> None:
    async with voice_at(answering(chunks=[tone(1.0)] * 60)) as voice:
        with pytest.raises(EngineFailed, match="does not stop"):
            await said(voice, "Hi.")


async def test_nothing_at_the_address_is_an_engine_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    async with open_tts(OpenAiTtsSpec.model_validate({"url": f"http://127.0.0.1:{port}/v1", "model": "m"})) as voice:
        with pytest.raises(EngineUnavailable):
            await said(voice)


@pytest.mark.parametrize("begun", [False, True])
async def test_a_server_that_falls_silent_is_too_slow(begun: bool) -> None:
    async def app(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": PCM, "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass

    async with voice_at(app, first_output_seconds=0.2, stall_seconds=0.2) as voice:
        with pytest.raises(EngineTimeout):
            await said(voice)


async def test_a_connection_that_breaks_is_a_failure() -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"100000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PCM[:50], "more_body": True})
        raise ConnectionAbortedError

    async with voice_at(app) as voice:
        with pytest.raises(EngineFailed):
            await said(voice)


async def test_a_listener_who_leaves_ends_the_request() -> None:
    left: list[str] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": PCM, "more_body": True})
        left.append((await receive())["type"])

    async with voice_at(app) as voice:
        async with aclosing(voice.synthesize("Good morning.")) as frames:
            async for _frame in frames:
                break
        while not left:
            await anyio.sleep(0.01)
    assert left == ["http.disconnect"]


async def test_what_has_no_words_is_not_sent() -> None:
    async with voice_at(answering(500)) as voice:
        assert await said(voice, "…") == []
