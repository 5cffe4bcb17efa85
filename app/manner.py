"""How one person wants to talk: what they chose, on the page or by voice, over what the house is set to.

What can be chosen is a field of `Manner`; one more is a line more. What was learnt of them stands beside.
All of a person's sessions share it: what is chosen in one holds in the others.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, get_args

import anyio
from pydantic import BaseModel, ConfigDict, Field

from app.turn import Turn
from graph.types import Directive, Loudness, SpeakingRate, TurnEnd, Waiting
from voice.pauses import Pauses
from voice.settings import BargeInSettings, Ending, EndpointingSettings, Patience
from voice.tiers import Tier

TierWord = Literal["full", "stt-only", "tts-only", "text"]
TurnEnding = Literal["automatic", "hold", "toggle", "over"]
BargeInMode = Literal["on", "off", "keyword"]

SLOWEST: Final = 0.5
FASTEST: Final = 3.0
QUIETEST: Final = 0.1
LOUDEST: Final = 2.0
PATIENCES: Final[tuple[Patience, ...]] = get_args(Patience)
"""The least patient first."""


class Manner(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    tier: TierWord = "full"
    patience: Patience = "standard"
    ending: TurnEnding = "automatic"
    """What ends what they say: silence; letting go of the talk button, or pressing it again; or the word "over"."""
    barge_in: BargeInMode = "on"
    rate: Annotated[float, Field(ge=SLOWEST, le=FASTEST)] = 1.0
    """1 is the voice's own."""
    volume: Annotated[float, Field(ge=QUIETEST, le=LOUDEST)] = 1.0

    @property
    def choice(self) -> Tier:
        return Tier[self.tier.upper().replace("-", "_")]

    @property
    def endpointed(self) -> Ending:
        """As the endpointer knows it: how the talk button is pressed is the page's affair."""
        return "push-to-talk" if self.ending == "hold" or self.ending == "toggle" else self.ending


def usual(endpointing: EndpointingSettings, barge_in: BargeInSettings, rate: float) -> Manner:
    """Of somebody who has chosen nothing."""
    ending: TurnEnding = "hold" if endpointing.ending == "push-to-talk" else endpointing.ending
    return Manner(patience=endpointing.patience, ending=ending, barge_in=barge_in.mode, rate=rate)


class OwnManner:
    """Of one person, shared by all their sessions."""

    def __init__(
        self,
        house: Manner,
        chosen: Mapping[str, Any] | None = None,
        pauses: Pauses | None = None,
        *,
        trouble: str = "",
        keep: Callable[["OwnManner", bool], None] = lambda *_: None,
    ) -> None:
        """`house`: what holds where nothing was chosen. `keep` is told that there is something to keep, and whether at
        once. `trouble`: what the person should know of it, in plain words.
        """
        self._house = house
        self.chosen: dict[str, Any] = dict(chosen or {})
        """By the names of `Manner`; and what only a newer version knows."""
        self.pauses = Pauses() if pauses is None else pauses
        self.trouble = trouble
        self._keep = keep
        self.now = self._over_house(self.chosen)
        self.moves = 0
        """How often something else was chosen."""
        self._moved = anyio.Event()

    def choose(self, **fields: Any) -> None:
        """From now on, in all their sessions. None: as the house has it."""
        chosen = {name: value for name, value in (self.chosen | fields).items() if value is not None}
        if chosen != self.chosen:
            self.chosen, self.now = chosen, self._over_house(chosen)
            self.moves += 1
            self._moved.set()
            self._moved = anyio.Event()
            self._keep(self, True)

    async def changed(self, since: int) -> int:
        """Wait for more than so many `moves`; how many there are now."""
        while self.moves == since:
            await self._moved.wait()
        return self.moves

    def spoke(self) -> None:
        """They said something, and may have paused in it: the pauses themselves are with whoever listens."""
        self._keep(self, False)

    def begin(self, turn: Turn) -> None:
        """A turn that is asked again starts from where it was before it was first answered."""
        if turn.before:
            before, turn.before = turn.before, {}
            self.choose(**before)

    def rate_for(self, turn: Turn) -> float:
        """At which its answer will begin."""
        return self._over_house(self.chosen | turn.before).rate

    def follow(self, turn: Turn, directive: Directive) -> str:
        """Do as they asked; what to say of it where it was so already."""
        wished = _wished(self.now, directive)
        if isinstance(directive, Waiting) and directive.steps and wished["patience"] == self.now.patience:
            return f"I wait as {'long' if directive.steps > 0 else 'little'} as I can already."
        turn.before = {name: self.chosen.get(name) for name in wished} | turn.before
        self.choose(**wished)
        return ""

    def _over_house(self, chosen: Mapping[str, Any]) -> Manner:
        given = {name: value for name, value in chosen.items() if value is not None}
        return Manner.model_validate(self._house.model_dump() | given)


def _wished(now: Manner, directive: Directive) -> dict[str, Any]:
    match directive:
        case SpeakingRate():
            base = now.rate if directive.relative else 1.0
            return {"rate": _within(SLOWEST, base * directive.factor, FASTEST)}
        case Loudness():
            base = now.volume if directive.relative else 1.0
            return {"volume": _within(QUIETEST, base * directive.factor, LOUDEST)}
        case Waiting(relative=False):
            return {"patience": None}
        case Waiting():
            at = PATIENCES.index(now.patience) + directive.steps
            return {"patience": PATIENCES[max(0, min(at, len(PATIENCES) - 1))]}
        case TurnEnd(by="over"):
            return {"ending": "over"}
        case TurnEnd() if now.ending == "over":
            return {"ending": "automatic"}
        case _:
            return {}


def _within(low: float, value: float, high: float) -> float:
    return max(low, min(value, high))
