"""The turn-taking set and its report measure what they say."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bench.report import Section
from bench.turns.__main__ import main
from bench.turns.clips import PAUSES, Clip, Phrase, make_clips
from bench.turns.hearing import Heard, Pause, ends, hear
from bench.turns.judging import true_text
from bench.turns.policies import Pauses, Policy, laid_out, operating_points
from bench.turns.tables import points
from tests.made.speech import silence, utterance
from voice.settings import EndpointingSettings
from voice.types import SAMPLE_RATE, SoftEnd


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def clips(folder: Path) -> list[Clip]:
    return [*make_clips(folder, every=36)]


def test_a_clip_is_made_the_same_every_time(folder: Path, clips: list[Clip]) -> None:
    assert [*make_clips(folder, every=36)] == clips


def test_its_pauses_are_as_long_as_they_are_said_to_be(clips: list[Clip]) -> None:
    paused = [each for each in clips if len(each.phrases) > 1]
    assert paused
    for clip in paused:
        for before, after in zip(clip.phrases, clip.phrases[1:], strict=False):
            assert min(abs(after.began_at - before.ended_at - each) for each in PAUSES) < 1e-3
            within = slice(round(before.ended_at * SAMPLE_RATE) + 160, round(after.began_at * SAMPLE_RATE) - 160)
            samples = np.frombuffer(clip.pcm, np.int16)
            assert np.abs(samples[within]).max() < np.abs(samples).max() / 2


def test_what_was_said_is_known_at_every_pause(clips: list[Clip]) -> None:
    clip = next(each for each in clips if len(each.phrases) > 1)
    first = clip.phrases[0]
    pause = Pause(first.ended_at, 1.0, SoftEnd(utterance(b""), 1))
    assert true_text(clip, pause) == first.text
    assert clip.text_until(clip.ends_at) == " ".join(each.text for each in clip.phrases)


def test_a_turn_is_heard_and_its_end_found(clips: list[Clip]) -> None:
    plain = next(each for each in clips if len(each.phrases) == 1 and each.background == "quiet")
    heard = hear(plain)
    (end,) = ends(heard, [None] * len(heard.pauses), EndpointingSettings())
    assert plain.ends_at + 0.5 < end < plain.ends_at + 1.2


def test_what_is_told_at_a_pause_reaches_the_endpointer(clips: list[Clip]) -> None:
    heard = hear(next(each for each in clips if len(each.phrases) == 1))
    count = len(heard.pauses)
    sure, unsure = (ends(heard, [each] * count, EndpointingSettings())[-1] for each in (1.0, 0.0))
    assert unsure - sure == pytest.approx(2.1, abs=0.1)


# -- policies, on pauses made by hand: two turns, one with a pause of a second in its middle ------------------------


def paused(*pauses: tuple[float, float], ends_at: float, voice: str = "slt") -> Heard:
    soft = SoftEnd(utterance(b""), 1)
    clip = Clip("made", "made", voice, "quiet", (Phrase("made", 0.0, ends_at),), silence(10.0))
    return Heard(clip, (), tuple(Pause(began, lasts, soft) for began, lasts in pauses))


TWO = [paused((2.0, math.inf), ends_at=2.0), paused((1.0, 1.0), (4.0, math.inf), ends_at=4.0, voice="rms")]
KNOWING = [[0.9], [0.1, 0.9]]


def by_hand(judged: list[list[float | None]]) -> Pauses:
    return laid_out(TWO, judged)


def test_a_short_wait_cuts_off_and_a_long_one_takes_long() -> None:
    nothing: list[list[float | None]] = [[None], [None, None]]
    short = by_hand(nothing).under(Policy(math.inf, 0.4, 0.4))
    assert short.cut_share == 0.5
    assert short.mean_latency == pytest.approx(0.4)
    long = by_hand(nothing).under(Policy(math.inf, 1.5, 1.5))
    assert long.cut_share == 0.0
    assert long.mean_latency == pytest.approx(1.5)


def test_who_knows_waits_only_where_it_must() -> None:
    outcomes = by_hand([[*each] for each in KNOWING]).under(Policy(0.5, 0.3, 2.0))
    assert outcomes.cut_share == 0.0
    assert outcomes.mean_latency == pytest.approx(0.3)


def test_nobody_answers_before_the_detector_has_spoken() -> None:
    outcomes = by_hand([[*each] for each in KNOWING]).under(Policy(0.5, 0.2, 2.0))
    assert outcomes.mean_latency == pytest.approx(0.3)


def test_a_detector_that_knows_beats_silence_in_every_column() -> None:
    many = TWO * 10
    half = np.arange(len(many)) % 4 < 2
    silent = operating_points(laid_out(many, [[None], [None, None]] * 10), half, by_silence=True)
    knowing = operating_points(laid_out(many, [[0.9], [0.1, 0.9]] * 10), half, by_silence=False)
    assert knowing.cut_at_budget == (0.0, 0.0)
    assert silent.cut_at_budget == (0.5, 0.5)
    assert max(knowing.latency_at_cut) == pytest.approx(0.3)
    assert min(silent.latency_at_cut) > 1.0


def test_a_section_has_the_four_columns() -> None:
    section: Section = points("made", TWO, [[0.9], [0.1, 0.9]])
    assert [(figure.name, figure.unit) for figure in section.figures] == [
        ("cut off at 300 ms", "%"),
        ("cut off at 600 ms", "%"),
        ("latency at 5 % cut off", "ms"),
        ("latency at 10 % cut off", "ms"),
    ]


def test_the_command_prints_its_tables_and_keeps_them(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "turns.json"
    run = CliRunner().invoke(main, ["--every", "36", "--clips", str(folder), "--result", str(kept)])
    assert run.exit_code == 0, run.output
    assert "silence only" in run.output
    assert "very-patient" in run.output
    assert "pause in mid sentence" in run.output
    titles = [each["title"] for each in json.loads(kept.read_text())["sections"]]
    assert sum("chosen on the other half" in each for each in titles) >= 2
    assert titles[-1] == "What is heard at all"
