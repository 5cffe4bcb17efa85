"""Which spec opens which language model. To add one: a spec, a module, an arm here."""

from contextlib import AbstractAsyncContextManager
from typing import assert_never

from graph.protocols import LanguageModel
from graph.settings import LanguageSpec, LlamaCppSpec, OfflineSpec, OpenAiLanguageSpec


def open_language_model(spec: LanguageSpec) -> AbstractAsyncContextManager[LanguageModel]:
    """Raises `EngineUnavailable` on entry when the library or the model is missing or damaged."""
    match spec:
        case LlamaCppSpec():
            from graph.models.llama_cpp import open_llama_cpp

            return open_llama_cpp(spec)
        case OpenAiLanguageSpec():
            from graph.models.openai_compatible import open_openai_language_model

            return open_openai_language_model(spec)
        case OfflineSpec():
            from graph.models.offline import open_offline

            return open_offline(spec)
        case _:
            assert_never(spec)
