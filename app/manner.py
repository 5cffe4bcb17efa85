"""How a session speaks: rate and volume, as the user asked for them by voice."""

from typing import Final

from app.turn import Turn
from graph.types import Directive, Loudness, SpeakingRate

SLOWEST: Final = 0.5
FASTEST: Final = 3.0
QUIETEST: Final = 0.1
LOUDEST: Final = 2.0


class Manner:
    def __init__(self, rate: float) -> None:
        self.rate = rate
        """1 is the voice's own."""
        self.volume = 1.0

    def begin(self, turn: Turn) -> None:
        """A turn that is asked again starts from where it was before it was first answered."""
        turn.manner = turn.manner or (self.rate, self.volume)
        self.rate, self.volume = turn.manner

    def rate_for(self, turn: Turn) -> float:
        """At which its answer will begin."""
        return self.rate if turn.manner is None else turn.manner[0]

    def follow(self, directive: Directive) -> None:
        match directive:
            case SpeakingRate():
                base = self.rate if directive.relative else 1.0
                self.rate = _within(SLOWEST, base * directive.factor, FASTEST)
            case Loudness():
                base = self.volume if directive.relative else 1.0
                self.volume = _within(QUIETEST, base * directive.factor, LOUDEST)
            case _:
                pass


def _within(low: float, value: float, high: float) -> float:
    return max(low, min(value, high))
