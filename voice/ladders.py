"""Several engines that look like one: a ladder of recognisers is a recogniser, a ladder of voices a voice."""

from collections.abc import AsyncGenerator

from resilience.errors import AllRungsFailed
from resilience.ladder import CutShort, Ladder
from voice.errors import SpeechCut
from voice.protocols import InterimSpeechToText, SpeechToText, TextToSpeech
from voice.types import AudioFrame, Transcript, Utterance


class TieredSpeechToText:
    def __init__(self, ladder: Ladder[SpeechToText]) -> None:
        self._ladder = ladder

    async def transcribe(self, utterance: Utterance) -> Transcript:
        return await self._ladder.ask(lambda engine: engine.transcribe(utterance))

    async def interim(self, so_far: Utterance) -> str:
        """What the standing rung has so far; nothing when it cannot say. Raises `EngineError`."""
        rung = self._ladder.standing
        if rung is None or not isinstance(rung.engine, InterimSpeechToText):
            return ""
        return await rung.engine.interim(so_far)


class TieredTextToSpeech:
    def __init__(self, ladder: Ladder[TextToSpeech]) -> None:
        self._ladder = ladder

    async def synthesize(self, sentence: str, *, rate: float = 1.0) -> AsyncGenerator[AudioFrame, None]:
        """Raises `SpeechCut` when a voice dies in mid-sentence: asking again asks the next rung."""
        output = self._ladder.stream(lambda engine: engine.synthesize(sentence, rate=rate))
        try:
            async for frame in output:
                yield frame
        except CutShort as exc:
            raise SpeechCut(str(exc)) from exc
        except AllRungsFailed:
            return  # captions never fail, so this is a ladder without its last rung: the text is on the screen
        finally:
            await output.aclose()
