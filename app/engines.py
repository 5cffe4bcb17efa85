"""The engine room: opens the engines that are wanted, keeps them open, and puts them on their ladders.

Each engine lives in a task of its own, so that it may be opened and closed while the house runs. One that cannot
be opened is left out and named in `standing`; the next rung takes its place. Every ladder ends in a rung that
cannot fail.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import anyio
import structlog
from anyio.abc import TaskGroup, TaskStatus

from app.standing import LadderKind, Standing, StandingState
from graph.catalog import open_language_model
from graph.protocols import LanguageModel
from graph.settings import LanguageSpec, OfflineSpec
from resilience.breaker import BreakerState, CircuitBreaker
from resilience.errors import EngineUnavailable
from resilience.ladder import Ladder, Rung, StepDown
from voice.catalog import open_stt, open_tts
from voice.protocols import SpeechToText, TextToSpeech
from voice.settings import CaptionsSpec, SttSpec, TtsSpec, TypedSpec

log = structlog.get_logger(__name__)

E = TypeVar("E")


class Spec(Protocol):
    @property
    def engine(self) -> str: ...
    @property
    def first_output_seconds(self) -> float: ...
    @property
    def stall_seconds(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which engines should be on each ladder, best first."""

    stt: tuple[SttSpec, ...]
    tts: tuple[TtsSpec, ...]
    language: tuple[LanguageSpec, ...]


@dataclass(slots=True)
class _Place(Generic[E]):
    """One wanted engine: open, opening, or failed."""

    spec: Spec
    rung: Rung[E] | None = None
    fault: str = ""
    release: anyio.Event = field(default_factory=anyio.Event)


class _Ladder(Generic[E]):
    def __init__(
        self,
        kind: LadderKind,
        opener: Callable[[Any], AbstractAsyncContextManager[E]],
        last: Spec,
        stepped_down: Callable[[StepDown], None],
    ) -> None:
        self.kind: LadderKind = kind
        self.ladder: Ladder[E] = Ladder(kind, (), stepped_down=stepped_down)
        self._opener = opener
        self._last = last
        self._places: list[_Place[E]] = []

    async def arrange(self, wanted: Sequence[Spec], tasks: TaskGroup) -> None:
        """Open what is new from the last rung upwards, so that there is a voice at once; close what is not wanted."""
        specs = [spec for spec in wanted if spec.engine != self._last.engine] + [self._last]
        before = self._places
        self._places = [next((old for old in before if old.spec == spec), _Place(spec)) for spec in specs]
        for place in reversed(self._places):
            if place.rung is None:
                await self._open(place, tasks)
                self._publish()
        self._publish()
        for old in before:
            if old not in self._places:
                old.release.set()

    async def _open(self, place: _Place[E], tasks: TaskGroup) -> None:
        spec = place.spec
        place.fault = ""
        try:
            engine: E = await tasks.start(_keep_open, self._opener(spec), place.release)
        except EngineUnavailable as exc:
            place.fault = exc.reason
            log.warning("engine not available", ladder=self.kind, engine=spec.engine, reason=exc.reason)
            return
        place.rung = Rung(
            name=name_of(spec),
            engine=engine,
            breaker=CircuitBreaker(name_of(spec)),
            first_output_seconds=spec.first_output_seconds,
            stall_seconds=spec.stall_seconds,
        )
        log.info("engine ready", ladder=self.kind, engine=place.rung.name)

    def _publish(self) -> None:
        self.ladder.replace([place.rung for place in self._places if place.rung is not None])

    def standing(self) -> list[Standing]:
        first = self.ladder.standing
        return [self._stand(place, first) for place in self._places]

    def _stand(self, place: _Place[E], first: Rung[E] | None) -> Standing:
        state: StandingState
        detail = place.fault
        if place.fault:
            state = "failed"
        elif place.rung is None:
            state = "loading"
        elif place.rung.breaker.state is BreakerState.OPEN:
            state, detail = "failed", "It failed several times and is left alone for a moment."
        else:
            state = "in-use" if place.rung is first else "standby"
        return Standing(self.kind, name_of(place.spec), state, detail)


class EngineRoom:
    def __init__(self, tasks: TaskGroup, stepped_down: Callable[[StepDown], None]) -> None:
        self._tasks = tasks
        self._arranging = anyio.Lock()
        self._stt: _Ladder[SpeechToText] = _Ladder("stt", open_stt, TypedSpec(), stepped_down)
        self._tts: _Ladder[TextToSpeech] = _Ladder("tts", open_tts, CaptionsSpec(), stepped_down)
        self._language: _Ladder[LanguageModel] = _Ladder("language", open_language_model, OfflineSpec(), stepped_down)

    @property
    def stt(self) -> Ladder[SpeechToText]:
        return self._stt.ladder

    @property
    def tts(self) -> Ladder[TextToSpeech]:
        return self._tts.ladder

    @property
    def language(self) -> Ladder[LanguageModel]:
        return self._language.ladder

    async def arrange(self, wanted: Wanted) -> None:
        """Bring the ladders to this; engines that stay are not touched, those that failed are tried again."""
        async with self._arranging:
            await self._tts.arrange(wanted.tts, self._tasks)
            await self._stt.arrange(wanted.stt, self._tasks)
            await self._language.arrange(wanted.language, self._tasks)

    def standing(self) -> list[Standing]:
        return [*self._stt.standing(), *self._tts.standing(), *self._language.standing()]


def name_of(spec: Spec) -> str:
    """The engine, and which model of it."""
    model = getattr(spec, "model", None)
    detail = getattr(model, "name", model)  # a path's last part, or an endpoint's model
    if detail in {"model", "snapshot"}:
        detail = None
    return f"{spec.engine} ({detail})" if detail else spec.engine


async def _keep_open(
    opening: AbstractAsyncContextManager[E], release: anyio.Event, *, task_status: TaskStatus[E]
) -> None:
    async with opening as engine:
        task_status.started(engine)
        await release.wait()


@asynccontextmanager
async def open_engine_room(stepped_down: Callable[[StepDown], None]) -> AsyncGenerator[EngineRoom]:
    async with anyio.create_task_group() as tasks:
        yield EngineRoom(tasks, stepped_down)
        tasks.cancel_scope.cancel()
