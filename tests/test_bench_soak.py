"""The soak runs, and judges as it should. Whether the house passes it is not tested here: that takes half an hour."""

import json
import random
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from app.wire import PLAYBACK_RATE
from bench.soak.judging import growth, theil_sen, warming_up
from bench.soak.lines import MANNERS, said_by
from bench.soak.player import Player, Report
from tests.made import checkout

MINUTES = 30.0
TENTH = PLAYBACK_RATE // 10
"""A tenth of a second of sound."""


def looks(slope: float, *, noise: float = 0.0, since: float = 0.0) -> list[tuple[float, float]]:
    """Six in a minute: what grows by so much a minute since then, and is loud."""
    chance = random.Random(1)
    at = [n / 6 for n in range(int(6 * MINUTES))]
    return [(minute, 300 + slope * max(0.0, minute - since) + chance.gauss(0, noise)) for minute in at]


# -- whether it grows ------------------------------------------------------------------------------------------


def test_a_slope_is_found_in_noise_and_not_moved_by_a_few_that_are_far_off() -> None:
    points = looks(0.5, noise=1.0)
    points[::20] = [(minute, 10_000.0) for minute, _ in points[::20]]
    slope = theil_sen(points)
    assert slope is not None
    assert slope.low < 0.5 < slope.high
    assert slope.middle == pytest.approx(0.5, abs=0.05)


def test_what_is_only_noise_may_be_no_growth_at_all() -> None:
    slope = theil_sen(looks(0.0, noise=5.0))
    assert slope is not None
    assert slope.low < 0 < slope.high


def test_two_points_make_no_slope() -> None:
    assert theil_sen([(0.0, 1.0), (1.0, 2.0)]) is None


@pytest.mark.parametrize(
    ("points", "verdict"),
    [
        (looks(0.5, noise=1.0), "MISS"),
        (looks(0.1, noise=1.0), "ok"),
        (looks(-3.0), "ok"),
        (looks(0.3, noise=40.0)[::10], "unsure"),
    ],
    ids=["grows", "less than it may", "shrinks", "too few to say"],
)
def test_a_verdict_says_miss_only_where_growth_is_certain(points: list[tuple[float, float]], verdict: str) -> None:
    found = growth("memory", "MB", points, limit=0.2, minutes=MINUTES)
    assert found is not None
    assert (found.verdict, found.as_json()["verdict"]) == (verdict, verdict)


def test_what_grew_while_it_became_warm_is_left_out() -> None:
    warming = [(minute, min(value, 300 + 5 * 7.0)) for minute, value in looks(5.0)]
    found = growth("memory", "MB", warming, limit=0.2, minutes=MINUTES)
    assert found is not None
    assert (found.verdict, found.slope.middle, found.level) == ("ok", 0.0, 335.0)


def test_a_quarter_is_left_out_of_a_long_run_and_more_of_a_short_one_but_not_all() -> None:
    assert [warming_up(minutes) for minutes in (30, 5, 1)] == [7.5, 2.0, 0.5]


# -- late frames -----------------------------------------------------------------------------------------------


def played(player: Player, *, until: float, since: float = 0.0) -> list[Report]:
    """What it says while nothing comes."""
    return [each for n in range(int(since * 20), int(until * 20) + 1) for each in player.advance(n / 20)]


def test_sound_that_comes_before_it_is_needed_is_not_late_and_is_told_of_as_it_sounds() -> None:
    player = Player()
    reports = player.write("a.1", 3 * TENTH, 0.0)
    reports += played(player, until=0.2)
    reports += player.write("a.1", TENTH, 0.25)
    reports += player.ending("a.1", 0.3)
    reports += played(player, since=0.3, until=1.0)
    assert (player.frames, player.late) == (2, 0)
    assert [each.state for each in reports] == ["playing"] * (len(reports) - 1) + ["ended"]
    assert [each.samples for each in reports] == sorted(each.samples for each in reports)
    assert reports[-1].samples == 4 * TENTH
    assert reports[0].ago is not None
    assert player.began_at == pytest.approx(0.0)
    assert player.idle


def test_sound_that_comes_when_its_sentence_has_run_dry_is_late() -> None:
    player = Player()
    player.write("a.1", TENTH, 0.0)
    played(player, until=0.3)
    player.write("a.1", TENTH, 0.31)
    player.write("a.1", TENTH, 0.32)
    assert (player.frames, player.late) == (3, 1)


def test_the_pause_between_two_sentences_is_not_late() -> None:
    player = Player()
    player.write("a.1", TENTH, 0.0)
    player.ending("a.1", 0.05)
    played(player, since=0.05, until=2.0)
    player.write("a.2", TENTH, 2.0)
    assert player.late == 0


def test_while_it_is_paused_nothing_sounds_and_nothing_is_late() -> None:
    player = Player()
    player.write("a.1", 2 * TENTH, 0.0)
    paused = player.pause(0.1)
    assert [(each.samples, each.state) for each in paused[-1:]] == [(TENTH, "paused")]
    assert played(player, since=0.1, until=5.0) == []
    player.write("a.1", TENTH, 5.0)
    player.resume(6.0)
    assert player.left == pytest.approx(0.2)
    assert player.late == 0


def test_what_is_flushed_is_told_with_as_much_of_it_as_sounded() -> None:
    player = Player()
    player.write("a.1", 5 * TENTH, 0.0)
    player.ending("a.1", 0.0)
    player.write("a.2", TENTH, 0.0)
    flushed = [each for each in player.flush(0.2) if each.state == "flushed"]
    assert [(each.track, each.samples) for each in flushed] == [("a.1", 2 * TENTH), ("a.2", 0)]
    assert player.idle


# -- the whole -------------------------------------------------------------------------------------------------


def test_a_person_says_the_same_each_time_and_something_of_every_kind() -> None:
    one, other = ([*islice(said_by(3, 2.0), 50)] for _ in range(2))
    assert one == other
    assert {each.manner for each in one} == {*MANNERS}
    assert all(1.0 <= each.pause_seconds <= 3.0 for each in one)


@pytest.mark.timeout(300)
def test_a_short_soak_talks_to_a_real_server_and_keeps_what_it_saw(tmp_path: Path) -> None:
    result = tmp_path / "soak.json"
    command = [sys.executable, "-m", "bench.soak", "--minutes", "0.3", "--sessions", "2", "--engines", "stub"]
    run = subprocess.run(
        [*command, "--every", "2", "--pause", "0.2", "--result", str(result)],
        cwd=checkout.TOP,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    kept = json.loads(result.read_text())
    assert kept["commit"]
    assert "--minutes 0.3" in kept["command"]
    [soak] = kept["runs"]
    assert soak["frames"] > 0
    assert sum(soak["lines"].values()) >= 2
    assert {"queue: inbox", "queue: microphone", "queue: notebook", "tasks", "memories kept"} <= {*soak["series"]}
    for grown in soak["growth"]:
        assert grown["name"] in run.stdout
        assert len(soak["series"][grown["name"]]) >= 3
