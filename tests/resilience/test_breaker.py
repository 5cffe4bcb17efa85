import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, Literal

import pytest
import trio

from resilience.breaker import BreakerState, Call, CircuitBreaker, Stand, Transition
from resilience.errors import CircuitOpen, EngineFailed, InputRejected
from resilience.settings import BreakerSettings

CLOSED, OPEN, HALF_OPEN = BreakerState.CLOSED, BreakerState.OPEN, BreakerState.HALF_OPEN
FORCED_OPEN, FORCED_CLOSED = BreakerState.FORCED_OPEN, BreakerState.FORCED_CLOSED
BROKEN = EngineFailed("x", "boom")
NEUTRAL: list[Callable[[], BaseException]] = [
    asyncio.CancelledError,
    GeneratorExit,
    lambda: trio.Cancelled._create(source="deadline"),
    lambda: InputRejected("x", "too short"),
    lambda: ZeroDivisionError("a bug"),
]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def breaker(clock: Clock, *, probed: bool = False, **own: Any) -> CircuitBreaker:
    """Opens for ten seconds on the first failure, unless told otherwise."""
    settings = BreakerSettings(**({"consecutive_failures": 1, "open_seconds": 10, "jitter": 0} | own))
    return CircuitBreaker("x", settings, probed=probed, clock=clock, chance=Random(1))


def watched(clock: Clock) -> tuple[CircuitBreaker, list[Transition]]:
    seen: list[Transition] = []
    return CircuitBreaker("x", BreakerSettings(consecutive_failures=1), moved=seen.append, clock=clock), seen


def end(call: Call, error: BaseException | None = None) -> None:
    call.__exit__(type(error) if error else None, error, None)


def fail(breaker: CircuitBreaker, times: int = 1, *, probe: bool = False) -> None:
    for _ in range(times):
        end(breaker.guard(probe=probe).__enter__(), BROKEN)


def succeed(breaker: CircuitBreaker, times: int = 1, *, probe: bool = False) -> None:
    for _ in range(times):
        with breaker.guard(probe=probe):
            pass


def refuses(breaker: CircuitBreaker, *, probe: bool = False) -> bool:
    try:
        call = breaker.guard(probe=probe).__enter__()
    except CircuitOpen:
        return True
    end(call, asyncio.CancelledError())
    return False


def state(breaker: CircuitBreaker) -> BreakerState:
    """Asked through a function, or the type checker holds it for unchanged."""
    return breaker.state


# -- what opens it ---------------------------------------------------------------------------------------------


def test_it_opens_after_as_many_failures_in_a_row_as_it_was_told() -> None:
    own = breaker(Clock(), consecutive_failures=3)
    fail(own, 2)
    succeed(own)
    fail(own, 2)
    assert state(own) is CLOSED
    fail(own)
    assert state(own) is OPEN
    with pytest.raises(CircuitOpen, match="boom"), own.guard():
        raise AssertionError


def test_it_opens_when_the_share_of_failures_in_the_last_calls_is_too_large() -> None:
    own = breaker(Clock(), consecutive_failures=100, window_size=6, minimum_calls=4, failure_rate=0.5)
    for _ in range(6):
        succeed(own, 2)
        fail(own)
    assert state(own) is CLOSED, "a third of them is not too much"
    fail(own)
    assert state(own) is OPEN


def test_rates_mean_nothing_before_there_are_calls_enough() -> None:
    own = breaker(Clock(), consecutive_failures=100, window_size=20, minimum_calls=5, failure_rate=0.5)
    fail(own, 4)
    assert state(own) is CLOSED
    fail(own)
    assert state(own) is OPEN


def test_what_has_left_the_window_of_calls_counts_no_more() -> None:
    own = breaker(Clock(), consecutive_failures=100, window_size=4, minimum_calls=4, failure_rate=0.75)
    fail(own, 2)
    succeed(own, 3)
    fail(own, 2)
    assert state(own) is CLOSED
    fail(own)
    assert state(own) is OPEN


