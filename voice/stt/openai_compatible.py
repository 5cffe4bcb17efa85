"""Any server that transcribes the way OpenAI's does: POST {url}/audio/transcriptions, a WAV file in a form."""

import io
import wave
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import httpx
from pydantic import BaseModel, ValidationError

from resilience.errors import EngineFailed, EngineTimeout, EngineUnavailable, InputRejected
from voice.settings import OpenAiSttSpec
from voice.stt.sound import samples_of
from voice.types import Transcript, Utterance

ENGINE = "openai-compatible"
_CONNECT_SECONDS = 3.0
_AUDIO_AT_FAULT = frozenset({400, 413, 415, 422})
_NOT_ADMITTED = frozenset({401, 403})


class _Answer(BaseModel):
    text: str
    language: str | None = None


class _OnePiece(httpx.AsyncByteStream):
    """A body that is not a generator: httpx leaves its own unfinished when a call is cancelled, and trio minds."""

    def __init__(self, content: bytes) -> None:
        self._rest = [content]

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._rest:
            raise StopAsyncIteration
        return self._rest.pop()


class OpenAiSpeechToText:
    def __init__(self, http: httpx.AsyncClient, spec: OpenAiSttSpec) -> None:
        self._http = http
        self._spec = spec

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """An utterance without a sample is not sent: it has no words."""
        if not len(samples_of(utterance, ENGINE)):
            return Transcript("", ENGINE, self._spec.language)
        form = {"model": self._spec.model, "response_format": "json"}
        if self._spec.language is not None:
            form["language"] = self._spec.language
        audio = ("utterance.wav", _wav(utterance), "audio/wav")
        try:
            request = self._http.build_request("POST", "audio/transcriptions", data=form, files={"file": audio})
            request.stream = _OnePiece(await request.aread())
            response = await self._http.send(request)
        except httpx.ConnectTimeout as exc:
            raise EngineUnavailable(ENGINE, f"{self._spec.url} does not answer") from exc
        except httpx.TimeoutException as exc:
            raise EngineTimeout(ENGINE, f"no answer within {self._spec.first_output_seconds:g} s") from exc
        except httpx.ConnectError as exc:
            raise EngineUnavailable(ENGINE, f"cannot connect to {self._spec.url}: {exc}") from exc
        except (httpx.RequestError, httpx.InvalidURL) as exc:
            raise EngineFailed(ENGINE, f"the exchange broke off: {type(exc).__name__}") from exc
        _check(response)
        try:
            answer = _Answer.model_validate_json(response.content)
        except ValidationError as exc:
            raise EngineFailed(ENGINE, "the answer is not a transcription in JSON") from exc
        return Transcript(answer.text.strip(), ENGINE, answer.language or self._spec.language)


def _check(response: httpx.Response) -> None:
    status = response.status_code
    if response.is_success:
        return
    if status in _AUDIO_AT_FAULT:
        raise InputRejected(ENGINE, f"the server refuses the audio (status {status}): {_excerpt(response)}")
    if status in _NOT_ADMITTED:
        raise EngineUnavailable(ENGINE, f"the server does not admit us (status {status}); is the API key right?")
    if status == httpx.codes.NOT_FOUND:
        raise EngineUnavailable(
            ENGINE, f"the server has no such model or no transcription (status 404): {_excerpt(response)}"
        )
    raise EngineFailed(ENGINE, f"status {status}: {_excerpt(response)}")


def _excerpt(response: httpx.Response) -> str:
    return " ".join(response.text.split())[:200]


def _wav(utterance: Utterance) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(utterance.audio.sample_rate)
        file.writeframes(utterance.audio.pcm)
    return out.getvalue()


@asynccontextmanager
async def open_openai_stt(spec: OpenAiSttSpec) -> AsyncGenerator[OpenAiSpeechToText, None]:
    """The server need not be there yet: whether it is shows at each call. Proxies of the environment are not used."""
    headers = {} if spec.api_key is None else {"Authorization": f"Bearer {spec.api_key.get_secret_value()}"}
    timeout = httpx.Timeout(spec.first_output_seconds, connect=min(_CONNECT_SECONDS, spec.first_output_seconds))
    base = str(spec.url).rstrip("/") + "/"
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=timeout, trust_env=False) as http:
        yield OpenAiSpeechToText(http, spec)
