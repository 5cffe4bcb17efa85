"""What one conversation with a system is given by the bench, and what a system is to the bench."""

import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from bench.peers.engines import Delays, StubEngines
from bench.peers.speaker import Clock, Speaker

FRAME_SECONDS = 0.02
FRAME_BYTES = 640
"""16 kHz mono PCM16."""


@dataclass(frozen=True, slots=True)
class Mark:
    at: float
    what: str
    number: int = 0
    """Which call of that engine."""


@dataclass
class Host:
    """Engines to ask, a loudspeaker to sound from, a book for what happened when. One for each conversation."""

    delays: Delays
    clock: Clock = time.perf_counter
    marks: list[Mark] = field(default_factory=list)
    engines: StubEngines = field(init=False)
    speaker: Speaker = field(init=False)

    def __post_init__(self) -> None:
        self.engines = StubEngines(self.delays, self.mark)
        self.speaker = Speaker(self.clock)

    def mark(self, what: str, number: int = 0) -> None:
        self.marks.append(Mark(self.clock(), what, number))

    def between(self, since: float, until: float = float("inf")) -> Iterator[Mark]:
        return (mark for mark in self.marks if since <= mark.at < until)


class Talk(Protocol):
    """One conversation, as the user's microphone sees it."""

    async def feed(self, pcm: bytes) -> None:
        """20 ms that were captured just now: 640 bytes of 16 kHz mono PCM16. Returns at once."""
        ...


class System(Protocol):
    """What is compared, loaded and warm.

    The rules: its recogniser, language model and voice are `host.engines`. Sound goes to `host.speaker` at the moment
    it leaves the system for whatever carries it to the user; paced by the system, or ahead, and then cut like a sound
    card's. `host.mark("interrupt")` when it takes the user's speech for a barge-in.
    """

    @property
    def versions(self) -> dict[str, str]: ...

    def open_talk(self, host: Host) -> AbstractAsyncContextManager[Talk]: ...
