"""What is counted and timed, for Prometheus. Names and numbers only: nothing of what people say."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

import anyio
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.events import Where
from app.steps import Step
from app.turn import Outcome
from memory.cache import Figures
from resilience.breaker import BreakerState, CircuitBreaker, Transition
from resilience.ladder import StepDown
from voice.tiers import Tier

CONTENT_TYPE = CONTENT_TYPE_LATEST

WAITS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 4.0, 8.0, 15.0, 30.0)
"""Seconds; 2.5 is the promise of a sign of life."""


STEP_WAITS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""Seconds. People leave 0.2 between turns; a pause that is the end is waited out for 0.3 at least."""
LATE = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds; 0.02 is the bound."""
FIRST_SOUND = "first-sound"
"""Beside the steps: from the user's last word until the answer was first heard, or shown."""


class Metrics:
    """One for the process; counts from its start."""

    def __init__(self) -> None:
        own = self._registry = CollectorRegistry()
        self._breakers = Gauge(
            "nightingale_breaker_state", "1 for the state that a breaker is in.", ["breaker", "state"], registry=own
        )
        self._transitions = Counter(
            "nightingale_breaker_transitions", "Changes of a breaker's state.", ["breaker", "to"], registry=own
        )
        self._step_downs = Counter(
            "nightingale_step_downs",
            "Calls at which a rung failed and the next one was asked.",
            ["ladder", "rung", "code"],
            registry=own,
        )
        self._sessions = Gauge(
            "nightingale_sessions", "Connected sessions, by what their user can do now.", ["tier"], registry=own
        )
        self._waiting = Gauge("nightingale_sessions_waiting", "Sessions that were told to wait.", registry=own)
        self._tier_changes = Counter(
            "nightingale_tier_changes", "Changes of what a user can do.", ["before", "after"], registry=own
        )
        self._turns = Counter("nightingale_turns", "Settled sayings, by outcome.", ["outcome"], registry=own)
        self._shed = Counter(
            "nightingale_turns_shed", "Turns that left out a step for want of time.", ["step"], registry=own
        )
        self._foreseen = Counter(
            "nightingale_foreseen_answers",
            "Answers begun in a pause that was likely to be the end, by whether it was.",
            ["fate"],
            registry=own,
        )
        self._freed = Counter(
            "nightingale_sessions_freed", "Sessions that stood still and were set going again.", ["where"], registry=own
        )
        self._sign_of_life = Histogram(
            "nightingale_sign_of_life_seconds",
            "From the end of a turn until something true was seen or heard.",
            buckets=WAITS,
            registry=own,
        )
        self._turn_seconds = Histogram(
            "nightingale_turn_seconds",
            "What each step of a turn took; first-sound: all of them, until the answer was first heard, or shown.",
            ["step"],
            buckets=STEP_WAITS,
            registry=own,
        )
        self._loop_late = Histogram(
            "nightingale_loop_late_seconds",
            "How much later than asked the event loop came back, looked at twenty times a second.",
            buckets=LATE,
            registry=own,
        )
        self._strays = Counter(
            "nightingale_packets_dropped", "Packets of a connection that was over, or had not begun.", registry=own
        )
        self._queues = Gauge(
            "nightingale_queue", "What waits, by where; of sessions, in the one with most.", ["where"], registry=own
        )
        self._tasks = Gauge("nightingale_tasks", "Tasks of the event loop.", registry=own)
        self._blocks = Gauge("nightingale_python_blocks", "Pieces of memory in Python's hands.", registry=own)
        self._cache = _CacheFigures()
        own.register(self._cache)
        for tier in Tier:
            self._sessions.labels(tier.word)

    def transition(self, transition: Transition) -> None:
        self._transitions.labels(transition.breaker, transition.after.value).inc()

    def stepped_down(self, step: StepDown) -> None:
        self._step_downs.labels(step.ladder, step.rung, step.error.code).inc()

    def session_began(self, tier: Tier) -> None:
        self._sessions.labels(tier.word).inc()

    def session_ended(self, tier: Tier) -> None:
        """`tier`: the one it was last said to be in."""
        self._sessions.labels(tier.word).dec()

    def tier_changed(self, before: Tier, after: Tier) -> None:
        self._sessions.labels(before.word).dec()
        self._sessions.labels(after.word).inc()
        self._tier_changes.labels(before.word, after.word).inc()

    def sessions_waiting(self, count: int) -> None:
        self._waiting.set(count)

    def packet_dropped(self) -> None:
        self._strays.inc()

    def queues(self, waiting: Mapping[str, int]) -> None:
        for where, count in waiting.items():
            self._queues.labels(where).set(count)

    def process(self) -> None:
        """How much of what may only grow by a fault there is just now."""
        self._tasks.set(len(anyio.get_running_tasks()))
        self._blocks.set(sys.getallocatedblocks())

    def turn_settled(self, outcome: Outcome, count: int = 1) -> None:
        self._turns.labels(outcome).inc(count)

    def loop_late(self, seconds: float) -> None:
        self._loop_late.observe(seconds)

    def session_freed(self, where: Where) -> None:
        self._freed.labels(where).inc()

    def turn_shed(self, step: str) -> None:
        self._shed.labels(step).inc()

    def foreseen(self, *, stood: bool) -> None:
        self._foreseen.labels("stood" if stood else "fell").inc()

    def sign_of_life(self, seconds: float) -> None:
        self._sign_of_life.observe(seconds)

    def turn_timed(self, steps: Sequence[tuple[Step, float, float]]) -> None:
        for step, began, ended in steps:
            self._turn_seconds.labels(step).observe(ended - began)
            if step == "speaking":
                self._turn_seconds.labels(FIRST_SOUND).observe(began)

    def page(self, breakers: Iterable[CircuitBreaker], cache: Sequence[Figures] = ()) -> bytes:
        """All of it, in Prometheus' text format."""
        self._cache.figures = cache
        self._breakers.clear()
        for breaker in breakers:
            for state in BreakerState:
                self._breakers.labels(breaker.name, state.value).set(breaker.state is state)
        return generate_latest(self._registry)


class _CacheFigures(Collector):
    """What the cache counts by itself, as Prometheus wants it."""

    def __init__(self) -> None:
        self.figures: Sequence[Figures] = ()

    def collect(self) -> Iterator[Metric]:
        labels = ["kind", "layer"]
        hits = CounterMetricFamily("nightingale_cache_hits", "Values that a layer of the cache had.", labels=labels)
        misses = CounterMetricFamily("nightingale_cache_misses", "Values that it had not.", labels=labels)
        held = GaugeMetricFamily("nightingale_cache_bytes", "What it holds; Redis is not asked.", labels=labels)
        for each in self.figures:
            for family, value in ((hits, each.hits), (misses, each.misses), (held, each.bytes)):
                family.add_metric([each.kind, each.layer], value)
        yield from (hits, misses, held)
