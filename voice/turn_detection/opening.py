"""Which turn detectors a house has."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import structlog

from resilience.errors import EngineUnavailable
from voice.settings import TurnDetectionSettings
from voice.turn_detection.detector import Together, TurnDetector
from voice.turn_detection.lexical import Lexical
from voice.turn_detection.smart_turn import find_smart_turn, open_smart_turn

MELODY_SHARE: Final = 1 / 3
"""Of the time, that it may be at work: a judgement takes some 50 ms of a core."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_turn_detector(settings: TurnDetectionSettings, language: str) -> AsyncGenerator[TurnDetector | None]:
    """The best that is there; all sessions may share it. None when nothing is wanted. A Smart Turn that was asked for
    by name and cannot be had raises `EngineUnavailable`; one that happens to lie about and is damaged is passed over.
    """
    words = Lexical(language) if settings.words else None
    file = find_smart_turn(settings.smart_turn) if settings.melody else None
    if file is None:
        if settings.melody and settings.smart_turn is not None:
            raise EngineUnavailable("smart-turn", f"there is none at {settings.smart_turn}")
        yield words
        return
    async with AsyncExitStack() as opened:
        try:
            melody = await opened.enter_async_context(open_smart_turn(file, MELODY_SHARE))
        except EngineUnavailable as exc:
            if settings.smart_turn is not None:
                raise
            log.warning("turn detector passed over", code=exc.code, reason=exc.reason)
            yield words
            return
        yield melody if words is None else Together(words, melody)
