"""A GGUF model on this machine, by llama-cpp-python.

A `Llama` must never be touched by two threads at once (it crashes), so every step is taken in a worker thread that
holds the model's lock. Whoever waits has their turn after a stretch of words, and an aside makes way at once; what was
read of each conversation is kept (`graph.models.reading`), which is why prompts keep their beginning.
"""

from array import array
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar

import anyio
import llama_cpp
import structlog
from anyio import to_thread

from graph.models.answering import Answer, Beginning, Model
from graph.models.loading import ENGINE, load
from graph.models.reading_ahead import REST_SECONDS, Ahead
from graph.models.turns import Turns
from graph.prompts import SYSTEM, ChatMessage
from graph.protocols import LanguageModel
from graph.settings import LlamaCppSpec
from graph.types import Prompt
from resilience.errors import EngineBusy, EngineError, EngineFailed, EngineUnavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")

_LETTING_GO_SECONDS = 1.0
"""How long a caller who leaves waits for the thread to come out of the library, which takes it a layer of the model."""
_STRETCH = 24
"""Tokens that an answer may say while another one waits: a sentence, which takes longer to speak than to think."""
_QUEUEING = 0.4
"""The share of the time to its first output that a call may wait for others here, after as much before the engine."""
_BETWEEN = 0.8
"""The share of the longest silence that it may wait for them between two stretches."""


class LlamaCpp:
    def __init__(self, llm: llama_cpp.Llama, spec: LlamaCppSpec, rest_seconds: float = REST_SECONDS) -> None:
        self._llm = llm
        self._spec = spec
        self._model = Model(llm, spec)
        self._turns = Turns()
        self._touching = self._model.touching
        self._ahead = Ahead(rest_seconds)
        self._threads = anyio.CapacityLimiter(2)  # one at work, and one that waits until it has let go

    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """Leaving stops the work within a token, or within the layer when the prompt is still being read."""
        self._ahead.drop(prompt.conversation)
        said = ""
        with self._turns.turn(aside=prompt.aside) as turn:
            await _in_time(turn.take, _QUEUEING * self._spec.first_output_seconds)
            answer = Answer(self._model, prompt, wanted=lambda: self._turns.wanted)
            steps = 0
            try:
                while (piece := await self._in_thread(answer.step)) is not None:
                    if piece:
                        said += piece
                        yield piece
                    steps += 1
                    if self._turns.wanted and (prompt.aside or steps >= _STRETCH):
                        await _in_time(turn.pass_on, _BETWEEN * self._spec.stall_seconds)
                        steps = 0
            finally:
                # The thread of a call that was left is still at it: wait until it has let go, unless it hangs.
                answer.stopped = True
                with anyio.move_on_after(_LETTING_GO_SECONDS, shield=True):
                    await self._in_thread(answer.close)
        if prompt.conversation and not prompt.aside and self._spec.kept_megabytes:
            self._ahead.answered(prompt, said)

    async def read_ahead(self) -> None:
        """For ever: what comes next in conversations, in the time that nobody wants."""
        while True:
            coming = await self._ahead.next()
            still = partial(self._ahead.is_wanted, coming)
            reading = Beginning(self._model, coming, wanted=lambda: self._turns.wanted, still=still)
            with self._turns.turn(aside=True) as turn:
                await turn.take()
                try:
                    while await self._in_thread(reading.step):
                        if self._turns.wanted:
                            await turn.pass_on()
                except EngineError as exc:
                    log.info("not read ahead", code=exc.code)  # whoever asks next finds out what is wrong
            if still():
                self._ahead.drop(coming.prompt.conversation)

    async def forget(self, conversation: str) -> None:
        """Between two steps of whoever is being answered."""
        self._ahead.drop(conversation)
        await _in_time(lambda: self._in_thread(lambda: self._forget(conversation)), self._spec.stall_seconds)

    async def check(self) -> None:
        """One token is evaluated, the last one again: what was read so far is kept for the next turn. Whoever has a
        question under way finds out by themselves.
        """
        if self._turns.free:
            with self._turns.turn(aside=True) as turn:
                await turn.take()
                await self._in_thread(self._repeat_the_last_token)

    async def warm_up(self) -> None:
        """Read what every prompt starts with, so that the first turn need not."""
        await self._in_thread(self._read_the_beginning)

    async def _in_thread(self, step: Callable[[], T]) -> T:
        return await to_thread.run_sync(step, abandon_on_cancel=True, limiter=self._threads)

    def _forget(self, conversation: str) -> None:
        with self._touching.alone():
            self._model.reading.erase(conversation)

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
        greeting: list[ChatMessage] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "Hello."}]
        tokens = array("i", self._model.chat.tokens(greeting)[0][: self._llm.n_ctx() - 1])
        with self._touching.alone():
            try:
                self._llm.eval(self._model.reading.turn_to("", tokens))
            except RuntimeError as exc:
                raise EngineUnavailable(ENGINE, f"the model cannot be run: {exc}") from exc

    def close(self) -> None:
        """Blocks for as long as a call does not come back."""
        self._touching.end()
        self._llm.close()


async def _in_time(wait: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Raises `EngineBusy`: to wait longer would look like a failure of the engine."""
    try:
        with anyio.fail_after(seconds):
            await wait()
    except TimeoutError as exc:
        raise EngineBusy(ENGINE, "others are being answered") from exc


@asynccontextmanager
async def open_llama_cpp(spec: LlamaCppSpec, *, rest_seconds: float = REST_SECONDS) -> AsyncGenerator[LanguageModel]:
    """Raises `EngineUnavailable` when the file is missing, damaged, or of a kind that llama.cpp does not know.
    Whoever closes it decides how long to wait for a call that hangs in the library. `rest_seconds`: after an answer,
    until what comes next is read.
    """
    model = await to_thread.run_sync(lambda: LlamaCpp(load(spec), spec, rest_seconds), abandon_on_cancel=True)
    try:
        await model.warm_up()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(model.read_ahead)
            yield model
            tasks.cancel_scope.cancel()
    finally:
        await to_thread.run_sync(model.close, abandon_on_cancel=True)