def test_what_has_left_the_window_of_seconds_counts_no_more() -> None:
    clock = Clock()
    own = breaker(clock, window="seconds", consecutive_failures=100, window_size=10, minimum_calls=4, failure_rate=0.5)
    fail(own, 3)
    clock.now += 10
    fail(own, 3)
    assert state(own) is CLOSED
    clock.now += 9
    fail(own)
    assert state(own) is OPEN


def test_a_call_that_is_well_opens_nothing() -> None:
    own = breaker(Clock(), consecutive_failures=100, minimum_calls=4, failure_rate=0.5)
    fail(own, 3)
    succeed(own)
    assert state(own) is CLOSED


def test_slow_calls_open_it_though_all_of_them_succeed() -> None:
    clock = Clock()
    own = breaker(clock, slow_seconds=2, slow_rate=0.5, minimum_calls=4, window_size=4)
    for seconds in (1, 1, 3, 2, 1, 2, 3):
        with own.guard():
            clock.now += seconds
    assert state(own) is CLOSED, "one in four is slow: two seconds exactly are not"
    with own.guard():
        clock.now += 3
    assert state(own) is OPEN
    assert own.reason == "it has become too slow"


def test_a_long_answer_and_a_slow_listener_are_not_a_slow_engine() -> None:
    clock = Clock()
    own = breaker(clock, slow_seconds=2, slow_rate=0.5, minimum_calls=2)
    for _ in range(5):
        with own.guard() as call:
            clock.now += 1
            call.first_output()
            clock.now += 600
            call.first_output()
    assert state(own) is CLOSED


@pytest.mark.parametrize("what", NEUTRAL)
def test_cancellation_bad_input_and_bugs_decide_nothing(what: Callable[[], BaseException]) -> None:
    own = breaker(Clock(), consecutive_failures=2)
    fail(own)
    for _ in range(5):
        error = what()
        with pytest.raises(type(error)), own.guard():
            raise error
    assert state(own) is CLOSED
    fail(own)
    assert state(own) is OPEN, "nor do they end a row of failures"


def test_a_call_that_seemed_well_can_be_blamed_afterwards() -> None:
    own = breaker(Clock(), consecutive_failures=3)
    for _ in range(2):
        succeed(own)
        own.blame("no words")
    assert state(own) is CLOSED
    succeed(own)
    own.blame("no words")
    assert state(own) is OPEN
    assert own.reason == "no words"


def test_a_blamed_call_is_one_call_in_the_window() -> None:
    own = breaker(Clock(), consecutive_failures=100, minimum_calls=4, failure_rate=0.6, window_size=20)
    succeed(own, 3)
    own.blame("no words")
    own.blame("no words")
    assert state(own) is CLOSED, "three calls are less than four"
    succeed(own)
    own.blame("no words")
    assert state(own) is OPEN, "three of four failed"


@pytest.mark.parametrize("before", [OPEN, HALF_OPEN])
def test_blame_that_comes_after_it_opened_changes_nothing(before: BreakerState) -> None:
    own = standing(before, Clock())
    own.blame("no words")
    assert state(own) is before
    assert own.reason == "dead"


def test_it_can_be_tripped_at_once() -> None:
    own = breaker(Clock(), consecutive_failures=100)
    own.trip("it died in the middle")
    assert state(own) is OPEN
    assert own.reason == "it died in the middle"


def test_tripping_what_is_open_does_not_keep_it_open_for_longer() -> None:
    clock = Clock()
    own = breaker(clock)
    own.trip("dead")
    clock.now += 9
    own.trip("dead")
    clock.now += 1
    assert state(own) is HALF_OPEN
    own.trip("dead again")
    assert own.seconds_to_probe == 20


