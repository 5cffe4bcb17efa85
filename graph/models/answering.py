"""One answer of a llama.cpp model in the making. Synchronous: called in a worker thread, a token at a time."""

import codecs
from array import array
from collections.abc import Callable, Hashable

import llama_cpp
from jinja2 import TemplateError

from graph.models.chat_template import Chat
from graph.models.fitting import fitted
from graph.models.loading import ENGINE
from graph.models.reading import Reading
from graph.models.reading_ahead import Coming, beginning
from graph.models.sampling import Sampler
from graph.models.thinking import TAGS, SpokenPart
from graph.models.turns import Touching
from graph.prompts import chat_messages
from graph.settings import LlamaCppSpec
from graph.types import Prompt
from resilience.errors import EngineFailed

_STRIDE = 64
"""Tokens that are read in one go where nobody waits, so that little is lost in making way."""
_NO_ABORT = llama_cpp.ggml_abort_callback(0)


class Model:
    """What every answer of it is made with."""

    def __init__(self, llm: llama_cpp.Llama, spec: LlamaCppSpec) -> None:
        self.llm = llm
        self.spec = spec
        self.vocabulary = llama_cpp.llama_model_get_vocab(llm.model)
        self.chat = Chat(llm, ENGINE)
        self.reading = Reading(llm, spec.kept_megabytes * 1_000_000)
        self.touching = Touching(ENGINE)


class Answer:
    def __init__(self, model: Model, prompt: Prompt, *, wanted: Callable[[], bool]) -> None:
        """`wanted`: does somebody wait whom an aside makes way for?"""
        self._model = model
        self._prompt = prompt
        self._wanted = wanted
        # Nobody goes on with an aside, so it is kept for itself alone, and only until it ends.
        self._conversation: Hashable = self if prompt.aside else prompt.conversation
        self._tokens = array("i")
        """All that it is to have read: the prompt, and what it has said."""
        self._room = 0
        self._sampler: Sampler | None = None
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._spoken = SpokenPart()
        self.stopped = False

    def step(self) -> str | None:
        """The next piece, which may be empty; None at the end."""
        with self._model.touching.alone():
            if self.stopped:
                return None
            try:
                if self._sampler is None:
                    self._sampler = self._begin()
                return self._next(self._sampler)
            except RuntimeError as exc:
                raise EngineFailed(ENGINE, str(exc)) from exc
            except (TemplateError, ValueError) as exc:
                raise EngineFailed(ENGINE, f"the model refuses the conversation: {exc}") from exc

    def close(self) -> None:
        with self._model.touching.alone():
            if self._sampler is not None:
                self._sampler.close()
                self._sampler = None
            if self._prompt.aside:
                self._model.reading.forget(self._conversation)

    def _begin(self) -> Sampler:
        spec, window = self._model.spec, self._model.llm.n_ctx()
        reserved = min(spec.max_tokens, window // 4)
        prompt = fitted(self._prompt, lambda each: len(self._written(each)[0]) <= window - reserved - 1, engine=ENGINE)
        tokens, thinking = self._written(prompt)
        self._tokens = array("i", tokens)
        self._spoken = SpokenPart(thinking=thinking)
        self._room = min(spec.max_tokens, window - len(tokens) - 1)
        return Sampler(self._model.llm, temperature=spec.temperature, schema=prompt.schema)

    def _written(self, prompt: Prompt) -> tuple[list[int], bool]:
        return self._model.chat.tokens(chat_messages(prompt))

    def _next(self, sampler: Sampler) -> str | None:
        if self._room > 0:
            unread = self._model.reading.turn_to(self._conversation, self._tokens)
            if self._prompt.aside and len(unread) > _STRIDE:
                self._read(unread[:_STRIDE])
                return ""
            if not self._read(unread):
                return ""
            token = sampler.pick()
            if not llama_cpp.llama_vocab_is_eog(self._model.vocabulary, token):
                self._room -= 1
                self._tokens.append(token)
                return self._spoken.feed(self._text.decode(self._letters(token)))
        self._room = 0
        return self._spoken.feed(self._text.decode(b"", final=True)) + self._spoken.end() or None

    def _letters(self, token: int) -> bytes:
        llm = self._model.llm
        piece: bytes = llm.detokenize([token])
        if not piece and (tag := llm.detokenize([token], special=True)).decode("utf-8", "replace") in TAGS:
            piece = tag
        return piece

    def _read(self, tokens: list[int]) -> bool:
        """False where it was broken off to make way."""
        return _read(self._model.llm, tokens, self._is_to_make_way, lambda: self.stopped)

    def _is_to_make_way(self) -> bool:
        return self._prompt.aside and self._wanted()


class Beginning:
    """Of a conversation's next prompt: read for it, and nothing is said."""

    def __init__(self, model: Model, coming: Coming, *, wanted: Callable[[], bool], still: Callable[[], bool]) -> None:
        """`wanted`: does somebody wait whom it makes way for? `still`: is it to be read at all?"""
        self._model = model
        self._conversation = coming.prompt.conversation
        self._prompt = coming.prompt
        self._wanted = wanted
        self._still = still
        self._tokens: array[int] | None = None

    def step(self) -> bool:
        """A stride of it; False when there is nothing more to do."""
        with self._model.touching.alone():
            if not self._still():
                return False
            if self._tokens is None:
                self._tokens = beginning(self._model.chat, self._prompt)
            spec, window = self._model.spec, self._model.llm.n_ctx()
            if not self._tokens or len(self._tokens) > window - min(spec.max_tokens, window // 4) - 1:
                return False  # its next prompt will begin later in the history
            try:
                unread = self._model.reading.turn_to(self._conversation, self._tokens)
                read = _read(self._model.llm, unread[:_STRIDE], lambda: self._wanted() or not self._still())
            except RuntimeError as exc:
                raise EngineFailed(ENGINE, str(exc)) from exc
            return not read or len(unread) > _STRIDE


def _read(
    llm: llama_cpp.Llama,
    tokens: list[int],
    makes_way: Callable[[], bool],
    stopped: Callable[[], bool] = lambda: False,
) -> bool:
    """False where it was broken off to make way. Raises `RuntimeError`, also where it was stopped."""
    if len(tokens) == 1:
        llm.eval(tokens)
        return True
    # Watched only here: a callback for each layer of each token would cost more than it saves.
    watch = llama_cpp.ggml_abort_callback(lambda _: stopped() or makes_way())
    llama_cpp.llama_set_abort_callback(llm.ctx, watch, None)
    try:
        llm.eval(tokens)
    except RuntimeError:
        if stopped() or not makes_way():
            raise
        return False
    finally:
        llama_cpp.llama_set_abort_callback(llm.ctx, _NO_ABORT, None)
    return True
