"""When a session sleeps, heeding only the wake word or a button, and when it is awake.

    awake ─┬ "go to sleep", the sleep button ──────────────────────────────────────▶ asleep
           ├ a word is chosen, and for the follow-up window nobody said anything ──▶ asleep
           ├ a word is chosen, and the microphone closes ──────────────────────────▶ asleep
           └ a word is chosen by somebody who is awake ────────────────────────────▶ awake, for the window
    asleep ┬ the word is said; the talk button, the wake button, something typed ──▶ awake, for the window
           ├ the word is given up, and nobody had asked for sleep ─────────────────▶ awake
           └ nobody can listen for the word, and nobody had asked for sleep ───────▶ awake, and the user is told

The follow-up window begins when an answer has been heard, anew with each; after one that asks something it is longer.
A session begins asleep where a word is chosen, unless its user comes from another conversation by word.
Somebody who asks for sleep and has chosen no word is told one: else a person without hands could not come back.
"""

import math
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import structlog

from app.desk_words import say
from app.ends import Screen
from app.events import Mention, NobodySpoke, WakeAsked
from app.notices import because
from app.own_manner import OwnManner
from resilience.errors import EngineError
from voice.wake.opening import OpenWakeWord
from voice.wake.watch import Watch
from voice.wake.words import USUAL, Sensitivity, WordName, holds, said

log = structlog.get_logger(__name__)

_Wanted = tuple[WordName, Sensitivity]

AT_LEAST_SECONDS: Final = 8.0
"""To begin to speak for somebody who has just woken it."""
ANSWERING_SECONDS: Final = 60.0
"""To find an answer to what the assistant has asked."""
AGAIN_SECONDS: Final = 0.5
"""The window is over, and something is under way."""


class Sleeping:
    """Of one session. What the ear hears is decided by `watch`."""

    def __init__(
        self,
        manner: OwnManner,
        watch: Watch,
        *,
        open_word: OpenWakeWord,
        screen: Screen,
        busy: Callable[[], bool],
        asked: Callable[[], bool],
        mention: Callable[[str], None],
        tell: Callable[[NobodySpoke | WakeAsked | Mention], Awaitable[None]],
    ) -> None:
        """`busy`: somebody speaks, or is being answered. `asked`: whether the last thing that was said to the user is
        a question. `mention`: what should be said as soon as nobody speaks. `tell`: to the inbox.
        """
        self._manner = manner
        self._watch = watch
        self._open_word = open_word
        self._screen = screen
        self._busy = busy
        self._has_asked = asked
        self._mention = mention
        self._tell = tell
        self._is_sent = False
        """Whether the user asked it to sleep."""
        self._due = math.inf
        self._news = anyio.Event()
        self._heeds: _Wanted | None = None
        self._unheard: _Wanted | None = None
        """What nobody could listen for."""
        watch.guards = self._chosen is not None
        if watch.guards and manner.seconds_to_go_on:
            self._begin_window(manner.seconds_to_go_on)
        elif watch.guards:
            watch.sleep()

    @property
    def _chosen(self) -> WordName | None:
        name = self._manner.now.wake_word
        return None if name == "none" else name

    @property
    def _wanted(self) -> _Wanted | None:
        name = self._chosen or (USUAL if self._is_sent else None)
        return None if name is None else (name, self._manner.now.sensitivity)

    def is_named_in(self, text: str) -> bool:
        """Whether who says this says the word."""
        return bool(text) and self._heeds is not None and holds(text, self._heeds[0])

    async def keep(self) -> None:
        """Run beside the session."""
        while True:
            news = self._news
            await self._heed()
            with anyio.move_on_at(self._due):
                await news.wait()
            if anyio.current_time() >= self._due:
                self._due = math.inf
                await self._tell(NobodySpoke())

    def asked(self) -> None:
        """The user wants it to sleep."""
        self._is_sent = True
        self._fall_asleep()
        if self._chosen is None:
            self._mention(say(self._manner.tongue, "to-wake", word=said(USUAL)))

    def wake(self) -> None:
        """The user wants to be heard."""
        self._is_sent = False
        self._watch.wake()
        self.stays_awake()

    def stays_awake(self) -> None:
        """The user has just turned to us: they may be about to speak."""
        self._begin_window(max(self._manner.now.follow_up_seconds, AT_LEAST_SECONDS))

    def answered(self) -> None:
        """Something was said to the user, to its end."""
        seconds = self._manner.now.follow_up_seconds
        self._begin_window(max(seconds, ANSWERING_SECONDS) if self._has_asked() else seconds)

    def window_is_over(self) -> None:
        if self._busy():
            self._begin_window(AGAIN_SECONDS)
        elif self._watch.guards:
            self._fall_asleep()

    def manner_changed(self) -> None:
        """Something else may have been chosen."""
        guards = self._chosen is not None and self._wanted != self._unheard
        if guards != self._watch.guards:
            self._watch.guards = guards
            if not self._is_sent:
                self.wake()
        self._tell_keeper()

    def _begin_window(self, seconds: float) -> None:
        awake = self._watch.guards and not self._watch.asleep
        self._due = anyio.current_time() + seconds if awake else math.inf
        self._tell_keeper()

    def _fall_asleep(self) -> None:
        self._due = math.inf
        self._watch.sleep()
        self._tell_keeper()

    def _tell_keeper(self) -> None:
        self._news.set()
        self._news = anyio.Event()

    async def _heed(self) -> None:
        """Have somebody listen for the word that is wanted."""
        wanted = self._wanted
        if wanted is not None and wanted in (self._heeds, self._unheard):
            return
        self._heeds, self._unheard = wanted, None
        self._watch.heed(None)
        if wanted is None:
            return
        try:
            heeded = await self._open_word(*wanted)
        except EngineError as exc:
            self._heeds, self._unheard = None, wanted
            await self._nobody_listens(wanted[0], exc)
        else:
            self._watch.heed(heeded)

    async def _nobody_listens(self, name: WordName, exc: EngineError) -> None:
        log.warning("nobody listens for the wake word", word=name, code=exc.code, reason=exc.reason)
        self._watch.guards = False
        key = "word-unheard-asleep" if self._is_sent else "word-unheard"
        shown, spoken = (
            say(each, key, word=said(name), reason=because(each, exc))
            for each in (self._manner.language, self._manner.tongue)
        )
        await self._screen.show_notice("error", "wake-word", shown)
        if not self._is_sent:
            await self._tell(WakeAsked())
            await self._tell(Mention(spoken))
