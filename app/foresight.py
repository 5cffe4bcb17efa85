"""What was said is made out in the pause that may be its end, so that the end can be known sooner, and its words too.

Nobody hears or sees anything of it before the utterance is over, and speech that goes on makes it void. It is left to
run all the same: to break a recogniser off costs more than to let it finish, and one look at a time is enough. When the
words are likely to be all, whoever answers is told of them (`app/foreseen.py`).
"""

from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import structlog
from anyio.abc import TaskGroup

from resilience.errors import AllRungsFailed, EngineError
from voice.endpointing import Endpointer
from voice.protocols import SpeechToText
from voice.turn_detection.detector import TurnDetector
from voice.turn_detection.lexical import without_over
from voice.types import SoftEnd, Transcript, Utterance

log = structlog.get_logger(__name__)

LIKELY: Final = 0.5
"""That the user has finished, from which on an answer is begun. By the words alone that are 97 of 100 ends in the
scripts of `bench/turns`, and 23 of 100 pauses in mid-turn; a stricter 0.8 leaves 40 and 3.
"""


class Foresight:
    """Of one session."""

    def __init__(
        self,
        tasks: TaskGroup,
        *,
        stt: SpeechToText,
        detector: TurnDetector | None,
        endpointer: Endpointer,
        until_over: bool,
        busy: Callable[[], bool],
        looks: anyio.CapacityLimiter,
        likely: Callable[[str], None],
        heeded: Callable[[], bool],
        made_out: Callable[[Utterance, str], Awaitable[None]],
    ) -> None:
        """`until_over`: the user says "over" when they have finished. `busy`: earlier words are still being made out.
        `looks`: how many pauses may be looked into at once, in the whole house. `likely` is told what the user said
        when that may well be all, and they have not gone on. `heeded`: what is said now bears on a reply; `made_out`
        is told the words.
        """
        self._tasks = tasks
        self._stt = stt
        self._detector = detector
        self._endpointer = endpointer
        self._until_over = until_over
        self._busy = busy
        self._looks = looks
        self._likely = likely
        self._heeded = heeded
        self._made_out = made_out
        self._look: _Look | None = None

    def pauses(self, event: SoftEnd) -> None:
        """The user has paused: look into it, if there is the time."""
        wanted = self._detector is not None or self._until_over or self._heeded()
        free = self._look is None or self._look.over.is_set()
        if wanted and free and not self._busy() and self._looks.available_tokens >= 1:
            self._look = _Look(event.revision)
            self._looks.acquire_on_behalf_of_nowait(self._look)
            self._tasks.start_soon(self._see, self._look, event.utterance)

    def goes_on(self) -> None:
        """It was not the end."""
        if self._look is not None:
            self._look.is_void = True

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """What was made out in the pause that turned out to be the end; or else it is made out now. Raises
        `AllRungsFailed`.
        """
        transcript: Transcript | None = None
        look = self._look
        self.goes_on()  # nobody need be told any more
        if look is not None and look.revision == utterance.revision:
            await look.over.wait()
            transcript = look.transcript
        if transcript is None:
            transcript = await self._stt.transcribe(utterance)
        if self._until_over and (before := without_over(transcript.text)) is not None:
            return Transcript(before, transcript.engine, transcript.language, transcript.confidence)
        return transcript

    async def _see(self, look: "_Look", utterance: Utterance) -> None:
        try:
            transcript = await self._stt.transcribe(utterance)
        except AllRungsFailed:
            return
        finally:
            self._looks.release_on_behalf_of(look)
            look.over.set()
        if not transcript.text:
            return  # the whole of it may hold more
        look.transcript = transcript
        text = transcript.text
        if self._heeded():
            await self._made_out(utterance, text)
        if self._until_over and (before := without_over(text)) is not None:
            self._endpointer.finish(look.revision)
            self._tell(look, before)
        if self._detector is not None:
            try:
                completion = await self._detector.completion(utterance, text)
            except EngineError as exc:
                log.debug("no turn detection", code=exc.code)
                return
            self._endpointer.tell(look.revision, completion)
            if completion is not None and completion >= LIKELY and not self._until_over:
                self._tell(look, text)

    def _tell(self, look: "_Look", text: str) -> None:
        if text and not look.is_void:
            self._likely(text)


class _Look:
    """Into one pause."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self.is_void = False
        self.over = anyio.Event()
        self.transcript: Transcript | None = None
