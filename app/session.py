"""One connected user: their microphone, their turn, and the reply they may interrupt.

Everything that happens to a session goes through one inbox and is handled in order: what the ear heard, what
was typed, what a recogniser made of an utterance, a pressed stop. A reply runs beside it as a task.

When somebody speaks during a reply, its sound pauses at once. If no words come of it, or only an "mm-hm", the
reply goes on where it stopped; if it was words, the reply is cancelled and the thread keeps what was heard. The rest
of that stands in `app.barge_in`.

What the user says is on disk before they see or hear that it was understood, and is settled once: answered, or given
back.
"""

from typing import Final, assert_never

import anyio
import structlog
from anyio.abc import TaskStatus

from app.ear import hear
from app.ends import Conversation, Ends
from app.events import (
    Announce,
    BrowserCan,
    Chosen,
    Event,
    Left,
    MadeOut,
    MannerChanged,
    MeansChanged,
    Mention,
    MicrophoneOpened,
    NobodySpoke,
    OnOffer,
    PageCame,
    SleepAsked,
    State,
    StopPressed,
    Stuck,
    Tick,
    Typed,
    Understood,
    WakeAsked,
)
from app.joints import Joints
from app.notices import tell, told
from app.parts import Parts
from app.steps import Steps
from app.turn import new_saying
from app.watchdog import Sign
from voice.types import (
    Called,
    Lull,
    MicrophoneClosed,
    MicrophoneItem,
    Resumed,
    SoftEnd,
    Speaking,
    SpeechDropped,
    SpeechStarted,
    TalkEnded,
    Transcript,
    Utterance,
)
from voice.wake.watch import Watch

log = structlog.get_logger(__name__)

INBOX: Final = 64
MICROPHONE_FRAMES: Final = 2048
"""About a minute of 32 ms frames: more than that unheard means that they come faster than real time."""
FAREWELL_SECONDS: Final = 2.0


