"""What is kept of memory that was given back, as glibc tells it of a process of its own."""

import ctypes
import subprocess
import sys

import pytest

from tests.made import checkout

PACKING = """
import ctypes, sys, threading
from app.codec import packed
from app.heap import keep_little
from voice.types import AudioFrame

class Told(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"
    )]

if sys.argv[1] == "little":
    keep_little()
tell = ctypes.CDLL(None).mallinfo2
tell.restype = Told
here, one_by_one = threading.Barrier(6), threading.Lock()

def pack():
    for _ in range(3):
        here.wait()
        with one_by_one:
            packed(AudioFrame(bytes(32_000), 16_000), "flac")

threads = [threading.Thread(target=pack) for _ in range(6)]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(tell().fordblks)
"""
"""In six threads that are there at the same time, so that none inherits the pool of another."""

MEGABYTE = 1_000_000

pytestmark = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="this C library does not tell")


def _kept(how: str) -> int:
    """Bytes."""
    command = [sys.executable, "-c", PACKING, how]
    return int(subprocess.run(command, cwd=checkout.TOP, capture_output=True, text=True, check=True).stdout)


def test_what_packing_a_recording_takes_for_a_moment_is_given_back_whatever_thread_it_ran_in() -> None:
    assert _kept("little") < 7 * MEGABYTE < _kept("as usual")
