"""The browser as the session sees it: a screen and a loudspeaker, spoken to through Chainlit and our page.

Must be made, and its methods called, inside a Chainlit context (a session's task inherits the one it was started from).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast
from uuid import uuid4

import anyio
import chainlit as cl
import numpy as np
import soxr
from chainlit.chat_context import chat_contexts
from chainlit.context import context
from chainlit.data import get_data_layer

from app import wire
from app.events import Level, State
from app.history import HistoryFailed
from app.manner import Manner, TierWord
from app.playback import Playback
from app.turn import Offer, SayingId
from graph.types import TurnId
from voice.tiers import Tier, TierChange
from voice.types import AudioFrame, Heard

AHEAD_SECONDS = 0.4
"""How much sound may lie in the browser unheard: enough for a hiccup of the network, little to throw away."""
REPORT_SECONDS = 0.5
"""How long the page may take to say what was heard."""
USUAL_SECONDS_PER_CHARACTER = 0.065
"""Until a voice has said its first sentence: about 165 words a minute."""
ASSISTANT = "Nightingale"


class PageScreen:
    """What is written: the user's words, states, notices, and the reply, sentence by sentence."""

    def __init__(self) -> None:
        self.away_since: float | None = None
        """When the connection to the page was lost, on the monotonic clock; None while it is there."""
        self._users_message: tuple[TurnId, cl.Message] | None = None
        self._reply: cl.Message | None = None
        self._state: State = "ready"
        self._detail = ""
        self._named = self._voice_is_on = False

    @property
    def _thread_is_named(self) -> bool:
        """By us, or since long ago: Chainlit finds that out while the page is already talking to us."""
        return self._named or (context.session.has_first_interaction and not self._voice_is_on)

    def voice_began(self) -> None:
        """Keep Chainlit from saving a thread called "audio" when the microphone closes before a word was said."""
        self._named, self._voice_is_on = self._thread_is_named, True
        context.session.has_first_interaction = True

    def voice_ended(self) -> None:
        context.session.has_first_interaction = self._named
        self._voice_is_on = False

    async def name_thread(self, title: str) -> None:
        """A thread is saved from its first word, spoken or typed, and under that word."""
        if not self._thread_is_named:
            self._named = context.session.has_first_interaction = True
            await context.emitter.init_thread(title)

    async def name_thread_again(self) -> None:
        """To a page that has come back: it may have been away when its thread was named, and would lose it."""
        if self._thread_is_named:
            told = {"interaction": "resume", "thread_id": context.session.thread_id}
            await context.emitter.emit("first_interaction", told)

    async def send(self, message: wire.FromServer) -> None:
        await context.emitter.send_window_message(message.model_dump())

    async def show_user(self, turn: TurnId, text: str) -> None:
        await self.reply_ended()
        if self._users_message is not None and self._users_message[0] == turn:
            shown = self._users_message[1]
            shown.content = text
            await shown.update()
            _let_go_of_messages()
            return
        await self.name_thread(text)
        author = context.session.user.identifier if context.session.user else "You"
        shown = cl.Message(content=text, type="user_message", author=author, id=turn, metadata={"turn": turn})
        self._users_message = (turn, shown)
        await shown.send()
        _let_go_of_messages()

    async def show_reply(self, sentence: str) -> None:
        if self._reply is None:
            await self.name_thread(
                f"{datetime.now().astimezone():%d %B %Y, %H:%M}"
            )  # where there was no word to name it
            self._reply = cl.Message(content="", author=ASSISTANT)
            await self._reply.stream_token(sentence)
        else:
            await self._reply.stream_token(f" {sentence}")
        await self.send(wire.Caption(text=sentence))

    async def reply_ended(self) -> bool:
        if self._reply is None:
            return True
        reply, self._reply = self._reply, None
        await reply.send()
        _let_go_of_messages()
        return self.away_since is None or await _is_kept(reply)

    async def reply_discarded(self) -> None:
        if self._reply is not None:
            reply, self._reply = self._reply, None
            await reply.remove()

    async def show_interim(self, text: str, tentative: str = "") -> None:
        await self.send(wire.Interim(text=text, tentative=tentative))

    async def show_state(self, state: State, detail: str = "") -> None:
        if (state, detail) != (self._state, self._detail):
            self._state, self._detail = state, detail
            await self.show_state_again()

    async def show_state_again(self) -> None:
        """To a page that has just (re)connected."""
        await self.send(wire.Status(state=self._state, detail=self._detail))

    async def show_tier(self, tier: Tier, why: str, change: TierChange | None) -> None:
        became: Literal["none", "chosen", "up", "down"] = "none"
        if change is not None:
            became = "chosen" if change.chosen else "up" if change.is_recovery else "down"
        await self.send(wire.Tier(tier=_word(tier), why=why, change=became))

    async def show_manner(self, manner: Manner) -> None:
        shown = wire.Preferences(
            choice=manner.tier, patience=manner.patience, ending=manner.ending, barge_in=manner.barge_in
        )
        await self.send(shown)

    async def offer(self, offer: Offer) -> None:
        shown = wire.Offer(saying=offer.saying, text=offer.text, seconds=offer.seconds, reason=offer.reason)
        await self.send(shown)

    async def offer_is_gone(self, saying: SayingId) -> None:
        await self.send(wire.OfferGone(saying=saying))

    async def show_notice(self, level: Level, code: str, text: str) -> None:
        await self.send(wire.Notice(level=level, code=code, text=text))


