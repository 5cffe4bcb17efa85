"""The benchmark runs, and what it says holds together. How fast anything is, is not tested."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import pytest

from bench.report import Figure, Section, percentile, show, write
from bench.turn import STAGES
from bench.usage import Lag, cpu_seconds, family, measure_lag, memory_megabytes
from tests.made import checkout

MACHINE = {"processor": "one", "cores": 2, "python": "3", "load_before": 0.1, "load_after": 0.2}
BUSY = "import time\nwhile time.process_time() < 0.3: pass"
UNTIL_TOLD = "import sys; print(flush=True); sys.stdin.read()"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def quick_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What it printed, and what it wrote."""
    results = tmp_path_factory.mktemp("results")
    command = [sys.executable, "-m", "bench", "--quick", "--name", "test", "--results", str(results)]
    run = subprocess.run(command, cwd=checkout.TOP, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout, json.loads((results / "test.json").read_text())


@pytest.mark.timeout(400)
def test_every_figure_that_is_printed_is_kept_with_commit_and_command(quick_run: tuple[str, dict[str, Any]]) -> None:
    printed, kept = quick_run
    assert kept["commit"]
    assert "--quick" in kept["command"]
    assert {"cores", "load_before", "load_after", "when"} <= kept["machine"].keys()
    assert len(kept["sections"]) == 6
    for section in kept["sections"]:
        assert section["title"] in printed
        for figure in section["figures"]:
            assert figure["name"] in printed
            assert 0 <= figure["min"] <= figure["median"] <= figure["max"]
            assert figure["times"] >= 1


@pytest.mark.timeout(400)
def test_the_stages_of_a_turn_follow_one_another_without_a_gap(quick_run: tuple[str, dict[str, Any]]) -> None:
    turns = [section for section in quick_run[1]["sections"] if section["title"].startswith("A turn")]
    assert len(turns) == 2
    for turn in turns:
        took = {figure["name"]: figure for figure in turn["figures"]}
        assert all(took[name]["cpu_milliseconds"]["min"] >= 0 for name, _, _ in STAGES)
        whole, parts = took["endpoint → last audio frame"], [name for name, _, _ in STAGES[2:7]]
        assert sum(took[name]["median"] for name in parts) == pytest.approx(whole["median"], abs=0.1)


@pytest.mark.timeout(400)
def test_the_turns_are_real_ones(quick_run: tuple[str, dict[str, Any]]) -> None:
    notes = ["\n".join(section["notes"]) for section in quick_run[1]["sections"] if "A turn" in section["title"]]
    assert "by pocketsphinx" in notes[0]
    assert "No language model" in notes[0]
    assert "by faster-whisper" in notes[1]
    assert "Boil some water first" in notes[1]


def test_a_miss_is_called_a_miss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slow, fast = Figure("slow", "s", (1.0, 9.0), goal=8.0), Figure("fast", "s", (1.0, 7.0), goal=8.0)
    sections = [Section("Two", (slow, fast))]
    show(sections, MACHINE)
    printed = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert printed["slow"].endswith("< 8.0 MISS")
    assert printed["fast"].endswith("< 8.0 met")
    write(tmp_path / "new" / "two.json", sections, MACHINE, "bench")
    kept = json.loads((tmp_path / "new" / "two.json").read_text())["sections"][0]["figures"]
    assert [figure["met"] for figure in kept] == [False, True]


def test_a_percentile_is_one_of_the_values() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert [percentile(values, share) for share in (0.0, 0.5, 0.95, 1.0)] == [1.0, 3.0, 5.0, 5.0]


def test_the_work_of_a_child_counts_while_it_lives_and_after() -> None:
    before = cpu_seconds(os.getpid())
    with subprocess.Popen([sys.executable, "-c", f"{BUSY}\n{UNTIL_TOLD}"], stdin=-1, stdout=-1) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in family(os.getpid())
        living = cpu_seconds(os.getpid())
        child.stdin.close()
    assert living - before >= 0.3
    assert cpu_seconds(os.getpid()) - before >= 0.3 - 0.02


def test_the_memory_of_a_child_counts() -> None:
    before = memory_megabytes(os.getpid())
    hoard = f"kept = bytearray(b'x') * 100_000_000; {UNTIL_TOLD}"
    with subprocess.Popen([sys.executable, "-c", hoard], stdin=-1, stdout=-1) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdout.readline()
        assert memory_megabytes(os.getpid()) - before > 90
        child.stdin.close()


@pytest.mark.anyio
async def test_a_blocked_event_loop_is_seen_to_be_late_and_at_work() -> None:
    lags: list[Lag] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(measure_lag, lags)
        await anyio.sleep(0.02)
        began = time.thread_time()
        while time.thread_time() - began < 0.05:
            pass
        await anyio.sleep(0.02)
        tasks.cancel_scope.cancel()
    assert max(each.late for each in lags) >= 0.04
    assert max(each.work for each in lags) >= 0.05
