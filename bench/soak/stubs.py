"""Engines that cost next to nothing, behind OpenAI's API: `uvicorn bench.soak.stubs:app`.

The recogniser takes no notice of the sound: whatever it is given, it hears the next of a list of lines.
"""

import json
from collections.abc import AsyncGenerator
from itertools import cycle
from typing import Any, Final

import anyio
import numpy as np
from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse

from bench.peers.engines import REAL
from bench.soak.lines import FACTS, TALK

RATE: Final = 24_000
SECONDS_PER_CHARACTER: Final = 0.065
ANSWER: Final = "Well, that is a good question. I would say that it depends on what you have in mind. Shall I go on?"
TONE: Final = (4000 * np.sin(2 * np.pi * 220 * np.arange(60 * RATE) / RATE)).astype(np.int16).tobytes()

app = FastAPI()
_lines = cycle(TALK + FACTS)


@app.post("/v1/audio/transcriptions")
async def hear(request: Request) -> dict[str, str]:
    await request.body()
    await anyio.sleep(REAL.stt)
    return {"text": next(_lines)}


@app.post("/v1/audio/speech")
async def speak(request: Request) -> Response:
    asked: dict[str, Any] = await request.json()
    await anyio.sleep(REAL.tts)
    samples = int(len(asked["input"]) * SECONDS_PER_CHARACTER * RATE)
    return Response(TONE[: 2 * samples], media_type="audio/pcm")


@app.post("/v1/chat/completions")
async def complete(_: Request) -> StreamingResponse:
    return StreamingResponse(_answer(), media_type="text/event-stream")


async def _answer() -> AsyncGenerator[str, None]:
    await anyio.sleep(REAL.first_token)
    for word in ANSWER.split(" "):
        yield _event({"delta": {"content": f"{word} "}, "finish_reason": None})
        await anyio.sleep(REAL.token)
    yield _event({"delta": {}, "finish_reason": "stop"})
    yield "data: [DONE]\n\n"


def _event(choice: object) -> str:
    return f"data: {json.dumps({'choices': [choice]})}\n\n"
