import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.endpointing import Endpoint, Endpointer
from voice.pauses import Pauses
from voice.settings import EndpointingSettings

STARTED, SOFT_END, RESUMED, ENDED = Endpoint.STARTED, Endpoint.SOFT_END, Endpoint.RESUMED, Endpoint.ENDED
LULL = Endpoint.LULL
SETTINGS = EndpointingSettings(
    onset_seconds=0.2, shortest_seconds=0.3, lull_seconds=2, soft_seconds=0.2, silence_seconds=0.7, longest_seconds=30
)


def events(*windows: float, of: Endpointer | None = None) -> list[tuple[int, Endpoint]]:
    """Feed windows of 100 ms; which window gave which event."""
    endpointer = of or Endpointer(SETTINGS)
    given_by = [(number, endpointer.process(p, 0.1)) for number, p in enumerate(windows)]
    return [(number, event) for number, event in given_by if event is not None]


def paused(settings: EndpointingSettings = SETTINGS, pauses: Pauses | None = None) -> Endpointer:
    """After half a second of speech, just softly ended."""
    endpointer = Endpointer(settings, pauses=pauses)
    assert events(*[1] * 5, 0, 0, of=endpointer) == [(1, STARTED), (6, SOFT_END)]
    return endpointer


def silence_until_the_end(endpointer: Endpointer, most: int = 200) -> float:
    """Seconds of silence, with those that there were."""
    for number in range(most):
        event = endpointer.process(0, 0.1)
        if event is not None:
            assert event is ENDED
            return 0.2 + 0.1 * (number + 1)
    raise AssertionError("it never ended")


# -- by silence --------------------------------------------------------------------------------------------------


def test_it_counts_audio() -> None:
    story = [(2, STARTED), (7, SOFT_END), (12, ENDED)]
    assert events(0, 1, 1, 1, 0, 1, *[0] * 7) == story


def test_one_loud_window_is_not_an_onset() -> None:
    assert events(1, 0, 1, 0, 1, 0) == []


def test_what_was_too_short_is_dropped_and_never_softly_ended() -> None:
    assert events(1, 1, *[0] * 7) == [(1, STARTED), (8, Endpoint.DROPPED)]


def test_a_pause_shorter_than_the_silence_is_taken_up_again() -> None:
    assert events(1, 1, 1, *[0] * 6, 1, 1) == [(1, STARTED), (4, SOFT_END), (9, RESUMED)]


def test_each_pause_has_a_revision_of_its_own() -> None:
    endpointer = Endpointer(SETTINGS)
    story = [1, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0]
    assert [endpointer.revision for p in story if endpointer.process(p, 0.1) is SOFT_END] == [1, 2, 3]


def test_a_pause_too_short_to_be_one_changes_nothing() -> None:
    assert events(1, 1, 1, 0, 1, 0, 1, 0, 1) == [(1, STARTED)]


def test_a_click_in_a_pause_does_not_take_it_up() -> None:
    endpointer = Endpointer(SETTINGS)
    story = [1.0] * 30 + [0.0] * 20 + [1.0] * 3 + [0.0] * 60  # windows of 16 ms
    given = [(number, event) for number, p in enumerate(story) if (event := endpointer.process(p, 0.016)) is not None]
    assert [event for _, event in given] == [STARTED, SOFT_END, ENDED]
    assert (given[-1][0] + 1 - 30) * 0.016 == pytest.approx(0.7, abs=0.016)  # the click counts as silence
    assert endpointer.stood == 1


def test_speech_that_begins_as_the_wait_runs_out_is_not_cut() -> None:
    endpointer = Endpointer(SETTINGS)
    story = [1.0] * 10 + [0.0] * 16 + [1.0] * 3  # windows of 40 ms: the silence would be 0.7 s in the first loud one
    given = [event for p in story if (event := endpointer.process(p, 0.04)) is not None]
    assert given == [STARTED, SOFT_END, RESUMED]


