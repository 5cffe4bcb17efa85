"""All breakers of the house, by name: for those who watch them, share them, or force them."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import anyio

from resilience.breaker import CircuitBreaker, Transition
from resilience.settings import BreakerSettings


class Breakers:
    def __init__(
        self,
        moved: Callable[[Transition], None] = lambda _: None,
        *,
        clock: Callable[[], float] = anyio.current_time,
    ) -> None:
        self._watchers = [moved]
        self._clock = clock
        self._by_name: dict[str, CircuitBreaker] = {}
        self._shared: set[str] = set()

    def new(
        self, name: str, settings: BreakerSettings, *, probed: bool = False, shared: bool = False
    ) -> CircuitBreaker:
        """`shared`: the part is the same for every process that asks it, so they tell each other how it does. Such a
        part is probed, by one of them.
        """
        made = CircuitBreaker(name, settings, probed=probed or shared, moved=self._tell, clock=self._clock)
        self._by_name[name] = made
        self._shared.discard(name)
        if shared:
            self._shared.add(name)
        return made

    def drop(self, name: str) -> None:
        self._by_name.pop(name, None)
        self._shared.discard(name)

    def __getitem__(self, name: str) -> CircuitBreaker:
        return self._by_name[name]

    def __iter__(self) -> Iterator[CircuitBreaker]:
        return iter([*self._by_name.values()])

    def is_shared(self, name: str) -> bool:
        return name in self._shared

    @contextmanager
    def watched(self, watcher: Callable[[Transition], None]) -> Generator[None]:
        """It is told of every transition meanwhile, at once and on whatever call made it: it may not take its time."""
        self._watchers.append(watcher)
        try:
            yield
        finally:
            self._watchers.remove(watcher)

    def _tell(self, transition: Transition) -> None:
        for watcher in [*self._watchers]:
            watcher(transition)