def test_when_it_closes_it_counts_from_the_beginning() -> None:
    clock = Clock()
    own = breaker(clock, consecutive_failures=100, minimum_calls=4, failure_rate=0.5)
    fail(own, 4)
    clock.now += 10
    succeed(own)
    fail(own, 3)
    assert state(own) is CLOSED
    fail(own)
    assert state(own) is OPEN


# -- half-open -------------------------------------------------------------------------------------------------


def test_half_open_lets_as_many_through_as_it_was_told() -> None:
    clock = Clock()
    own = breaker(clock, probes=3)
    fail(own)
    clock.now += 10
    out = [own.guard().__enter__() for _ in range(3)]
    assert not own.admits
    assert refuses(own)
    for call in out[:2]:
        end(call)
    assert refuses(own), "two are back: no more are needed"
    assert state(own) is HALF_OPEN
    end(out[2])
    assert state(own) is CLOSED


def test_the_rate_decides_among_probes() -> None:
    clock = Clock()
    own = breaker(clock, probes=4, failure_rate=0.5)
    fail(own)
    clock.now += 10
    fail(own)
    succeed(own, 2)
    assert state(own) is HALF_OPEN
    fail(own)
    assert state(own) is OPEN


@pytest.mark.parametrize("what", NEUTRAL)
def test_a_probe_that_decides_nothing_gives_its_permit_back(what: Callable[[], BaseException]) -> None:
    clock = Clock()
    own = breaker(clock)
    fail(own)
    clock.now += 10
    probe = own.guard().__enter__()
    assert refuses(own)
    end(probe, what())
    assert state(own) is HALF_OPEN
    succeed(own)
    assert state(own) is CLOSED


def test_a_slow_probe_is_a_failed_one() -> None:
    clock = Clock()
    own = breaker(clock, slow_seconds=2)
    fail(own)
    clock.now += 10
    with own.guard():
        clock.now += 3
    assert state(own) is OPEN
    assert own.reason == "still too slow"


def test_a_probe_that_never_returns_loses_its_place_and_its_say() -> None:
    clock = Clock()
    own = breaker(clock, lease_seconds=30)
    fail(own)
    clock.now += 10
    hung = own.guard().__enter__()
    clock.now += 29
    assert not own.probe_is_due
    clock.now += 1
    end(hung)
    assert state(own) is HALF_OPEN, "too late, though nobody has its place yet"
    succeed(own)
    assert state(own) is CLOSED


def test_a_probe_that_is_still_out_from_an_earlier_time_takes_nobodys_place() -> None:
    clock = Clock()
    own = breaker(clock, probes=2)
    fail(own)
    clock.now += 10
    late = own.guard().__enter__()
    fail(own)
    clock.now += 20
    out = [own.guard().__enter__() for _ in range(2)]
    end(late, BROKEN)
    for call in out:
        end(call)
    assert state(own) is CLOSED


def test_a_probed_breaker_never_lets_somebodys_call_find_out() -> None:
    clock = Clock()
    own = breaker(clock, probed=True)
    fail(own)
    clock.now += 10
    assert (own.probe_is_due, own.admits) == (True, False)
    assert refuses(own)
    succeed(own, probe=True)
    assert (own.probe_is_due, own.admits) == (False, True)
    assert not refuses(own)


def test_a_probe_of_what_is_well_counts_as_any_call() -> None:
    own = breaker(Clock(), probed=True)
    succeed(own, probe=True)
    fail(own, probe=True)
    assert state(own) is OPEN
    assert refuses(own, probe=True), "its time is not up"


# -- epochs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [None, BROKEN])
def test_a_late_result_of_an_earlier_epoch_changes_nothing(error: BaseException | None) -> None:
    clock = Clock()
    own = breaker(clock)
    late, later = own.guard().__enter__(), own.guard().__enter__()
    fail(own)
    end(late, error)
    assert state(own) is OPEN
    clock.now += 10
    end(later, error)
    assert state(own) is HALF_OPEN


