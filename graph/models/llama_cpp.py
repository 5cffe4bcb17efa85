"""A GGUF model on this machine, by llama-cpp-python.

A `Llama` must never be touched by two threads at once (it crashes), so every step is taken in a worker thread that
holds the model's lock, one answer at a time; others wait their turn. Between answers nothing is reset: the next
prompt is evaluated only from where it differs from the last one, which is why prompts keep their beginning.
"""

import codecs
import ctypes
import json
import os
import random
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import anyio
import llama_cpp
from anyio import to_thread
from jinja2 import TemplateError
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from graph.models.fitting import fitted
from graph.models.thinking import TAGS, SpokenPart, left_open
from graph.prompts import SYSTEM, ChatMessage, chat_messages
from graph.protocols import LanguageModel
from graph.settings import LlamaCppSpec
from graph.types import Prompt
from resilience.errors import EngineFailed, EngineTimeout, EngineUnavailable

T = TypeVar("T")

ENGINE = "llama-cpp"
_MAGIC = b"GGUF"
_PLAIN_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""ChatML, for a model that brings no template of its own."""

_LETTING_GO_SECONDS = 1.0
"""How long a caller who leaves waits for the thread to come out of the library, which takes it a layer of the model."""
_LONGEST_TURN_SECONDS = 5.0
"""How long the next one waits for it; after that it hangs."""

_NO_ABORT = llama_cpp.ggml_abort_callback(0)


class LlamaCpp:
    def __init__(self, llm: llama_cpp.Llama, spec: LlamaCppSpec) -> None:
        self._llm = llm
        self._spec = spec
        self._chat = _Chat(llm)
        self._turn = anyio.Semaphore(1)
        self._touching = _Touching()
        self._threads = anyio.CapacityLimiter(2)  # one at work, and one that waits until it has let go

    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """Leaving stops the work within a token, or within the layer when the prompt is still being read."""
        async with self._turn:
            answer = _Answer(self._llm, self._spec, self._chat, self._touching)
            try:
                while (piece := await self._in_thread(lambda: answer.step(prompt))) is not None:
                    if piece:
                        yield piece
            finally:
                # The thread of a call that was left is still at it: wait until it has let go, unless it hangs.
                answer.stopped = True
                with anyio.move_on_after(_LETTING_GO_SECONDS, shield=True):
                    await self._in_thread(answer.close)

    async def check(self) -> None:
        """One token is evaluated, the last one again: what was read so far is kept for the next turn. Whoever has a
        question under way finds out by themselves.
        """
        if self._turn.value:
            async with self._turn:
                await self._in_thread(self._repeat_the_last_token)

    async def _in_thread(self, step: Callable[[], T]) -> T:
        return await to_thread.run_sync(step, abandon_on_cancel=True, limiter=self._threads)

    async def warm_up(self) -> None:
        """Read what every prompt starts with, so that the first turn need not."""
        await self._in_thread(self._read_the_beginning)

    def _repeat_the_last_token(self) -> None:
        llm = self._llm
        with self._touching.alone():
            try:
                if llm.n_tokens > 1:
                    llm.n_tokens -= 1
                    llm.eval([int(llm.input_ids[llm.n_tokens])])
                else:
                    llm.eval([llm.token_bos()])
            except RuntimeError as exc:
                llm.reset()
                raise EngineFailed(ENGINE, str(exc)) from exc

    def _read_the_beginning(self) -> None:
        tokens = self._chat.tokens([{"role": "system", "content": SYSTEM}, {"role": "user", "content": "Hello."}])[0]
        with self._touching.alone():
            try:
                self._llm.eval(tokens[: self._llm.n_ctx() - 1])
            except RuntimeError as exc:
                raise EngineUnavailable(ENGINE, f"the model cannot be run: {exc}") from exc

    def close(self) -> None:
        """Blocks for as long as a call does not come back."""
        self._touching.end()
        self._llm.close()


class _Touching:
    """Who may touch the model: one thread at a time, and none once it is closed."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._ended = False

    @contextmanager
    def alone(self) -> Generator[None]:
        """Raises `EngineTimeout` where an earlier call hangs, so that no thread waits behind it for ever."""
        if not self.lock.acquire(timeout=_LONGEST_TURN_SECONDS):
            raise EngineTimeout(ENGINE, "an earlier call has not come back")
        try:
            if self._ended:
                raise EngineFailed(ENGINE, "it was closed")
            yield
        finally:
            self.lock.release()

    def end(self) -> None:
        with self.lock:
            self._ended = True


