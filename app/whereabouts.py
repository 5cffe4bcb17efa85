"""What a session's desk and its deeds go by: the last turn, and where in what was read out, or found, the user is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.reviewing import Listed
from app.turn import Turn
from voice.tiers import Tier
from voice.types import Reason

AT_ONCE: Final = 3
"""More conversations than this are too many to listen to."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A conversation that is being read out."""

    about: Listed
    portions: tuple[str, ...]
    at: int = 0
    """Which of them was read last."""


@dataclass(frozen=True, slots=True)
class Found:
    """Conversations to choose from."""

    sought: str
    """The words they were found by; empty where several answer to a name."""
    hits: tuple[Listed, ...]
    more: bool = False
    """Whether there are others that were not looked at."""
    at: int = 0
    """The first of those that were told last."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """A conversation that the user was asked about, whether it shall go."""

    about: str
    """What they called it."""
    which: Listed


Place = Reading | Found | Doomed


@dataclass(slots=True)
class Whereabouts:
    """Of one session."""

    tier: Callable[[], tuple[Tier, tuple[Reason, ...]]] = lambda: (Tier.FULL, ())
    """What the user can do now, and why no more."""
    came_from: str = ""
    """The thread that the user left for this one, by word; empty: none."""
    last: Turn | None = None
    """The last one of which the answer was heard."""
    trouble: str = ""
    """Why what was said last could not be answered, by its code; empty once something else was."""
    leaf: Reading | Found | None = None
    """What "next" goes on with."""
    found: Found | None = None
    """What "the second one" is chosen from."""
    doomed: Doomed | None = None

    def leaf_to(self, place: object) -> None:
        self.doomed = None
        match place:
            case Reading():
                self.leaf = place
            case Found():
                self.leaf = self.found = place
            case Doomed():
                self.doomed = place

    def closes(self, turn: Turn) -> None:
        """Its answer was heard, or cut."""
        turn.previous, self.last = self.last, turn
        if turn.previous is not None:
            turn.previous.previous = None  # nobody goes back further
        self.trouble = ""
