import json
from collections.abc import Sequence
from itertools import chain, repeat
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bench.wake.__main__ import main
from bench.wake.alarms import Listening, at_most
from bench.wake.sounds import Speaker, calls, others, people_call, under
from tests.made.speech import speech, wav_bytes

STEP = 160
"""Samples."""


class Script:
    """An ear that finds the word as likely as it was told, step by step."""

    def __init__(self, likely: Sequence[float]) -> None:
        self._script = likely
        self.reset()

    def process(self, pcm: bytes) -> float:
        return next(self._likely)

    def reset(self) -> None:
        self._likely = chain(self._script, repeat(0.0))


def test_a_word_that_stays_likely_for_a_while_was_heard_once() -> None:
    likely = [0.0] * 1000
    likely[100:140] = [0.9] * 40
    likely[150] = likely[700] = 0.9
    ear = Listening(Script(likely), (0.5, 0.95))
    for length in (999, 1, STEP * 990):  # in whatever pieces it comes
        ear.hear(np.zeros(length, np.float32))
    assert ear.alarms[0.5] == pytest.approx([1.01, 7.01])
    assert ear.count(0.95) == 0
    assert ear.most == 0.9


def test_what_was_heard_afresh_counts_alone() -> None:
    ear = Listening(Script([0.9]), (0.5,))
    for _ in range(2):
        ear.afresh()
        ear.hear(np.zeros(STEP * 3, np.float32))
        assert ear.count(0.5) == 1


def test_so_few_alarms_may_yet_be_many_in_the_long_run() -> None:
    """The bounds as tables of Poisson's law have them."""
    assert [at_most(count) for count in (0, 1, 10)] == pytest.approx([2.996, 4.744, 16.962], abs=0.001)


def test_noise_and_music_lie_as_far_below_the_voice_as_they_should(tmp_path: Path) -> None:
    voice = Speaker(tmp_path).say("hello there", "slt", 1.0)
    for kind in ("noise", "music"):
        sound = under(kind, 32_000, 20.0, np.random.default_rng(0))
        assert np.sqrt((sound**2).mean()) == pytest.approx(0.1 * np.sqrt((voice**2).mean()), rel=0.01)


def test_a_call_ends_where_it_says(tmp_path: Path) -> None:
    call = next(calls(Speaker(tmp_path), "alexa"))
    end = round(call.ends_at * 16_000)
    assert np.abs(call.sound[end - 1600 : end]).max() > 20 * np.abs(call.sound[end:]).max()


def test_who_was_recorded_calls_as_loudly_as_the_made_voices(tmp_path: Path) -> None:
    file = tmp_path / "alexa" / "me.wav"
    file.parent.mkdir()
    file.write_bytes(wav_bytes(speech("alexa")))
    quiet, *_ = people_call(tmp_path, "alexa")
    assert (quiet.voice, quiet.background) == ("me", "in quiet")
    loudest = max(float((quiet.sound[at : at + 8_000] ** 2).mean()) ** 0.5 for at in range(0, len(quiet.sound), 800))
    assert loudest == pytest.approx(0.1, rel=0.1)


def test_two_thirds_of_what_is_made_that_is_no_call_are_speech_however_little_is_heard_of_it(tmp_path: Path) -> None:
    seconds = {"made speech": 0.0, "noise": 0.0, "made music": 0.0, "people's speech": 0.0}
    for kind, sound in others(Speaker(tmp_path), 0.02, None):
        seconds[kind] += len(sound) / 16_000
    made = sum(seconds.values()) - seconds["people's speech"]
    assert 72 <= made < 90
    assert seconds["made speech"] == pytest.approx(2 / 3 * made, rel=0.01)
    assert seconds["noise"] == pytest.approx(seconds["made music"])


def test_the_figures_are_made_and_kept(tmp_path: Path) -> None:
    result = tmp_path / "wake.json"
    run = CliRunner().invoke(main, ["--every", "27", "--hours", "0.001", "--result", str(result)])
    assert run.exit_code == 0, run.output
    sections = json.loads(result.read_text())["sections"]
    assert '"okay nabu", by micro' in [each["title"] for each in sections]
    assert "false alarms" in run.output
