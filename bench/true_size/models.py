"""Models with made weights and the dimensions of real ones: each step costs what it costs there, and they know their
lines. Made once, and kept.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

from graph.prompts import SYSTEM
from graph.settings import GraphSettings, LlamaCppSpec
from tests.made.gguf import Preset as LanguagePreset
from tests.made.gguf import make_gguf
from tests.made.piper import make_true_size_piper
from tests.made.whisper import Preset as WhisperPreset
from tests.made.whisper import make_whisper
from voice.settings import FasterWhisperSpec, PiperSpec, VoiceSettings

QUESTION: Final = "Tell me please, how do people in England make a really good cup of black tea for six guests?"
"""With the mark of its end, 21 tokens to decode: about what a spoken question is."""
IN_ONE_BREATH: Final = QUESTION.replace(",", "")
"""As it is spoken: the made Whisper knows its line from any part of it, so a pause would look like the end."""
ANSWER: Final = "Boil some water first, and warm the pot. Then pour it!"
FAMILIAR: Final = (
    f"{SYSTEM} {QUESTION} Monday Tuesday Wednesday Thursday Friday Saturday Sunday, November, notes, user, now"
)
"""Words of which prompts are made here, so that the made model reads no more tokens than a real one would."""

WhisperSize = Literal["tiny", "base"]
LanguageSize = Literal["0.5b", "1.5b"]
_WHISPERS: Final[dict[WhisperSize, WhisperPreset]] = {"tiny": "tiny.en", "base": "base.en"}
_LANGUAGES: Final[dict[LanguageSize, LanguagePreset]] = {"0.5b": "qwen2.5-0.5b", "1.5b": "qwen2.5-1.5b"}


@dataclass(frozen=True, slots=True)
class Pair:
    """What hears and what thinks; the voice is the same for all."""

    whisper: WhisperSize
    language: LanguageSize

    @classmethod
    def of(cls, name: str) -> Self:
        """Raises `ValueError`: no such pair."""
        for whisper in _WHISPERS:
            for language in _LANGUAGES:
                if name == f"{whisper}+{language}":
                    return cls(whisper, language)
        raise ValueError(f"no such pair: {name}")

    def __str__(self) -> str:
        return f"{self.whisper}+{self.language}"


def voice_settings(pair: Pair, folder: Path) -> VoiceSettings:
    """Greedy: with more guesses, a made Whisper loses words."""
    whisper = _kept(folder / f"whisper-{pair.whisper}", lambda to: _make_whisper(to, _WHISPERS[pair.whisper]))
    voice = _kept(folder / "voice-medium", lambda to: make_true_size_piper(to / "voice.onnx", "medium"))
    stt = FasterWhisperSpec(model=whisper, device="cpu", compute_type="int8", language="en", beam_size=1)
    return VoiceSettings(stt=(stt,), tts=(PiperSpec(model=voice / "voice.onnx"),))


def graph_settings(pair: Pair, folder: Path) -> GraphSettings:
    made = _kept(folder / f"language-{pair.language}", lambda to: _make_language(to, _LANGUAGES[pair.language]))
    return GraphSettings(models=(LlamaCppSpec(model=made / "language.gguf"),))


def _make_whisper(to: Path, preset: WhisperPreset) -> None:
    make_whisper(to, QUESTION, preset=preset, scripted=True, quantization="int8")


def _make_language(to: Path, preset: LanguagePreset) -> None:
    file = to / "language.gguf"
    make_gguf(file, reply=ANSWER, familiar=FAMILIAR, preset=preset, scripted=True, quantisation="q4_0")


def _kept(folder: Path, make: Callable[[Path], object]) -> Path:
    """The folder, filled if it was not there. One that was left half made is made anew."""
    if not folder.exists():
        half = folder.with_name(f"{folder.name}.half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        make(half)
        half.rename(folder)
    return folder
