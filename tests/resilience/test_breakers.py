import pytest

from resilience.breaker import BreakerState, Transition
from resilience.breakers import Breakers
from resilience.settings import BreakerSettings

OWN = BreakerSettings(consecutive_failures=1)


def breakers(seen: list[Transition] | None = None) -> Breakers:
    return Breakers((seen if seen is not None else []).append, clock=lambda: 0.0)


def test_all_are_found_by_name_and_may_go_while_they_are_looked_at() -> None:
    house = breakers()
    for name in ("stt/a", "stt/b"):
        house.new(name, OWN)
    for each in house:
        assert house[each.name] is each
        house.drop(each.name)
    assert [*house] == []


def test_a_shared_one_is_probed_for_one_process_asks_for_all() -> None:
    house = breakers()
    ours, theirs = house.new("memory", OWN), house.new("language/far", OWN, shared=True)
    assert (ours.probed, theirs.probed) == (False, True)
    assert not house.is_shared("memory")
    assert house.is_shared("language/far")


@pytest.mark.parametrize("again", [True, False])
def test_one_that_is_dropped_or_made_anew_is_shared_no_more(again: bool) -> None:
    house = breakers()
    house.new("language/far", OWN, shared=True)
    house.drop("language/far")
    if again:
        house.new("language/far", OWN)
    assert not house.is_shared("language/far")


def test_every_transition_of_any_of_them_is_told() -> None:
    seen: list[Transition] = []
    house = breakers(seen)
    for name in ("a", "b"):
        house.new(name, OWN).trip("dead")
    assert [(each.breaker, each.after) for each in seen] == [("a", BreakerState.OPEN), ("b", BreakerState.OPEN)]


def test_a_watcher_is_told_as_long_as_it_watches() -> None:
    seen: list[Transition] = []
    house = breakers()
    with house.watched(seen.append):
        house.new("a", OWN).trip("dead")
    house["a"].force("open")
    assert [each.after for each in seen] == [BreakerState.OPEN]