def test_who_begins_to_speak_is_not_cut_off_by_late_news_of_the_pause() -> None:
    endpointer = Endpointer(SETTINGS)
    story = [1.0] * 10 + [0.0] * 16 + [1.0]
    assert [event for p in story if (event := endpointer.process(p, 0.04)) is not None] == [STARTED, SOFT_END]
    endpointer.tell(1, 1.0)
    assert endpointer.process(1.0, 0.001) is None
    assert endpointer.process(1.0, 0.04) is RESUMED


def test_speech_that_fades_keeps_the_utterance_open() -> None:
    assert events(1, 1, 1, *[0.4] * 20) == [(1, STARTED)]


def test_nobody_may_talk_for_ever() -> None:
    assert events(*[1] * 305)[:2] == [(1, STARTED), (299, ENDED)]


@pytest.mark.parametrize("ending", ["automatic", "push-to-talk", "over"])
def test_nobody_may_pause_for_ever(ending: str) -> None:
    endpointer = Endpointer(
        EndpointingSettings.model_validate({"ending": ending, "patience": "very-patient", "lull_seconds": 2})
    )
    endpointer.hold()
    given = [event for _, event in events(*[1] * 10, *[0] * 295, of=endpointer)]
    assert given == [STARTED, SOFT_END, ENDED, STARTED]  # still held


def test_closing_the_microphone_ends_what_was_being_said() -> None:
    endpointer = Endpointer(SETTINGS)
    for _ in range(5):
        endpointer.process(1, 0.1)
    assert endpointer.flush() is ENDED
    assert endpointer.stood is None
    assert endpointer.flush() is None


def test_a_click_as_the_microphone_closes_is_dropped() -> None:
    endpointer = Endpointer(SETTINGS)
    assert events(1, 1, of=endpointer) == [(1, STARTED)]
    assert endpointer.flush() is Endpoint.DROPPED


def test_where_no_pause_is_to_be_waited_out_it_is_the_end_at_once() -> None:
    hasty = SETTINGS.model_copy(update={"silence_seconds": 0.1, "adapts": False})
    assert events(1, 1, 1, 0, 0, of=Endpointer(hasty)) == [(1, STARTED), (4, ENDED)]


def test_an_end_says_which_soft_end_stood() -> None:
    endpointer = paused()
    assert endpointer.flush() is ENDED
    assert endpointer.stood == 1


@pytest.mark.parametrize("seconds", [0.01, 0.032, 0.1])
def test_the_length_of_a_window_does_not_matter(seconds: float) -> None:
    endpointer = Endpointer(SETTINGS)
    started = next(n for n in range(1000) if endpointer.process(1, seconds) is STARTED)
    assert (started + 1) * seconds == pytest.approx(0.2, abs=seconds)


# -- how long the wait is ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("completion", "seconds"), [(1.0, 0.3), (0.75, 0.5), (0.5, 0.7), (None, 0.7), (0.25, 1.6), (0.0, 2.4)]
)
def test_the_surer_the_end_the_shorter_the_wait(completion: float | None, seconds: float) -> None:
    endpointer = paused()
    endpointer.tell(1, completion)
    assert silence_until_the_end(endpointer) == pytest.approx(seconds)


def test_the_wait_may_be_told_anew_while_it_lasts() -> None:
    endpointer = paused()
    endpointer.tell(1, 0.0)
    assert events(*[0] * 10, of=endpointer) == []
    endpointer.tell(1, 1.0)
    assert events(0, of=endpointer) == [(0, ENDED)]


def test_what_is_told_of_another_pause_comes_too_late() -> None:
    endpointer = paused()
    events(1, of=endpointer)
    endpointer.tell(1, 1.0)
    endpointer.finish(1)
    assert events(0, 0, of=endpointer) == [(1, SOFT_END)]
    endpointer.tell(1, 1.0)
    endpointer.finish(1)
    assert silence_until_the_end(endpointer) == pytest.approx(0.7)


