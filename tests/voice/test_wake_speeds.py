"""A word listened for at three speeds, on speech made here."""

from collections.abc import Sequence

import pytest

from tests.made.speech import silence, speech
from voice.protocols import WakeWord
from voice.wake.micro import load_micro, load_micro_at_speeds
from voice.wake.speeds import BESIDES, AtSpeeds
from voice.wake.watch import STEP_BYTES


class Told:
    """An ear that finds the word as likely as it was told, and counts what it hears."""

    def __init__(self, likely: float) -> None:
        self._likely = likely
        self.heard = 0

    def process(self, pcm: bytes) -> float:
        self.heard += len(pcm)
        return self._likely

    def reset(self) -> None:
        self.heard = 0


def three(*likely: float) -> tuple[Sequence[Told], AtSpeeds]:
    ears = [Told(each) for each in likely]
    unused = iter(ears)
    return ears, AtSpeeds(lambda: next(unused))


def most(ear: WakeWord, pcm: bytes, step: int = STEP_BYTES) -> float:
    return max(ear.process(pcm[at : at + step]) for at in range(0, len(pcm), step))


@pytest.mark.parametrize("likely", [(0.9, 0.1, 0.2), (0.1, 0.9, 0.2), (0.1, 0.2, 0.9)])
def test_it_is_as_likely_as_at_the_speed_at_which_it_is_the_likeliest(likely: tuple[float, float, float]) -> None:
    _, ear = three(*likely)
    assert ear.process(silence(0.01)) == 0.9


def test_a_slower_sound_lasts_longer_and_a_faster_one_less_long() -> None:
    (usual, *besides), ear = three(0.0, 0.0, 0.0)
    most(ear, silence(2))
    assert usual.heard == len(silence(2))
    for speed, each in zip(BESIDES, besides, strict=True):
        assert each.heard == pytest.approx(len(silence(2)) / speed, rel=0.01)


def test_at_no_speed_anything_is_remembered_of_what_was_to_be_forgotten() -> None:
    ears, ear = three(0.0, 0.0, 0.0)
    most(ear, silence(1))
    ear.reset()
    assert [each.heard for each in ears] == [0, 0, 0]


def test_who_is_missed_at_the_usual_speed_is_heard_at_another() -> None:
    sound = silence(2) + speech("okay naboo", "en-us+f5") + silence(0.5)
    assert most(load_micro("okay-nabu"), sound) < 0.6
    assert most(load_micro_at_speeds("okay-nabu"), sound) > 0.9


def test_a_piece_of_any_length_is_taken_at_any_speed() -> None:
    sound = silence(2) + speech("okay naboo") + silence(0.5)
    assert most(load_micro_at_speeds("okay-nabu"), sound, 998) > 0.9