class _Chat:
    """The model's own way of writing down a conversation."""

    def __init__(self, llm: llama_cpp.Llama) -> None:
        self._llm = llm
        bos, eos = llm.token_bos(), llm.token_eos()
        try:
            self._formatter = Jinja2ChatFormatter(
                template=llm.metadata.get("tokenizer.chat_template", _PLAIN_TEMPLATE),
                bos_token=llm.detokenize([bos], special=True).decode("utf-8", "replace") if bos >= 0 else "",
                eos_token=llm.detokenize([eos], special=True).decode("utf-8", "replace") if eos >= 0 else "",
            )
        except TemplateError as exc:
            raise EngineUnavailable(ENGINE, f"the model's chat template is broken: {exc}") from exc

    def tokens(self, messages: list[ChatMessage]) -> tuple[list[int], bool]:
        """The rendered conversation, up to where the answer begins; and whether that is in the middle of thinking."""
        try:
            written = self._render(messages)
        except (TemplateError, ValueError):
            written = self._render(_without_system(messages))  # some templates know no system role
        text = written.prompt.encode("utf-8", "replace")
        return self._llm.tokenize(text, add_bos=not written.added_special, special=True), left_open(written.prompt)

    def _render(self, messages: list[ChatMessage]) -> Any:
        return self._formatter(messages=messages, enable_thinking=False)