def test_what_was_told_does_not_outlast_its_pause() -> None:
    endpointer = paused()
    endpointer.tell(1, 0.0)
    assert events(1, 0, 0, of=endpointer) == [(0, RESUMED), (2, SOFT_END)]
    assert silence_until_the_end(endpointer) == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("patience", "seconds"), [("brisk", 0.6), ("standard", 0.7), ("unhurried", 1.3), ("very-patient", 3.4)]
)
def test_patience_is_a_wait(patience: str, seconds: float) -> None:
    endpointer = paused(SETTINGS.model_copy(update={"patience": patience}))
    assert silence_until_the_end(endpointer) == pytest.approx(seconds)


def test_patience_may_be_asked_for_at_any_time() -> None:
    endpointer = paused()
    endpointer.patience = "very-patient"
    assert silence_until_the_end(endpointer) == pytest.approx(3.4)


def test_who_is_to_be_waited_for_with_much_patience_may_fall_silent_in_the_middle_of_a_word() -> None:
    endpointer = Endpointer(SETTINGS.model_copy(update={"patience": "very-patient"}))
    assert endpointer.wait_seconds(0.97) == pytest.approx(3.4)
    assert endpointer.wait_seconds(0.0) == pytest.approx(8.4)


def test_after_all_of_an_answer_or_a_command_even_they_are_not_waited_for_so_long() -> None:
    endpointer = Endpointer(SETTINGS.model_copy(update={"patience": "very-patient"}))
    assert endpointer.wait_seconds(1.0) == pytest.approx(1.5)


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["brisk", "standard", "unhurried", "very-patient"]))
def test_a_surer_end_is_never_waited_for_longer(one: float, other: float, patience: str) -> None:
    endpointer = Endpointer(SETTINGS.model_copy(update={"patience": patience}))
    assert endpointer.wait_seconds(min(one, other)) >= endpointer.wait_seconds(max(one, other))


# -- again, soon after the end -----------------------------------------------------------------------------------


def test_speech_soon_after_the_end_reopens_it() -> None:
    endpointer = paused()
    silence_until_the_end(endpointer)
    assert events(0, 0, 0, 1, 1, of=endpointer) == [(4, Endpoint.REOPENED)]


def test_speech_later_than_that_is_a_new_beginning() -> None:
    endpointer = paused()
    silence_until_the_end(endpointer)
    assert events(*[0] * 9, 1, 1, of=endpointer) == [(10, STARTED)]


@pytest.mark.parametrize("by", ["the button", "its length"])
def test_speech_soon_after_an_end_that_was_no_silence_is_a_new_beginning(by: str) -> None:
    endpointer = Endpointer(SETTINGS)
    if by == "the button":
        endpointer.hold()
        events(*[1] * 5, of=endpointer)
        assert endpointer.release() is ENDED
    else:
        assert events(*[1] * 300, of=endpointer)[-1] == (299, ENDED)
    assert events(1, 1, of=endpointer) == [(1, STARTED)]
    assert endpointer.pauses.as_record() == []


def test_a_new_microphone_reopens_nothing() -> None:
    endpointer = paused()
    silence_until_the_end(endpointer)
    assert endpointer.flush() is None
    assert events(1, 1, of=endpointer) == [(1, STARTED)]


def test_an_end_that_was_none_is_learned_from_as_the_pause_it_was() -> None:
    endpointer = paused()
    silence_until_the_end(endpointer)
    events(0, 0, 0, 1, 1, of=endpointer)
    assert endpointer.pauses.as_record() == [pytest.approx(1.0)]


# -- the speaker's own pauses ------------------------------------------------------------------------------------


def test_pauses_in_mid_utterance_are_learned() -> None:
    endpointer = Endpointer(SETTINGS)
    events(1, 1, 1, *[0] * 4, 1, 0, 0, 0, 1, *[0] * 7, of=endpointer)
    assert endpointer.pauses.as_record() == [pytest.approx(0.4), pytest.approx(0.3)]


