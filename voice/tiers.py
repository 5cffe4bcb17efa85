"""The four-tier manager: what the user can do now, by what means there are, and whether they were told.

The tier itself is a function of three things (the ladders, the browser, the user's choice) and never stored. What is
kept is only what was last announced: a way down is told at once, a way up when it has held for a while.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Literal

import anyio

from voice.types import Reason

News = Literal["hearing-lost", "voice-lost", "hearing-back", "voice-back"]


class Tier(IntEnum):
    FULL = 1
    STT_ONLY = 2
    TTS_ONLY = 3
    TEXT = 4

    @property
    def meaning(self) -> str:
        return _MEANING[self]

    @property
    def hears(self) -> bool:
        return self in (Tier.FULL, Tier.STT_ONLY)

    @property
    def speaks(self) -> bool:
        return self in (Tier.FULL, Tier.TTS_ONLY)

    @property
    def word(self) -> str:
        """As pages and JSON write it: `full`, `stt-only` …"""
        return self.name.lower().replace("_", "-")


_MEANING = {
    Tier.FULL: "speak and be spoken to",
    Tier.STT_ONLY: "speak, and read the answer",
    Tier.TTS_ONLY: "type, and be spoken to",
    Tier.TEXT: "type and read",
}


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether one direction works, and if not, why."""

    works: bool = True
    why_not: Reason | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """Two abilities: of the ladders, or of the browser."""

    hears: Ability = Ability()
    speaks: Ability = Ability()


@dataclass(frozen=True, slots=True)
class TierChange:
    before: Tier
    after: Tier
    why: tuple[Reason, ...]
    """None on the way up."""
    chosen: bool = False
    """Whether it is what the user asked for just now."""

    @property
    def is_recovery(self) -> bool:
        return not self.chosen and not self._lost_hearing and not self._lost_voice

    @property
    def news(self) -> tuple[News, ...]:
        """For the ear and for the thread's history."""
        told: list[News] = []
        if self._lost_hearing:
            told.append("hearing-lost")
        if self._lost_voice:
            told.append("voice-lost")
        if self.after.hears and not self.before.hears:
            told.append("hearing-back")
        if self.after.speaks and not self.before.speaks:
            told.append("voice-back")
        return tuple(told)

    @property
    def _lost_hearing(self) -> bool:
        return self.before.hears and not self.after.hears

    @property
    def _lost_voice(self) -> bool:
        return self.before.speaks and not self.after.speaks


def tier_of(*, hears: bool, speaks: bool) -> Tier:
    match hears, speaks:
        case True, True:
            return Tier.FULL
        case True, False:
            return Tier.STT_ONLY
        case False, True:
            return Tier.TTS_ONLY
        case _:
            return Tier.TEXT


class VoiceFallback:
    """One user's tier. Synchronous; whoever feeds it tells the user what `update` and `tick` give back."""

    def __init__(
        self,
        ladders: Means | None = None,
        *,
        steady_seconds: float = 3.0,
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        self._ladders = ladders or Means()
        self._browser = Means()
        self._choice = Tier.FULL
        self._steady_seconds = steady_seconds
        self._clock = clock
        self._shown = self.tier
        self._works_again_since: dict[str, float] = {}
        """For each direction that was told to be lost and works again."""

    @property
    def tier(self) -> Tier:
        """What the user can do at this moment."""
        return tier_of(
            hears=self._choice.hears and self._ladders.hears.works and self._browser.hears.works,
            speaks=self._choice.speaks and self._ladders.speaks.works and self._browser.speaks.works,
        )

    @property
    def shown(self) -> Tier:
        """What the user was told last."""
        return self._shown

    @property
    def choice(self) -> Tier:
        return self._choice

    @property
    def why(self) -> tuple[Reason, ...]:
        """What stands in the way of the tier that was chosen."""
        reasons = [
            each.why_not
            for wanted, *abilities in (
                (self._choice.hears, self._ladders.hears, self._browser.hears),
                (self._choice.speaks, self._ladders.speaks, self._browser.speaks),
            )
            for each in abilities
            if wanted and not each.works
        ]
        return tuple(dict.fromkeys(each for each in reasons if each is not None))

    @property
    def seconds_to_tick(self) -> float | None:
        """When to ask `tick` next; None while nothing is pending."""
        if not self._works_again_since:
            return None
        return max(0.0, min(self._works_again_since.values()) + self._steady_seconds - self._clock())

    def update(
        self, *, ladders: Means | None = None, browser: Means | None = None, choice: Tier | None = None
    ) -> TierChange | None:
        """Something is different now."""
        chosen = choice is not None and choice is not self._choice
        self._ladders = ladders or self._ladders
        self._browser = browser or self._browser
        self._choice = choice or self._choice
        return self._told(at_once=chosen)

    def tick(self) -> TierChange | None:
        """Time has passed."""
        return self._told(at_once=False)

    def browser_can(self, *, hears: Ability | None = None, speaks: Ability | None = None) -> TierChange | None:
        was = self._browser
        return self.update(browser=replace(was, hears=hears or was.hears, speaks=speaks or was.speaks))

    def _told(self, *, at_once: bool) -> TierChange | None:
        tier, shown = self.tier, self._shown
        self._shown = tier_of(
            hears=self._to_tell("hears", tier.hears, shown.hears, at_once=at_once),
            speaks=self._to_tell("speaks", tier.speaks, shown.speaks, at_once=at_once),
        )
        return None if self._shown is shown else TierChange(shown, self._shown, self.why, chosen=at_once)

    def _to_tell(self, direction: str, works: bool, shown: bool, *, at_once: bool) -> bool:
        """What is lost is told now, what is gained when it has held."""
        if works and not shown and not at_once:
            now = self._clock()
            if now - self._works_again_since.setdefault(direction, now) < self._steady_seconds:
                return False
        self._works_again_since.pop(direction, None)
        return works
