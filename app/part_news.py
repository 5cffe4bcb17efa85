"""What users hear of the parts of the house: which are not there, which are passed over, which are used again."""

from app.engines import EngineRoom
from app.events import Announce
from resilience.breaker import BreakerState, Transition
from voice.types import Reason

JOBS = frozenset({"stt", "tts", "language", "memory"})
"""Whose trouble users hear of."""


def troubles(engines: EngineRoom) -> list[Announce]:
    """What users should know about engines that are wanted and not there."""
    return [
        Announce("warning", "engine-unavailable", _of_part("part-missing", each.kind, each.name, each.detail))
        for each in engines.standing()
        if each.state == "failed"
    ]


def news_of(transition: Transition) -> Announce | None:
    """What users should hear of a breaker: that a part is passed over from now on, and that it is used again."""
    kind, _, name = transition.breaker.partition("/")
    if kind not in JOBS:
        return None
    code = f"part-{kind}"
    match transition.before, transition.after:
        case (BreakerState.CLOSED, BreakerState.OPEN) | (_, BreakerState.FORCED_OPEN):
            return Announce("warning", code, _of_part("part-down", kind, name, transition.reason))
        case BreakerState.HALF_OPEN, BreakerState.CLOSED:
            return Announce("info", code, _of_part("part-back", kind, name))
        case _:
            return None


def _of_part(what: str, kind: str, name: str, detail: str = "") -> Reason:
    return Reason(what, (("part", Reason(f"part-{kind}")), ("name", name)), detail)
