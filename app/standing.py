"""How a part of the house is doing, in the words that pages, `doctor` and health checks share."""

from dataclasses import dataclass
from typing import Literal

LadderKind = Literal["stt", "tts", "language"]
PartKind = Literal["stt", "tts", "language", "memory", "embeddings", "history", "hub", "redis", "disk", "gpu"]
StandingState = Literal["in-use", "standby", "failed", "loading"]


@dataclass(frozen=True, slots=True)
class Standing:
    kind: PartKind
    name: str
    state: StandingState
    detail: str = ""
    """Why, in plain words; for people."""
    remedy: str = ""
    """What to do about it, where there is something."""
    breaker: str = "closed"
    """The state of its breaker."""
    next_try_seconds: float | None = None
    """When it is asked again, where it is left alone."""
    languages: tuple[str, ...] = ()
    """That a recogniser understands, or a voice speaks, of two letters; none: nobody knows, or any."""
