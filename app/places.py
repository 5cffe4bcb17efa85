"""One wanted engine's place in the engine room: its name, who looks after it, its rung, and what to say of it."""

import os
from typing import Generic, Protocol, TypeVar

from anyio import CancelScope

from app.standing import LadderKind
from resilience.breaker import BreakerState, CircuitBreaker
from resilience.bulkhead import Bulkhead
from resilience.ladder import Rung
from resilience.retry import NO_RETRY, Retry
from resilience.upkeep import Upkeep

E = TypeVar("E")

ENDPOINT_PLACES = 8
"""Calls at once at one server."""
VOICE_PLACES = 32
"""Sentences at once at one voice: each keeps its place until its listener has nearly all of it."""
LANGUAGE_PLACES = 4
"""Answers at once at one language model of this machine, which gives each its turn."""
WAITING = 8
"""Calls that may wait for a place."""


class Spec(Protocol):
    @property
    def engine(self) -> str: ...
    @property
    def first_output_seconds(self) -> float: ...
    @property
    def stall_seconds(self) -> float: ...


class Place(Generic[E]):
    """One wanted engine: open, opening, or failed."""

    def __init__(
        self, kind: LadderKind, name: str, spec: Spec, breaker: CircuitBreaker, upkeep: Upkeep[E], *, is_last: bool
    ) -> None:
        self.name = name
        self.spec = spec
        self.breaker = breaker
        self.upkeep = upkeep
        self.is_last = is_last
        self._kind = kind
        self._scope = CancelScope()
        self._rung: Rung[E] | None = None

    @property
    def rung(self) -> Rung[E] | None:
        """With a bulkhead of its own for each engine: calls that hang in an old one take no places in the new one."""
        engine = self.upkeep.part
        if engine is None:
            self._rung = None
        elif self._rung is None or self._rung.engine is not engine:
            self._rung = self._rung_of(engine)
        return self._rung

    @property
    def works(self) -> bool:
        return self.upkeep.part is not None and self.breaker.admits

    @property
    def why_not(self) -> str:
        if self.upkeep.part is not None and self.breaker.reason:
            return self.breaker.reason
        return self.upkeep.fault or "it is being opened"

    @property
    def remedy(self) -> str:
        if self.breaker.state is BreakerState.FORCED_OPEN:
            return "The operator who switched it off can switch it on again."
        if is_endpoint(self.spec):
            return "Is its server running, and are address, model and key right? It is tried again by itself."
        if self.upkeep.part is not None:
            return "Nothing need be done: it is tried again by itself, and opened anew if that does not help."
        return "It is tried again by itself. `nightingale models list` shows what is whole and what can be added."

    async def run(self) -> None:
        with self._scope:
            await self.upkeep.run()

    def leave(self) -> None:
        self._scope.cancel()

    def _rung_of(self, engine: E) -> Rung[E]:
        spec = self.spec
        places = _places_at(self._kind, spec)
        return Rung(
            name=self.name,
            engine=engine,
            breaker=self.breaker,
            first_output_seconds=spec.first_output_seconds,
            stall_seconds=spec.stall_seconds,
            retry=Retry() if is_endpoint(spec) else NO_RETRY,
            bulkhead=None if self.is_last else Bulkhead(self.name, places=places, waiting=WAITING),
        )


def name_of(spec: Spec) -> str:
    """The engine, and which model of it."""
    model = getattr(spec, "model", None)
    detail = getattr(model, "name", model)  # a path's last part, or an endpoint's model
    if detail in {"model", "snapshot"}:
        detail = None
    return f"{spec.engine} ({detail})" if detail else spec.engine


def is_endpoint(spec: Spec) -> bool:
    """Is it somebody's server, the same for every process that asks it?"""
    return getattr(spec, "url", None) is not None


def _places_at(kind: LadderKind, spec: Spec) -> int:
    """Calls at once that an engine can do something for."""
    if kind == "tts":
        return VOICE_PLACES
    if is_endpoint(spec):
        return ENDPOINT_PLACES
    if getattr(spec, "model", None) is None:
        return max(1, (os.cpu_count() or 1) - 1)
    # One loaded model does one thing at a time, and a call that waits inside it looks like a slow one.
    return LANGUAGE_PLACES if kind == "language" else 1