class _Answer:
    """One answer in the making. Synchronous: called in a worker thread, a token at a time."""

    def __init__(self, llm: llama_cpp.Llama, spec: LlamaCppSpec, chat: _Chat, touching: _Touching) -> None:
        self._llm = llm
        self._spec = spec
        self._chat = chat
        self._touching = touching
        self._vocab = llama_cpp.llama_model_get_vocab(llm.model)
        self._room = 0
        self._tokens: Iterator[int] | None = None
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._spoken = SpokenPart()
        self._before: _WhatItRead | None = None
        self.stopped = False

    def step(self, prompt: Prompt) -> str | None:
        """The next piece, which may be empty; None at the end."""
        with self._touching.alone():
            if self.stopped:
                return None
            try:
                return self._begin(prompt) if self._tokens is None else self._next(self._tokens)
            except RuntimeError as exc:
                raise EngineFailed(ENGINE, str(exc)) from exc
            except (TemplateError, ValueError) as exc:
                raise EngineFailed(ENGINE, f"the model's chat template refuses the conversation: {exc}") from exc

    def close(self) -> None:
        with self._touching.alone():
            self._tokens = None
            if self._before is not None:
                self._before.restore(self._llm)
                self._before = None

    def _begin(self, prompt: Prompt) -> str | None:
        window = self._llm.n_ctx()
        reserved = min(self._spec.max_tokens, window // 4)
        prompt = fitted(prompt, lambda each: len(self._written(each)[0]) <= window - reserved - 1, engine=ENGINE)
        tokens, thinking = self._written(prompt)
        self._spoken = SpokenPart(thinking=thinking)
        self._room = min(self._spec.max_tokens, window - len(tokens) - 1)
        self._llm.set_seed(random.getrandbits(32))
        if prompt.schema is None:
            self._tokens = self._llm.generate(tokens, temp=self._spec.temperature)
        else:
            self._before = _WhatItRead(self._llm)
            grammar = llama_cpp.LlamaGrammar.from_json_schema(json.dumps(prompt.schema), verbose=False)
            self._tokens = self._llm.generate(tokens, temp=0.0, grammar=grammar)
        # Watched only while the prompt is read: a callback for each layer of each token would cost more than it saves.
        watch = llama_cpp.ggml_abort_callback(self._is_to_stop)
        llama_cpp.llama_set_abort_callback(self._llm.ctx, watch, None)
        try:
            return self._next(self._tokens)
        finally:
            llama_cpp.llama_set_abort_callback(self._llm.ctx, _NO_ABORT, None)

    def _written(self, prompt: Prompt) -> tuple[list[int], bool]:
        return self._chat.tokens(chat_messages(prompt))

    def _next(self, tokens: Iterator[int]) -> str | None:
        token = next(tokens, None) if self._room > 0 else None
        if token is None or llama_cpp.llama_vocab_is_eog(self._vocab, token):
            self._room = 0
            last = self._spoken.feed(self._text.decode(b"", final=True)) + self._spoken.end()
            return last or None
        self._room -= 1
        piece: bytes = self._llm.detokenize([token])
        if not piece and (tag := self._llm.detokenize([token], special=True)).decode("utf-8", "replace") in TAGS:
            piece = tag
        return self._spoken.feed(self._text.decode(piece))

    def _is_to_stop(self, _: ctypes.c_void_p) -> bool:
        return self.stopped


class _WhatItRead:
    """What a model has read so far, put aside for an aside and given back after it: the conversation that goes on then
    need not be read again. 12 KiB a token for a small model, a few milliseconds.
    """

    def __init__(self, llm: llama_cpp.Llama) -> None:
        self._tokens = llm.input_ids[: llm.n_tokens].copy()
        size = llama_cpp.llama_state_seq_get_size(llm.ctx, 0)
        self._state = (ctypes.c_uint8 * size)()
        self._size = llama_cpp.llama_state_seq_get_data(llm.ctx, self._state, size, 0)

    def restore(self, llm: llama_cpp.Llama) -> None:
        llm.reset()
        count = len(self._tokens)
        if count and llama_cpp.llama_state_seq_set_data(llm.ctx, self._state, self._size, 0):
            llm.input_ids[:count] = self._tokens
            llm.n_tokens = count


def _without_system(messages: list[ChatMessage]) -> list[ChatMessage]:
    system, first, *others = messages
    return [{"role": "user", "content": f"{system['content']}\n\n{first['content']}"}, *others]


_ERROR_LEVEL = 4
_WHY = "error loading model: "
_complaints: list[str] = []


@llama_cpp.llama_log_callback
def _log(level: int, text: bytes, _: ctypes.c_void_p) -> None:
    """What llama.cpp prints goes nowhere, except its reason why a file could not be loaded."""
    if level == _ERROR_LEVEL and _WHY.encode() in text:
        _complaints.append(text.decode("utf-8", "replace").split(_WHY)[-1].strip())


def _load(spec: LlamaCppSpec) -> LlamaCpp:
    path = spec.model
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except FileNotFoundError as exc:
        raise EngineUnavailable(ENGINE, f"there is no model file {path}") from exc
    except OSError as exc:
        raise EngineUnavailable(ENGINE, f"the model file {path} cannot be read: {exc.strerror}") from exc
    if magic != _MAGIC:
        raise EngineUnavailable(ENGINE, f"{path} is not a GGUF model")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    llama_cpp.llama_log_set(_log, ctypes.c_void_p(0))
    _complaints.clear()
    try:
        llm = llama_cpp.Llama(
            str(path),
            n_ctx=spec.context_tokens,
            n_threads=spec.threads or max(1, cores // 2),
            n_threads_batch=max(spec.threads, cores),
            n_gpu_layers=spec.gpu_layers,
            verbose=False,
        )
    except (ValueError, RuntimeError, OSError, MemoryError) as exc:
        reason = _complaints[-1] if _complaints else str(exc)
        raise EngineUnavailable(ENGINE, f"the model {path} is damaged or of an unknown kind: {reason}") from exc
    return LlamaCpp(llm, spec)


@asynccontextmanager
async def open_llama_cpp(spec: LlamaCppSpec) -> AsyncGenerator[LanguageModel]:
    """Raises `EngineUnavailable` when the file is missing, damaged, or of a kind that llama.cpp does not know.
    Whoever closes it decides how long to wait for a call that hangs in the library.
    """
    model = await to_thread.run_sync(_load, spec, abandon_on_cancel=True)
    try:
        await model.warm_up()
        yield model
    finally:
        await to_thread.run_sync(model.close, abandon_on_cancel=True)
