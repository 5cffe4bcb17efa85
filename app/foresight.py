"""What was said is made out in the pause that may be its end, so that the end can be known sooner, and its words too.

Nobody hears or sees anything of it before the utterance is over, and speech that goes on makes it void. It is left to
run all the same: to break a recogniser off costs more than to let it finish, and one look at a time is enough. When the
words are likely to be all, whoever answers is told of them (`app/foreseen.py`).

A look begins in the lull before the pause, where that is quick and nobody else would wait for it. An answer is begun on
the words alone, and taken back if the melody says otherwise; whatever the user would notice is decided in the pause,
from what can be heard there.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

import anyio
import structlog
from anyio.abc import TaskGroup

from resilience.errors import AllRungsFailed, EngineError
from voice.endpointing import Endpointer
from voice.protocols import SpeechToText
from voice.stt.sound import has_faded
from voice.turn_detection.detector import TurnDetector
from voice.turn_detection.lexical import without_over
from voice.types import Lull, SoftEnd, Transcript, Utterance

log = structlog.get_logger(__name__)

LIKELY: Final = 0.5
"""That the user has finished, from which on an answer is begun. By the words alone that are 97 of 100 ends in the
scripts of `bench/turns`, and 23 of 100 pauses in mid-turn; a stricter 0.8 leaves 40 and 3.
"""
QUICK_SECONDS: Final = 0.4
"""Where a look takes longer, or the machine has so much else to do, none is begun in a lull: the speech that goes on
would find it still under way in the pause that is the end.
"""
NEWEST: Final = 0.3
"""The weight of the last look among those that tell how long one takes."""


class Foresight:
    """Of one session."""

    def __init__(
        self,
        tasks: TaskGroup,
        *,
        stt: SpeechToText,
        detector: TurnDetector | None,
        endpointer: Endpointer,
        busy: Callable[[], bool],
        looks: anyio.CapacityLimiter,
        likely: Callable[[str], None],
        unlikely: Callable[[], None],
        heeded: Callable[[], bool],
        made_out: Callable[[Utterance, str], Awaitable[None]],
    ) -> None:
        """`busy`: earlier words are still being made out.
        `looks`: how many pauses may be looked into at once, in the whole house. `likely` is told what the user said
        when that may well be all, and they have not gone on; `unlikely`, that it does not sound so after all.
        `heeded`: what is said now bears on a reply; `made_out` is told the words.
        """
        self._tasks = tasks
        self._stt = stt
        self._detector = detector
        self._endpointer = endpointer
        self._busy = busy
        self._looks = looks
        self._likely = likely
        self._unlikely = unlikely
        self._heeded = heeded
        self._made_out = made_out
        self._look: _Look | None = None
        self._waiting: SoftEnd | None = None
        """Looked into when the look that runs is over."""
        self._usual_seconds: float | None = None
        """That a look takes."""

    def lulls(self, event: Lull) -> None:
        """The user has just fallen silent: look into it already, if nobody else would wait for that."""
        idle = 2 * self._looks.borrowed_tokens < self._looks.total_tokens
        quick = self._usual_seconds is None or self._usual_seconds <= QUICK_SECONDS
        if idle and quick and self._is_free and self._is_wanted:
            self._begin(_Look(event.revision, event.utterance, in_pause=False))

    @property
    def _until_over(self) -> bool:
        """Whether the user says "over" when they have finished."""
        return self._endpointer.ending == "over"

    def pauses(self, event: SoftEnd) -> None:
        """The user has paused: look into it, if there is the time."""
        look = self._look
        if look is not None and look.is_into(event.utterance, event.revision):
            look.reach_pause(event.utterance)
            return
        self.goes_on()
        if self._is_wanted:
            self._waiting = event
            self._take_up()

    def goes_on(self) -> None:
        """It was not the end."""
        self._waiting = None
        if self._look is not None:
            self._look.fall()

    async def transcribe(self, utterance: Utterance) -> Transcript:
        """What was made out in the pause that turned out to be the end; or else it is made out now. Raises
        `AllRungsFailed`.
        """
        transcript: Transcript | None = None
        look = self._look
        stands = look is not None and utterance.revision is not None and look.is_into(utterance, utterance.revision)
        self.goes_on()  # nobody need be told any more
        if look is not None and stands:
            await look.over.wait()
            transcript = look.transcript
        if transcript is None:
            transcript = await self._stt.transcribe(utterance)
        if self._until_over and (before := without_over(transcript.text)) is not None:
            return replace(transcript, text=before)
        return transcript

    @property
    def _is_wanted(self) -> bool:
        return (self._detector is not None or self._until_over or self._heeded()) and not self._busy()

    @property
    def _is_free(self) -> bool:
        return self._look is None or self._look.over.is_set()

    def _take_up(self) -> None:
        """The pause that waits to be looked into, if there is one, and the time."""
        event = self._waiting
        if event is not None and self._is_free:
            self._waiting = None
            if self._looks.available_tokens >= 1:
                self._begin(_Look(event.revision, event.utterance, in_pause=True))

    def _begin(self, look: "_Look") -> None:
        self._look = look
        self._looks.acquire_on_behalf_of_nowait(look)
        self._tasks.start_soon(self._see, look)

    async def _see(self, look: "_Look") -> None:
        began = anyio.current_time()
        try:
            look.transcript = await self._stt.transcribe(look.utterance)
        except AllRungsFailed:
            return
        finally:
            self._took(anyio.current_time() - began)
            self._looks.release_on_behalf_of(look)
            look.over.set()
            self._take_up()
        text, verbatim = look.transcript.text, look.transcript.verbatim or look.transcript.text
        if not text:
            look.transcript = None  # the whole of it may hold more
            return
        begun = self._guess(look, text, verbatim)
        await look.decided.wait()
        if look.in_pause:
            await self._judge(look, text, verbatim, begun=begun)

    def _took(self, seconds: float) -> None:
        usual = seconds if self._usual_seconds is None else self._usual_seconds
        self._usual_seconds = usual + NEWEST * (seconds - usual)

    def _guess(self, look: "_Look", text: str, verbatim: str) -> bool:
        """On the words alone, which is at once: whether whoever answers was told. Hesitations tell that there is more
        to come.
        """
        if self._until_over:
            before = without_over(text)
            return before is not None and self._tell(look, before)
        likely = None if self._detector is None else self._detector.by_words(verbatim)
        return likely is not None and likely >= LIKELY and self._tell(look, text)

    async def _judge(self, look: "_Look", text: str, verbatim: str, *, begun: bool) -> None:
        """In the pause. `begun`: whoever answers was told."""
        if self._heeded():
            await self._made_out(look.utterance, text)
        if self._until_over and without_over(text) is not None:
            self._endpointer.finish(look.revision)
        if self._detector is None:
            return
        try:
            completion = await self._detector.completion(look.utterance, verbatim)
        except EngineError as exc:
            log.debug("no turn detection", code=exc.code)
            return
        self._endpointer.tell(look.revision, completion)
        if self._until_over or completion is None:
            return
        if completion < LIKELY and begun and not look.is_void:
            self._unlikely()
        elif completion >= LIKELY and not begun:
            self._tell(look, text)

    def _tell(self, look: "_Look", text: str) -> bool:
        """Whether whoever answers was told."""
        if not text or look.is_void:
            return False
        self._likely(text)
        return True


class _Look:
    """Into one pause, or into the lull before it."""

    def __init__(self, revision: int, utterance: Utterance, *, in_pause: bool) -> None:
        self.revision = revision
        self.utterance = utterance
        """What was said until then; until the pause, once that is there."""
        self.in_pause = in_pause
        self.is_void = False
        self.over = anyio.Event()
        """The words are there, or will not be."""
        self.decided = anyio.Event()
        """The pause is there, or will not be."""
        self.transcript: Transcript | None = None
        if in_pause:
            self.decided.set()

    def is_into(self, utterance: Utterance, revision: int) -> bool:
        """Whether its words are, or will be, all that there are in this utterance."""
        if self.is_void or self.revision != revision or (self.over.is_set() and self.transcript is None):
            return False
        return self.in_pause or has_faded(self.utterance, utterance)

    def reach_pause(self, utterance: Utterance) -> None:
        self.utterance = utterance
        self.in_pause = True
        self.decided.set()

    def fall(self) -> None:
        self.is_void = True
        self.decided.set()
