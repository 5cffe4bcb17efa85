"""Which spec opens which engine. To add one: a spec, a module, an arm here.

Each arm imports its library inside itself: an engine that is not chosen costs nothing. Opening
raises `EngineUnavailable` when the library or the model is missing or damaged.
"""

from contextlib import AbstractAsyncContextManager
from typing import assert_never

from voice.protocols import SpeechToText, TextToSpeech
from voice.settings import (
    CaptionsSpec,
    EspeakSpec,
    FasterWhisperSpec,
    OpenAiSttSpec,
    OpenAiTtsSpec,
    PiperSpec,
    PocketsphinxSpec,
    SttSpec,
    TtsSpec,
    TypedSpec,
)


def open_stt(spec: SttSpec) -> AbstractAsyncContextManager[SpeechToText]:
    match spec:
        case FasterWhisperSpec():
            from voice.stt.faster_whisper import open_faster_whisper

            return open_faster_whisper(spec)
        case PocketsphinxSpec():
            from voice.stt.pocketsphinx import open_pocketsphinx

            return open_pocketsphinx(spec)
        case OpenAiSttSpec():
            from voice.stt.openai_compatible import open_openai_stt

            return open_openai_stt(spec)
        case TypedSpec():
            from voice.stt.typed import open_typed

            return open_typed(spec)
        case _:
            assert_never(spec)


def open_tts(spec: TtsSpec) -> AbstractAsyncContextManager[TextToSpeech]:
    match spec:
        case PiperSpec():
            from voice.tts.piper import open_piper

            return open_piper(spec)
        case EspeakSpec():
            from voice.tts.espeak import open_espeak

            return open_espeak(spec)
        case OpenAiTtsSpec():
            from voice.tts.openai_compatible import open_openai_tts

            return open_openai_tts(spec)
        case CaptionsSpec():
            from voice.tts.captions import open_captions

            return open_captions(spec)
        case _:
            assert_never(spec)
