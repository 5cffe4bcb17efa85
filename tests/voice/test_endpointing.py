import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.endpointing import Endpoint, Endpointer
from voice.settings import EndpointingSettings

SETTINGS = EndpointingSettings(onset_seconds=0.2, shortest_seconds=0.3, silence_seconds=0.7, longest_seconds=30)


def events(*windows: float) -> list[tuple[int, Endpoint]]:
    """Feed windows of 100 ms; which window gave which event."""
    endpointer = Endpointer(SETTINGS)
    given_by = [(number, endpointer.process(p, 0.1)) for number, p in enumerate(windows)]
    return [(number, event) for number, event in given_by if event is not None]


def test_it_counts_audio() -> None:
    assert events(0, 1, 1, 1, 0, 1, *[0] * 7) == [(2, Endpoint.STARTED), (12, Endpoint.ENDED)]


def test_one_loud_window_is_not_an_onset() -> None:
    assert events(1, 0, 1, 0, 1, 0) == []


def test_what_was_too_short_is_dropped() -> None:
    assert events(1, 1, *[0] * 7) == [(1, Endpoint.STARTED), (8, Endpoint.DROPPED)]


def test_a_pause_shorter_than_the_silence_ends_nothing() -> None:
    assert events(1, 1, 1, *[0] * 6, 1, 1) == [(1, Endpoint.STARTED)]


def test_speech_that_fades_keeps_the_utterance_open() -> None:
    assert events(1, 1, 1, *[0.4] * 20) == [(1, Endpoint.STARTED)]


def test_nobody_may_talk_for_ever() -> None:
    assert events(*[1] * 305)[:2] == [(1, Endpoint.STARTED), (299, Endpoint.ENDED)]


def test_closing_the_microphone_ends_what_was_being_said() -> None:
    endpointer = Endpointer(SETTINGS)
    for _ in range(5):
        endpointer.process(1, 0.1)
    assert endpointer.flush() is Endpoint.ENDED
    assert endpointer.flush() is None


@given(st.lists(st.floats(0, 1), max_size=400))
def test_every_start_has_exactly_one_end(windows: list[float]) -> None:
    endpointer = Endpointer(SETTINGS)
    seen = [event for p in windows if (event := endpointer.process(p, 0.1)) is not None]
    last = endpointer.flush()
    seen += [last] if last is not None else []
    assert len(seen) % 2 == 0
    assert all(event is Endpoint.STARTED for event in seen[::2])
    assert all(event is not Endpoint.STARTED for event in seen[1::2])


@pytest.mark.parametrize("seconds", [0.01, 0.032, 0.1])
def test_the_length_of_a_window_does_not_matter(seconds: float) -> None:
    endpointer = Endpointer(SETTINGS)
    started = next(n for n in range(1000) if endpointer.process(1, seconds) is Endpoint.STARTED)
    assert (started + 1) * seconds == pytest.approx(0.2, abs=seconds)