def _let_go_of_messages() -> None:
    """Chainlit keeps every message, for callbacks that we do not have, for as long as the process lives."""
    chat_contexts.pop(context.session.id, None)


async def _is_kept(message: cl.Message) -> bool:
    """Chainlit does not wait to see whether it could be written down, so it is written once more."""
    history = get_data_layer()
    assert history is not None
    try:
        await history.create_step(message.to_dict())
    except HistoryFailed:
        return False
    return True


def _word(tier: Tier) -> TierWord:
    return cast(TierWord, tier.word)


@dataclass(slots=True)
class _Segment:
    """One sentence on its way to the ear; a track of its own in the page's player."""

    track: str
    sentence: str
    sent: int = 0
    """Samples handed to the page, and below, samples that really sounded."""
    sounded: int = 0
    whole: bool = False
    """Whether all of its sound has been handed over."""
    over: bool = False
    """Whether no more of it will sound."""
    began_at: float | None = None
    """When its first sample was heard, as far as was told."""

    def heard(self, samples_per_character: float) -> Heard:
        """What has sounded, as a share of what the sentence is, or would have been."""
        if not self.sent:
            return Heard(self.sentence, 1.0)
        length = self.sent if self.whole else max(self.sent, samples_per_character * len(self.sentence))
        return Heard(self.sentence, min(1.0, self.sounded / length), self.began_at)


