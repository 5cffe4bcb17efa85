"""One connected user: their microphone, their turn, and the reply they may interrupt.

Everything that happens to a session goes through one inbox and is handled in order: what the ear heard, what
was typed, what a recogniser made of an utterance, a pressed stop. A reply runs beside it as a task.

When somebody speaks during a reply, its sound pauses at once. If no words come of it, or only an "mm-hm", the
reply goes on where it stopped; if it was words, the reply is cancelled and the thread keeps what was heard.
"""

from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from typing import Any

import anyio
import structlog
from anyio import TaskHandle
from anyio.abc import TaskStatus
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from app.ends import Conversation, Ends, Screen, Stage, Voice
from app.events import (
    Announce,
    Event,
    Left,
    MicrophoneOpened,
    SpeakReplies,
    StopPressed,
    Typed,
    Understood,
)
from app.turn import Turn, heard_text, is_backchannel
from graph.types import Directive, Loudness, Quiet, SpeakingRate
from resilience.errors import AllRungsFailed, EngineError
from voice.endpointing import Endpointer
from voice.errors import VoiceError
from voice.listening import listen
from voice.protocols import InterimSpeechToText, VoiceActivityDetector
from voice.sentences import sentences
from voice.speaking import speak
from voice.types import (
    AudioFrame,
    Heard,
    MicrophoneClosed,
    Speaking,
    SpeechDropped,
    SpeechStarted,
    Transcript,
    Utterance,
)

log = structlog.get_logger(__name__)

INBOX = 64
MICROPHONE_FRAMES = 2048
"""About a minute of 32 ms frames: more than that unheard means that they come faster than real time."""
UTTERANCES_WAITING = 20
"""Ten minutes of speech that may wait to be transcribed; beyond that the microphone is refused."""
SLOWEST, FASTEST = 0.5, 3.0
QUIETEST, LOUDEST = 0.1, 2.0
SETTLING_SECONDS = 30.0


