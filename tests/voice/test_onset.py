"""When somebody has begun to speak."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.onset import Onset

WINDOW = 0.032


def begins(*probabilities: float, threshold: float = 0.5) -> int | None:
    """The window with which somebody has begun to speak: three that are sure."""
    onset = Onset(3 * WINDOW, threshold)
    return next((number for number, p in enumerate(probabilities) if onset.hears(p, WINDOW)), None)


def test_speech_that_is_sure_counts_for_all_of_its_length() -> None:
    assert begins(1, 1, 1) == 2
    assert begins(0.9, 0.95, 0.99) == 2


def test_speech_that_is_unsure_takes_longer() -> None:
    assert begins(*[0.7] * 20) == 7
    assert begins(*[0.55] * 20) is None


def test_what_was_gathered_is_lost_in_a_window_of_silence() -> None:
    assert begins(1, 1, 0, 1, 1, 0, 1, 1) is None


def test_a_doubtful_moment_costs_a_little() -> None:
    assert begins(1, 1, 0.4, 1) is None
    assert begins(1, 1, 0.4, 1, 1) == 4


def test_long_silence_is_not_held_against_who_then_speaks() -> None:
    assert begins(*[0] * 100, 1, 1, 1) == 102


def test_where_more_is_asked_for_more_is_needed() -> None:
    assert begins(0.9, 0.9, 0.9, threshold=0.8) is None
    assert begins(*[0.85] * 6, threshold=0.9) is None


def test_what_was_used_up_begins_nothing_again() -> None:
    onset = Onset(2 * WINDOW, 0.5)
    assert [onset.hears(1, WINDOW) for _ in range(2)] == [False, True]
    onset.forget()
    assert not onset.hears(1, WINDOW)


@given(st.lists(st.floats(0, 1), max_size=60), st.integers(0, 60))
def test_a_surer_window_never_makes_it_later(probabilities: list[float], which: int) -> None:
    surer = [1.0 if number == which else p for number, p in enumerate(probabilities)]
    before, after = begins(*probabilities), begins(*surer)
    assert before is None or (after is not None and after <= before)


@pytest.mark.parametrize("impossible", [0.0, 1.0])
def test_certainty_is_bounded(impossible: float) -> None:
    assert begins(impossible, 1, 1, 1) == (3 if impossible == 0.0 else 2)
