"""Where the time goes between a user's last word and the first sound of the answer: the kept turns, summed up.

They are read from the log on disk, whether a Nightingale is running or not. Nothing of what was said is looked at.
"""

import json
import math
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from app.reviewing import TurnRecord, record_of
from app.steps import STEPS

BEFORE_SOUND: Final = tuple(step for step in STEPS if step != "speaking")
SLOWEST: Final = 5
ENOUGH: Final = 20
"""Turns; of fewer, the slow end says little."""
MADE_BY: Final = {"stt": "hearing", "model": "thinking", "tts": "voicing"}
"""Who in the record of a turn answers for which step."""

REMEDIES: Final = {
    "pause": "Most of it is the wait to be sure that you had finished. NIGHTINGALE_VOICE__ENDPOINTING__PATIENCE=brisk"
    " waits less, and cuts off who pauses long; a Smart Turn model tells sooner.",
    "hearing": "Most of it goes into making out the words: a smaller recogniser (`nightingale models list`) is quicker,"
    " and so is an endpoint with a graphics card.",
    "waiting": "Most of it is waiting for others: more processors, or another machine beside this one;"
    " NIGHTINGALE_RESILIENCE__TURNS_AT_ONCE lets more turns begin at once, and each of them slower.",
    "fetching": "Most of it goes into looking up memories and documents: see whether the disk or the Qdrant server is"
    " slow; NIGHTINGALE_GRAPH__MEMORIES_PER_TURN=0 leaves them out of small talk.",
    "thinking": "Most of it is waiting for the language model's first word: a smaller model"
    " (`nightingale models list`) is quicker, and so is an endpoint with a graphics card.",
    "phrasing": "Most of it is waiting for the language model to end its first clause: a smaller model"
    " is quicker, and so is an endpoint with a graphics card.",
    "voicing": "Most of it is waiting for the voice: a lighter one is quicker, and espeak the quickest.",
    "sending": "Most of it is the way to the ear: the network between page and server, or a slow audio output, as those"
    " without a cable are.",
}


@dataclass(frozen=True, slots=True)
class Timed:
    """A turn whose answer began."""

    thread: str
    turn: str
    at: datetime
    """When it was settled."""
    first_sound: float
    """Seconds from the user's last word, or from the sent message, until the answer was heard, or shown."""
    steps: Mapping[str, float]
    """Those before it, and what each took."""
    tier: str
    engines: Mapping[str, str]

    @property
    def longest(self) -> str:
        return max(self.steps, key=lambda step: self.steps[step], default="")


@dataclass(frozen=True, slots=True)
class Spread:
    """Of so many turns, in seconds."""

    turns: int
    p50: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class Slow:
    first_sound: float
    at: datetime
    longest: str
    """The step that took most of it."""
    review: str


@dataclass(frozen=True, slots=True)
class Latency:
    turns: int
    unanswered: int
    """Turns that had no answer, or told no times."""
    first_sound: Spread | None
    steps: Mapping[str, Spread]
    shares: Mapping[str, float]
    """How much of all the waiting each step was, 0 to 1."""
    tiers: Mapping[str, Spread]
    engines: Mapping[str, Mapping[str, Spread]]
    """By kind and name: the step that it answers for."""
    slowest: Sequence[Slow]
    remedy: str

    def as_json(self) -> dict[str, object]:
        slowest = [{**asdict(each), "at": each.at.isoformat()} for each in self.slowest]
        return {**asdict(self), "slowest": slowest}


def read(folder: Path, *, last: int, since: datetime | None = None) -> tuple[list[Timed], int]:
    """The newest turns, the newest first, and how many of them had no answer. Raises `sqlite3.Error`."""
    file = folder / "turns.sqlite"
    if not file.exists():
        return [], 0
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT thread, id, settled_at, record FROM turns WHERE settled_at >= ? ORDER BY settled_at DESC LIMIT ?",
            (since.isoformat() if since else "", last),
        ).fetchall()
    timed = [
        each
        for thread, turn, at, record in rows
        if (each := timed_turn(thread, turn, datetime.fromisoformat(at), record_of(json.loads(record))))
    ]
    return timed, len(rows) - len(timed)


def timed_turn(thread: str, turn: str, at: datetime, record: TurnRecord) -> Timed | None:
    first = next((began for step, began, _ in record.steps if step == "speaking"), None)
    if first is None:
        return None
    steps: dict[str, float] = {step: ended - began for step, began, ended in record.steps if step in BEFORE_SOUND}
    engines = {kind: name for kind in MADE_BY if (name := getattr(record, kind))}
    return Timed(thread, turn, at, first, steps, record.tier, engines)


def summed_up(turns: Sequence[Timed], *, unanswered: int = 0, page: str = "") -> Latency:
    """`page`: the address of this Nightingale, for the links."""
    waited = sum(sum(turn.steps.values()) for turn in turns)
    by_step = _gathered((step, took) for turn in turns for step, took in turn.steps.items())
    shares = {step: sum(by_step[step]) / waited for step in BEFORE_SOUND if step in by_step and waited}
    engines: dict[str, Mapping[str, Spread]] = {}
    for kind, step in MADE_BY.items():
        told = ((turn.engines.get(kind, ""), turn.steps[step]) for turn in turns if step in turn.steps)
        if by_name := _gathered((name, took) for name, took in told if name):
            engines[kind] = {name: spread(took) for name, took in sorted(by_name.items())}
    slowest = sorted(turns, key=lambda turn: -turn.first_sound)[:SLOWEST]
    return Latency(
        turns=len(turns),
        unanswered=unanswered,
        first_sound=spread([turn.first_sound for turn in turns]) if turns else None,
        steps={step: spread(by_step[step]) for step in BEFORE_SOUND if step in by_step},
        shares={step: round(share, 3) for step, share in shares.items()},
        tiers={
            tier: spread(took)
            for tier, took in sorted(_gathered((turn.tier, turn.first_sound) for turn in turns).items())
        },
        engines=engines,
        slowest=[
            Slow(
                turn.first_sound,
                turn.at,
                turn.longest,
                f"{page}/review/{quote(turn.thread)}#turn-{quote(turn.turn)}",
            )
            for turn in slowest
        ],
        remedy=REMEDIES[max(shares, key=lambda step: shares[step])] if shares else "",
    )


def spread(took: Sequence[float]) -> Spread:
    """By nearest rank: each of the three is a turn that was."""
    ordered = sorted(took)

    def at(share: float) -> float:
        return round(ordered[math.ceil(share * len(ordered)) - 1], 3)

    return Spread(len(ordered), at(0.5), at(0.95), round(ordered[-1], 3))


def _gathered(told: Iterable[tuple[str, float]]) -> dict[str, list[float]]:
    gathered: dict[str, list[float]] = defaultdict(list)
    for name, took in told:
        gathered[name].append(took)
    return gathered
