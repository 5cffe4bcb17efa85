"""The stutter set holds what it says, and its report tells who was cut off."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bench.turns.clips import Clip
from bench.turns.hearing import ends, hear
from bench.turns.stutter import MANUAL, main, pressed
from bench.turns.stuttering import BLOCK_SECONDS, KINDS, make_stuttered
from voice.settings import EndpointingSettings
from voice.types import SAMPLE_RATE

EVERY = 18


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def clips(folder: Path) -> list[Clip]:
    return [*make_stuttered(folder, every=EVERY)]


def test_it_holds_every_kind_and_is_the_same_every_time(folder: Path, clips: list[Clip]) -> None:
    assert {each.kind for each in clips} == {*KINDS}
    assert [*make_stuttered(folder, every=EVERY)] == clips


def test_a_block_is_a_silence_in_the_middle_of_a_word(clips: list[Clip]) -> None:
    for clip in (each for each in clips if each.kind == "block"):
        [(head, rest)] = [
            (one, other)
            for one, other in zip(clip.phrases, clip.phrases[1:], strict=False)
            if other.text.startswith(one.text)
        ]
        assert BLOCK_SECONDS[0] <= rest.began_at - head.ended_at <= BLOCK_SECONDS[1]
        samples = np.abs(np.frombuffer(clip.pcm, np.int16).astype(np.int32))
        within = slice(round(head.ended_at * SAMPLE_RATE) + 160, round(rest.began_at * SAMPLE_RATE) - 160)
        assert samples[within].max() < samples.max() / 2


def test_a_block_is_waited_out_by_whoever_is_very_patient_and_by_no_one_brisk(clips: list[Clip]) -> None:
    block = hear(next(each for each in clips if each.kind == "block" and each.background == "quiet"))
    sure = [0.9] * len(block.pauses)
    assert ends(block, sure, EndpointingSettings(patience="brisk"))[0] < block.clip.ends_at
    assert ends(block, sure, EndpointingSettings(patience="very-patient"))[0] > block.clip.ends_at


def test_nobody_is_cut_off_who_presses_to_talk(clips: list[Clip]) -> None:
    for heard in map(hear, clips):
        assert [at >= heard.clip.ends_at for at in pressed(heard)] == [True]


def test_the_command_prints_its_tables_and_keeps_them(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "stutter.json"
    run = CliRunner().invoke(main, ["--every", str(EVERY), "--clips", str(folder), "--result", str(kept)])
    assert run.exit_code == 0, run.output
    assert "23.8 %" in run.output
    assert MANUAL in run.output
    figures = [each for section in json.loads(kept.read_text())["sections"] for each in section["figures"]]
    assert {each["name"]: each["goal"] for each in figures if "goal" in each} == {
        "very-patient: cut off": 2.0,
        f"{MANUAL}: cut off": 0.0,
    }