def test_who_pauses_long_is_waited_for() -> None:
    slow = Pauses([0.6, 1.0, 1.2, 0.9] * 10)
    assert silence_until_the_end(paused(pauses=slow)) == pytest.approx(1.3, abs=0.11)


def test_who_never_pauses_is_answered_sooner() -> None:
    quick = Pauses([0.25] * 100)
    assert silence_until_the_end(paused(pauses=quick)) == pytest.approx(0.6)


def test_a_few_pauses_say_little() -> None:
    assert Pauses([2.0]).wait(0.7) < 0.9


def test_one_strange_pause_among_many_does_nothing() -> None:
    usual = [0.3] * 50
    assert Pauses([*usual, 9.0]).wait(0.7) == pytest.approx(Pauses(usual).wait(0.7), abs=0.01)


def test_the_waits_do_not_adapt_where_that_is_not_wanted() -> None:
    fixed = SETTINGS.model_copy(update={"adapts": False})
    assert silence_until_the_end(paused(fixed, Pauses([2.0] * 100))) == pytest.approx(0.7)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=300), st.floats(0.1, 5))
def test_a_learned_wait_is_bounded_and_survives_being_written_down(seconds: list[float], usual: float) -> None:
    pauses = Pauses(seconds)
    assert 0.75 * usual <= pauses.wait(usual) <= 3 * usual
    assert len(pauses.as_record()) <= 200
    assert Pauses(pauses.as_record()).wait(usual) == pytest.approx(pauses.wait(usual), abs=0.01)


# -- lulls -------------------------------------------------------------------------------------------------------

WITH_LULLS = SETTINGS.model_copy(update={"lull_seconds": 0.1})


def test_a_lull_comes_before_the_pause_and_counts_as_the_same() -> None:
    endpointer = Endpointer(WITH_LULLS)
    assert events(*[1] * 5, *[0] * 7, of=endpointer) == [(1, STARTED), (5, LULL), (6, SOFT_END), (11, ENDED)]
    assert (endpointer.revision, endpointer.stood) == (1, 1)


def test_speech_after_a_lull_takes_it_back_and_teaches_no_pause() -> None:
    endpointer = Endpointer(WITH_LULLS)
    assert events(1, 1, 1, 0, 0.4, 1, 0, 0, of=endpointer) == [
        (1, STARTED), (3, LULL), (4, RESUMED), (6, LULL), (7, SOFT_END),
    ]  # fmt: skip
    assert endpointer.revision == 2
    assert endpointer.pauses.as_record() == []


@given(st.lists(st.sampled_from([0.0, 0.2, 0.4, 0.6, 1.0]), max_size=400), st.sampled_from([0.0, 0.5, 1.0, None]))
def test_lulls_change_nothing_else(windows: list[float], judged: float | None) -> None:
    told = []
    for settings in (SETTINGS, WITH_LULLS):
        endpointer, given_by = Endpointer(settings), []
        lulled = False
        for number, probability in enumerate(windows):
            event = endpointer.process(probability, 0.05)
            if event is SOFT_END:
                endpointer.tell(endpointer.revision, judged)
            if event is not None and event is not LULL and not (event is RESUMED and lulled):
                given_by.append((number, event))
            lulled = event is LULL or (lulled and event is None)
        told.append((given_by, endpointer.pauses.as_record()))
    assert told[0] == told[1]


def test_who_lets_go_in_a_lull_said_all_of_it_before() -> None:
    endpointer = Endpointer(WITH_LULLS)
    endpointer.hold()
    assert events(1, 1, 1, 1, 0, of=endpointer)[-1] == (4, LULL)
    assert endpointer.release() is ENDED
    assert endpointer.stood == 1


# -- at the user's word ------------------------------------------------------------------------------------------


