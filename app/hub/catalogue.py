"""The models we know to work: current, open to download without an account, and fit for speech.

Language models that think aloud before they answer are left out: their thoughts would be spoken. Licences
are those of the weights (for voices: of the recordings they were made from, which bind more than the
repository's own label does). Checksums are not here: they come from the hub with the files.
"""

from collections.abc import Iterable

from app.hub.types import Model, NoSuchModel, WantedFile
from graph.strings import said

ANY_CPU = "any computer"
FEW_CORES = "4 cores, 4 GB of memory"
MORE_CORES = "4 to 8 fast cores, 8 GB of memory"
GPU = "8 fast cores and 16 GB of memory, or a GPU"

LESSAC = "research use only (Blizzard 2013 Lessac recordings; not open source)"


def _purpose(id_: str) -> str:
    """In English; the page says it in the reader's language, from the same catalogue of texts."""
    return said("en", f"purpose-{id_}", "engines")


def _named(*names: str) -> tuple[WantedFile, ...]:
    return tuple(WantedFile(path=name, name=name) for name in names)


def _whisper(
    size: str,
    revision: str,
    megabytes: int,
    *,
    rank: int,
    hardware: str,
) -> Model:
    id_ = f"whisper-{size}"
    return Model(
        id=id_,
        kind="stt",
        name=f"Whisper {size}",
        repo=f"Systran/faster-whisper-{size}",
        revision=revision,
        files=_named("config.json", "model.bin", "tokenizer.json", "vocabulary.txt"),
        size_bytes=megabytes * 1_000_000,
        licence="MIT",
        languages=("en",) if size.endswith(".en") else (),
        purpose=_purpose(id_),
        hardware=hardware,
        rank=rank,
    )


def _voice(locale: str, speaker: str, *, rank: int, licence: str) -> Model:
    stem = f"{locale}-{speaker}-medium"
    language = locale.partition("_")[0]
    id_ = f"piper-{locale.lower().replace('_', '-')}-{speaker}"
    folder = f"{language}/{locale}/{speaker}/medium"
    return Model(
        id=id_,
        kind="tts",
        name=f"Piper {speaker} ({locale.replace('_', '-')})",
        repo="rhasspy/piper-voices",
        revision="v1.0.0",
        files=tuple(WantedFile(f"{folder}/{stem}{end}", f"{stem}{end}") for end in (".onnx", ".onnx.json")),
        size_bytes=63_206_000,
        licence=licence,
        languages=(language,),
        purpose=_purpose(id_),
        hardware=ANY_CPU,
        rank=rank,
    )


def _gguf(
    id_: str,
    name: str,
    repo: str,
    file: str,
    megabytes: int,
    *,
    rank: int,
    licence: str,
    hardware: str,
    languages: tuple[str, ...] = (),
) -> Model:
    return Model(
        id=id_,
        kind="language",
        name=name,
        repo=repo,
        revision="main",
        files=_named(file),
        size_bytes=megabytes * 1_000_000,
        licence=licence,
        languages=languages,
        purpose=_purpose(id_),
        hardware=hardware,
        rank=rank,
    )


