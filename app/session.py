"""One connected user: their microphone, their turn, and the reply they may interrupt.

Everything that happens to a session goes through one inbox and is handled in order: what the ear heard, what
was typed, what a recogniser made of an utterance, a pressed stop. A reply runs beside it as a task.

When somebody speaks during a reply, its sound pauses at once. If no words come of it, or only an "mm-hm", the
reply goes on where it stopped; if it was words, the reply is cancelled and the thread keeps what was heard. The rest
of that stands in `app.barge_in`.

What the user says is on disk before they see or hear that it was understood, and is settled once: answered, or given
back.
"""

from typing import Any, Final, assert_never

import anyio
import structlog
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from app.barge_in import BargeIn, Fate
from app.company import Company
from app.ends import Conversation, Ends, Screen, Stage, Surroundings, Voice
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
    OnOffer,
    PageCame,
    StopPressed,
    Stuck,
    Tick,
    Typed,
    Understood,
)
from app.following import Following
from app.foreseen import Foreseen
from app.foresight import Foresight
from app.hearing import NOBODY_HEARD, Hearing
from app.interims import Interims
from app.keeping import Keeping
from app.manner import OwnManner, usual
from app.replies import Replies
from app.steps import Steps
from app.tiering import Tiering
from app.turn import SayingId, Turn, new_saying
from app.watchdog import Sign, Watchdog
from voice.endpointing import Endpointer
from voice.ladders import WORTH_ASKING_SECONDS
from voice.listening import listen
from voice.protocols import VoiceActivityDetector
from voice.types import (
    Lull,
    MicrophoneClosed,
    MicrophoneItem,
    Resumed,
    SoftEnd,
    Speaking,
    SpeechDropped,
    SpeechStarted,
    TalkEnded,
    Utterance,
)

log = structlog.get_logger(__name__)

INBOX: Final = 64
MICROPHONE_FRAMES: Final = 2048
"""About a minute of 32 ms frames: more than that unheard means that they come faster than real time."""
FAREWELL_SECONDS: Final = 2.0