class Session:
    def __init__(self, conversation: Conversation, joints: Joints) -> None:
        self._conversation = conversation
        self._joints = joints
        self._screen = joints.screen
        self._keeping = joints.keeping
        self._meters = joints.around.meters
        self._manner = joints.manner
        self._microphone_on = False
        self._watch = Watch(lambda: self._parts.sleeping.is_named_in(self._parts.replies.aside))
        self._shown_in = self._manner.language

    async def apologise(self) -> None:
        """Say that the session has ended by a fault of ours; the next word begins another."""
        await self._screen.show_notice("error", "session-failed", tell(self._manner.language, "session-failed"))
        await self._screen.show_state(self._idle_state)

    async def run(self, *, task_status: TaskStatus[Ends] = anyio.TASK_STATUS_IGNORED) -> None:
        """Live until the user has left."""
        microphone, frames = anyio.create_memory_object_stream[MicrophoneItem](MICROPHONE_FRAMES)
        inbox, events = anyio.create_memory_object_stream[Event](INBOX)
        preroll = self._joints.voice.endpointing.preroll_seconds
        try:
            with microphone, inbox, events:
                async with anyio.create_task_group() as tasks:
                    self._inbox, self._microphone = inbox, microphone
                    parts = self._parts = Parts(
                        tasks,
                        inbox,
                        self._conversation,
                        self._joints,
                        watch=self._watch,
                        sign=self._sign,
                        replied=self._replied,
                        show_idle=self._show_idle,
                    )
                    self._meters.session_began(parts.tier.shown)
                    tasks.start_soon(
                        hear, frames, inbox.clone(), self._joints.voice.vad, parts.endpointer, preroll, self._watch
                    )
                    tasks.start_soon(parts.sleeping.keep)
                    tasks.start_soon(parts.company.keep)
                    tasks.start_soon(parts.following.hear)
                    tasks.start_soon(parts.watchdog.keep)
                    task_status.started(Ends(microphone, inbox))
                    async for event in events:
                        if isinstance(event, Left):
                            break
                        with parts.watchdog.handling() as handling:
                            await self._handle(event)
                            if not parts.ear.user_speaks and not parts.hearing.untold:
                                await parts.ear.catch_up()
                                parts.replies.speak_up()
                        if handling.cancelled_caught:
                            with parts.watchdog.handling():
                                await self._pick_up(event)
                    await parts.replies.cut()
                    tasks.cancel_scope.cancel()
        finally:
            self._meters.session_ended(self._parts.tier.shown)
            with anyio.move_on_after(FAREWELL_SECONDS, shield=True):
                await self._keeping.let_go()

    async def _handle(self, event: Event) -> None:
        match event:
            case SpeechStarted() | SpeechDropped() | Speaking() | Utterance() | Understood():
                await self._parts.ear.handle_speech(event)
            case Typed():
                self._parts.sleeping.wake()
                self._parts.company.begin("thinking")
                await self._parts.ear.accept(Understood(Transcript(event.text), event.saying, 0.0, Steps()))
            case StopPressed() | Called() | WakeAsked() | SleepAsked() | NobodySpoke():
                await self._heed(event)
            case MicrophoneOpened() | MicrophoneClosed():
                self._microphone_on = isinstance(event, MicrophoneOpened)
                await self._own_up()
                await self._show_idle()
            case Announce():
                await self._screen.show_notice(event.level, event.code, told(self._manner.language, event.what))
            case Mention():
                self._parts.replies.mention(event.text, event.begun.set)
            case OnOffer():
                await self._see_to_offer(event)
            case PageCame():
                await self._parts.following.handle(event)
                await self._parts.tier.handle(event)
                await self._show_offers()
            case Chosen() | MannerChanged():
                await self._follow(event)
            case BrowserCan() | MeansChanged() | Tick():
                await self._parts.tier.handle(event)
                await self._own_up()
            case Lull() | SoftEnd() | Resumed() | MadeOut():
                await self._parts.ear.handle_pause(event)
            case Stuck():
                await self._set_going(event)
            case Left():
                pass  # it ends the loop above
            case _:
                assert_never(event)

    async def _follow(self, event: Chosen | MannerChanged) -> None:
        await self._parts.following.handle(event)
        self._parts.sleeping.manner_changed()
        if self._shown_in != self._manner.language:
            await self._parts.tier.show()
            await self._show_offers()
        await self._own_up()
        await self._show_idle()

    async def _own_up(self) -> None:
        if self._microphone_on and (text := await self._parts.owning_up.listens()):
            self._parts.replies.mention(text)

    async def _show_offers(self) -> None:
        self._shown_in = self._manner.language
        await self._keeping.show_offers(afresh=True)

    async def _heed(self, event: StopPressed | Called | WakeAsked | SleepAsked | NobodySpoke) -> None:
        """The user has turned to us, or away."""
        match event:
            case StopPressed():
                await self._parts.replies.stop()
                self._parts.sleeping.stays_awake()
            case Called() | WakeAsked():
                self._parts.sleeping.wake()
                if isinstance(event, Called) and self._parts.replies.begun:  # said into a reply, it breaks in on any
                    await self._parts.replies.hold()
            case SleepAsked():
                if self._parts.replies.answering:
                    await self._parts.replies.stop()
                self._parts.sleeping.asked()
            case NobodySpoke():
                self._parts.sleeping.window_is_over()
        await self._show_idle()

    async def _replied(self) -> None:
        self._parts.sleeping.answered()
        await self._show_idle(replied=True)
        if self._parts.barge_in.later:
            await self._inbox.send(Tick())

    async def _see_to_offer(self, event: OnOffer) -> None:
        if not event.answer:
            await self._keeping.dismiss(event.saying)
            return
        anew = new_saying()
        match await self._keeping.take_up(event.saying, anew):
            case Utterance() as utterance:
                await self._parts.ear.hear_again(utterance, anew)
            case str() as text:
                self._parts.company.begin("thinking")
                await self._parts.answering.take(text, anew, Steps(), heard_by="")
            case None:
                pass  # the user was told why

    # -- what stands still -----------------------------------------------------------------------------------

    def _sign(self) -> Sign | None:
        if self._parts.ear.user_speaks:
            return "ear", self._parts.ear.moves
        if self._parts.hearing.untold:
            return None  # that has limits of its own
        if self._parts.replies.held:
            return "waiting" if self._parts.barge_in.waits else "held", None
        if self._parts.replies.going:
            return None if self._parts.replies.moves is None else ("reply", self._parts.replies.moves)
        return ("idle", None) if self._parts.company.seconds or self._parts.barge_in.later else None

    async def _set_going(self, event: Stuck) -> None:
        sign = self._sign()
        if sign is None or sign[0] != event.where:
            return  # it has moved meanwhile
        match event.where:
            case "ear":  # no sound comes any more: what came of the utterance is all of it
                self._parts.ear.user_speaks = False
                self._microphone.send_nowait(TalkEnded())
            case "held":
                await self._parts.replies.go_on()
            case "reply":
                await self._parts.replies.give_up()
            case "waiting":
                await self._parts.replies.stop()
            case "idle" | "inbox":
                pass
        await self._show_idle()

    async def _pick_up(self, event: Event) -> None:
        """It could not be handled to the end: what the user said is given back, unless it is being answered."""
        sayings = [event.saying] if isinstance(event, Typed | Understood) else []
        if self._parts.hearing.fresh is not None:
            sayings.append(self._parts.hearing.fresh)
            self._parts.hearing.fresh = None
        sayings = self._parts.answering.left_of(sayings)
        if sayings:
            await self._parts.replies.give_back(sayings, "hung")
            self._parts.replies.speak_up()
        await self._show_idle()

    async def _show_idle(self, *, replied: bool = False) -> None:
        """The state when nobody is speaking to us. `replied`: asked by the reply itself, which ends with it."""
        if self._parts.ear.user_speaks or self._parts.hearing.untold or (self._parts.replies.going and not replied):
            return
        self._parts.company.over()
        await self._screen.show_state(self._idle_state)

    @property
    def _idle_state(self) -> State:
        if not self._microphone_on:
            return "ready"
        return "asleep" if self._watch.asleep else "listening"
