"""What the results of all jobs come to: a row for each system, and whether ours reaches what it should.

The measure of a peer is its best row of this same run: the one with the lowest p95.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bench.peers.clips import SetName
from bench.peers.job import Result
from bench.peers.seen import BargeSeen, TurnSeen
from bench.peers.systems import BY_NAME

OURS: Final = "nightingale"
FLOOR: Final = "floor"
FIRST_SOUND_P50, FIRST_SOUND_P95, BARGE_P95, IDLE = 0.60, 0.70, 0.60, 0.50
"""At most this share of the best peer's."""
AFTER_STT_SECONDS: Final = 0.010
SESSIONS: Final = 80
CROWD_P50: Final = 1.10
"""At most this multiple of what one session alone sees, or it does not count."""
SESSION_MEGABYTES: Final = 5.0


@dataclass(frozen=True, slots=True)
class Goal:
    what: str
    value: float | None
    bound: Literal["at most", "at least"]
    limit: float | None
    unit: str = ""
    against: str = ""
    """Whose row the limit is taken from."""

    @property
    def hit(self) -> bool | None:
        """None: it cannot be said, for one of the two was not measured."""
        if self.value is None or self.limit is None:
            return None
        return self.value <= self.limit if self.bound == "at most" else self.value >= self.limit


@dataclass(frozen=True, slots=True)
class TurnsRow:
    system: str
    clips: SetName
    turns: tuple[TurnSeen, ...]
    cpu_seconds_a_minute: float
    other_cores: float

    @property
    def lost(self) -> int:
        return sum(turn.lost for turn in self.turns)

    @property
    def talked_into(self) -> int:
        return sum(turn.talked_into for turn in self.turns)

    @property
    def stale(self) -> int:
        return sum(turn.stale for turn in self.turns)

    def at(self, share: float, of: Callable[[TurnSeen], float | None]) -> float | None:
        return at(share, map(of, self.turns))


@dataclass(frozen=True, slots=True)
class BargeRow:
    system: str
    barges: tuple[BargeSeen, ...]
    other_cores: float

    @property
    def never(self) -> int:
        return sum(barge.silent is None for barge in self.barges)

    @property
    def answered(self) -> int:
        return sum(barge.answered for barge in self.barges)

    def at(self, share: float, of: Callable[[BargeSeen], float | None]) -> float | None:
        return at(share, map(of, self.barges))


def at(share: float, values: Iterable[float | None]) -> float | None:
    """A percentile between the two nearest values."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    place = (len(known) - 1) * share
    low = int(place)
    high = min(low + 1, len(known) - 1)
    return known[low] + (known[high] - known[low]) * (place - low)


def turns_rows(results: Sequence[Result], clips: SetName) -> list[TurnsRow]:
    asked = [each for each in results if each.job.clips == clips]
    return [
        TurnsRow(
            system,
            clips,
            tuple(turn for each in found for turn in each.turns),
            _mean([each.usage.cpu_seconds_a_minute for each in found]),
            _mean([each.usage.other_cores for each in found]),
        )
        for system, found in _by_system(asked, "turns").items()
    ]


def barge_rows(results: Sequence[Result]) -> list[BargeRow]:
    return [
        BargeRow(
            system,
            tuple(barge for each in found for barge in each.barges),
            _mean([each.usage.other_cores for each in found]),
        )
        for system, found in _by_system(results, "barge").items()
    ]


def idle_rows(results: Sequence[Result]) -> list[Result]:
    return [each for found in _by_system(results, "idle").values() for each in found]


def crowd_rows(results: Sequence[Result]) -> list[Result]:
    found = [each for each in results if each.job.scenario == "crowd"]
    return sorted(found, key=lambda each: (_order(each.job.system), each.job.sessions))


def latency_goals(results: Sequence[Result]) -> list[Goal]:
    rows = {row.system: row for row in turns_rows(results, "clean")}
    ours = rows.get(OURS)
    if ours is None:
        return []
    best = _lowest({name: row.at(0.95, _first_sound) for name, row in rows.items()})
    peer = rows.get(best)
    median, late = (None if peer is None else peer.at(share, _first_sound) for share in (0.5, 0.95))
    first, second = (_of(share, value) for share, value in ((FIRST_SOUND_P50, median), (FIRST_SOUND_P95, late)))
    after = ours.at(0.95, lambda turn: turn.after_stt)
    return [
        Goal("end of speech → first sound, p50", ours.at(0.5, _first_sound), "at most", first, "s", best),
        Goal("end of speech → first sound, p95", ours.at(0.95, _first_sound), "at most", second, "s", best),
        Goal("overhead after the transcript, p95", after, "at most", AFTER_STT_SECONDS, "s"),
        Goal("turns with sound before the end of speech", float(ours.talked_into), "at most", 0.0),
        Goal("turns lost", float(ours.lost), "at most", 0.0),
    ]


def barge_goals(results: Sequence[Result]) -> list[Goal]:
    late = {row.system: row.at(0.95, lambda barge: barge.silent) for row in barge_rows(results)}
    if OURS not in late:
        return []
    best = _lowest(late)
    limit = _of(BARGE_P95, late.get(best))
    return [Goal("first sound of the user → silence, p95", late[OURS], "at most", limit, "s", best)]


def idle_goals(results: Sequence[Result]) -> list[Goal]:
    """Without what the bench itself takes, which the floor shows."""
    spent = {each.job.system: each.usage.cpu_seconds_a_minute for each in idle_rows(results)}
    if OURS not in spent:
        return []
    own = {name: cpu - spent.get(FLOOR, 0.0) for name, cpu in spent.items()}
    best = _lowest(dict(own))
    limit = _of(IDLE, own.get(best))
    return [Goal("processor time a minute without the floor's", own[OURS], "at most", limit, "s of CPU", best)]


def crowd_goals(results: Sequence[Result]) -> list[Goal]:
    crowds = {each.job.sessions: each for each in crowd_rows(results) if each.job.system == OURS}
    if 1 not in crowds or len(crowds) == 1:
        return []
    alone, most = crowds[1], max(crowds)
    medians = {sessions: at(0.5, map(_first_sound, each.turns)) for sessions, each in crowds.items()}
    held = [
        sessions
        for sessions, median in medians.items()
        if median is not None and medians[1] is not None and median <= CROWD_P50 * medians[1]
    ]
    each = (crowds[most].usage.megabytes - alone.usage.megabytes) / (most - 1)
    lost = sum(turn.lost for crowd in crowds.values() for turn in crowd.turns)
    return [
        Goal("sessions whose p50 is as that of one", float(max(held, default=0)), "at least", float(SESSIONS)),
        Goal(f"memory for each session, of {most}", each, "at most", SESSION_MEGABYTES, "MB"),
        Goal("turns lost", float(lost), "at most", 0.0),
    ]


def _first_sound(turn: TurnSeen) -> float | None:
    return turn.first_sound


def _lowest(late: dict[str, float | None]) -> str:
    """Of the peers; nobody is the empty string."""
    peers = {name: value for name, value in late.items() if BY_NAME[name].is_peer and value is not None}
    return min(peers, key=lambda name: peers[name]) if peers else ""


def _of(share: float, value: float | None) -> float | None:
    return None if value is None else share * value


def _by_system(results: Sequence[Result], scenario: str) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = defaultdict(list)
    for each in sorted(results, key=lambda each: _order(each.job.system)):
        if each.job.scenario == scenario:
            found[each.job.system].append(each)
    return found


def _order(system: str) -> int:
    return list(BY_NAME).index(system)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
