"""One thing to measure, and what came of it: what passes between the command and a worker, as JSON."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from bench.peers.clips import SetName
from bench.peers.seen import BargeSeen, TurnSeen

Scenario = Literal["turns", "barge", "idle", "crowd"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    system: str
    """The name of a configuration."""
    scenario: Scenario
    clips: SetName = "clean"
    engines: str = "real"
    """The name of a profile of delays."""
    times: int = 0
    """Turns, or interruptions."""
    sessions: int = 1
    seconds: float = 0.0
    round: int = 0

    @property
    def name(self) -> str:
        what = {"turns": f"{self.engines}.{self.clips}", "crowd": f"{self.sessions}"}.get(self.scenario, "")
        return ".".join(filter(None, (self.system, self.scenario, what, str(self.round))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Of the worker's process, and of those that it started; the bench's own part is in it, see the floor's row. In a
    crowd those who speak have a process of their own, which is not counted.
    """

    seconds: float
    cpu_seconds: float
    other_cores: float
    """Busy with other people's processes meanwhile: the more, the less the figures are worth."""
    kept_waiting: float
    """The share of the time in which the event loop had work and no core to do it on: where that is much, turns are
    late, or lost, by the machine.
    """
    megabytes: float
    loop_late: tuple[float, float, float]
    """Seconds that the event loop called back too late: p50, p95, worst."""
    feed_late: tuple[float, float, float]
    """The same for frames fed."""

    @property
    def cpu_seconds_a_minute(self) -> float:
        return 60 * self.cpu_seconds / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    job: Job
    usage: Usage
    versions: dict[str, str]
    turns: tuple[TurnSeen, ...] = ()
    barges: tuple[BargeSeen, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Result":
        usage = kept["usage"]
        late = {name: (lates[0], lates[1], lates[2]) for name, lates in usage.items() if name.endswith("_late")}
        return cls(
            job=Job(**kept["job"]),
            usage=Usage(**{**usage, **late}),
            versions=kept["versions"],
            turns=tuple(TurnSeen(**each) for each in kept["turns"]),
            barges=tuple(BargeSeen(**each) for each in kept["barges"]),
        )
