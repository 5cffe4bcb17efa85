"""Who was erased, and when, so that no backup of before brings them back. Blocking.

The list names nobody: each entry has a key of its own, and the keyed hash of the user's name. While an erasure is not
complete it also holds the ids of their threads, which are random, so that another try finds what the first one left.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from app.rights.files import write_private
from resilience.errors import EngineFailed

NAME = "tombstones"


@dataclass(frozen=True, slots=True)
class Tombstone:
    key: str
    who: str
    at: str
    threads: tuple[str, ...] = ()
    """Those that may not be gone everywhere."""

    @property
    def erased_at(self) -> datetime:
        return datetime.fromisoformat(self.at)

    def stands_for(self, user: str) -> bool:
        return hmac.compare_digest(self.who, _keyed(self.key, user))


class Tombstones:
    """The list in one file. Everything raises `EngineFailed`."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> tuple[Tombstone, ...]:
        try:
            told = json.loads(self._file.read_text(encoding="utf-8"))["erased"]
            return tuple(Tombstone(**{**each, "threads": tuple(each["threads"])}) for each in told)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as exc:
            raise EngineFailed(NAME, f"{self._file} cannot be read: {exc}") from exc

    def of(self, user: str) -> Tombstone | None:
        return next((each for each in self.all() if each.stands_for(user)), None)

    def begin(self, user: str, threads: Sequence[str], at: datetime) -> tuple[str, ...]:
        """An erasure is under way. All threads that it has to do with: also those that an earlier one left."""
        before = self.of(user)
        key = before.key if before else secrets.token_hex(16)
        both = tuple(dict.fromkeys((*(before.threads if before else ()), *threads)))
        self.add([Tombstone(key, _keyed(key, user), at.isoformat(), both)])
        return both

    def finish(self, user: str, at: datetime) -> None:
        """It is complete. From here on they may come back, as somebody new."""
        stone = self.of(user)
        if stone is not None:
            self.add([replace(stone, at=at.isoformat(), threads=())])

    def add(self, stones: Iterable[Tombstone]) -> None:
        """Of two for the same erasure the later one counts."""
        known = {each.key: each for each in self.all()}
        for stone in stones:
            old = known.get(stone.key)
            if old is None or old.erased_at <= stone.erased_at:
                known[stone.key] = stone
        content = json.dumps({"erased": [asdict(each) for each in known.values()]}, indent=1)
        try:
            write_private(self._file, content.encode())
        except OSError as exc:
            raise EngineFailed(NAME, f"{self._file} cannot be written: {os.strerror(exc.errno or 0)}") from exc


def _keyed(key: str, user: str) -> str:
    return hmac.new(bytes.fromhex(key), user.encode(), hashlib.sha256).hexdigest()
