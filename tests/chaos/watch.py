"""Looks at the app from outside while everything breaks: is the tier that is shown true, and when is it back?"""

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

import anyio
import httpx

from tests.chaos.person import NETWORK, Person
from tests.chaos.running import App
from tests.made.client import Client, a_tab
from voice.tiers import Tier, tier_of

LOOK_SECONDS: Final = 0.5
STANDING_SECONDS: Final = 6.0
"""So long a state of the house must have held before a page that shows another is wrong: the page says a recovery after
three, and a change and its opposite between two looks, which only the page has seen, start that wait anew.
"""
TIERS: Final = {tier.word: tier for tier in Tier}
Direction = Literal["hears", "speaks"]


@dataclass(frozen=True, slots=True)
class Wrong:
    who: str
    shown: str
    true: str
    seconds: float
    """For so long it had been true."""
    at: float
    """Seconds into the run."""


@dataclass
class Watch:
    """A tab that only looks, beside those of the people; and the health page."""

    app: App
    people: Iterable[Person] = ()
    wrong: list[Wrong] = field(default_factory=list)
    tab: Client | None = None
    began: float = field(default_factory=time.monotonic)
    _wrong_now: set[str] = field(default_factory=set)
    _tier: Tier | None = None
    _since: float = 0.0

    async def look(self) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._sit)
            tasks.start_soon(self._compare)

    async def _sit(self) -> None:
        while True:
            await self.app.up()
            with suppress(*NETWORK):
                async with a_tab(self.app.url, spoken=True) as tab:
                    self.tab = tab
                    try:
                        await _gone(tab)
                    finally:
                        self.tab = None
            await anyio.sleep(0.3)

    async def _compare(self) -> None:
        async with httpx.AsyncClient(base_url=self.app.url, timeout=LOOK_SECONDS * 4) as client:
            while True:
                await anyio.sleep(LOOK_SECONDS)
                self.app.weigh()
                try:
                    told = (await client.get("/health/ready")).json()
                except (httpx.HTTPError, ValueError):
                    told = {}
                self._learn(TIERS.get(str(told.get("tier", "")).lower().replace("_", "-")))

    def _learn(self, tier: Tier | None) -> None:
        now = time.monotonic()
        if tier is not self._tier or not self.app.is_up:
            self._tier, self._since = tier, now
            self._wrong_now.clear()
        stood = now - self._since
        if tier is None or stood < STANDING_SECONDS:
            return
        everybody = [("onlooker", self.tab, "full")] + [(f"person {p.number}", p.tab, p.choice) for p in self.people]
        for who, tab, choice in everybody:
            told_at = _told_at(tab)
            if tab is None or told_at is None or now - told_at < STANDING_SECONDS:
                continue  # a change and its opposite between two looks start the wait anew
            wanted = TIERS[choice]
            true = tier_of(hears=tier.hears and wanted.hears, speaks=tier.speaks and wanted.speaks)
            shown = tab.tiers[-1]["tier"]
            if shown == true.word:
                self._wrong_now.discard(who)
            elif who not in self._wrong_now:
                self._wrong_now.add(who)
                self.wrong.append(Wrong(who, shown, true.word, stood, now - self.began))

    def shows(self, direction: Direction) -> bool | None:
        """Whether the onlooker is told that it works; None while nothing is known."""
        if self.tab is None or not self.tab.tiers:
            return None
        tier = TIERS[self.tab.tiers[-1]["tier"]]
        return tier.hears if direction == "hears" else tier.speaks

    async def climbs(self, direction: Direction, within: float) -> float | None:
        """Seconds until the onlooker is told that it works again; None if that takes longer."""
        began = time.monotonic()
        with anyio.move_on_after(within):
            while not self.shows(direction):
                await anyio.sleep(0.1)
            return time.monotonic() - began
        return None


def _told_at(tab: Client | None) -> float | None:
    """When it was shown a tier last."""
    return next((each.at for each in reversed(tab.seen if tab else []) if each.kind == "tier"), None)


async def _gone(tab: Client) -> None:
    while tab.connected:
        with anyio.move_on_after(LOOK_SECONDS):
            await tab.lost()
