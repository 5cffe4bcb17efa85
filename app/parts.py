"""What one session is made of, put together: each part is handed what it needs of the others, as of when it asks."""

from collections.abc import Awaitable, Callable

from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream

from app.answering import Answering
from app.barge_in import BargeIn
from app.company import Company
from app.ear import Ear
from app.ends import Conversation
from app.events import Event, MadeOut
from app.following import Following
from app.foreseen import Foreseen
from app.foresight import Foresight
from app.hearing import Hearing
from app.interims import Interims
from app.joints import Joints
from app.own_words import WithOwnWords
from app.owning_up import OwningUp
from app.reading_back import ReadingBack
from app.replies import Replies
from app.sleeping import Sleeping
from app.tiering import Tiering
from app.watchdog import Sign, Watchdog
from voice.endpointing import Endpointer
from voice.types import Utterance
from voice.wake.watch import Watch


class Parts:
    def __init__(
        self,
        tasks: TaskGroup,
        inbox: MemoryObjectSendStream[Event],
        conversation: Conversation,
        joints: Joints,
        *,
        watch: Watch,
        sign: Callable[[], Sign | None],
        replied: Callable[[], Awaitable[None]],
        show_idle: Callable[[], Awaitable[None]],
    ) -> None:
        """`sign`: by which the watchdog sees that the session moves. `replied` is called when nothing more is said;
        `show_idle`, when nobody may be speaking to us any more.
        """
        self._inbox = inbox
        voice, screen, keeping = joints.voice, joints.screen, joints.keeping
        around, manner = joints.around, joints.manner
        pauses, threshold = manner.pauses, voice.vad_threshold
        self.endpointer = endpointer = Endpointer(voice.endpointing, threshold=threshold, pauses=pauses)
        self.company = company = Company(screen, manner, around.meters.sign_of_life)
        stt = WithOwnWords(voice.stt, manner)
        self.tier = tier = Tiering(
            tasks,
            voice=voice,
            screen=screen,
            manner=manner,
            meters=around.meters,
            mention=self._mention,
            tell=inbox.send,
        )
        self.owning_up = OwningUp(
            manner,
            screen=screen,
            lacking=lambda wanted: voice.lacking(wanted) if tier.shown.speaks else None,
            deaf_to=lambda language: voice.deaf_to(language) if tier.shown.hears else None,
        )
        self.foreseen = foreseen = Foreseen(tasks, conversation, around.meters)
        self.foresight = Foresight(
            tasks,
            stt=stt,
            detector=voice.detector,
            endpointer=endpointer,
            busy=self._is_hearing,
            looks=around.looks,
            likely=self._foresee,
            unlikely=foreseen.falls,
            heeded=lambda: self.replies.begun,
            made_out=self._made_out,
        )
        self.replies = replies = Replies(
            tasks,
            foreseen,
            joints,
            company=company,
            tts=lambda: foreseen.voice(voice.tts if tier.shown.speaks else voice.silent),
            speaking_with=lambda: voice.speaking_with() if tier.shown.speaks else "",
            spoke=self.owning_up.spoke,
            idle=replied,
            tell=inbox.send,
        )
        if joints.deeds is not None:
            joints.deeds.here.tier = lambda: (tier.shown, tier.why)
        self.barge_in = BargeIn(
            tasks, settings=voice.barge_in, stt=stt, looks=around.looks, replies=replies, tell=inbox.send
        )
        self.following = Following(
            manner, endpointer=endpointer, barge_in=self.barge_in, tier=tier, screen=screen, tell=inbox.send
        )
        self.sleeping = Sleeping(
            manner,
            watch,
            open_word=voice.wake_word,
            screen=screen,
            busy=lambda: self.ear.user_speaks or self._is_hearing() or replies.going,
            asked=lambda: replies.asked,
            mention=replies.mention,
            tell=inbox.send,
        )
        self.watchdog = Watchdog(sign, inbox.send, around.meters)
        self.hearing = Hearing(
            tasks,
            foresight=self.foresight,
            screen=screen,
            keeping=keeping,
            company=company,
            excused=self.watchdog.excused,
            tell=inbox.send,
        )
        self.answering = Answering(
            voice=voice,
            screen=screen,
            keeping=keeping,
            around=around,
            manner=manner,
            tier=tier,
            foreseen=foreseen,
            replies=replies,
            reading_back=ReadingBack(tasks, replies=replies, keeping=keeping, manner=manner),
            user_speaks=lambda: self.ear.user_speaks,
            busy=self._is_hearing,
        )
        self.ear = Ear(
            tasks,
            screen=screen,
            keeping=keeping,
            company=company,
            manner=manner,
            interims=Interims(stt, screen, busy=lambda: self._is_hearing() or around.busy),
            foresight=self.foresight,
            foreseen=foreseen,
            hearing=self.hearing,
            barge_in=self.barge_in,
            replies=replies,
            answering=self.answering,
            show_idle=show_idle,
        )

    def _is_hearing(self) -> bool:
        """Whether something that was said is being made out."""
        return self.hearing.untold > 0

    def _foresee(self, text: str) -> None:
        self.answering.foresee(text)

    def _mention(self, text: str) -> None:
        if self.answering.has_begun:
            self.replies.mention(text)

    async def _made_out(self, utterance: Utterance, text: str) -> None:
        await self._inbox.send(MadeOut(text, utterance.started_at))
