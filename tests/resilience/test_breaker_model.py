"""The breaker beside a model of it that keeps everything and counts anew at every question."""

import asyncio
from dataclasses import dataclass, field
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from resilience.breaker import BreakerState, Call, CircuitBreaker, Stand, Transition
from resilience.errors import CircuitOpen, EngineFailed, InputRejected
from resilience.settings import BreakerSettings

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
FORCED = FORCED_OPEN, FORCED_CLOSED = BreakerState.FORCED_OPEN, BreakerState.FORCED_CLOSED

ENDS: dict[str, BaseException | None] = {
    "well": None,
    "failed": EngineFailed("x", "boom"),
    "cancelled": asyncio.CancelledError(),
    "bad input": InputRejected("x", "no"),
    "a bug": ZeroDivisionError(),
}
quarters = st.integers(1, 160).map(lambda count: count / 4)
"""Seconds that add up without rounding."""
quick = st.sampled_from([0.0, 0.25, 1.0, 1.25])
own_settings = st.builds(
    BreakerSettings,
    consecutive_failures=st.integers(1, 6),
    window=st.sampled_from(["calls", "seconds"]),
    window_size=st.integers(1, 12),
    minimum_calls=st.integers(1, 8),
    failure_rate=st.sampled_from([0.25, 0.5, 1.0]),
    slow_seconds=st.sampled_from([None, 1.0, 4.0]),
    slow_rate=st.sampled_from([0.5, 1.0]),
    open_seconds=st.sampled_from([0.5, 2.0, 8.0]),
    longest_open_seconds=st.sampled_from([1.0, 8.0, 32.0]),
    jitter=st.sampled_from([0.0, 0.25, 0.875]),
    probes=st.integers(1, 3),
    lease_seconds=st.sampled_from([1.0, 10.0]),
)


class Eighths(Random):
    """Chance, without rounding."""

    def random(self) -> float:
        return int(super().random() * 8) / 8


@dataclass
class Under:
    """A call under guard, and what the model knows of it."""

    call: Call
    epoch: int
    begun: float
    leased_until: float | None = None
    first: float | None = None


@dataclass
class Model:
    own: BreakerSettings
    probed: bool
    now: float = 1000.0
    state: BreakerState = CLOSED
    epoch: int = 0
    until: float = 0.0
    openings: int = 0
    closed_at: float = float("-inf")
    ended: list[tuple[float, bool, bool]] = field(default_factory=list)
    """When, whether failed, whether slow: all calls that counted in this epoch."""
    out: list[Under] = field(default_factory=list)
    """Probes of this epoch that are not back and not given up."""
    back: list[bool] = field(default_factory=list)
    """Whether each probe that is back was ill."""

    def wait(self, seconds: float) -> None:
        self.now += seconds
        if self.state is OPEN and self.now >= self.until:
            self.state = HALF_OPEN
        self.out = [each for each in self.out if each.leased_until is not None and each.leased_until > self.now]

    @property
    def has_permit(self) -> bool:
        return self.state is HALF_OPEN and len(self.out) + len(self.back) < self.own.probes

    def admits(self, *, probe: bool) -> bool:
        return self.state in (CLOSED, FORCED_CLOSED) or (self.has_permit and (probe or not self.probed))

    def should_open(self) -> bool:
        """After a failed or slow call."""
        own, last = self.own, self.ended[-1][0]
        good = [number for number, (_, failed, _) in enumerate(self.ended, 1) if not failed]
        if len(self.ended) - max(good, default=0) >= own.consecutive_failures:
            return True
        if own.window == "calls":
            window = self.ended[-own.window_size :]
        else:
            window = [each for each in self.ended if int(each[0]) > int(last) - own.window_size]
        failures, slow = (sum(each[which] for each in window) for which in (1, 2))
        return len(window) >= own.minimum_calls and (
            failures >= own.failure_rate * len(window) or slow >= own.slow_rate * len(window)
        )

    def move(self, state: BreakerState, epoch: int | None = None) -> None:
        self.state = state
        self.epoch = self.epoch + 1 if epoch is None else epoch
        self.ended, self.out, self.back = [], [], []

    def close(self) -> None:
        self.closed_at = self.now
        self.move(CLOSED)

    def open(self) -> float:
        """For how long at most."""
        if self.state is CLOSED and self.now - self.closed_at >= self.own.longest_open_seconds:
            self.openings = 0
        longest = min(self.own.open_seconds * 2.0**self.openings, self.own.longest_open_seconds)
        self.openings += 1
        self.move(OPEN)
        return longest


