"""The short version of `make chaos`: the running app, while everything around it and in it breaks, loses nothing.

NIGHTINGALE_CHAOS_SEED replays another plan; the full suite is `python -m tests.chaos`.
"""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.chaos.driver import Story, tell
from tests.chaos.report import as_json, broken_promises

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

SEED = 20


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="no Redis server is installed")
async def test_whatever_breaks_no_turn_is_lost_no_tier_is_wrong_and_no_exception_goes_uncaught(tmp_path: Path) -> None:
    seed = int(os.environ.get("NIGHTINGALE_CHAOS_SEED", SEED))
    outcome = await tell(Story(seed, turns=60, people=5, pace=0.3, limit_seconds=200, ends_in_peace=False), tmp_path)
    print(json.dumps(as_json(outcome, f"NIGHTINGALE_CHAOS_SEED={seed} pytest tests/chaos/test_chaos.py"), indent=2))
    assert broken_promises(outcome) == []
    assert len(outcome.books.entries) >= 60
    assert outcome.starts > 1
    assert len(outcome.harmed) > 0
