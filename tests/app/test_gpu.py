"""Graphics cards: nothing where there is no driver, and plain words where there is."""

import subprocess
import sys

import pynvml
import pytest

from app.gpu import described, gpus
from tests.made import checkout


def has_driver() -> bool:
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return False
    pynvml.nvmlShutdown()
    return True


@pytest.mark.skipif(has_driver(), reason="there is a driver")
def test_without_a_driver_there_are_none_and_no_error() -> None:
    assert gpus() == []
    assert gpus() == []


@pytest.mark.skipif(not has_driver(), reason="there is no driver")
def test_each_card_says_its_name_and_its_memory() -> None:
    for standing in gpus():
        assert standing.kind == "gpu"
        assert "GB of its memory are in use" in standing.detail


def test_a_card_that_is_nearly_full_comes_with_advice() -> None:
    easy, tight = (described("GPU 0: Made", used, 8_000_000_000) for used in (2_000_000_000, 7_900_000_000))
    assert (easy.detail, easy.remedy) == ("2.0 of 8.0 GB of its memory are in use.", "")
    assert "smaller models" in tight.remedy


def test_anybody_can_look_from_the_command_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.gpu"], cwd=checkout.TOP, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == len(gpus())
