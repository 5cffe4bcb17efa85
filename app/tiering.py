"""What one user can do just now, kept and told: to the page at once, to ear and thread as soon as nobody speaks."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import anyio
import structlog
from anyio.abc import TaskGroup

from app.ends import Meters, Screen, Voice
from app.events import BrowserCan, MeansChanged, PageCame, Tick
from app.notices import tell, told
from app.own_manner import OwnManner
from voice.tiers import Tier, TierChange, VoiceFallback
from voice.types import Reason

log = structlog.get_logger(__name__)

TICK_SECONDS: Final = 0.05
"""Later than the moment itself, so that it has come."""


class Tiering:
    def __init__(
        self,
        tasks: TaskGroup,
        *,
        voice: Voice,
        screen: Screen,
        manner: OwnManner,
        meters: Meters,
        mention: Callable[[str], None],
        tell: Callable[[Tick], Awaitable[None]],
    ) -> None:
        """`mention`: what should also be said and kept; on a thread that is empty the page is enough. `tell`: to the
        inbox.
        """
        self._tasks = tasks
        self._voice = voice
        self._screen = screen
        self._manner = manner
        self._meters = meters
        self._mention = mention
        self._tell_later = tell
        self._fallback = VoiceFallback(voice.means(), steady_seconds=voice.steady_seconds)
        self._fallback.update(choice=manner.now.choice)
        self._tick_is_due = False

    @property
    def shown(self) -> Tier:
        return self._fallback.shown

    @property
    def why(self) -> tuple[Reason, ...]:
        """No more than that."""
        return self._fallback.why

    async def update(self) -> None:
        """An engine may have come or gone."""
        await self._tell(self._fallback.update(ladders=self._voice.means()))

    async def choose(self, choice: Tier) -> None:
        await self._tell(self._fallback.update(choice=choice))

    async def handle(self, event: PageCame | BrowserCan | MeansChanged | Tick) -> None:
        fallback = self._fallback
        match event:
            case PageCame():
                await self._tell(fallback.update(browser=event.browser, ladders=self._voice.means()))
                await self.show()
            case BrowserCan():
                await self._tell(fallback.browser_can(hears=event.hears, speaks=event.speaks))
            case MeansChanged() | Tick():
                await self.update()

    async def show(self) -> None:
        """To a page that does not know it yet, or is to know it in other words."""
        await self._show(self._fallback.shown, self._fallback.why, None)

    async def _show(self, tier: Tier, why: Sequence[Reason], change: TierChange | None) -> None:
        await self._screen.show_tier(tier, told(self._manner.language, *why), change)

    async def _tell(self, change: TierChange | None) -> None:
        soon = self._fallback.seconds_to_tick
        if soon is not None and not self._tick_is_due:
            self._tick_is_due = True
            self._tasks.start_soon(self._tick_in, soon + TICK_SECONDS)
        if change is None:
            return
        log.info("tier changed", before=change.before.word, after=change.after.word, reason=told("en", *change.why))
        self._meters.tier_changed(change.before, change.after)
        await self._show(change.after, change.why, change)
        if not change.chosen:
            self._mention(" ".join(tell(self._manner.tongue, each) for each in change.news))

    async def _tick_in(self, seconds: float) -> None:
        await anyio.sleep(seconds)
        self._tick_is_due = False
        await self._tell_later(Tick())