class Session:
    def __init__(
        self,
        *,
        voice: Voice,
        conversation: Conversation,
        screen: Screen,
        loudspeaker: Stage,
        keeping: Keeping,
        around: Surroundings,
    ) -> None:
        self._voice = voice
        self._conversation = conversation
        self._screen = screen
        self._loudspeaker = loudspeaker
        self._keeping = keeping
        self._around = around
        self._company = Company(screen, around.meters.sign_of_life)
        self._interims = Interims(voice.stt, screen, busy=lambda: self._hearing.untold > 0 or around.busy)
        self._manner = voice.manner or OwnManner(usual(voice.endpointing, voice.barge_in, voice.rate))
        self._turn = Turn()
        self._has_begun = False
        """Whether anything was said on this thread by this user."""
        self._microphone_on = False
        self._user_speaks = False
        self._ear_moves = 0
        self._again: set[SayingId] = set()
        """What was on offer, and is tried once more."""

    async def apologise(self) -> None:
        """Say that the session has ended by a fault of ours; the next word begins another."""
        text = "Something broke on my side, and I have started afresh. Please say or type that again."
        await self._screen.show_notice("error", "session-failed", text)
        await self._screen.show_state("listening" if self._microphone_on else "ready")

    async def run(self, *, task_status: TaskStatus[Ends] = anyio.TASK_STATUS_IGNORED) -> None:
        """Live until the user has left."""
        microphone, frames = anyio.create_memory_object_stream[MicrophoneItem](MICROPHONE_FRAMES)
        inbox, events = anyio.create_memory_object_stream[Event](INBOX)
        endpointing, pauses = self._voice.endpointing, self._manner.pauses
        endpointer = Endpointer(endpointing, threshold=self._voice.vad_threshold, pauses=pauses)
        preroll = self._voice.endpointing.preroll_seconds
        try:
            with microphone, inbox, events:
                async with anyio.create_task_group() as tasks:
                    self._tasks, self._inbox, self._microphone = tasks, inbox, microphone
                    tier = self._tier = Tiering(
                        tasks,
                        voice=self._voice,
                        screen=self._screen,
                        choice=self._manner.now.choice,
                        meters=self._around.meters,
                        mention=self._mention,
                        tell=inbox.send,
                    )
                    self._around.meters.session_began(tier.shown)
                    self._foreseen = Foreseen(tasks, self._conversation, self._around.meters)
                    self._foresight = Foresight(
                        tasks,
                        stt=self._voice.stt,
                        detector=self._voice.detector,
                        endpointer=endpointer,
                        busy=lambda: self._hearing.untold > 0,
                        looks=self._around.looks,
                        likely=self._foresee,
                        unlikely=self._foreseen.falls,
                        heeded=lambda: self._replies.begun,
                        made_out=self._made_out,
                    )
                    self._replies = Replies(
                        tasks,
                        conversation=self._foreseen,
                        screen=self._screen,
                        loudspeaker=self._loudspeaker,
                        keeping=self._keeping,
                        company=self._company,
                        around=self._around,
                        manner=self._manner,
                        tts=lambda: self._foreseen.voice(self._voice.tts if tier.shown.speaks else self._voice.silent),
                        speaking_with=lambda: self._voice.speaking_with() if tier.shown.speaks else "",
                        idle=self._replied,
                    )
                    self._barge_in = BargeIn(
                        tasks,
                        settings=self._voice.barge_in,
                        stt=self._voice.stt,
                        looks=self._around.looks,
                        replies=self._replies,
                        tell=inbox.send,
                    )
                    self._following = Following(
                        self._manner,
                        endpointer=endpointer,
                        barge_in=self._barge_in,
                        tier=tier,
                        screen=self._screen,
                        tell=inbox.send,
                    )
                    watchdog = Watchdog(self._sign, inbox.send, self._around.meters)
                    self._hearing = Hearing(
                        tasks,
                        foresight=self._foresight,
                        screen=self._screen,
                        keeping=self._keeping,
                        company=self._company,
                        excused=watchdog.excused,
                        tell=inbox.send,
                    )
                    tasks.start_soon(_listen, frames, inbox.clone(), self._voice.vad, endpointer, preroll)
                    tasks.start_soon(self._company.keep)
                    tasks.start_soon(self._following.hear)
                    tasks.start_soon(watchdog.keep)
                    task_status.started(Ends(microphone, inbox))
                    async for event in events:
                        if isinstance(event, Left):
                            break
                        with watchdog.handling() as handling:
                            await self._handle(event)
                            if not self._user_speaks and not self._hearing.untold:
                                await self._catch_up()
                                self._replies.speak_up()
                        if handling.cancelled_caught:
                            with watchdog.handling():
                                await self._pick_up(event)
                    await self._replies.cut()
                    tasks.cancel_scope.cancel()
        finally:
            self._around.meters.session_ended(self._tier.shown)
            with anyio.move_on_after(FAREWELL_SECONDS, shield=True):
                await self._keeping.let_go()

    async def _handle(self, event: Event) -> None:
        match event:
            case SpeechStarted() | SpeechDropped() | Speaking() | Utterance() | Understood():
                await self._handle_speech(event)
            case Typed():
                self._company.begin("thinking")
                await self._take(event.text, event.saying, Steps())
            case StopPressed():
                await self._replies.stop()
                await self._show_idle()
            case MicrophoneOpened() | MicrophoneClosed():
                self._microphone_on = isinstance(event, MicrophoneOpened)
                await self._show_idle()
            case Announce():
                await self._screen.show_notice(event.level, event.code, event.text)
            case Mention():
                self._replies.mention(event.text, event.begun.set)
            case OnOffer():
                await self._see_to_offer(event)
            case PageCame():
                await self._following.handle(event)
                await self._tier.handle(event)
                await self._keeping.show_offers(afresh=True)
            case Chosen() | MannerChanged():
                await self._following.handle(event)
            case BrowserCan() | MeansChanged() | Tick():
                await self._tier.handle(event)
            case Lull() | SoftEnd() | Resumed() | MadeOut():
                await self._handle_pause(event)
            case Stuck():
                await self._set_going(event)
            case Left():
                pass  # it ends the loop above
            case _:
                assert_never(event)

    # -- hearing ---------------------------------------------------------------------------------------------

    async def _handle_speech(self, event: SpeechStarted | SpeechDropped | Speaking | Utterance | Understood) -> None:
        if not isinstance(event, Understood):
            self._user_speaks = isinstance(event, SpeechStarted | Speaking)
            self._ear_moves += 1
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

    async def _handle_pause(self, event: Lull | SoftEnd | Resumed | MadeOut) -> None:
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

    async def _hear(self, utterance: Utterance, saying: SayingId, steps: Steps) -> None:
        self._interims.ended()
        self._barge_in.ended()
        await self._hearing.take(utterance, saying, steps, aside=self._barge_in.aside)

    async def _weigh(self, event: Understood) -> None:
        """Was it words? And if a reply is under way: words for us?"""
        transcript, sayings = event.transcript, [event.saying]
        if transcript.engine == NOBODY_HEARD.engine:
            await self._replies.give_back(sayings, "no-recogniser", "No speech recogniser was working.")
        elif transcript.text and (fate := await self._fate(event)) != "nothing":
            self._again.discard(event.saying)
            if fate == "take":
                await self._take(transcript.text, event.saying, event.steps, heard_by=transcript.engine)
            return
        elif event.saying in self._again or (not transcript.text and event.sound_seconds >= WORTH_ASKING_SECONDS):
            await self._replies.give_back(sayings, "no-words", "I could make out no words in it.")
        else:
            await self._keeping.settle(sayings, "no-words")
            if not self._replies.answering:
                await self._screen.show_notice("info", "no-words", "I heard something, but no words in it.")
        self._again.discard(event.saying)
        await self._go_on()

    async def _go_on(self) -> None:
        await self._barge_in.go_on()
        if self._barge_in.waits:
            self._company.over()
            await self._screen.show_state("listening", 'I wait until you say "go on"')
        elif self._replies.awaited:
            self._company.begin("thinking")
        elif not self._hearing.untold:
            self._company.over()
        await self._show_idle()

    async def _fate(self, event: Understood) -> Fate:
        return "take" if event.saying in self._again else await self._barge_in.weigh(event)

    async def _made_out(self, utterance: Utterance, text: str) -> None:
        await self._inbox.send(MadeOut(text, utterance.started_at))

    # -- answering -------------------------------------------------------------------------------------------

    async def _take(self, text: str, saying: SayingId, steps: Steps, *, heard_by: str | None = None) -> None:
        """The user said something: extend the open turn, or begin one; then answer it. `heard_by`: the recogniser, of
        what does not stand on the screen yet.
        """
        await self._replies.cut()
        self._has_begun = True
        if self._turn.closed:
            self._turn = Turn()
        turn = self._turn
        turn.said.append(text)
        turn.sayings.append(saying)
        turn.steps = steps
        await self._tier.update()
        turn.record["tier"] = self._tier.shown.word
        let_through = self._foreseen.stands(turn.id, "\n".join(turn.said))
        turn.record["foreseen"] = let_through is not None
        shown = anyio.Event()
        self._replies.answer(turn, let_through, shown.wait)
        try:
            if self._user_speaks:  # they went on before their words were made out
                await self._replies.hold()
            await self._keeping.on_disk(saying)
            if heard_by is not None:
                turn.record["stt"] = heard_by
                turn.spoken.append(text)
                await self._screen.show_user(turn.id, " ".join(turn.spoken))
        finally:
            shown.set()

    def _foresee(self, text: str) -> None:
        """These words may well be all that the user says now: begin to answer them, unless others would wait for it."""
        if not self._voice.foresees or self._hearing.untold or self._replies.going:
            return
        let_through = self._around.turnstile.at_once()
        if let_through is None:
            return
        if self._turn.closed:
            self._turn = Turn()
        turn = self._turn
        tts = self._voice.tts if self._tier.shown.speaks else None
        said = "\n".join([*turn.said, text])
        self._foreseen.begin(turn.id, said, let_through, tts, self._replies.rate_for(turn))

    async def _catch_up(self) -> None:
        """Nobody speaks: what was said during a reply that it could not break into is answered when that is over."""
        if self._replies.answering:
            return
        while self._barge_in.later:
            each = self._barge_in.later.pop(0)
            await self._take(each.transcript.text, each.saying, each.steps, heard_by=each.transcript.engine)

    async def _replied(self) -> None:
        await self._show_idle(replied=True)
        if self._barge_in.later:
            await self._inbox.send(Tick())

    async def _see_to_offer(self, event: OnOffer) -> None:
        if not event.answer:
            await self._keeping.dismiss(event.saying)
            return
        anew = new_saying()
        match await self._keeping.take_up(event.saying, anew):
            case Utterance() as utterance:
                self._again.add(anew)
                await self._hear(utterance, anew, Steps())
            case str() as text:
                self._company.begin("thinking")
                await self._take(text, anew, Steps(), heard_by="")
            case None:
                pass  # the user was told why

    def _mention(self, text: str) -> None:
        if self._has_begun:
            self._replies.mention(text)

    # -- what stands still -----------------------------------------------------------------------------------

    def _sign(self) -> Sign | None:
        if self._user_speaks:
            return "ear", self._ear_moves
        if self._hearing.untold:
            return None  # that has limits of its own
        if self._replies.held:
            return "waiting" if self._barge_in.waits else "held", None
        if self._replies.going:
            return None if self._replies.moves is None else ("reply", self._replies.moves)
        return ("idle", None) if self._company.seconds or self._barge_in.later else None

    async def _set_going(self, event: Stuck) -> None:
        sign = self._sign()
        if sign is None or sign[0] != event.where:
            return  # it has moved meanwhile
        match event.where:
            case "ear":  # no sound comes any more: what came of the utterance is all of it
                self._user_speaks = False
                self._microphone.send_nowait(TalkEnded())
            case "held":
                await self._replies.go_on()
            case "reply":
                await self._replies.give_up()
            case "waiting":
                await self._replies.stop()
            case "idle" | "inbox":
                pass
        await self._show_idle()

    async def _pick_up(self, event: Event) -> None:
        """It could not be handled to the end: what the user said is given back, unless it is being answered."""
        sayings = [event.saying] if isinstance(event, Typed | Understood) else []
        if self._hearing.fresh is not None:
            sayings.append(self._hearing.fresh)
            self._hearing.fresh = None
        if self._replies.answering:
            sayings = [each for each in sayings if each not in self._turn.sayings]
        elif not self._turn.closed:
            self._turn.closed = True
            sayings += [each for each in self._turn.sayings if each not in sayings]
        if sayings:
            await self._replies.give_back(sayings, "hung", "Something on my side hung.")
            self._replies.speak_up()
        await self._show_idle()

    async def _show_idle(self, *, replied: bool = False) -> None:
        """The state when nobody is speaking to us. `replied`: asked by the reply itself, which ends with it."""
        if self._user_speaks or self._hearing.untold or (self._replies.going and not replied):
            return
        self._company.over()
        await self._screen.show_state("listening" if self._microphone_on else "ready")


async def _listen(
    frames: MemoryObjectReceiveStream[MicrophoneItem],
    heard: MemoryObjectSendStream[Any],  # an inbox takes more than a listener sends
    vad: VoiceActivityDetector,
    endpointer: Endpointer,
    preroll_seconds: float,
) -> None:
    await listen(frames, heard, vad, endpointer, preroll_seconds=preroll_seconds)
