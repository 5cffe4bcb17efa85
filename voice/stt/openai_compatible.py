"""Any server that transcribes the way OpenAI's does: POST {url}/audio/transcriptions, a WAV file in a form."""

import io
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pydantic import BaseModel, ValidationError

from resilience.endpoint import Endpoint, open_endpoint
from resilience.errors import EngineFailed
from voice.settings import OpenAiSttSpec
from voice.stt.sound import samples_of
from voice.types import Transcript, Utterance

ENGINE = "openai-compatible"
AUDIO_AT_FAULT = frozenset({400, 413, 415, 422})


class _Answer(BaseModel):
    text: str
    language: str | None = None


class OpenAiSpeechToText:
    def __init__(self, server: Endpoint, spec: OpenAiSttSpec) -> None:
        self._server = server
        self._spec = spec

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """An utterance without a sample is not sent: it has no words."""
        if not len(samples_of(utterance, ENGINE)):
            return Transcript("", ENGINE, self._spec.language)
        form = {"model": self._spec.model, "response_format": "json"}
        if self._spec.language is not None:
            form["language"] = self._spec.language
        audio = ("utterance.wav", _wav(utterance), "audio/wav")
        async with self._server.post("audio/transcriptions", data=form, files={"file": audio}) as response:
            content = await response.aread()
        try:
            answer = _Answer.model_validate_json(content)
        except ValidationError as exc:
            raise EngineFailed(ENGINE, "the answer is not a transcription in JSON") from exc
        return Transcript(answer.text.strip(), ENGINE, answer.language or self._spec.language)


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
    """See `open_endpoint`."""
    async with open_endpoint(
        ENGINE,
        str(spec.url),
        spec.api_key,
        silence_seconds=spec.first_output_seconds,
        input_at_fault=AUDIO_AT_FAULT,
    ) as server:
        yield OpenAiSpeechToText(server, spec)
