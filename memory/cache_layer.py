"""What a layer of the cache must be able to do, and by which keys it finds things."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Key:
    kind: str
    """What the value is: "embedding", "speech"."""
    engine: str
    """What made it, and which version of that: another one's values are never found by it."""
    digest: str

    @classmethod
    def of(cls, kind: str, engine: str, content: str | bytes) -> "Key":
        """`content`: all that the value depends on, apart from the engine."""
        as_bytes = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        return cls(kind, engine, hashlib.sha256(as_bytes).hexdigest())

    def __str__(self) -> str:
        return f"{self.kind}:{self.engine}:{self.digest}"


class Layer(Protocol):
    """A far one. Every call raises `EngineError`."""

    @property
    def name(self) -> str: ...

    @property
    def held(self) -> Mapping[str, int]:
        """Bytes of values by kind, as far as that is known."""
        ...

    async def find(self, keys: Sequence[Key]) -> dict[Key, bytes]: ...

    async def keep(self, entries: Mapping[Key, bytes]) -> None: ...

    async def forget(self) -> int:
        """Everything; say how much it was."""
        ...