class PageLoudspeaker:
    """Speech goes to the page as 24 kHz PCM16, a little ahead of what sounds; the page reports what did."""

    def __init__(self, screen: PageScreen) -> None:
        self._screen = screen
        self.playback = Playback()
        self._segments: list[_Segment] = []
        self._resamplers: dict[int, soxr.ResampleStream] = {}
        self._samples_per_character = USUAL_SECONDS_PER_CHARACTER * wire.PLAYBACK_RATE
        self._gain = 1.0
        self._audible = True
        self._sounding_until = 0.0
        self._go = anyio.Event()
        self._go.set()
        self._reported = anyio.Event()

    def set_volume(self, gain: float) -> None:
        self._gain = gain

    def output(self, state: str) -> None:
        """The page says whether it can be heard at all."""
        self._audible = state == "running"

    def playing(self, report: wire.Playing) -> None:
        """The page says how much of a track has sounded. No two clocks are compared: when it began is told as a length
        of time, to which the way of the message adds, so that it is never taken for earlier than it was.
        """
        for segment in self._segments:
            if segment.track == report.track:
                segment.sounded = min(segment.sent, max(segment.sounded, report.samples))
                segment.over = report.state in ("ended", "flushed")
                if segment.began_at is None and report.samples:
                    ago = report.samples / wire.PLAYBACK_RATE if report.ago is None else report.ago
                    segment.began_at = anyio.current_time() - ago
        self.playback.at(report.track, report.samples)
        self._reported.set()
        self._reported = anyio.Event()

    async def begin(self, sentence: str) -> None:
        await self._go.wait()
        await self._end_track()
        self._segments.append(_Segment(uuid4().hex, sentence))
        await self._screen.show_reply(sentence)

    async def play(self, frame: AudioFrame) -> None:
        if not self._segments[-1].sent:
            await self._screen.show_state("speaking")
        await self._go.wait()
        now = anyio.current_time()
        self._sounding_until = max(self._sounding_until, now) + frame.seconds
        await self._send(self._at_playback_rate(frame))
        await anyio.sleep(max(0.0, self._sounding_until - now - AHEAD_SECONDS))

    async def pause(self) -> None:
        self._go = anyio.Event()
        self._paused_at = anyio.current_time()
        self.playback.pause()
        await self._screen.send(wire.Player(do="pause"))

    async def resume(self) -> None:
        self._sounding_until += anyio.current_time() - self._paused_at
        self._go.set()
        self.playback.resume()
        await self._screen.send(wire.Player(do="resume"))
        if self._segments:
            await self._screen.show_state("speaking")

    async def finish(self) -> tuple[Heard, ...]:
        await self._end_track()
        while self._audible and any(segment.sent and not segment.over for segment in self._segments):
            await self._go.wait()
            left = max(0.0, self._sounding_until - anyio.current_time()) + REPORT_SECONDS
            reported = self._reported
            with anyio.move_on_after(left) as patience:
                await reported.wait()
            if patience.cancelled_caught and self._go.is_set():
                break  # the page is gone, or may not sound: what it said so far is what we know
        return self._clear()

    async def interrupt(self) -> tuple[Heard, ...]:
        with anyio.CancelScope(shield=True), anyio.move_on_after(REPORT_SECONDS):
            reported = self._reported
            await self._screen.send(wire.Player(do="flush"))
            while self._audible and any(segment.sent and not segment.over for segment in self._segments):
                await reported.wait()
                reported = self._reported
        self._go.set()
        self._sounding_until = 0.0
        return self._clear()

    def _clear(self) -> tuple[Heard, ...]:
        heard = tuple(
            segment.heard(self._samples_per_character) if self._audible else Heard(segment.sentence, 1.0)
            for segment in self._segments
        )
        self._segments.clear()
        self.playback.clear()
        self._resamplers.clear()
        return heard

    def _at_playback_rate(self, frame: AudioFrame, *, last: bool = False) -> bytes:
        rate = frame.sample_rate
        samples = np.frombuffer(frame.pcm, np.int16)
        if rate != wire.PLAYBACK_RATE:
            if rate not in self._resamplers:
                self._resamplers[rate] = soxr.ResampleStream(rate, wire.PLAYBACK_RATE, 1, dtype="int16")
            samples = self._resamplers[rate].resample_chunk(samples, last=last)
        if self._gain != 1.0:
            samples = np.clip(samples.astype(np.float32) * self._gain, -32768, 32767).astype(np.int16)
        return samples.tobytes()

    async def _send(self, pcm: bytes) -> None:
        if pcm:
            segment = self._segments[-1]
            segment.sent += len(pcm) // 2
            self.playback.sent(segment.track, pcm)
            chunk = cl.OutputAudioChunk(mimeType="pcm16", track=segment.track, data=pcm)
            await context.emitter.send_audio_chunk(chunk)

    async def _end_track(self) -> None:
        if not self._segments or not self._segments[-1].sent:
            return
        for rate in tuple(self._resamplers):
            await self._send(self._at_playback_rate(AudioFrame(b"", rate), last=True))
            del self._resamplers[rate]
        segment = self._segments[-1]
        if not segment.whole:
            segment.whole = True
            self._samples_per_character = segment.sent / len(segment.sentence)
            await self._screen.send(wire.Player(do="ending", track=segment.track))
