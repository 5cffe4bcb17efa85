"""What somebody's wish makes of how they want to talk."""

from typing import Any, Final, get_args

from app.manner import (
    FASTEST,
    HIGHEST,
    LOUDEST,
    LOWEST,
    MOST_WORDS,
    QUIETEST,
    SLOWEST,
    Manner,
    checked,
)
from graph.types import Directive, Loudness, Pitch, Prefers, SpeakingRate, TurnEnd, Waiting
from voice.settings import Patience

PATIENCES: Final[tuple[Patience, ...]] = get_args(Patience)
"""The least patient first."""


def chosen_by(now: Manner, directive: Directive) -> dict[str, Any]:
    """By the names of `Manner`. Raises `ValueError` for what cannot be chosen."""
    match directive:
        case SpeakingRate():
            base = now.rate if directive.relative else 1.0
            return {"rate": _within(SLOWEST, base * directive.factor, FASTEST)}
        case Loudness():
            base = now.volume if directive.relative else 1.0
            return {"volume": _within(QUIETEST, base * directive.factor, LOUDEST)}
        case Pitch():
            base = now.pitch if directive.relative else 1.0
            return {"pitch": _within(LOWEST, base * directive.factor, HIGHEST)}
        case Prefers(how="set"):
            return checked({directive.what: directive.value})
        case Prefers():
            return checked({directive.what: _other(getattr(now, directive.what), directive)})
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


def is_patience(directive: Directive) -> bool:
    match directive:
        case Waiting(relative=True) | Prefers(what="patience"):
            return True
        case _:
            return False


def limit_of(directive: Directive) -> str:
    """What to say where no more of it is to be had, by its key in the catalogue."""
    match directive:
        case SpeakingRate(relative=True):
            return "most-fast" if directive.factor > 1 else "most-slow"
        case Loudness(relative=True):
            return "most-loud" if directive.factor > 1 else "most-quiet"
        case Pitch(relative=True):
            return "most-high" if directive.factor > 1 else "most-low"
        case Waiting(relative=True) if directive.steps:
            return "most-long" if directive.steps > 0 else "most-short"
        case _:
            return ""


def _other(present: Any, directive: Prefers) -> Any:
    """A number, or a listing of words, that is to be otherwise than it is."""
    value: Any = directive.value
    match directive.how:
        case "times":
            return _within(QUIETEST, max(present, QUIETEST) * value, LOUDEST)
        case "with" if isinstance(present, dict):
            anew = {written.casefold() for written in value}
            kept = {written: said for written, said in present.items() if written.casefold() not in anew}
            return dict([*(kept | value).items()][-MOST_WORDS:])
        case "with":
            return tuple(dict.fromkeys([*present, *value]))[-MOST_WORDS:]
        case _:
            gone = {each.casefold() for each in value}
            if isinstance(present, dict):
                return {written: spoken for written, spoken in present.items() if written.casefold() not in gone}
            return tuple(each for each in present if each.casefold() not in gone)


def _within(low: float, value: float, high: float) -> float:
    return max(low, min(value, high))
