"""The houses whose turns are timed: what is there without a model, models that are made here, and your own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from app.house import House
from app.hub.store import ModelStore
from app.settings import Settings
from app.wiring import open_house, wanted_engines
from graph.prompts import SYSTEM
from graph.settings import GraphSettings, LlamaCppSpec
from tests.made.gguf import make_gguf
from tests.made.piper import make_piper, make_true_size_piper
from tests.made.whisper import make_whisper
from voice.settings import EspeakSpec, FasterWhisperSpec, PiperSpec, PocketsphinxSpec, VoiceSettings

QUESTION = "how do you make a cup of tea"
FAMILIAR = f"{SYSTEM} {QUESTION} Monday Tuesday Wednesday Thursday Friday Saturday Sunday, November, notes, user, now"
"""Words of which prompts are made here, so that the made model reads no more tokens than a real one would."""
ANSWER = "Boil some water first, and warm the pot. Then pour it over two spoons of tea leaves!"


def embedded(folder: Path) -> Settings:
    """Nothing installed."""
    voice = VoiceSettings(stt=(PocketsphinxSpec(),), tts=(EspeakSpec(),))
    return _settings(folder, voice, GraphSettings(models=()))


def made(folder: Path) -> Settings:
    """Tiny models that know their lines: every joint of the real engines, none of their work."""
    models = folder / "models"
    models.mkdir(parents=True)
    return _of_models(
        folder,
        make_whisper(models / "whisper", QUESTION),
        make_gguf(models / "language.gguf", reply=ANSWER),
        make_piper(models / "voice.onnx"),
    )


def true_size(folder: Path, models: Path) -> Settings:
    """The dimensions of real models, and with them their speed. `models` keeps them for the next time."""
    whisper, language, voice = models / "base.en", models / "0.5b-q4_0.gguf", models / "medium.onnx"
    whole = models / "whole"
    if not whole.exists():
        models.mkdir(parents=True, exist_ok=True)
        make_whisper(whisper, QUESTION, preset="base.en", scripted=True, quantization="int8")
        make_gguf(language, reply=ANSWER, familiar=FAMILIAR, preset="qwen2.5-0.5b", scripted=True, quantisation="q4_0")
        make_true_size_piper(voice, "medium")
        whole.touch()
    return _of_models(folder, whisper, language, voice, beam_size=1)  # with more, a scripted Whisper loses words


def own(folder: Path, settings: Settings) -> Settings | None:
    """The engines that you have set or installed, with a data folder that is not yours; None if there are none."""
    wanted = wanted_engines(settings, ModelStore(settings.data_dir / "models"))
    plain = wanted_engines(embedded(folder), ModelStore(folder / "models"))
    if wanted == plain:
        return None
    voice = settings.voice.model_copy(update={"stt": wanted.stt, "tts": wanted.tts})
    return _settings(folder, voice, settings.graph.model_copy(update={"models": wanted.language}))


@asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator[House]:
    """With every engine tried."""
    async with open_house(settings) as house:
        await house.arranged.wait()
        yield house


def _of_models(folder: Path, whisper: Path, language: Path, voice: Path, *, beam_size: int = 5) -> Settings:
    stt = FasterWhisperSpec(model=whisper, device="cpu", compute_type="int8", language="en", beam_size=beam_size)
    return _settings(
        folder,
        VoiceSettings(stt=(stt,), tts=(PiperSpec(model=voice),)),
        GraphSettings(models=(LlamaCppSpec(model=language, context_tokens=2048),)),
    )


def _settings(folder: Path, voice: VoiceSettings, graph: GraphSettings) -> Settings:
    """As if the environment held nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    return Settings.model_construct(data_dir=folder, voice=voice, graph=graph)
