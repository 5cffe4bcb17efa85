"""Stub engines: each takes the time it is told to, says what it always says, and marks when it was asked, and done.

They are the same for every system, so what a system adds to them is the system's own.
"""

import re
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import anyio
import numpy as np

RATE: Final = 24_000
"""Of what the voice gives, in Hertz."""
REPLY: Final = "Sure, I can help with that. The store opens at nine in the morning. Is there anything else you need?"
TOKENS: Final = tuple(re.findall(r"\s*\S+", REPLY))
FIRST_SENTENCE: Final = next(i for i, token in enumerate(TOKENS, 1) if token.endswith((".", "!", "?")))
"""Tokens in it."""
_SHORTEST_SAMPLES: Final = 240
_TONE: Final = (8000 * np.sin(2 * np.pi * 220 * np.arange(30 * RATE) / RATE)).astype(np.int16).tobytes()
"""Half a minute of it."""


@dataclass(frozen=True, slots=True)
class Delays:
    """All in seconds."""

    stt: float = 0.0
    """For an utterance."""
    first_token: float = 0.0
    token: float = 0.0
    """From one to the next."""
    tts: float = 0.0
    """For a sentence."""
    character: float = 0.012
    """Of sound, for each character said."""


REAL: Final = Delays(stt=0.15, first_token=0.10, token=0.02, tts=0.05)
"""About 420 ms from the last word to the first sound, if nobody adds to it."""
TALKATIVE: Final = replace(REAL, character=0.04)
"""Long enough to be interrupted."""
PROFILES: Final = {"real": REAL, "talkative": TALKATIVE}


class StubEngines:
    """Of one conversation. `*_blocking` is for systems that ask their engines in threads."""

    def __init__(self, delays: Delays, mark: Callable[[str, int], None]) -> None:
        self._delays = delays
        self._mark = mark
        self._asked: Counter[str] = Counter()

    async def stt(self, pcm: bytes) -> str:
        number = self._begin("stt")
        await anyio.sleep(self._delays.stt)
        return self._heard(number)

    async def llm(self) -> AsyncGenerator[str, None]:
        number = self._begin("llm")
        for at, token in enumerate(TOKENS):
            await anyio.sleep(self._delays.token if at else self._delays.first_token)
            yield self._written(at, token, number)
        self._mark("llm done", number)

    async def tts(self, text: str) -> bytes:
        """At 24 kHz."""
        number = self._begin("tts")
        await anyio.sleep(self._delays.tts)
        return self._voiced(text, number)

    def stt_blocking(self, pcm: bytes) -> str:
        number = self._begin("stt")
        time.sleep(self._delays.stt)
        return self._heard(number)

    def llm_blocking(self) -> Iterator[str]:
        number = self._begin("llm")
        for at, token in enumerate(TOKENS):
            time.sleep(self._delays.token if at else self._delays.first_token)
            yield self._written(at, token, number)
        self._mark("llm done", number)

    def tts_blocking(self, text: str) -> bytes:
        number = self._begin("tts")
        time.sleep(self._delays.tts)
        return self._voiced(text, number)

    def _begin(self, engine: str) -> int:
        self._asked[engine] += 1
        self._mark(f"{engine} asked", self._asked[engine])
        return self._asked[engine]

    def _heard(self, number: int) -> str:
        self._mark("stt done", number)
        return f"This is utterance {number}."

    def _written(self, at: int, token: str, number: int) -> str:
        if at == FIRST_SENTENCE - 1:
            self._mark("first sentence", number)
        return token

    def _voiced(self, text: str, number: int) -> bytes:
        samples = max(int(len(text.strip()) * self._delays.character * RATE), _SHORTEST_SAMPLES)
        self._mark("tts done", number)
        return _TONE[: 2 * samples]
