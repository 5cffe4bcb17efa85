"""What is said while a reply is under way, and what becomes of the reply.

    sound ─▶ the reply pauses ┬─ no words within a moment, or "mm-hm" ─▶ it goes on where it stopped
                              ├─ "stop" ─▶ it is over
                              ├─ "wait" ─▶ it stays paused until "go on", or until other words come
                              └─ other words ─▶ they are the next turn

"Stop" and "wait" act as soon as they are made out, in the pause that may be the end or before; no language model is
asked. Where the house is set to let nothing break in, or keywords only, the reply sounds on; what was said meanwhile
is answered when it is over.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

import anyio
from anyio.abc import TaskGroup

from app.events import MadeOut, Understood
from app.replies import Replies
from app.turn import is_backchannel
from graph.intents import order_of
from resilience.errors import AllRungsFailed
from voice.protocols import SpeechToText
from voice.settings import BargeInSettings
from voice.types import Utterance

Bearing = Literal["nothing", "stop", "wait", "go-on", "words"]
"""What words mean for the reply that they fall into."""
Fate = Literal["take", "later", "nothing"]
"""Of an utterance: a turn, one that is answered when the reply is over, or no turn at all."""


def bearing(text: str) -> Bearing:
    """An order must be all that was said."""
    if is_backchannel(text) or not re.search(r"\w", text):
        return "nothing"
    return order_of(text) or "words"


def names_any(text: str, keywords: Sequence[str]) -> bool:
    """Whether one of them is said, as whole words."""
    said = " ".join(re.findall(r"[\w'-]+", text.lower()))
    return any(f" {each.lower()} " in f" {said} " for each in keywords)


class BargeIn:
    """Of one session."""

    def __init__(
        self,
        tasks: TaskGroup,
        *,
        settings: BargeInSettings,
        stt: SpeechToText,
        looks: anyio.CapacityLimiter,
        replies: Replies,
        tell: Callable[[MadeOut], Awaitable[None]],
    ) -> None:
        """`looks`: how many may look into unfinished speech at once, in the whole house. `tell`: to the inbox."""
        self._tasks = tasks
        self.mode = settings.mode
        """May be set at any time."""
        self._keywords = settings.keywords
        self._moment = settings.moment_seconds
        self._stt = stt
        self._looks = looks
        self._replies = replies
        self._tell = tell
        self._current: float | None = None
        """The start of the utterance that is being spoken."""
        self._look_at = 0.0
        self._is_noise = False
        """Whether no words were found in it so far."""
        self._asked_to_wait = False
        self.later: list[Understood] = []
        """What was said during a reply that it could not break into."""

    @property
    def waits(self) -> bool:
        """Whether the reply is paused at the user's word."""
        return self._asked_to_wait and self._replies.held

    @property
    def aside(self) -> bool:
        """Whether a reply sounds on although somebody speaks, or would."""
        return self.mode != "on" and self._replies.begun and not self._replies.held

    async def begins(self, at: float) -> None:
        """Somebody speaks, or a noise."""
        self._current, self._look_at, self._is_noise = at, self._moment, False
        if not self.aside:
            await self._replies.hold()

    async def resumes(self) -> None:
        """They had only paused."""
        if not self.aside and not self._is_noise:
            await self._replies.hold()

    def grows(self, so_far: Utterance) -> None:
        """Long enough without an end: are there words in it? Asked again whenever it has grown to twice its length."""
        seconds = so_far.ended_at - so_far.started_at
        if not self._replies.begun or seconds < self._look_at or self._looks.available_tokens < 1:
            return
        self._look_at = 2 * seconds
        self._tasks.start_soon(self._look, so_far)

    def ended(self) -> None:
        self._current = None

    async def made_out(self, event: MadeOut) -> None:
        """What there is of an utterance that may not be over."""
        if event.started_at != self._current or not self._replies.begun:
            return
        match bearing(event.text):
            case "stop" if self.mode != "off":
                await self._replies.stop()
            case "wait" if self.mode != "off":
                await self._wait()
            case "nothing":
                self._is_noise = True
                await self.go_on()
            case _:
                self._is_noise = False
                if self.mode == "on" or (self.mode == "keyword" and names_any(event.text, self._keywords)):
                    await self._replies.hold()

    async def weigh(self, event: Understood) -> Fate:
        """The utterance is over: is it a turn, now or later, or was that all?"""
        text = event.transcript.text
        if not self._replies.going:
            return "take"
        meaning = bearing(text)
        match meaning:
            case "nothing":
                return "nothing"
            case "go-on" if self.waits:
                self._asked_to_wait = False
                return "nothing"
            case "wait" if self._replies.begun and self.mode != "off":
                await self._wait()
                return "nothing"
            case "stop" if self.mode != "off":
                await self._replies.stop()
                return "take"
            case _:
                pass
        may = self.mode == "on" or (self.mode == "keyword" and names_any(text, self._keywords))
        if may or self._replies.held or not self._replies.begun:
            return "take"
        self.later.append(event)
        return "later"

    async def go_on(self) -> None:
        """Nothing came of it. A reply that was asked to wait does."""
        if not self.waits:
            await self._replies.go_on()

    async def _wait(self) -> None:
        self._asked_to_wait = True
        await self._replies.hold()

    async def _look(self, so_far: Utterance) -> None:
        async with self._looks:
            try:
                transcript = await self._stt.transcribe(so_far)
            except AllRungsFailed:
                return
        await self._tell(MadeOut(transcript.text, so_far.started_at))