def test_a_failure_from_before_it_closed_does_not_open_it_again() -> None:
    clock = Clock()
    own = breaker(clock)
    late = own.guard().__enter__()
    fail(own)
    clock.now += 10
    succeed(own)
    end(late, BROKEN)
    assert state(own) is CLOSED


def test_every_opening_and_closing_is_told_once_with_its_epoch_and_reason() -> None:
    clock = Clock()
    own, seen = watched(clock)
    fail(own, 1)
    clock.now += 10
    for _ in range(2):
        assert state(own) is HALF_OPEN
    succeed(own)
    assert seen == [
        Transition("x", CLOSED, OPEN, 1, "boom"),
        Transition("x", OPEN, HALF_OPEN, 1, "boom"),
        Transition("x", HALF_OPEN, CLOSED, 2, ""),
    ]


# -- how long it stays open ------------------------------------------------------------------------------------


def test_every_failed_probe_doubles_the_open_time_up_to_the_longest() -> None:
    clock = Clock()
    own = breaker(clock, open_seconds=5, longest_open_seconds=30)
    fail(own)
    for expected in (5, 10, 20, 30, 30):
        assert own.seconds_to_probe == expected
        clock.now += expected - 0.5
        assert refuses(own)
        clock.now += 0.5
        assert own.seconds_to_probe == 0
        fail(own)


def test_jitter_shortens_and_never_lengthens() -> None:
    clock = Clock()
    own = breaker(clock, open_seconds=20, longest_open_seconds=30, jitter=0.5)
    fail(own)
    times = [own.seconds_to_probe]
    for _ in range(200):
        clock.now += 1000
        fail(own)
        times.append(own.seconds_to_probe)
    assert 10 <= times[0] <= 20
    assert all(15 <= each <= 30 for each in times[1:])
    assert len(set(times)) > 100


def test_what_comes_and_goes_is_asked_ever_more_rarely() -> None:
    clock = Clock()
    own = breaker(clock, open_seconds=5, longest_open_seconds=30)
    for expected in (5, 10, 20, 30):
        fail(own)
        assert own.seconds_to_probe == expected
        clock.now += expected
        succeed(own)
        clock.now += 29


def test_after_a_stable_time_the_open_time_begins_anew() -> None:
    clock = Clock()
    own = breaker(clock, open_seconds=5, longest_open_seconds=30)
    for _ in range(3):
        fail(own)
        clock.now += 30
        succeed(own)
        clock.now += 30
    fail(own)
    assert own.seconds_to_probe == 5


# -- an operator's word ----------------------------------------------------------------------------------------


def test_forced_open_admits_nothing_until_it_is_taken_back() -> None:
    clock = Clock()
    own = breaker(clock)
    own.force("open")
    clock.now += 10_000
    own.trip("whatever")
    assert state(own) is FORCED_OPEN
    assert refuses(own)
    assert refuses(own, probe=True)
    own.force(None)
    assert state(own) is CLOSED
    assert not refuses(own)


def test_forced_closed_admits_everything_and_learns_nothing() -> None:
    own = breaker(Clock(), minimum_calls=1)
    own.force("closed")
    fail(own, 20)
    own.blame("whatever")
    own.trip("whatever")
    assert state(own) is FORCED_CLOSED
    own.force(None)
    assert state(own) is CLOSED


@pytest.mark.parametrize("before", BreakerState)
@pytest.mark.parametrize(("word", "after"), [("open", FORCED_OPEN), ("closed", FORCED_CLOSED), (None, CLOSED)])
def test_an_operators_word_is_followed_whatever_it_is(
    before: BreakerState, word: Literal["open", "closed"] | None, after: BreakerState
) -> None:
    clock = Clock()
    own = standing(before, clock)
    own.force(word)
    assert state(own) is after
    own.force(None)
    clock.now += 10_000
    assert state(own) is CLOSED


