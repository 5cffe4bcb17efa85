"""Interim text of what is being spoken, for the eye only: one look at a time, late ones dropped.

It is the first thing that is left out when there is more to do: nothing is looked into in a pause, where the words are
made out in earnest, nor while the house is busy; and a recogniser that works on a transcript does not look at all.
"""

from collections.abc import Callable
from typing import Final

import structlog

from app.ends import Screen
from resilience.errors import EngineError
from voice.agreement import Agreement
from voice.protocols import InterimSpeechToText, SpeechToText
from voice.types import Utterance

log = structlog.get_logger(__name__)

PAUSE_SECONDS: Final = 0.1
"""Less is no pause: some consonants are as long."""


class Interims:
    def __init__(self, stt: SpeechToText, screen: Screen, *, busy: Callable[[], bool]) -> None:
        """`busy`: there is work to do that somebody waits for."""
        self._stt = stt if isinstance(stt, InterimSpeechToText) else None
        self._screen = screen
        self._busy = busy
        self._looking = False
        self._growing: float | None = None
        """The start of the utterance that is being spoken."""
        self._agreement = Agreement()

    def grows(self, so_far: Utterance) -> bool:
        """Whether it is a good time to `show` it."""
        if self._growing != so_far.started_at:
            self._growing, self._agreement = so_far.started_at, Agreement()
        return self._stt is not None and not (self._looking or so_far.pause_seconds > PAUSE_SECONDS or self._busy())

    def ended(self) -> None:
        self._growing = None

    async def show(self, so_far: Utterance) -> None:
        assert self._stt is not None
        agreement = self._agreement
        self._looking = True
        try:
            look = await self._stt.interim(so_far, agreement.settled)
            if look is not None and self._growing == so_far.started_at:
                agreement.take(look, so_far.audio.seconds)
                await self._screen.show_interim(agreement.agreed, agreement.tentative)
        except EngineError as exc:
            log.debug("no interim text", code=exc.code)  # the transcript does not need it
        finally:
            self._looking = False
