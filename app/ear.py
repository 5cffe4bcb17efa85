"""What comes of what the ear hears: speech that begins, pauses, goes on and ends, and what a recogniser made of it.

Whether it breaks into a reply is weighed in `app.barge_in`; words for us go to `app.answering`.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from app.answering import Answering
from app.barge_in import BargeIn, Fate
from app.company import Company
from app.ends import Screen
from app.events import MadeOut, Understood
from app.foreseen import Foreseen
from app.foresight import Foresight
from app.hearing import NOBODY_HEARD, Hearing
from app.interims import Interims
from app.keeping import Keeping
from app.notices import tell
from app.own_manner import OwnManner
from app.replies import Replies
from app.steps import Steps
from app.turn import SayingId, new_saying
from voice.endpointing import Endpointer
from voice.ladders import WORTH_ASKING_SECONDS
from voice.listening import listen
from voice.protocols import VoiceActivityDetector
from voice.types import Lull, MicrophoneItem, Resumed, SoftEnd, Speaking, SpeechDropped, SpeechStarted, Utterance
from voice.wake.watch import Watch


class Ear:
    """Of one session."""

    def __init__(
        self,
        tasks: TaskGroup,
        *,
        screen: Screen,
        keeping: Keeping,
        company: Company,
        manner: OwnManner,
        interims: Interims,
        foresight: Foresight,
        foreseen: Foreseen,
        hearing: Hearing,
        barge_in: BargeIn,
        replies: Replies,
        answering: Answering,
        show_idle: Callable[[], Awaitable[None]],
    ) -> None:
        self._tasks = tasks
        self._screen = screen
        self._keeping = keeping
        self._company = company
        self._manner = manner
        self._interims = interims
        self._foresight = foresight
        self._foreseen = foreseen
        self._hearing = hearing
        self._barge_in = barge_in
        self._replies = replies
        self._answering = answering
        self._show_idle = show_idle
        self.user_speaks = False
        self.moves = 0
        """Grows with all that it hears."""
        self._again: set[SayingId] = set()
        """What was on offer, and is tried once more."""

    async def handle_speech(self, event: SpeechStarted | SpeechDropped | Speaking | Utterance | Understood) -> None:
        if not isinstance(event, Understood):
            self.user_speaks = isinstance(event, SpeechStarted | Speaking)
            self.moves += 1
        match event:
            case SpeechStarted():
                await self._barge_in.begins(event.at)
                if not self._barge_in.aside:
                    self._company.over()
                    await self._screen.show_state("hearing")
            case SpeechDropped():
                self._interims.ended()
                self._barge_in.ended()
                await self._go_on()
            case Speaking():
                self._barge_in.grows(event.utterance)
                if self._interims.grows(event.utterance):
                    self._tasks.start_soon(self._interims.show, event.utterance)
            case Utterance():
                self._manner.spoke()
                await self._hear(event, new_saying(), Steps(pause=event.pause_seconds))
            case Understood():
                self._hearing.untold -= 1
                await self._weigh(event)

    async def handle_pause(self, event: Lull | SoftEnd | Resumed | MadeOut) -> None:
        match event:
            case Lull():
                self._foresight.lulls(event)
            case SoftEnd():
                self._foresight.pauses(event)
            case Resumed():
                self._foresight.goes_on()
                self._foreseen.falls()
                await self._barge_in.resumes()
            case MadeOut():
                await self._barge_in.made_out(event)

    async def hear_again(self, utterance: Utterance, saying: SayingId) -> None:
        """It was on offer: whatever it is, it is words for us."""
        self._again.add(saying)
        await self._hear(utterance, saying, Steps())

    async def accept(self, said: Understood, *, asks: bool = True) -> None:
        """As `Answering.accept`."""
        if not await self._answering.accept(said, asks=asks):
            await self._go_on()

    async def catch_up(self) -> None:
        """Nobody speaks: what was said during a reply that it could not break into is answered when that is over."""
        if self._replies.answering:
            return
        while self._barge_in.later:
            await self.accept(self._barge_in.later.pop(0))

    async def _hear(self, utterance: Utterance, saying: SayingId, steps: Steps) -> None:
        self._interims.ended()
        self._barge_in.ended()
        await self._hearing.take(utterance, saying, steps, aside=self._barge_in.aside)

    async def _weigh(self, event: Understood) -> None:
        """Was it words? And if a reply is under way: words for us?"""
        transcript, sayings = event.transcript, [event.saying]
        if transcript.engine == NOBODY_HEARD.engine:
            await self._replies.give_back(sayings, "no-recogniser")
        elif transcript.text and (fate := await self._fate(event)) != "nothing":
            again = event.saying in self._again
            self._again.discard(event.saying)
            if fate == "take":
                await self.accept(event, asks=not again)
            return
        elif event.saying in self._again or (not transcript.text and event.sound_seconds >= WORTH_ASKING_SECONDS):
            await self._replies.give_back(sayings, "no-words")
        else:
            await self._keeping.settle(sayings, "no-words")
            if not self._replies.answering:
                await self._screen.show_notice("info", "no-words", tell(self._manner.language, "no-words"))
        self._again.discard(event.saying)
        await self._go_on()

    async def _fate(self, event: Understood) -> Fate:
        return "take" if event.saying in self._again else await self._barge_in.weigh(event)

    async def _go_on(self) -> None:
        await self._barge_in.go_on()
        if self._barge_in.waits:
            self._company.over()
            await self._screen.show_state("listening", tell(self._manner.language, "state-waiting"))
        elif self._replies.awaited:
            self._company.begin("thinking")
        elif not self._hearing.untold:
            self._company.over()
        await self._show_idle()


async def hear(
    frames: MemoryObjectReceiveStream[MicrophoneItem],
    heard: MemoryObjectSendStream[Any],  # an inbox takes more than a listener sends
    vad: VoiceActivityDetector,
    endpointer: Endpointer,
    preroll_seconds: float,
    watch: Watch,
) -> None:
    await listen(frames, heard, vad, endpointer, preroll_seconds=preroll_seconds, watch=watch)
