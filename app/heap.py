"""How much the C library keeps of the memory that was given back to it.

Left alone, its allocator goes by the largest block that ever came back: blocks of that size are cut from a pool from
then on, instead of being asked of the system, and stay there. There may be eight pools for each core. Packing a
recording takes seven megabytes for a moment, and each pool that it ever ran in kept them.
"""

import ctypes
from contextlib import suppress
from typing import Final

LARGE_BYTES: Final = 1 << 20
"""A block of that size is asked of the system, and goes back to it at once; so does as much at the end of a pool."""
POOLS: Final = 2
"""One for the event loop, and one for all that works beside it: they hold the interpreter's lock most of the time."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Of glibc's malloc.h."""


def keep_little() -> None:
    """From now on, in this process; to be called before there are threads. Of no effect with a library that does not
    know how.
    """
    with suppress(AttributeError):
        tell = ctypes.CDLL(None).mallopt
        for what, value in ((M_TRIM_THRESHOLD, LARGE_BYTES), (M_MMAP_THRESHOLD, LARGE_BYTES), (M_ARENA_MAX, POOLS)):
            tell(what, value)