class BreakerBesideItsModel(RuleBasedStateMachine):
    calls = Bundle("calls")

    @initialize(own=own_settings, probed=st.booleans(), calm=st.booleans(), seed=st.integers(0, 1000))
    def make(self, own: BreakerSettings, probed: bool, calm: bool, seed: int) -> None:
        """`calm`: nobody meddles with it from outside, so that what calls tell has time to add up."""
        self.model = Model(own, probed)
        self.calm = calm
        self.told: list[Transition] = []
        self.breaker = CircuitBreaker(
            "x", own, probed=probed, moved=self.told.append, clock=lambda: self.model.now, chance=Eighths(seed)
        )

    @rule(seconds=quarters)
    def wait(self, seconds: float) -> None:
        self.model.wait(seconds)

    @precondition(lambda self: self.model.state is OPEN)
    @rule()
    def wait_until_it_is_due(self) -> None:
        self.model.wait(self.model.until - self.model.now)

    @rule(target=calls, probe=st.booleans())
    def begin(self, probe: bool) -> Under:
        model = self.model
        admitted = model.admits(probe=probe)
        under = Under(self.breaker.guard(probe=probe), model.epoch, model.now)
        try:
            under.call.__enter__()
        except CircuitOpen:
            assert not admitted
            under.epoch = -1
            return under
        assert admitted
        if model.state is HALF_OPEN:
            under.leased_until = model.now + model.own.lease_seconds
            model.out.append(under)
        return under

    @rule(under=calls)
    def give_first_output(self, under: Under) -> None:
        under.call.first_output()
        under.first = self.model.now if under.first is None else under.first

    @rule(under=consumes(calls), how=st.sampled_from([*ENDS]))
    def end(self, under: Under, how: str) -> None:
        if under.epoch < 0:
            return  # it was never let in
        model = self.model
        error = ENDS[how]
        under.call.__exit__(type(error) if error else None, error, None)
        leased = under in model.out
        if leased:
            model.out.remove(under)
        if under.epoch != model.epoch or how not in ("well", "failed"):
            return
        answered = model.now if under.first is None else under.first
        slow = model.own.slow_seconds is not None and answered - under.begun > model.own.slow_seconds
        if model.state is CLOSED:
            model.ended.append((model.now, how == "failed", slow))
            if (how == "failed" or slow) and model.should_open():
                self.opened(model.open())
        elif model.state is HALF_OPEN and leased:
            model.back.append(how == "failed" or slow)
            if sum(model.back) >= model.own.failure_rate * model.own.probes:
                self.opened(model.open())
            elif len(model.back) == model.own.probes:
                model.close()

    @precondition(lambda self: self.model.state in (OPEN, HALF_OPEN))
    @rule(how=st.sampled_from(["well", "well", "well", "failed", "cancelled"]), late=st.sampled_from([0.0, 1.0, 10.0]))
    def be_probed(self, how: str, late: float) -> None:
        """What chance alone would seldom bring about."""
        if self.model.state is OPEN:
            self.wait_until_it_is_due()
        under = self.begin(probe=True)
        if late:
            self.wait(late)
        self.end(under, how)

    @rule(hows=st.lists(st.sampled_from(["well", "failed", "failed"]), min_size=1, max_size=6), seconds=quick)
    def take_calls(self, hows: list[str], seconds: float) -> None:
        """One after the other, from beginning to end."""
        for how in hows:
            under = self.begin(probe=False)
            if seconds:
                self.wait(seconds)
            self.end(under, how)

    @precondition(lambda self: not self.calm)
    @rule()
    def trip(self) -> None:
        self.breaker.trip("dead")
        if self.model.state in (CLOSED, HALF_OPEN):
            self.opened(self.model.open())

    @precondition(lambda self: self.model.ended and not self.model.ended[-1][1])
    @rule()
    def blame_the_last_call(self) -> None:
        self.breaker.blame("it lied")
        when, _, slow = self.model.ended[-1]
        self.model.ended[-1] = (when, True, slow)
        if self.model.should_open():
            self.opened(self.model.open())

    @precondition(lambda self: not self.calm)
    @rule(to=st.sampled_from(["open", "closed", None]))
    def force(self, to: str | None) -> None:
        match to:
            case "open":
                self.breaker.force("open")
                self.model.move(FORCED_OPEN)
            case "closed":
                self.breaker.force("closed")
                self.model.move(FORCED_CLOSED)
            case _:
                self.breaker.force(None)
                self.model.openings = 0
                self.model.close()

    @precondition(lambda self: not self.calm)
    @rule(
        ahead=st.integers(-2, 2),
        state=st.sampled_from([CLOSED, OPEN, FORCED_OPEN, FORCED_CLOSED]),
        seconds=quarters,
        openings=st.integers(0, 5),
    )
    def be_told(self, ahead: int, state: BreakerState, seconds: float, openings: int) -> None:
        model = self.model
        epoch = model.epoch + ahead
        self.breaker.adopt(Stand(epoch, state, seconds if state is OPEN else 0.0, openings, "told"))
        mine = OPEN if model.state is HALF_OPEN else model.state
        would_overrule_an_operator = mine in FORCED and state not in FORCED
        if ahead < 0 or (ahead == 0 and (state is mine or would_overrule_an_operator)):
            return
        if state is CLOSED and mine is not CLOSED:
            model.closed_at = model.now
        model.openings = openings
        model.move(state, epoch)
        if state is OPEN:
            model.until = model.now + min(seconds, model.own.longest_open_seconds)

    def opened(self, longest: float) -> None:
        """By how much it is shortened is the breaker's to choose, within bounds."""
        model = self.model
        chosen = self.breaker.seconds_to_probe
        assert longest * (1 - model.own.jitter) <= chosen <= longest <= model.own.longest_open_seconds
        model.until = model.now + chosen

    @invariant()
    def they_agree(self) -> None:
        breaker, model = self.breaker, self.model
        assert (breaker.state, breaker.epoch) == (model.state, model.epoch)
        assert breaker.admits == model.admits(probe=False)
        assert breaker.probe_is_due == model.has_permit
        assert len(model.out) <= model.own.probes
        left = model.until - model.now if model.state is OPEN else 0.0
        assert breaker.seconds_to_probe == left

    @invariant()
    def every_transition_begins_where_the_last_one_ended(self) -> None:
        now = self.breaker.state
        before = CLOSED
        for transition in self.told:
            assert transition.before is before
            assert transition.after is not before
            before = transition.after
        assert before is now


TestBreakerBesideItsModel = BreakerBesideItsModel.TestCase
TestBreakerBesideItsModel.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
