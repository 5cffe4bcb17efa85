"""Real llama.cpp models that are made here, and what they were seen doing."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import llama_cpp

from graph.models.llama_cpp import LlamaCpp, open_llama_cpp
from graph.settings import LlamaCppSpec
from graph.types import Prompt
from tests.graph.prompts import asking

SCHEMA = {
    "type": "object",
    "properties": {"kind": {"enum": ["fact", "event"]}, "text": {"type": "string", "maxLength": 12}},
    "required": ["kind", "text"],
    "additionalProperties": False,
}


@asynccontextmanager
async def llama(
    model: Path,
    *,
    context_tokens: int = 2048,
    max_tokens: int = 50,
    temperature: float = 0.7,
    kept_megabytes: int = 256,
    rest_seconds: float = 600.0,
    **deadlines: float,
) -> AsyncGenerator[LlamaCpp]:
    told: dict[str, Any] = {
        "model": model,
        "context_tokens": context_tokens,
        "max_tokens": max_tokens,
        "temperature": temperature,
        "kept_megabytes": kept_megabytes,
        "threads": 1,
        "reading_threads": 1,
        **deadlines,
    }
    async with open_llama_cpp(LlamaCppSpec.model_validate(told), rest_seconds=rest_seconds) as opened:
        assert isinstance(opened, LlamaCpp)
        yield opened


async def answer(model: LlamaCpp, prompt: Prompt) -> str:
    async with aclosing(model.generate(prompt)) as pieces:
        return "".join([piece async for piece in pieces])


async def said(model: LlamaCpp, question: str = "Who are you?", *history: str, conversation: str = "") -> str:
    return await answer(model, replace(asking(question, *history), conversation=conversation))


def aside(question: str) -> Prompt:
    return replace(asking(question), schema=SCHEMA, aside=True)


@dataclass(frozen=True)
class Work:
    """What llama.cpp itself counted since the last look: tokens read in batches, and tokens decoded one by one."""

    read: int
    decoded: int


NOTHING = Work(1, 1)


def work_of(model: LlamaCpp) -> Work:
    context = model._llm.ctx
    llama_cpp.llama_synchronize(context)
    count = llama_cpp.llama_perf_context(context)
    llama_cpp.llama_perf_context_reset(context)
    return Work(count.n_p_eval, count.n_eval)  # each at least 1, in llama.cpp's way
