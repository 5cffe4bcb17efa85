"""The screen of a page as the session sees it, and the way to its loudspeaker: spoken to through Chainlit and our page.

Must be made, and its methods called, inside a Chainlit context (a session's task inherits the one it was started from).
"""

from datetime import datetime
from typing import Literal, cast

import chainlit as cl
from chainlit.chat_context import chat_contexts
from chainlit.context import context
from chainlit.data import get_data_layer
from chainlit.utils import utc_now

from app import wire
from app.events import Level, State
from app.history import HistoryFailed
from app.manner import Manner, TierWord
from app.turn import Offer, SayingId
from graph.types import TurnId
from voice.tiers import Tier, TierChange

ASSISTANT = "Nightingale"


class PageScreen:
    """What is written: the user's words, states, notices, and the reply, sentence by sentence."""

    def __init__(self) -> None:
        self.away_since: float | None = None
        """When the connection to the page was lost, on the monotonic clock; None while it is there."""
        self._users_message: tuple[TurnId, cl.Message] | None = None
        self._turns: dict[TurnId, list[cl.Message]] = {}
        """What was shown of the last two that were spoken: their words, and the answer."""
        self._reply: cl.Message | None = None
        self._state: State = "ready"
        self._detail = ""
        self._named = self._voice_is_on = self._is_named_for_now = False

    @property
    def _thread_is_named(self) -> bool:
        """By us, or since long ago: Chainlit finds that out while the page is already talking to us."""
        return self._named or (context.session.has_first_interaction and not self._voice_is_on)

    def voice_began(self) -> None:
        """Keep Chainlit from saving a thread called "audio" when the microphone closes before a word was said."""
        self._named, self._voice_is_on = self._thread_is_named, True
        context.session.has_first_interaction = True

    async def open_microphone(self) -> None:
        """The page opens its microphone."""
        self.voice_began()
        await context.emitter.update_audio_connection("on")

    async def close_microphone(self) -> None:
        """The page closes its microphone."""
        await context.emitter.update_audio_connection("off")

    def voice_ended(self) -> None:
        context.session.has_first_interaction = self._named
        self._voice_is_on = False

    async def name_thread(self, title: str, *, for_now: bool = False) -> None:
        """A thread is saved from its first word, spoken or typed, and under that word. `for_now`: until the user says
        one, where we began.
        """
        if not self._thread_is_named or (self._is_named_for_now and not for_now):
            self._named = context.session.has_first_interaction = True
            self._is_named_for_now = for_now
            await context.emitter.init_thread(title)

    async def name_thread_again(self) -> None:
        """To a page that has come back: it may have been away when its thread was named, and would lose it."""
        if self._thread_is_named:
            told = {"interaction": "resume", "thread_id": context.session.thread_id}
            await context.emitter.emit("first_interaction", told)

    async def send(self, message: wire.FromServer) -> None:
        await context.emitter.send_window_message(message.model_dump(mode="json"))

    async def sound(self, track: str, pcm: bytes) -> None:
        await context.emitter.send_audio_chunk(cl.OutputAudioChunk(mimeType="pcm16", track=track, data=pcm))

    async def show_user(self, turn: TurnId, text: str) -> None:
        await self.reply_ended()
        if self._users_message is not None and self._users_message[0] == turn:
            shown = self._users_message[1]
            shown.content = text
            await shown.update()
        else:
            await self.name_thread(text)
            author = context.session.user.identifier if context.session.user else "You"
            shown = cl.Message(content=text, type="user_message", author=author, id=turn, metadata={"turn": turn})
            self._users_message = (turn, shown)
            self._turns = {**dict([*self._turns.items()][-1:]), turn: [shown]}
            await shown.send()
        _let_go_of_messages()
        await self.send(wire.Caption(text=text, speaker="user"))

    async def show_reply(self, sentence: str) -> None:
        if self._reply is None:
            await self.name_thread(f"{datetime.now().astimezone():%d %B %Y, %H:%M}", for_now=True)
            # without a time of its own it has that of its end, and stands behind what cut it
            self._reply = cl.Message(content="", author=ASSISTANT, created_at=utc_now())
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
        if self._users_message is not None and len(turn := self._turns.get(self._users_message[0], [])) == 1:
            turn.append(reply)
        return self.away_since is None or await _is_kept(reply)

    async def reply_discarded(self) -> None:
        if self._reply is not None:
            reply, self._reply = self._reply, None
            await reply.remove()

    async def withdraw(self, turn: TurnId) -> None:
        for message in self._turns.pop(turn, ()):
            await message.remove()
        _let_go_of_messages()

    async def go(self, thread: str) -> None:
        await self.send(wire.Go(thread=thread))

    async def mute(self) -> None:
        await self.send(wire.Muted())

    async def renamed(self, title: str) -> None:
        """The sidebar asks for its list anew when it hears of a first word."""
        told = {"interaction": title, "thread_id": context.session.thread_id}
        await context.emitter.emit("first_interaction", told)

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
        await self.send(wire.Preferences(manner=manner))

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
