"""A recogniser that is told of the person who speaks: their names and terms, their language, and what to expect."""

from dataclasses import replace

from app.own_manner import OwnManner
from graph.wordings.plainly import PLAINLY
from voice.protocols import InterimSpeechToText, SpeechToText
from voice.types import Look, Settled, Transcript, Utterance


class WithOwnWords:
    def __init__(self, stt: SpeechToText, manner: OwnManner) -> None:
        self._stt = stt
        self._manner = manner

    async def transcribe(self, utterance: Utterance) -> Transcript:
        return await self._stt.transcribe(self._told(utterance))

    async def interim(self, so_far: Utterance, settled: Settled) -> Look | None:
        """None where it cannot look."""
        if not isinstance(self._stt, InterimSpeechToText):
            return None
        return await self._stt.interim(self._told(so_far), settled)

    def _told(self, utterance: Utterance) -> Utterance:
        return replace(utterance, vocabulary=self._manner.now.vocabulary, language=self._manner.hint, expected=PLAINLY)
