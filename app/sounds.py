"""The house's cache, as voices know it; and the phrases of the house, said once to it when nobody waits."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from itertools import product
from typing import Final

import anyio
import structlog

from app.notices import tell
from graph import manner
from graph.ladders import stopped
from graph.models import offline
from graph.strings import said
from memory.cache import Cache
from memory.cache_layer import Key
from resilience.ladder import Ladder
from voice.ladders import TieredTextToSpeech
from voice.protocols import TextToSpeech
from voice.sentences import sentences
from voice.tiers import Tier, TierChange
from voice.tts.cached import CachedVoice, Saying
from voice.types import Delivery

log = structlog.get_logger(__name__)

KIND: Final = "speech"
ANSWERS: Final = (
    *(
        said("en", key)
        for key in (
            *manner.FIXED,
            "memory-away",
            "library-away",
            "no-documents",
            "no-answer",
            "model-away",
            "too-long",
            "desk-away",
            *offline.SHORTLY,
        )
    ),
    stopped("en"),
    offline.at_length("en"),
)
"""In English: what is said in other languages is learnt as it is said."""
REST: Final = 3.0
"""How often as long as a phrase took until the next one: others want the processor too."""
REST_IN_COMPANY_SECONDS: Final = 15.0
"""While somebody is connected."""


class Sounds:
    """A `SoundCache`."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def find(self, saying: Saying, *, patient: bool) -> bytes | None:
        return await self._cache.find(_key(saying), patient=patient)

    def keeper(self, saying: Saying, *, comes_again: bool) -> Callable[[bytes], None]:
        return self._cache.keeper(_key(saying), comes_again=comes_again)


def _key(saying: Saying) -> Key:
    return Key.of(KIND, saying.voice, saying.words)


async def phrases() -> list[str]:
    """What the house says in the same words again and again, as it comes to the voice."""
    told: list[str] = []
    for answer in ANSWERS:
        async with aclosing(_only(answer)) as text, aclosing(sentences(text)) as lines:
            told += [line async for line in lines if any(map(str.isalnum, line))]
    return [*dict.fromkeys([*told, *_announcements()])]


def _announcements() -> Iterator[str]:
    for before, after in product(Tier, Tier):
        if news := TierChange(before, after, ()).news:
            yield " ".join(tell("en", each) for each in news)


async def learn_phrases(voices: Ladder[TextToSpeech], rate: float, company: Callable[[], bool]) -> None:
    """Have the best voice say each phrase once, to nobody, unless its sound is there already. `company`: whether
    somebody is connected. A voice without a cache needs none; a server is not asked for what nobody may ever hear.
    """
    for line in await phrases():
        rung = voices.standing
        if rung is None or not isinstance(rung.engine, CachedVoice) or not rung.engine.is_ours:
            return
        alone = TieredTextToSpeech(Ladder("tts", [replace(rung, engine=rung.engine.for_phrases())]))
        begun, at_work = anyio.current_time(), rung.breaker.asked_at
        async with aclosing(alone.synthesize(line, Delivery(rate=rate))) as frames:
            async for _ in frames:
                pass
        if rung.breaker.asked_at != at_work:
            rest = REST * (anyio.current_time() - begun)
            await anyio.sleep(max(rest, REST_IN_COMPANY_SECONDS) if company() else rest)


async def _only(text: str) -> AsyncGenerator[str, None]:
    yield text