def standing(at: BreakerState, clock: Clock) -> CircuitBreaker:
    own = breaker(clock)
    match at:
        case BreakerState.CLOSED:
            pass
        case BreakerState.OPEN:
            own.trip("dead")
        case BreakerState.HALF_OPEN:
            own.trip("dead")
            clock.now += 10
        case BreakerState.FORCED_OPEN:
            own.force("open")
        case BreakerState.FORCED_CLOSED:
            own.force("closed")
    assert state(own) is at
    return own


def test_taking_back_an_operators_word_begins_anew() -> None:
    clock = Clock()
    own = breaker(clock, open_seconds=5)
    for _ in range(3):
        fail(own)
        clock.now += 1000
    own.force("open")
    own.force(None)
    fail(own)
    assert own.seconds_to_probe == 5


def test_a_call_from_before_an_operators_word_changes_nothing() -> None:
    own = breaker(Clock())
    late = own.guard().__enter__()
    own.force("closed")
    own.force(None)
    end(late, BROKEN)
    assert state(own) is CLOSED


# -- what another process tells --------------------------------------------------------------------------------


def test_a_later_epoch_is_adopted() -> None:
    clock = Clock()
    own = breaker(clock)
    own.adopt(Stand(7, OPEN, 4.0, 2, "it is down"))
    assert (state(own), own.epoch, own.seconds_to_probe, own.reason) == (OPEN, 7, 4.0, "it is down")
    clock.now += 4
    fail(own)
    assert (own.epoch, own.seconds_to_probe) == (8, 30), "the third opening in a row"


@pytest.mark.parametrize("before", BreakerState)
@pytest.mark.parametrize("told", [CLOSED, OPEN, FORCED_OPEN, FORCED_CLOSED])
def test_a_later_epoch_is_adopted_whatever_it_is(before: BreakerState, told: BreakerState) -> None:
    clock = Clock()
    own = standing(before, clock)
    own.adopt(Stand(9, told, 10.0 if told is OPEN else 0.0, 1, "told so"))
    assert (state(own), own.epoch) == (told, 9)
    assert refuses(own) is (told in (OPEN, FORCED_OPEN))


def test_an_earlier_epoch_is_not() -> None:
    own = breaker(Clock())
    fail(own)
    own.adopt(Stand(0, CLOSED))
    assert state(own) is OPEN


def test_in_one_epoch_the_one_who_told_first_is_right() -> None:
    own = breaker(Clock())
    fail(own)
    own.adopt(Stand(1, CLOSED))
    assert state(own) is CLOSED


def test_in_one_epoch_an_operators_word_stands() -> None:
    own = breaker(Clock())
    own.force("open")
    own.adopt(Stand(1, CLOSED))
    assert state(own) is FORCED_OPEN


def test_the_same_told_again_does_not_restart_its_time() -> None:
    clock = Clock()
    own = breaker(clock)
    fail(own)
    clock.now += 9
    own.adopt(Stand(1, OPEN, 10.0, 1, "boom"))
    assert own.seconds_to_probe == 1


def test_an_absurd_open_time_is_not_adopted() -> None:
    own = breaker(Clock(), longest_open_seconds=30)
    own.adopt(Stand(1, OPEN, 86_400.0, 1, "their clock jumped"))
    assert own.seconds_to_probe == 30


def test_a_closing_elsewhere_is_no_stable_time_here() -> None:
    clock = Clock()
    own = breaker(clock, open_seconds=5)
    fail(own)
    own.adopt(Stand(2, CLOSED, 0.0, 1))
    fail(own)
    assert own.seconds_to_probe == 10


def test_what_it_tells_is_what_another_adopts() -> None:
    clock = Clock()
    ours, theirs = breaker(clock), breaker(clock)
    fail(ours)
    clock.now += 12
    assert state(ours) is HALF_OPEN
    theirs.adopt(ours.stand())
    assert state(theirs) is HALF_OPEN
    succeed(theirs)
    ours.adopt(theirs.stand())
    assert (state(ours), ours.stand()) == (CLOSED, theirs.stand())
