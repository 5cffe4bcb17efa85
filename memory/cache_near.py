"""The cache's layer in this process: a bounded dictionary.

What was not used for longest goes first, and goes from the kind that takes most room: sounds, which are a hundred times
as long as vectors, do not push those out.
"""

from collections import Counter, OrderedDict
from collections.abc import Mapping

from memory.cache_layer import Key


class NearLayer:
    name = "memory"

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kinds: dict[str, OrderedDict[Key, bytes]] = {}
        self._only_here: set[Key] = set()
        self.held: Counter[str] = Counter()

    def find(self, key: Key) -> bytes | None:
        of_kind = self._kinds.get(key.kind)
        if of_kind is None or key not in of_kind:
            return None
        of_kind.move_to_end(key)
        return of_kind[key]

    def keep(self, entries: Mapping[Key, bytes], *, only_here: bool = False) -> None:
        """`only_here`: no other layer is given them yet."""
        for key, value in entries.items():
            of_kind = self._kinds.setdefault(key.kind, OrderedDict())
            if key not in of_kind and len(value) <= self._most:
                of_kind[key] = value
                self.held[key.kind] += len(value)
                if only_here:
                    self._only_here.add(key)
        while self.held.total() > self._most:
            [(largest, _)] = self.held.most_common(1)
            key, value = self._kinds[largest].popitem(last=False)
            self.held[largest] -= len(value)
            self._only_here.discard(key)

    def is_only_here(self, key: Key) -> bool:
        """Asked again, it is not: whoever asks takes it on."""
        if key in self._only_here:
            self._only_here.remove(key)
            return True
        return False

    def forget(self) -> int:
        gone = sum(map(len, self._kinds.values()))
        self._kinds.clear()
        self._only_here.clear()
        self.held.clear()
        return gone