def test_while_it_is_held_no_silence_ends_it() -> None:
    endpointer = Endpointer(SETTINGS)
    endpointer.hold()
    assert events(*[1] * 5, *[0] * 100, 1, of=endpointer) == [(0, STARTED), (6, SOFT_END), (105, RESUMED)]
    assert endpointer.release() is ENDED
    assert endpointer.release() is None


def test_pressing_in_mid_sentence_keeps_the_sentence_open() -> None:
    endpointer = paused()
    endpointer.hold()
    assert events(*[0] * 50, of=endpointer) == []
    assert endpointer.release() is ENDED
    assert endpointer.stood == 1


def test_what_was_pressed_for_counts_even_where_no_speech_was_detected() -> None:
    endpointer = Endpointer(SETTINGS)
    endpointer.hold()
    assert events(*[0] * 10, of=endpointer) == [(0, STARTED)]
    assert endpointer.release() is ENDED


def test_a_key_that_was_only_touched_is_dropped() -> None:
    endpointer = Endpointer(SETTINGS)
    endpointer.hold()
    events(0, of=endpointer)
    assert endpointer.release() is Endpoint.DROPPED


def test_push_to_talk_hears_nothing_unasked() -> None:
    endpointer = Endpointer(SETTINGS.model_copy(update={"ending": "push-to-talk"}))
    assert events(*[1] * 50, of=endpointer) == []
    endpointer.hold()
    assert events(1, of=endpointer) == [(0, STARTED)]


def test_only_the_word_ends_what_ends_by_a_word() -> None:
    endpointer = paused(SETTINGS.model_copy(update={"ending": "over"}))
    endpointer.tell(1, 1.0)
    assert events(*[0] * 100, of=endpointer) == []
    endpointer.finish(1)
    assert events(0, of=endpointer) == [(0, ENDED)]
    assert endpointer.stood == 1


def test_who_chooses_in_a_pause_to_say_over_is_waited_for_and_no_longer_once_they_take_it_back() -> None:
    endpointer = paused()
    endpointer.ending = "over"
    assert events(*[0] * 50, of=endpointer) == []
    endpointer.ending = "automatic"
    assert events(0, of=endpointer) == [(0, ENDED)]


# -- whatever happens --------------------------------------------------------------------------------------------

STEPS = st.one_of(
    st.floats(0, 1), st.sampled_from(["hold", "release", "finish", "sure", "unsure", "flush", 0.0, 1.0, 0.0, 1.0])
)


@given(st.lists(STEPS, max_size=300), st.sampled_from(["automatic", "push-to-talk", "over"]), st.sampled_from([0.1, 2]))
def test_every_start_has_exactly_one_end_and_every_pause_one_outcome(
    steps: list[float | str], ending: str, lull_seconds: float
) -> None:
    changed = {"ending": ending, "longest_seconds": 5.0, "lull_seconds": lull_seconds}
    endpointer = Endpointer(SETTINGS.model_copy(update=changed))
    seen: list[Endpoint | None] = []
    for step in [*steps, "flush"]:
        match step:
            case "hold":
                endpointer.hold()
            case "release":
                seen.append(endpointer.release())
            case "finish":
                endpointer.finish(endpointer.revision)
            case "sure" | "unsure":
                endpointer.tell(endpointer.revision, float(step == "sure"))
            case "flush":
                seen.append(endpointer.flush())
            case _:
                seen.append(endpointer.process(float(step), 0.1))
        assert endpointer.pause_seconds < math.inf
    state = "idle"
    for event in (each for each in seen if each is not None):
        assert event in FOLLOWS[state], f"{event} while {state}"
        state = FOLLOWS[state][event]
    assert state == "idle"


FOLLOWS = {
    "idle": {Endpoint.STARTED: "speaking", Endpoint.REOPENED: "speaking"},
    "speaking": {LULL: "lulled", SOFT_END: "paused", ENDED: "idle", Endpoint.DROPPED: "idle"},
    "lulled": {RESUMED: "speaking", SOFT_END: "paused", ENDED: "idle"},
    "paused": {RESUMED: "speaking", ENDED: "idle"},
}
