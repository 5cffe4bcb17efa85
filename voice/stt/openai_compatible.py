"""Any server that transcribes the way OpenAI's does: POST {url}/audio/transcriptions, a WAV file in a form."""

import io
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pydantic import BaseModel, ValidationError

from resilience.endpoint import Endpoint, open_endpoint
from resilience.errors import EngineFailed
from voice.inventions import is_echo
from voice.settings import OpenAiSttSpec
from voice.stt.sound import samples_of
from voice.types import Transcript, Utterance

ENGINE = "openai-compatible"
MOST_WORDS = 40
"""Of the speaker's own: the more servers are told, the more they hear what they were told; and Whisper heeds no more
than the last 224 tokens.
"""
NAMES = {"english": "en", "french": "fr", "german": "de", "spanish": "es"}
"""As some servers tell the language that they found out."""
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
            return Transcript("", ENGINE)
        language = self._spec.language if utterance.language is None else utterance.language
        form = {"model": self._spec.model, "response_format": "json"}
        if language:
            form["language"] = language
        if utterance.vocabulary:
            form["prompt"] = ", ".join(utterance.vocabulary[:MOST_WORDS])
        audio = ("utterance.wav", _wav(utterance), "audio/wav")
        async with self._server.post("audio/transcriptions", data=form, files={"file": audio}) as response:
            content = await response.aread()
        try:
            answer = _Answer.model_validate_json(content)
        except ValidationError as exc:
            raise EngineFailed(ENGINE, "the answer is not a transcription in JSON") from exc
        text = "" if is_echo(answer.text, utterance.vocabulary) else answer.text.strip()
        found = answer.language and NAMES.get(answer.language.lower(), answer.language.lower())
        return Transcript(text, ENGINE, found or language or None, is_detected=bool(found and not language))


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
