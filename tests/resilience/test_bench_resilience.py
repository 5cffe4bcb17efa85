"""The benchmark runs, and says what it measured. How fast anything is, is not tested."""

import json
import subprocess
import sys
from pathlib import Path

from tests.made import checkout


def test_every_figure_that_is_printed_is_kept_with_commit_and_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.resilience", "--quick", "--results", str(tmp_path)]
    run = subprocess.run(command, cwd=checkout.TOP, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    kept = json.loads((tmp_path / "resilience.json").read_text())
    assert kept["commit"]
    assert "--quick" in kept["command"]
    assert len(kept["sections"]) == 3
    for section in kept["sections"]:
        assert section["title"] in run.stdout
        assert section["figures"]
        for figure in section["figures"]:
            assert figure["name"] in run.stdout
            assert figure["times"] == 3
            assert figure.get("met", True) == (figure["max"] <= figure.get("goal", figure["max"]))
