"""Piper at work: a model that is loaded, and how a sentence becomes sound.

Piper hands out a sentence at a time. The one that is being computed when its listener goes away is given up
between two nodes of the model, some milliseconds later.
"""

import copy
import json
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import onnxruntime
import piper.voice
from anyio import CapacityLimiter, to_thread
from onnxruntime.capi import onnxruntime_pybind11_state as ort
from piper import PiperConfig, PiperVoice, SynthesisConfig

from resilience.errors import EngineFailed, EngineUnavailable
from voice.settings import PiperSpec
from voice.tts import espeak_library
from voice.tts.portions import framed, portions
from voice.types import AS_USUAL, AudioFrame, Delivery, KnownVoice

ENGINE = "piper"
ACCENTS = {
    "en-us": "American English",
    "en-gb": "British English",
    "en-gb-x-rp": "British English",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "es-419": "Latin American Spanish",
}

# Piper's phonemizer is the library that our espeak-ng voice speaks with. It looks its lock up by this name at each use.
piper.voice._ESPEAK_PHONEMIZER_LOCK = espeak_library.LOCK

THREADS = max(1, min(4, (os.cpu_count() or 1) // 2))
"""Processor threads for one sentence: the language model wants some too."""
SENTENCES_AT_ONCE = 2
SLOWEST, FASTEST = 0.75, 1.5
"""Speaking rates at which its voices still articulate well; faster also means less to compute."""
MOST_SPEAKERS = 50
"""Of one model, that are offered; some have nearly a thousand."""
LONGEST_PORTION = 200
"""Characters: a listener should not have to wait for more to be computed."""

_MODEL_FAULTS = (
    ort.EPFail,
    ort.Fail,
    ort.InvalidArgument,
    ort.InvalidGraph,
    ort.InvalidProtobuf,
    ort.NoModel,
    ort.NoSuchFile,
    ort.NotImplemented,
    ort.RuntimeException,
)
_CONFIG_FAULTS = (OSError, ValueError, KeyError, TypeError, AttributeError)


def load_piper(spec: PiperSpec) -> "Piper":
    """Blocks. Raises `EngineUnavailable`."""
    config = _read_config(spec)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong comes as an exception
    try:
        # What `PiperVoice.load` does, which offers no way to limit the threads.
        session = onnxruntime.InferenceSession(str(spec.model), options, providers=["CPUExecutionProvider"])
        voice = PiperVoice(session=session, config=config)
        sound = [chunk.audio_int16_bytes for chunk in voice.synthesize("Ready.")]
    except _MODEL_FAULTS as exc:
        raise EngineUnavailable("piper", f"{spec.model.name} is damaged, or not a piper voice") from exc
    except (*_CONFIG_FAULTS, ImportError, RuntimeError, MemoryError) as exc:
        raise EngineUnavailable("piper", f"{spec.model.name} does not speak: {type(exc).__name__}: {exc}") from exc
    if not any(sound):
        raise EngineUnavailable("piper", f"{spec.model.name} makes no sound")
    return Piper(voice, _voices(spec, config))


def _read_config(spec: PiperSpec) -> PiperConfig:
    path = Path(f"{spec.model}.json")
    for needed in (spec.model, path):
        if not needed.is_file():
            raise EngineUnavailable("piper", f"there is no file {needed}")
    try:
        config = PiperConfig.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except _CONFIG_FAULTS as exc:
        raise EngineUnavailable("piper", f"{path.name} is not the settings file of a piper voice") from exc
    if spec.speaker is not None and not 0 <= spec.speaker < config.num_speakers:
        raise EngineUnavailable(
            "piper", f"{spec.model.name} has no speaker {spec.speaker}: there are {config.num_speakers}, from 0"
        )
    return config


def _voices(spec: PiperSpec, config: PiperConfig) -> dict[KnownVoice, int | None]:
    """And the number of each among the model's speakers; its own first."""
    place, _, rest = spec.model.stem.partition("-")
    person = rest.rpartition("-")[0] or rest or place
    language = config.espeak_voice[:2].lower()
    label = f"{person.replace('_', ' ').capitalize()}, {ACCENTS.get(config.espeak_voice.lower(), config.espeak_voice)}"
    one = f"{ENGINE}:{spec.model.stem}"
    if config.num_speakers <= 1:
        return {KnownVoice(one, label, language): spec.speaker}
    own = config.default_speaker_id if spec.speaker is None else spec.speaker
    names = {number: name for name, number in config.speaker_id_map.items()}
    numbers = [own, *(each for each in range(config.num_speakers) if each != own)][:MOST_SPEAKERS]
    return {
        KnownVoice(f"{one}:{each}", f"{label}, {names.get(each, f'speaker {each}')}", language): each
        for each in numbers
    }


class Piper:
    def __init__(self, voice: PiperVoice, voices: dict[KnownVoice, int | None]) -> None:
        self._voice = voice
        self._voices = voices
        self._speakers = {each.name: number for each, number in voices.items()}
        self._workers = CapacityLimiter(SENTENCES_AT_ONCE)

    @property
    def voices(self) -> tuple[KnownVoice, ...]:
        return tuple(self._voices)

    def takes(self, wanted: Delivery) -> Delivery:
        is_another = wanted.voice in self._speakers and wanted.voice != self.voices[0].name
        return Delivery(
            rate=min(max(wanted.rate, SLOWEST), FASTEST),
            voice=wanted.voice if is_another else "",
        )

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        taken = self.takes(delivery)
        pace = SynthesisConfig(
            speaker_id=self._speakers[taken.voice or self.voices[0].name],
            length_scale=self._voice.config.length_scale / taken.rate,
        )
        voice = copy.copy(self._voice)
        voice.session = session = _StoppableSession(self._voice.session)
        try:
            for portion in portions(sentence, LONGEST_PORTION):
                # Doubled brackets would be taken for phonemes.
                chunks = iter(voice.synthesize(portion.replace("[[", "[ ["), pace))
                while True:
                    try:
                        chunk = await to_thread.run_sync(
                            next, chunks, None, abandon_on_cancel=True, limiter=self._workers
                        )
                    except (*_MODEL_FAULTS, ValueError, RuntimeError, MemoryError) as exc:
                        raise EngineFailed("piper", f"{type(exc).__name__}: {exc}") from exc
                    if chunk is None:
                        break
                    for frame in framed(chunk.audio_int16_bytes, chunk.sample_rate):
                        yield frame
        finally:
            session.stop()


class _StoppableSession:
    """A model's session as one call sees it: that call can stop, and no other is stopped with it."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._options = onnxruntime.RunOptions()

    def run(self, outputs: list[str] | None, inputs: dict[str, Any]) -> Any:
        return self._session.run(outputs, inputs, self._options)

    def stop(self) -> None:
        self._options.terminate = True
