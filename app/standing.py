"""How an engine is doing, in the words that pages, `doctor` and health checks share."""

from dataclasses import dataclass
from typing import Literal

LadderKind = Literal["stt", "tts", "language"]
StandingState = Literal["in-use", "standby", "failed", "loading"]


@dataclass(frozen=True, slots=True)
class EngineStanding:
    kind: LadderKind
    name: str
    state: StandingState
    detail: str = ""
    """Why, in plain words; for people."""
