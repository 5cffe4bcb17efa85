"""From an utterance to its words: put on disk, and made out meanwhile, one after the other, each with a limit."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, suppress
from typing import Final

import anyio
from anyio.abc import TaskGroup

from app.company import Company
from app.ends import Screen
from app.events import Understood
from app.foresight import Foresight
from app.keeping import Keeping
from app.steps import Steps
from app.turn import SayingId
from resilience.errors import AllRungsFailed
from voice.stt.sound import sound_seconds
from voice.types import Transcript, Utterance

UTTERANCES_WAITING: Final = 20
"""Ten minutes of speech that may wait to be transcribed; beyond that the microphone is refused."""
MAKING_OUT_SECONDS: Final = 90.0
"""A ladder has limits of its own; one that takes longer has not kept them."""
SHOWING_SECONDS: Final = 5.0
NOBODY_HEARD: Final = Transcript("", engine="typed")
"""What the last rung of the ladder of recognisers says."""


class Hearing:
    """Of one session."""

    def __init__(
        self,
        tasks: TaskGroup,
        *,
        foresight: Foresight,
        screen: Screen,
        keeping: Keeping,
        company: Company,
        excused: Callable[[], AbstractContextManager[None]],
        tell: Callable[[Understood], Awaitable[None]],
    ) -> None:
        """`excused`: around what may take its time. `tell`: to the inbox."""
        self._tasks = tasks
        self._foresight = foresight
        self._screen = screen
        self._keeping = keeping
        self._company = company
        self._excused = excused
        self._tell = tell
        self._one_by_one = anyio.CapacityLimiter(1)
        self._places = anyio.Semaphore(UTTERANCES_WAITING)
        self.untold = 0
        """How many utterances are being made out, or wait for it."""
        self.fresh: SayingId | None = None
        """An utterance that is being put on disk, and not yet on its way to be made out."""

    async def take(self, utterance: Utterance, saying: SayingId, steps: Steps, *, aside: bool) -> None:
        """`aside`: a reply sounds on meanwhile, and nothing is shown of it."""
        self.fresh = saying
        steps.begin("hearing")
        self._keeping.record(self._tasks, saying, utterance)
        if not aside:
            self._company.begin("hearing")
        with self._excused():
            await self._places.acquire()
        self.untold += 1
        self.fresh = None
        self._tasks.start_soon(self._make_out, utterance, saying, steps)
        if not aside:
            await self._screen.show_state("thinking")

    async def _make_out(self, utterance: Utterance, saying: SayingId, steps: Steps) -> None:
        transcript = NOBODY_HEARD
        async with self._one_by_one:
            with anyio.move_on_after(MAKING_OUT_SECONDS):
                with suppress(AllRungsFailed):
                    transcript = await self._foresight.transcribe(utterance)
        self._places.release()
        if transcript.text:
            self._keeping.note(self._tasks, saying, transcript)
        with anyio.move_on_after(SHOWING_SECONDS):
            await self._screen.show_interim("")
        await self._tell(Understood(transcript, saying, sound_seconds(utterance), steps))
