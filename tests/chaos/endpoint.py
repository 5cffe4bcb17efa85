"""A language model behind OpenAI's API that says one sentence, a word at a time."""

import json
from collections.abc import AsyncGenerator

import anyio
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

WORDS = ("That ", "is ", "a ", "fine ", "thing.")


def endpoint() -> FastAPI:
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(_: Request) -> StreamingResponse:
        return StreamingResponse(_answer(), media_type="text/event-stream")

    return app


async def _answer() -> AsyncGenerator[str, None]:
    for word in WORDS:
        yield _event({"delta": {"content": word}, "finish_reason": None})
        await anyio.sleep(0.01)
    yield _event({"delta": {}, "finish_reason": "stop"})
    yield "data: [DONE]\n\n"


def _event(choice: object) -> str:
    return f"data: {json.dumps({'choices': [choice]})}\n\n"
