"""Who listens for which word: the one who hears it best, or else whoever can.

Measured by `bench/wake`, on the words as made voices and people say them; the thresholds are chosen there. Only those
are listened for at three speeds which are heard better so: "hey jarvis" gains false alarms, and "alexa" nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import anyio.to_thread

from resilience.errors import EngineUnavailable
from voice.protocols import WakeWord
from voice.wake.micro import load_micro, load_micro_at_speeds
from voice.wake.open import load_open
from voice.wake.words import Heeded, Sensitivity, WordName

OpenWakeWord = Callable[[WordName, Sensitivity], Awaitable[Heeded]]


Thresholds = dict[Sensitivity, float]


class Listener(NamedTuple):
    load: Callable[[WordName], WakeWord]
    thresholds: Thresholds
    late_seconds: float


def _open(late_seconds: float) -> Listener:
    return Listener(load_open, {"low": 0.8, "normal": 0.5, "high": 0.3}, late_seconds)


LISTENERS: Final[dict[WordName, Sequence[Listener]]] = {
    "okay-nabu": (Listener(load_micro_at_speeds, {"low": 0.9, "normal": 0.85, "high": 0.75}, 0.15), _open(0.4)),
    "hey-jarvis": (Listener(load_micro, {"low": 0.97, "normal": 0.9, "high": 0.8}, 0.15), _open(0.2)),
    "hey-mycroft": (Listener(load_micro_at_speeds, {"low": 0.98, "normal": 0.95, "high": 0.85}, -0.2), _open(0.1)),
    "alexa": (Listener(load_micro, {"low": 0.95, "normal": 0.85, "high": 0.6}, 0.2), _open(0.2)),
    "hey-rhasspy": (_open(0.2),),
}
"""Who is asked first stands first."""


async def open_wake_word(name: WordName, sensitivity: Sensitivity) -> Heeded:
    """Of one session. Raises `EngineUnavailable` when nobody can listen for it."""
    return await first_of(LISTENERS[name], name, sensitivity)


async def first_of(listeners: Sequence[Listener], name: WordName, sensitivity: Sensitivity) -> Heeded:
    """The first of them who can. Raises `EngineUnavailable`."""
    troubles = []
    for each in listeners:
        try:
            ear = await anyio.to_thread.run_sync(each.load, name)
        except EngineUnavailable as exc:
            troubles.append(exc)
            continue
        return Heeded(name, ear, each.thresholds[sensitivity], each.late_seconds)
    raise EngineUnavailable("wake word", "; ".join(str(each) for each in troubles))
