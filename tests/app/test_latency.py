"""Where the time of a turn goes, summed up from what is kept of the turns."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from app.cli import main
from app.latency import REMEDIES, Timed, read, spread, summed_up, timed_turn
from app.latency_table import show
from app.reviewing import record_of
from app.turn import new_saying
from app.turns import open_turns
from graph.types import TurnId
from tests.made.sayer import KEEP_ALL, PATIENCE_SECONDS

NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
THREAD = "0b8f6f2e-7a55-4d0e-9d8f-0d6f5a0c1a2b"
Steps = Sequence[tuple[str, float, float]]

SPOKEN: Steps = (
    ("pause", 0.0, 0.4),
    ("hearing", 0.4, 0.6),
    ("waiting", 0.6, 0.6),
    ("fetching", 0.6, 0.62),
    ("thinking", 0.62, 0.82),
    ("phrasing", 0.82, 0.9),
    ("voicing", 0.9, 1.0),
    ("sending", 1.0, 1.05),
    ("speaking", 1.05, 7.0),
)
OLDER: Steps = (("pause", 0.0, 0.7), ("thinking", 0.7, 0.9), ("voicing", 0.9, 1.0), ("speaking", 1.0, 4.0))
TYPED: Steps = (("waiting", 0.0, 0.0), ("thinking", 0.0, 2.0), ("voicing", 2.0, 2.1), ("speaking", 2.1, 5.0))


def timed(steps: Steps, turn: str = "t-1", **more: str) -> Timed:
    record = {"tier": "full", "stt": "whisper", "model": "qwen", "tts": "piper", **more, "steps": [*steps]}
    told = timed_turn(THREAD, turn, NOON, record_of(record))
    assert told is not None
    return told


def printed(turns: Sequence[Timed], *, unanswered: int = 0) -> str:
    page = StringIO()
    show(summed_up(turns, unanswered=unanswered, page="http://127.0.0.1:8000"), Console(file=page, width=100))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines()).strip()


def test_a_spread_is_made_of_turns_that_were() -> None:
    told = spread([number / 100 for number in range(100, 0, -1)])
    assert (told.turns, told.p50, told.p95, told.longest) == (100, 0.5, 0.95, 1.0)
    assert spread([0.3]) == type(told)(1, 0.3, 0.3, 0.3)


def test_turns_from_before_the_steps_were_so_many_count_too() -> None:
    told = summed_up([timed(SPOKEN), timed(OLDER)])
    assert told.first_sound is not None
    assert told.first_sound.turns == 2
    assert (told.steps["pause"].turns, told.steps["fetching"].turns) == (2, 1)
    assert "speaking" not in told.steps


def test_a_turn_whose_answer_never_began_is_not_timed() -> None:
    assert timed_turn(THREAD, "t", NOON, record_of({"steps": [("pause", 0, 0.4), ("hearing", 0.4, 9)]})) is None
    assert timed_turn(THREAD, "t", NOON, record_of({})) is None


@pytest.mark.parametrize("step", [*REMEDIES])
def test_what_to_do_is_about_the_step_that_takes_most(step: str) -> None:
    (began,) = {name: began for name, began, _ in SPOKEN if name == step}.values()
    longer = [*((name, a, b) for name, a, b in SPOKEN if name not in (step, "speaking")), (step, began, began + 9)]
    assert summed_up([timed([*longer, ("speaking", began + 9, began + 10)])]).remedy == REMEDIES[step]


def test_the_table_says_it_all() -> None:
    turns = [timed(SPOKEN), timed(OLDER, "t-2", stt="sphinx"), timed(TYPED, "t-3", stt="", tier="tts-only")]
    assert printed(turns, unanswered=1) == GOLDEN.strip()


def test_without_turns_the_table_says_so() -> None:
    assert printed([]) == "No turn is kept whose answer was timed. Talk to Nightingale, and ask again."


# -- the turns that are kept -------------------------------------------------------------------------------------


async def keep(folder: Path, *records: Steps) -> None:
    async with open_turns(folder, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns:
        log = turns.of(THREAD, "anna")
        for number, steps in enumerate(records):
            saying = new_saying()
            await log.typed(saying, "something private")
            await log.settle([saying], "answered", turn=TurnId(f"t-{number}"), record={"tier": "full", "steps": steps})


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_newest_turns_are_read_and_no_word_of_them(tmp_path: Path) -> None:
    await keep(tmp_path, OLDER, [], SPOKEN, TYPED)
    turns, unanswered = read(tmp_path, last=3)
    assert ([turn.turn for turn in turns], unanswered) == (["t-3", "t-2"], 1)
    assert "private" not in json.dumps(summed_up(turns).as_json())
    assert read(tmp_path, last=9, since=datetime.now(UTC) + timedelta(days=1)) == ([], 0)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_they_are_read_while_a_nightingale_is_running(tmp_path: Path) -> None:
    async with open_turns(tmp_path, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns:
        log, saying = turns.of(THREAD, "anna"), new_saying()
        await log.typed(saying, "hello")
        await log.settle([saying], "answered", turn=TurnId("t-1"), record={"steps": SPOKEN})
        (found,), _ = read(tmp_path, last=9)
    assert found.first_sound == 1.05


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_the_doctor_tells_them_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await keep(tmp_path, SPOKEN, OLDER)
    monkeypatch.setenv("NIGHTINGALE_DATA_DIR", str(tmp_path))
    result = CliRunner().invoke(main, ["doctor", "--latency", "--json"])
    told = json.loads(result.output)
    assert (result.exit_code, told["turns"], told["first_sound"]["longest"]) == (0, 2, 1.05)
    assert told["slowest"][0]["review"].endswith(f"/review/{THREAD}#turn-t-0")


def test_the_doctor_of_a_new_house_has_nothing_to_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTINGALE_DATA_DIR", str(tmp_path / "new"))
    result = CliRunner().invoke(main, ["doctor", "--latency"])
    assert (result.exit_code, "No turn is kept" in result.output) == (0, True)
    assert not (tmp_path / "new").exists(), "looking leaves nothing behind"


def test_a_log_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "turns.sqlite").write_text("no database, but long enough to be taken for one" * 50)
    monkeypatch.setenv("NIGHTINGALE_DATA_DIR", str(tmp_path))
    result = CliRunner().invoke(main, ["doctor", "--latency"])
    assert result.exit_code == 1
    assert "cannot be read" in result.output


GOLDEN = """
Seconds      turns   p50   p95   max  share
 Pause            2  0.40  0.70  0.70    26%
 Hearing          1  0.20  0.20  0.20     5%
 Waiting          2  0.00  0.00  0.00     0%
 Fetching         1  0.02  0.02  0.02     0%
 Thinking         3  0.20  2.00  2.00    58%
 Phrasing         1  0.08  0.08  0.08     2%
 Voicing          3  0.10  0.10  0.10     7%
 Sending          1  0.05  0.05  0.05     1%
 First sound      3  1.05  2.10  2.10

 By way and engine           turns   p50   p95   max
 First sound, full               2  1.00  1.05  1.05
 First sound, tts-only           1  2.10  2.10  2.10
 Heard by whisper: hearing       1  0.20  0.20  0.20
 Answered by qwen: thinking      3  0.20  2.00  2.00
 Spoken by piper: voicing        3  0.10  0.10  0.10

The slowest of 3 turns:
  2.10 s, most of it thinking, 2025-03-03 12:00 UTC
    http://127.0.0.1:8000/review/0b8f6f2e-7a55-4d0e-9d8f-0d6f5a0c1a2b#turn-t-3
  1.05 s, most of it pause, 2025-03-03 12:00 UTC
    http://127.0.0.1:8000/review/0b8f6f2e-7a55-4d0e-9d8f-0d6f5a0c1a2b#turn-t-1
  1.00 s, most of it pause, 2025-03-03 12:00 UTC
    http://127.0.0.1:8000/review/0b8f6f2e-7a55-4d0e-9d8f-0d6f5a0c1a2b#turn-t-2
1 turn more had no answer, or told no times.
So few turns say little of the slow end: 20 or more would.

Most of it is waiting for the language model's first word: a smaller model (`nightingale models
list`) is quicker, and so is an endpoint with a graphics card.
"""
