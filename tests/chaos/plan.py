"""What happens in a chaos run, from its seed alone: who says what in which manner, and what breaks when, for how long.

The same seed plans the same run. Its processes are real, so no two runs of a plan are alike to the millisecond.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from tests.chaos.faults import LANGUAGE_KINDS, STT_KINDS, TTS_KINDS, Kind

STT_RUNGS = ("faster-whisper", "pocketsphinx")
TTS_RUNGS = ("piper", "espeak")
LANGUAGE_RUNGS = ("llama-cpp", "openai-compatible")

Manner = Literal["plain", "stop-at-once", "stop-when-answered", "go-on", "talk-over", "storm", "blip", "new-thread"]
"""go-on: the next turn is put in before this one is answered. talk-over: the next one while it is being answered.
storm: said and silenced, again and again, and then said once more.
blip: the connection goes at once and comes back. new-thread: another thread from here on.
"""
MANNERS: dict[Manner, int] = {
    "plain": 60, "stop-at-once": 6, "stop-when-answered": 6, "go-on": 6, "talk-over": 8, "storm": 3, "blip": 4,
    "new-thread": 8,
}  # fmt: skip
SPOKEN = (
    ("what time is it", "slt"),
    ("tell me about the garden", "rms"),
    ("good morning", "awb"),
    ("my name is john", "kal16"),
    ("what do you know about me", "slt"),
)
TYPED = (
    "tell me about the garden",
    "what time is it",
    "my name is john and I like tea",
    "what do you know about me",
    "I have a dog called Rex, and a cat",
    "who are you",
    "and then what?",
)


@dataclass(frozen=True, slots=True)
class Said:
    """One turn, as it is to be put in."""

    text: str
    voice: str | None
    """Of whoever speaks; None types."""
    manner: Manner
    takes_offers: bool
    """Whether what is offered back is then asked to be answered; else it is dismissed."""
    pause_seconds: float
    """Before it."""


def turns(seed: int, person: int, count: int, *, speaks: bool, pace: float = 1.0) -> Iterator[Said]:
    chance = Random(f"{seed}/person/{person}")
    for number in range(count):
        manner = chance.choices(list(MANNERS), list(MANNERS.values()))[0]
        if number == count - 1:
            manner = "plain"  # the end of the last one is waited for
        takes_offers, pause = chance.random() < 0.6, pace * chance.uniform(0, 3.5)
        if speaks and chance.random() < 0.5:
            text, voice = chance.choice(SPOKEN)
            yield Said(text, voice, manner, takes_offers, pause)
        else:
            yield Said(f"{chance.choice(TYPED)} ({person}.{number})", None, manner, takes_offers, pause)


@dataclass(frozen=True, slots=True)
class EngineFault:
    """A fault of one rung of a ladder, or of all but the last."""

    part: str
    kind: Kind
    seconds: float
    rest_seconds: float
    """Of peace before it."""


def engine_faults(seed: int, ladder: Literal["stt", "tts", "language"], *, pace: float) -> Iterator[EngineFault]:
    """Without end. `pace` 1 is the usual one; less is quicker. Every kind once before any comes again."""
    chance = Random(f"{seed}/{ladder}")
    rungs, kinds = {
        "stt": (STT_RUNGS, STT_KINDS),
        "tts": (TTS_RUNGS, TTS_KINDS),
        "language": (LANGUAGE_RUNGS, LANGUAGE_KINDS),
    }[ladder]
    while True:
        for kind in chance.sample(kinds, len(kinds)):
            rung = "*" if chance.random() < 0.5 else chance.choice(rungs)
            yield EngineFault(f"{ladder}/{rung}", kind, pace * chance.uniform(8, 18), pace * chance.uniform(3, 12))


PartFault = Literal[
    "redis killed", "redis paused", "redis flushed", "redis slow", "redis cut off",
    "endpoint dumb", "endpoint slow", "endpoint cut off",
    "pocketsphinx killed", "pocketsphinx stopped", "pocketsphinx starved",
    "memory killed", "memory stopped", "memory starved",
    "disk full", "clock forward", "clock back", "app killed",
]  # fmt: skip


SOON = 2


@dataclass(frozen=True, slots=True)
class Breakage:
    """Something around the engines breaks."""

    what: PartFault
    seconds: float
    rest_seconds: float


def breakages(seed: int, *, pace: float) -> Iterator[Breakage]:
    """Without end; each once before any comes again, and the app is killed soon."""
    chance = Random(f"{seed}/breakages")
    kinds: tuple[PartFault, ...] = get_args(PartFault)
    order = chance.sample(kinds, len(kinds))
    order.remove("app killed")
    order.insert(SOON, "app killed")
    while True:
        for what in order:
            yield Breakage(what, pace * chance.uniform(4, 12), pace * chance.uniform(2, 8))
        order = chance.sample(kinds, len(kinds))
