"""However the server ends, with people in the middle of a sentence, nothing of it stays behind."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from tests.browser.house import nightingale
from tests.made.client import a_tab
from tests.made.speech import silence, speech

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]

ENDING_SECONDS = 30
"""A bound on a busy machine; usual is one."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def descendants(pid: int) -> set[int]:
    found = {child for child, parent in _alive() if parent == pid}
    return found.union(*(descendants(child) for child in found))


def _alive() -> Iterator[tuple[int, int]]:
    """Every process and its parent, but for those that only wait to be buried."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            yield int(status.parent.name), int(parent)


async def gone(processes: set[int]) -> None:
    with anyio.fail_after(ENDING_SECONDS):
        while processes & {pid for pid, _ in _alive()}:
            await anyio.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
async def test_the_server_and_its_workers_end_while_a_page_is_open_and_somebody_speaks(
    how: signal.Signals, tmp_path: Path
) -> None:
    async with nightingale(tmp_path) as house, a_tab(house.url, spoken=True) as tab:
        await tab.type("help")
        await tab.until(lambda: tab.sounded)
        await tab.microphone_on()
        await tab.speak(silence(0.5) + speech("my name is john and I live in the north", "awb"))
        await tab.until(lambda: "hearing" in tab.states)
        workers = descendants(house.process.pid)
        assert len(workers) >= 2
        house.process.send_signal(how)
        await gone({house.process.pid})
        await gone(workers)
        await tab.lost()
        assert house.process.wait() in (-how, 0)
        assert "Traceback" not in house.log.read_text()


def test_a_library_that_hangs_in_its_thread_does_not_keep_the_process() -> None:
    program = (
        "import threading; from app.server import end_within; threading.Thread(target=threading.Event().wait).start()"
    )
    ended = subprocess.run([sys.executable, "-c", f"{program}; end_within(0.2)"], timeout=ENDING_SECONDS, check=False)
    assert ended.returncode == 0