class Session:
    def __init__(self, *, voice: Voice, conversation: Conversation, screen: Screen, loudspeaker: Stage) -> None:
        self._voice = voice
        self._conversation = conversation
        self._screen = screen
        self._loudspeaker = loudspeaker
        self._turn = Turn()
        self._reply: TaskHandle[None] | None = None
        self._held = False
        self._speak_replies = True
        self._microphone_on = False
        self._rate = voice.rate
        self._volume = 1.0
        self._transcribing = anyio.CapacityLimiter(1)
        self._places = anyio.Semaphore(UTTERANCES_WAITING)
        self._untranscribed = 0
        self._interim_due = True
        self._growing: float | None = None
        """The start of the utterance that is being spoken, for interim text that comes late."""

    async def apologise(self) -> None:
        """Say that the session has ended by a fault of ours; the next word begins another."""
        text = "Something broke on my side, and I have started afresh. Please say or type that again."
        await self._screen.show_notice("error", "session-failed", text)
        await self._screen.show_state("listening" if self._microphone_on else "ready")

    async def run(self, *, task_status: TaskStatus[Ends] = anyio.TASK_STATUS_IGNORED) -> None:
        """Live until the user has left."""
        microphone, frames = anyio.create_memory_object_stream[AudioFrame | MicrophoneClosed](MICROPHONE_FRAMES)
        inbox, events = anyio.create_memory_object_stream[Event](INBOX)
        endpointer = Endpointer(self._voice.endpointing, threshold=self._voice.vad_threshold)
        preroll = self._voice.endpointing.preroll_seconds
        with microphone, inbox, events:
            async with anyio.create_task_group() as tasks:
                self._tasks, self._inbox = tasks, inbox
                tasks.start_soon(_listen, frames, inbox.clone(), self._voice.vad, endpointer, preroll)
                task_status.started(Ends(microphone, inbox))
                async for event in events:
                    if isinstance(event, Left):
                        break
                    await self._handle(event)
                await self._stop()
                tasks.cancel_scope.cancel()

    async def _handle(self, event: Event) -> None:
        match event:
            case SpeechStarted():
                await self._hold()
                await self._screen.show_state("hearing")
            case SpeechDropped():
                self._growing = None
                await self._go_on()
            case Speaking():
                self._glance(event.utterance)
            case Utterance():
                self._growing = None
                self._untranscribed += 1
                await self._screen.show_state("thinking")
                await self._places.acquire()
                self._tasks.start_soon(self._transcribe, event)
            case Understood():
                self._untranscribed -= 1
                await self._weigh(event.transcript)
            case Typed():
                await self._take(event.text, spoken=False)
            case StopPressed():
                await self._stop()
            case SpeakReplies():
                self._speak_replies = event.on
            case MicrophoneOpened() | MicrophoneClosed():
                self._microphone_on = isinstance(event, MicrophoneOpened)
                await self._show_idle()
            case Announce():
                await self._screen.show_notice(event.level, event.code, event.text)
            case Left():
                pass  # ends the loop above

    # -- hearing ---------------------------------------------------------------------------------------------

    def _glance(self, so_far: Utterance) -> None:
        """Ask for interim text, unless the last question is not answered yet."""
        self._growing = so_far.started_at
        if self._interim_due and isinstance(self._voice.stt, InterimSpeechToText):
            self._interim_due = False
            self._tasks.start_soon(self._show_interim, self._voice.stt, so_far)

    async def _show_interim(self, stt: InterimSpeechToText, so_far: Utterance) -> None:
        try:
            text = await stt.interim(so_far)
            if self._growing == so_far.started_at:
                await self._screen.show_interim(text)
        except EngineError as exc:
            log.debug("no interim text", code=exc.code)  # for the eye only; the transcript does not need it
        finally:
            self._interim_due = True

    async def _transcribe(self, utterance: Utterance) -> None:
        async with self._transcribing:
            try:
                transcript = await self._voice.stt.transcribe(utterance)
            except AllRungsFailed as exc:
                await self._screen.show_notice("warning", exc.code, "I could not make that out. Please type it.")
                transcript = Transcript("")
        self._places.release()
        await self._screen.show_interim("")
        await self._inbox.send(Understood(transcript))

    async def _weigh(self, transcript: Transcript) -> None:
        """Was it words? And if a reply is under way: words for us?"""
        if transcript.engine == "typed":
            await self._screen.show_notice(
                "warning", "no-recogniser", "I hear that you speak, but no speech recogniser is working. Please type."
            )
        elif not transcript.text:
            if not self._replying:
                await self._screen.show_notice("info", "no-words", "I heard something, but no words in it.")
        elif not (self._replying and self._held and is_backchannel(transcript.text)):
            await self._take(transcript.text, spoken=True)
            return
        await self._go_on()

    async def _hold(self) -> None:
        if self._replying and not self._held:
            self._held = True
            await self._loudspeaker.pause()

    async def _go_on(self) -> None:
        if self._held:
            self._held = False
            await self._loudspeaker.resume()
        await self._show_idle()

    # -- answering -------------------------------------------------------------------------------------------

    async def _take(self, text: str, *, spoken: bool) -> None:
        """The user said something: extend the open turn, or begin one; then answer it."""
        await self._cut_reply()
        if self._turn.closed:
            self._turn = Turn()
        turn = self._turn
        turn.said.append(text)
        if spoken:
            turn.spoken.append(text)
            await self._screen.show_user(turn.id, " ".join(turn.spoken))
        self._reply = self._tasks.create_task(self._answer(turn))

    async def _answer(self, turn: Turn) -> None:
        """One reply. Trouble ends the turn, never the session."""
        await self._screen.show_state("thinking")
        turn.manner = turn.manner or (self._rate, self._volume)
        self._speak_at(*turn.manner)
        tts = self._voice.tts if self._speak_replies else self._voice.silent
        try:
            async with (
                aclosing(self._conversation.reply(turn.id, "\n".join(turn.said))) as reply,
                aclosing(self._words(reply)) as deltas,
                aclosing(sentences(deltas)) as lines,
            ):
                await speak(lines, tts, self._loudspeaker, rate=lambda: self._rate)
            heard = await self._loudspeaker.finish()
            turn.closed = True
            self._tasks.start_soon(self._settle, turn, heard, True)
        except (VoiceError, AllRungsFailed, EngineError) as exc:
            turn.closed = True
            log.warning("turn failed", code=exc.code)
            await self._screen.show_notice("error", exc.code, "That answer failed. Please ask again.")
        await self._screen.reply_ended()
        await self._show_idle(replying=False)

    async def _words(self, reply: AsyncIterable[str | Directive]) -> AsyncGenerator[str, None]:
        """The text of a reply; what else it asks for is carried out on the way."""
        async for item in reply:
            match item:
                case str():
                    yield item
                case SpeakingRate():
                    base = self._rate if item.relative else 1.0
                    self._speak_at(base * item.factor, self._volume)
                case Loudness():
                    base = self._volume if item.relative else 1.0
                    self._speak_at(self._rate, base * item.factor)
                case Quiet():
                    pass  # the reply that was to be silenced has been cancelled by these very words

    def _speak_at(self, rate: float, volume: float) -> None:
        self._rate = _within(SLOWEST, rate, FASTEST)
        self._volume = _within(QUIETEST, volume, LOUDEST)
        self._loudspeaker.set_volume(self._volume)

    @property
    def _replying(self) -> bool:
        return self._reply is not None and self._reply.status is TaskHandle.Status.PENDING

    async def _stop(self) -> None:
        """Be silent; whatever was not heard was not said."""
        if self._replying:
            await self._cut_reply()
            if not self._turn.closed:
                self._turn.closed = True
                self._tasks.start_soon(self._settle, self._turn, (), False)
        await self._show_idle()

    async def _cut_reply(self) -> None:
        """Stop it, see it gone, then clear the air. Its turn stays open if nothing of the answer was heard."""
        if self._reply is None or not self._replying:
            return
        self._reply.cancel()
        await self._reply.wait()
        self._held = False
        heard = await self._loudspeaker.interrupt()
        if not any(each.fraction > 0 for each in heard):
            await self._screen.reply_discarded()
        else:
            await self._screen.reply_ended()
            self._turn.closed = True
            self._tasks.start_soon(self._settle, self._turn, heard, False)

    async def _settle(self, turn: Turn, heard: tuple[Heard, ...], complete: bool) -> None:
        """Off the clock, and even when the user has left meanwhile."""
        try:
            with anyio.CancelScope(shield=True), anyio.move_on_after(SETTLING_SECONDS):
                await self._conversation.settle(turn.id, heard_text(heard), complete=complete)
        except EngineError as exc:
            log.warning("turn not remembered", code=exc.code, reason=exc.reason)
            await self._screen.show_notice("warning", exc.code, "I could not store what we just said.")

    async def _show_idle(self, *, replying: bool | None = None) -> None:
        """The state when nobody is speaking to us."""
        if self._untranscribed or (self._replying if replying is None else replying):
            return
        await self._screen.show_state("listening" if self._microphone_on else "ready")


def _within(low: float, value: float, high: float) -> float:
    return max(low, min(value, high))


async def _listen(
    frames: MemoryObjectReceiveStream[AudioFrame | MicrophoneClosed],
    heard: MemoryObjectSendStream[Any],  # an inbox takes more than a listener sends
    vad: VoiceActivityDetector,
    endpointer: Endpointer,
    preroll_seconds: float,
) -> None:
    await listen(frames, heard, vad, endpointer, preroll_seconds=preroll_seconds)
