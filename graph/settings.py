"""What can be set about thinking. Read from the environment by `app.settings` only."""

from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr


class Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    first_output_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """How long it may take to its first word."""
    stall_seconds: Annotated[float, Field(gt=0, le=600)] = 10.0
    """How long it may be silent between words."""
    max_tokens: Annotated[int, Field(ge=1, le=8192)] = 400
    """The longest answer."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.7
    """0 says the likeliest every time; more is more varied."""


class LlamaCppSpec(Spec):
    engine: Literal["llama-cpp"] = "llama-cpp"
    model: Path
    """A `.gguf` file."""
    context_tokens: Annotated[int, Field(ge=256, le=131072)] = 4096
    """How much of the conversation it can see at once."""
    threads: Annotated[int, Field(ge=0, le=64)] = 0
    """Processor threads for decoding; 0 is half of the cores."""
    reading_threads: Annotated[int, Field(ge=0, le=64)] = 0
    """Processor threads for reading what was said; 0 is all cores. More than are idle make it slower."""
    kept_megabytes: Annotated[int, Field(ge=0, le=1_000_000)] = 256
    """How much memory may hold what was read of conversations that are not speaking now, so that they go on at once."""
    gpu_layers: Annotated[int, Field(ge=-1)] = 0
    """Layers to put on a GPU; -1 is all."""


class OpenAiLanguageSpec(Spec):
    engine: Literal["openai-compatible"] = "openai-compatible"
    url: HttpUrl
    """The base, with its version: `http://127.0.0.1:11434/v1`."""
    model: str
    """As the server calls it."""
    api_key: SecretStr | None = None
    """Sent as a bearer token; never logged."""


OFFLINE: Final = "offline"
"""The last rung of the ladder of language models, which is none."""


class OfflineSpec(Spec):
    engine: Literal["offline"] = OFFLINE


LanguageSpec = Annotated[LlamaCppSpec | OpenAiLanguageSpec | OfflineSpec, Field(discriminator="engine")]


class GraphSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    models: tuple[LanguageSpec, ...] | None = None
    """The ladder of language models, best first; nothing means the best that is installed. It ends in `offline`."""
    memories_per_turn: Annotated[int, Field(ge=0, le=50)] = 5
    """How many memories a language model is shown with a question, at most."""
    passages_per_turn: Annotated[int, Field(ge=0, le=10)] = 3
    """How many passages of the user's documents it is shown, at most."""
    summarise_after_messages: Annotated[int, Field(ge=4, le=1000)] = 40
    """A conversation longer than this is summarised, off the clock."""
    keep_messages: Annotated[int, Field(ge=2, le=500)] = 12
    """How many of the newest messages stay word for word when the rest is summarised."""
    study: bool = True
    """Whether a language model looks, when nobody waits for it, for what the rules missed in what the user told."""