CATALOGUE: tuple[Model, ...] = (
    _whisper(
        "tiny.en",
        "0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        78,
        rank=20,
        hardware=ANY_CPU,
    ),
    _whisper(
        "base.en",
        "3d3d5dee26484f91867d81cb899cfcf72b96be6c",
        148,
        rank=30,
        hardware=ANY_CPU,
    ),
    _whisper(
        "small.en",
        "d1d751a5f8271d482d14ca55d9e2deeebbae577f",
        487,
        rank=40,
        hardware=FEW_CORES,
    ),
    _whisper(
        "small",
        "536b0662742c02347bc0e980a01041f333bce120",
        487,
        rank=25,
        hardware=FEW_CORES,
    ),
    Model(
        id="whisper-large-v3-turbo",
        kind="stt",
        name="Whisper large-v3-turbo",
        repo="mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        revision="main",
        files=_named("config.json", "model.bin", "preprocessor_config.json", "tokenizer.json", "vocabulary.json"),
        size_bytes=1_622_000_000,
        licence="MIT",
        languages=(),
        purpose=_purpose("whisper-large-v3-turbo"),
        hardware=GPU,
        rank=10,
        gpu_rank=90,
    ),
    _voice(
        "en_US",
        "ljspeech",
        rank=40,
        licence="public domain (LJ Speech recordings)",
    ),
    _voice("en_US", "lessac", rank=30, licence=LESSAC),
    _voice(
        "en_GB",
        "alan",
        rank=20,
        licence="not stated for its recordings; derived from the Lessac voice: research use only (not open source)",
    ),
    _voice("de_DE", "thorsten", rank=20, licence="CC0 (Thorsten-Voice)"),
    _voice("fr_FR", "siwis", rank=20, licence="CC BY 4.0 (SIWIS)"),
    _voice(
        "es_ES",
        "davefx",
        rank=20,
        licence="derived from the Lessac voice: research use only (not open source)",
    ),
    _gguf(
        "smollm2-360m",
        "SmolLM2 360M Instruct",
        "HuggingFaceTB/SmolLM2-360M-Instruct-GGUF",
        "smollm2-360m-instruct-q8_0.gguf",
        386,
        rank=10,
        licence="Apache-2.0",
        languages=("en",),
        hardware=ANY_CPU,
    ),
    _gguf(
        "qwen2.5-0.5b",
        "Qwen2.5 0.5B Instruct",
        "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
        "qwen2.5-0.5b-instruct-q4_k_m.gguf",
        491,
        rank=20,
        licence="Apache-2.0",
        hardware=ANY_CPU,
    ),
    _gguf(
        "llama-3.2-1b",
        "Llama 3.2 1B Instruct",
        "bartowski/Llama-3.2-1B-Instruct-GGUF",
        "Llama-3.2-1B-Instruct-Q4_K_M.gguf",
        808,
        rank=30,
        licence="Llama 3.2 Community License (not open source)",
        hardware=FEW_CORES,
    ),
    _gguf(
        "qwen2.5-1.5b",
        "Qwen2.5 1.5B Instruct",
        "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
        "qwen2.5-1.5b-instruct-q4_k_m.gguf",
        1117,
        rank=40,
        licence="Apache-2.0",
        hardware=FEW_CORES,
    ),
    _gguf(
        "smollm2-1.7b",
        "SmolLM2 1.7B Instruct",
        "HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF",
        "smollm2-1.7b-instruct-q4_k_m.gguf",
        1056,
        rank=35,
        licence="Apache-2.0",
        languages=("en",),
        hardware=FEW_CORES,
    ),
    _gguf(
        "llama-3.2-3b",
        "Llama 3.2 3B Instruct",
        "bartowski/Llama-3.2-3B-Instruct-GGUF",
        "Llama-3.2-3B-Instruct-Q4_K_M.gguf",
        2019,
        rank=50,
        licence="Llama 3.2 Community License (not open source)",
        hardware=MORE_CORES,
    ),
    _gguf(
        "gemma-3-4b",
        "Gemma 3 4B",
        "ggml-org/gemma-3-4b-it-GGUF",
        "gemma-3-4b-it-Q4_K_M.gguf",
        2490,
        rank=60,
        licence="Gemma Terms of Use (not open source)",
        hardware=MORE_CORES,
    ),
    _gguf(
        "qwen3-4b",
        "Qwen3 4B Instruct 2507",
        "unsloth/Qwen3-4B-Instruct-2507-GGUF",
        "Qwen3-4B-Instruct-2507-Q4_K_M.gguf",
        2497,
        rank=70,
        licence="Apache-2.0",
        hardware=MORE_CORES,
    ),
    _gguf(
        "qwen2.5-7b",
        "Qwen2.5 7B Instruct",
        "bartowski/Qwen2.5-7B-Instruct-GGUF",
        "Qwen2.5-7B-Instruct-Q4_K_M.gguf",
        4683,
        rank=80,
        licence="Apache-2.0",
        hardware=GPU,
    ),
    _gguf(
        "llama-3.1-8b",
        "Llama 3.1 8B Instruct",
        "bartowski/Meta-Llama-3.1-8B-Instruct-GGUF",
        "Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf",
        4921,
        rank=75,
        licence="Llama 3.1 Community License (not open source)",
        hardware=GPU,
    ),
)


def find(model_id: str, catalogue: Iterable[Model] = CATALOGUE) -> Model:
    """Raises `NoSuchModel`, naming those there are."""
    known = {model.id: model for model in catalogue}
    if model_id not in known:
        raise NoSuchModel(f"no model is called {model_id!r}; there are {', '.join(sorted(known))}")
    return known[model_id]
