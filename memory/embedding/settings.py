"""What can be set about embeddings. Read from the environment by `app.settings` only."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr


class Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MiniLmSpec(Spec):
    """all-MiniLM-L6-v2, whose files come with Nightingale."""

    engine: Literal["minilm"] = "minilm"
    threads: Annotated[int, Field(ge=1, le=16)] = 1
    """Processor threads for one text; more than one helps long texts on a quiet machine only."""


class FastembedSpec(Spec):
    """Any dense model of the library fastembed, which is installed apart."""

    engine: Literal["fastembed"] = "fastembed"
    model: str = "BAAI/bge-small-en-v1.5"
    """As fastembed calls it."""
    threads: Annotated[int, Field(ge=1, le=16)] = 1
    """Processor threads."""
    download: bool = False
    """Whether it may be fetched from the model hub; otherwise it must lie in the folder of models."""


class OpenAiEmbeddingSpec(Spec):
    """Any server that embeds the way OpenAI's does (vLLM, llama-server, Ollama, text-embeddings-inference …)."""

    engine: Literal["openai-compatible"] = "openai-compatible"
    url: HttpUrl
    """The base, with its version: `http://127.0.0.1:8000/v1`."""
    model: str
    """As the server calls it."""
    dimensions: Annotated[int, Field(ge=1, le=8192)]
    """How many numbers its vectors have; memories are filed by it before the server is first asked."""
    api_key: SecretStr | None = None
    """Sent as a bearer token; never logged."""
    silence_seconds: Annotated[float, Field(gt=0, le=600)] = 5.0
    """How long the server may be silent."""
    texts_at_once: Annotated[int, Field(ge=1, le=2048)] = 32
    """The most texts in one request."""
    longest_characters: Annotated[int, Field(ge=100, le=100_000)] = 1500
    """A longer text is cut: many servers refuse what their model cannot read to the end."""


class NoEmbeddingSpec(Spec):
    """Memories are found by their words alone."""

    engine: Literal["none"] = "none"


EmbeddingSettings: TypeAlias = Annotated[
    MiniLmSpec | FastembedSpec | OpenAiEmbeddingSpec | NoEmbeddingSpec, Field(discriminator="engine")
]
