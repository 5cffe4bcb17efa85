"""The four tiers: what the user can do now. Read off the ladders, never stored."""

from enum import IntEnum


class Tier(IntEnum):
    FULL = 1
    STT_ONLY = 2
    TTS_ONLY = 3
    TEXT = 4

    @property
    def meaning(self) -> str:
        return _MEANING[self]


_MEANING = {
    Tier.FULL: "speak and be spoken to",
    Tier.STT_ONLY: "speak, and read the answer",
    Tier.TTS_ONLY: "type, and be spoken to",
    Tier.TEXT: "type and read",
}


def tier_of(*, hears: bool, speaks: bool) -> Tier:
    """The tier when a real recogniser (`hears`) and a real voice (`speaks`) are at hand, or not."""
    match hears, speaks:
        case True, True:
            return Tier.FULL
        case True, False:
            return Tier.STT_ONLY
        case False, True:
            return Tier.TTS_ONLY
        case _:
            return Tier.TEXT
