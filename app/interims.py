"""Interim text of what is being spoken, for the eye only: one question at a time, late answers dropped."""

import structlog

from app.ends import Screen
from resilience.errors import EngineError
from voice.protocols import InterimSpeechToText, SpeechToText
from voice.types import Utterance

log = structlog.get_logger(__name__)


class Interims:
    def __init__(self, stt: SpeechToText, screen: Screen) -> None:
        self._stt = stt if isinstance(stt, InterimSpeechToText) else None
        self._screen = screen
        self._asking = False
        self._growing: float | None = None
        """The start of the utterance that is being spoken."""

    def grows(self, so_far: Utterance) -> bool:
        """Whether `show` should be asked for it: not while the last question is unanswered."""
        self._growing = so_far.started_at
        return self._stt is not None and not self._asking

    def ended(self) -> None:
        self._growing = None

    async def show(self, so_far: Utterance) -> None:
        assert self._stt is not None
        self._asking = True
        try:
            text = await self._stt.interim(so_far)
            if self._growing == so_far.started_at:
                await self._screen.show_interim(text)
        except EngineError as exc:
            log.debug("no interim text", code=exc.code)  # the transcript does not need it
        finally:
            self._asking = False
