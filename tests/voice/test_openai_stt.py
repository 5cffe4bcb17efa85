"""The OpenAI-compatible recogniser against a real server on the loopback."""

import json
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import anyio
import pytest
from fastapi import FastAPI, Request, Response

from resilience.errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable, InputRejected
from tests.made.servers import serving
from tests.made.speech import read_wav, speech, utterance
from voice.settings import OpenAiSttSpec
from voice.stt.openai_compatible import OpenAiSpeechToText, open_openai_stt

pytestmark = pytest.mark.anyio

SPEECH = utterance(speech("what time is it"))


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """A real server does not keep to a clock that jumps."""
    return str(request.param)


class Server:
    """Answers every transcription with what it is told to, and remembers the last one asked for."""

    def __init__(self, status: int = 200, body: str = '{"text": " what time is it "}', seconds: float = 0.0) -> None:
        self.form: dict[str, str] = {}
        self.wav = b""
        self.authorization: str | None = None
        self.app = FastAPI()

        @self.app.post("/v1/audio/transcriptions")
        async def transcriptions(request: Request) -> Response:
            self.authorization = request.headers.get("authorization")
            async with request.form() as form:
                for name, value in form.items():
                    if isinstance(value, str):
                        self.form[name] = value
                    else:
                        self.wav = await value.read()
            await anyio.sleep(seconds)
            return Response(body, status, media_type="application/json")


@asynccontextmanager
async def engine_at(base: str, **settings: object) -> AsyncGenerator[OpenAiSpeechToText, None]:
    spec = OpenAiSttSpec.model_validate({"url": base, "model": "whisper-1", **settings})
    async with open_openai_stt(spec) as engine:
        yield engine


async def test_the_server_is_sent_the_model_the_language_the_key_and_the_sound_as_it_is() -> None:
    server = Server()
    async with serving(server.app) as base, engine_at(f"{base}/v1", language="en", api_key="sesame") as engine:
        heard = await engine.transcribe(SPEECH)
    assert (heard.text, heard.engine, heard.language) == ("what time is it", "openai-compatible", "en")
    assert server.form == {"model": "whisper-1", "response_format": "json", "language": "en"}
    assert server.authorization == "Bearer sesame"
    assert read_wav(server.wav) == (SPEECH.audio.pcm, 16_000)


@pytest.mark.parametrize(
    ("wanted", "told", "found", "language", "is_detected"),
    [
        (None, "en", None, "en", False),
        ("de", "de", None, "de", False),
        ("", None, "german", "de", True),
        ("", None, None, None, False),
    ],
)
async def test_the_server_is_told_the_speakers_language_or_finds_it_out(
    wanted: str | None, told: str | None, found: str | None, language: str | None, is_detected: bool
) -> None:
    server = Server(body=json.dumps({"text": "hallo", "language": found}))
    async with serving(server.app) as base, engine_at(f"{base}/v1", language="en") as engine:
        heard = await engine.transcribe(replace(SPEECH, language=wanted))
    assert server.form.get("language") == told
    assert (heard.language, heard.is_detected) == (language, is_detected)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, InputRejected),
        (413, InputRejected),
        (415, InputRejected),
        (422, InputRejected),
        (401, EngineUnavailable),
        (403, EngineUnavailable),
        (404, EngineUnavailable),
        (429, EngineFailed),
        (500, EngineFailed),
        (302, EngineFailed),
    ],
)
async def test_a_refusal_is_told_apart_by_who_is_to_blame(status: int, error: type[EngineError]) -> None:
    async with serving(Server(status, '{"error": "sesame"}').app) as base, engine_at(f"{base}/v1") as engine:
        with pytest.raises(error) as caught:
            await engine.transcribe(SPEECH)
    assert type(caught.value) is error
    assert str(status) in caught.value.reason
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"words": 3}', '{"text": null}', json.dumps("text")])
async def test_an_answer_that_is_no_transcription_is_a_failure(body: str) -> None:
    async with serving(Server(body=body).app) as base, engine_at(f"{base}/v1") as engine:
        with pytest.raises(EngineFailed):
            await engine.transcribe(SPEECH)


async def test_the_speakers_own_words_are_the_prompt_and_their_echo_is_no_transcript() -> None:
    words = ("Siobhan", "metformin", "Nightingale")
    server = Server(body='{"text": "Siobhan, metformin, Nightingale."}')
    async with serving(server.app) as base, engine_at(f"{base}/v1") as engine:
        assert (await engine.transcribe(replace(SPEECH, vocabulary=words))).text == ""
    assert server.form["prompt"] == "Siobhan, metformin, Nightingale"


async def test_nobody_at_the_address_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with engine_at(f"http://127.0.0.1:{port}/v1") as engine:
        with pytest.raises(EngineUnavailable, match="cannot connect"):
            await engine.transcribe(SPEECH)


async def test_an_answer_that_takes_too_long_is_a_timeout() -> None:
    async with (
        serving(Server(seconds=1.0).app) as base,
        engine_at(f"{base}/v1", first_output_seconds=0.1) as engine,
    ):
        with pytest.raises(EngineTimeout):
            await engine.transcribe(SPEECH)


async def test_a_server_that_hangs_up_in_the_middle_is_a_failure() -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")

    async def hang_up(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            await stream.receive()
            await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, hang_up)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        async with engine_at(f"http://127.0.0.1:{port}/v1") as engine:
            with pytest.raises(EngineFailed):
                await engine.transcribe(SPEECH)
        tasks.cancel_scope.cancel()
