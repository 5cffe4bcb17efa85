"""Which spec opens which embedder. To add one: a spec, a module, an arm here."""

from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import assert_never

from memory.embedding.late import LateEmbedder
from memory.embedding.settings import (
    EmbeddingSettings,
    FastembedSpec,
    MiniLmSpec,
    NoEmbeddingSpec,
    OpenAiEmbeddingSpec,
)
from memory.protocols import Embedder


def late_embedder(settings: EmbeddingSettings) -> LateEmbedder:
    """What stands in the place of the one that `open_embedder` opens."""
    match settings:
        case MiniLmSpec():
            from memory.embedding.minilm import late_minilm

            return late_minilm()
        case FastembedSpec() | OpenAiEmbeddingSpec() | NoEmbeddingSpec():
            return LateEmbedder()
        case _:
            assert_never(settings)


def open_embedder(settings: EmbeddingSettings, folder: Path) -> AbstractAsyncContextManager[Embedder | None]:
    """None where none is wanted. `folder`: where models that are fetched lie. Raises `EngineError` on entry when the
    library or the model is missing or damaged.
    """
    match settings:
        case MiniLmSpec():
            from memory.embedding.minilm import open_minilm

            return open_minilm(settings)
        case FastembedSpec():
            from memory.embedding.fastembed import open_fastembed

            return open_fastembed(settings, folder)
        case OpenAiEmbeddingSpec():
            from memory.embedding.endpoint import open_openai_embedder

            return open_openai_embedder(settings)
        case NoEmbeddingSpec():
            return nullcontext()
        case _:
            assert_never(settings)
