"""What a cache is given to keep in tests."""

from collections.abc import Callable, Sequence

import anyio

from memory.cache_layer import Key
from resilience.errors import EngineFailed


def key(text: str, kind: str = "embedding") -> Key:
    return Key.of(kind, "tiny/1", text)


class Maker:
    """Makes what it is asked for, and remembers what that was."""

    def __init__(self) -> None:
        self.made: list[list[Key]] = []
        self.go = anyio.Event()
        self.go.set()
        self.error: EngineFailed | None = None

    async def __call__(self, keys: Sequence[Key]) -> list[bytes]:
        self.made.append([*keys])
        await self.go.wait()
        if self.error is not None:
            raise self.error
        return [value_of(each) for each in keys]


def value_of(key: Key, size: int = 8) -> bytes:
    return key.digest[:size].encode()


A, B, C = key("a"), key("b"), key("c")


async def until(true: Callable[[], bool]) -> None:
    with anyio.fail_after(10):
        while not true():
            await anyio.sleep(0.005)
