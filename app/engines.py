"""The engine room: opens the engines that are wanted, has them looked after, and puts them on their ladders.

Each engine has a task of its own (`resilience.upkeep`) that opens it, opens it anew when it is ill, and tries again
what could not be opened. An engine that is not there is left out and named in `standing`; the next rung takes its
place. Every ladder ends in a rung that cannot fail and that nobody can switch off.
"""

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import anyio
from anyio.abc import TaskGroup

from app.places import Place, Spec, is_endpoint, name_of
from app.standing import LadderKind, Standing, StandingState
from graph.catalog import open_language_model
from graph.probes import probe_language
from graph.protocols import LanguageModel
from graph.settings import LanguageSpec, OfflineSpec
from resilience.breaker import BreakerState, CircuitBreaker, Transition
from resilience.breakers import Breakers
from resilience.ladder import Ladder, Rung, StepDown
from resilience.settings import BreakerSettings, ResilienceSettings
from resilience.upkeep import Upkeep, always
from voice.catalog import open_stt, open_tts
from voice.choosing import spoken_by
from voice.hearing import languages_of
from voice.probes import probe_stt, probe_tts
from voice.protocols import SpeechToText, TextToSpeech
from voice.settings import CaptionsSpec, SttSpec, TtsSpec, TypedSpec
from voice.tiers import Ability, Means
from voice.tts.cached import SoundCache, open_cached
from voice.types import Reason

E = TypeVar("E")

PATIENCE_SECONDS = 120.0
"""How long the engine above waits for one that is being opened. Opening goes on after that, beside the others."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which engines should be on each ladder, best first."""

    stt: tuple[SttSpec, ...]
    tts: tuple[TtsSpec, ...]
    language: tuple[LanguageSpec, ...]


@dataclass(frozen=True, slots=True)
class Openers:
    """What opens the engine of a spec."""

    stt: Callable[[SttSpec], AbstractAsyncContextManager[SpeechToText]] = open_stt
    tts: Callable[[TtsSpec], AbstractAsyncContextManager[TextToSpeech]] = open_tts
    language: Callable[[LanguageSpec], AbstractAsyncContextManager[LanguageModel]] = open_language_model


@dataclass(frozen=True, slots=True)
class _Care:
    """How engines of all kinds are looked after."""

    breakers: Breakers
    check_seconds: float
    stepped_down: Callable[[StepDown], None]
    changed: Callable[[], None]
    may_probe: Callable[[CircuitBreaker], Awaitable[bool]]


class _Ladder(Generic[E]):
    def __init__(
        self,
        kind: LadderKind,
        opener: Callable[[Any], AbstractAsyncContextManager[E]],
        probe: Callable[[E], Awaitable[None]],
        last: Spec,
        settings: BreakerSettings,
        care: _Care,
        languages: Callable[[E], tuple[str, ...]] = lambda _: (),
    ) -> None:
        self.kind: LadderKind = kind
        self.ladder: Ladder[E] = Ladder(kind, (), stepped_down=self._stepped_down)
        self._opener = opener
        self._probe = probe
        self._last = last
        self._settings = settings
        self._languages = languages
        self._care = care
        self._places: list[Place[E]] = []

    async def arrange(self, wanted: Sequence[Spec], tasks: TaskGroup) -> None:
        """Open what is new from the last rung upwards, so that there is a voice at once; close what is not wanted."""
        specs = [*dict.fromkeys(spec for spec in wanted if spec.engine != self._last.engine), self._last]
        staying = {place.spec: place for place in self._places if place.spec in specs}
        leaving = [place for place in self._places if place.spec not in specs]
        for place in leaving:
            self._care.breakers.drop(place.breaker.name)
        new: list[Place[E]] = []
        for spec in specs:
            if spec in staying:
                staying[spec].upkeep.retry()
            else:
                new.append(self._place(spec, {each.name for each in [*staying.values(), *new]}))
        by_spec = staying | {place.spec: place for place in new}
        self._places = [by_spec[spec] for spec in specs]
        self._publish()
        for place in reversed(self._places):
            if place in new:
                tasks.start_soon(place.run)
            with anyio.move_on_after(PATIENCE_SECONDS):
                await place.upkeep.tried.wait()
        for place in leaving:
            place.leave()

    def _place(self, spec: Spec, taken: set[str]) -> Place[E]:
        is_last = spec is self._last
        name = _distinct(name_of(spec), taken)
        if is_last:
            breaker = CircuitBreaker(f"{self.kind}/{name}", self._settings)
            breaker.force("closed")
        else:
            breaker = self._care.breakers.new(
                f"{self.kind}/{name}", self._settings, probed=True, shared=is_endpoint(spec)
            )
        upkeep = Upkeep(
            breaker,
            lambda: self._opener(spec),
            _needs_no_probe if is_last else self._probe,
            probe_seconds=spec.first_output_seconds,
            check_seconds=self._care.check_seconds,
            changed=self._publish,
            may_probe=self._care.may_probe,
        )
        return Place(self.kind, name, spec, breaker, upkeep, is_last=is_last)

    def _publish(self) -> None:
        self.ladder.replace([rung for place in self._places if (rung := place.rung) is not None])
        self._care.changed()

    def _stepped_down(self, step: StepDown) -> None:
        self._care.stepped_down(step)
        for place in self._places:
            if place.name == step.rung and step.error.blames_engine:
                place.upkeep.suspect()

    def woken(self, breaker: str) -> None:
        for place in self._places:
            if place.breaker.name == breaker:
                place.upkeep.wake()

    def ability(self) -> Ability:
        """Whether one of the engines that are more than a last resort would be asked now."""
        engines = [place for place in self._places if not place.is_last]
        if any(place.works for place in engines):
            return Ability()
        detail = "; ".join(f"{place.name}: {place.why_not}" for place in engines) or "none is installed"
        return Ability(False, Reason(f"nothing-{self.kind}", detail=detail))

    def works_without(self, breaker: str) -> bool:
        return any(place.works and not place.is_last and place.breaker.name != breaker for place in self._places)

    def standing(self) -> list[Standing]:
        first = self.ladder.standing
        return [self._stand(place, first) for place in self._places]

    def _stand(self, place: Place[E], first: Rung[E] | None) -> Standing:
        state: StandingState
        if place.works:
            state = "in-use" if place.rung is first else "standby"
        else:
            state = "failed" if place.upkeep.tried.is_set() else "loading"
        failed = state == "failed"
        return Standing(
            self.kind,
            place.name,
            state,
            detail=place.why_not if failed else "",
            remedy=place.remedy if failed else "",
            breaker=BreakerState.CLOSED if place.is_last else place.breaker.state,
            next_try_seconds=place.upkeep.seconds_to_next_try if failed else None,
            languages=self._languages(place.rung.engine) if place.rung else (),
        )


class EngineRoom:
    def __init__(
        self, tasks: TaskGroup, resilience: ResilienceSettings, care: _Care, openers: Openers, sounds: SoundCache | None
    ) -> None:
        self._tasks = tasks
        self._arranging = anyio.Lock()
        self._stt = _Ladder("stt", openers.stt, probe_stt, TypedSpec(), resilience.stt, care, languages_of)
        self._tts = _Ladder(
            "tts", _cached(openers.tts, sounds), probe_tts, CaptionsSpec(), resilience.tts, care, spoken_by
        )
        self._language = _Ladder("language", openers.language, probe_language, OfflineSpec(), resilience.language, care)

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
        """Bring the ladders to this; engines that stay are not touched, those that failed are tried again at once."""
        async with self._arranging:
            await self._tts.arrange(wanted.tts, self._tasks)
            await self._stt.arrange(wanted.stt, self._tasks)
            await self._language.arrange(wanted.language, self._tasks)

    def means(self) -> Means:
        """What the ladders are good for now; while they are first arranged, with what is open so far."""
        return Means(hears=self._stt.ability(), speaks=self._tts.ability())

    def has_another(self, breaker: str) -> bool:
        """Whether another engine does the same job, now, that is more than a last resort."""
        ladders = (self._stt, self._tts, self._language)
        return any(ladder.works_without(breaker) for ladder in ladders if breaker.startswith(f"{ladder.kind}/"))

    def standing(self) -> list[Standing]:
        return [*self._stt.standing(), *self._tts.standing(), *self._language.standing()]

    def woken(self, transition: Transition) -> None:
        """A breaker moved: whoever looks after its engine may have something to do."""
        for ladder in (self._stt, self._tts, self._language):
            ladder.woken(transition.breaker)


def _cached(
    opener: Callable[[TtsSpec], AbstractAsyncContextManager[TextToSpeech]], sounds: SoundCache | None
) -> Callable[[TtsSpec], AbstractAsyncContextManager[TextToSpeech]]:
    return opener if sounds is None else lambda spec: open_cached(spec, opener(spec), sounds)


def _distinct(name: str, taken: set[str]) -> str:
    numbered = (f"{name} {number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each not in taken)


async def _needs_no_probe(_engine: object) -> None:
    """The last rung cannot fail."""


@asynccontextmanager
async def open_engine_room(
    resilience: ResilienceSettings,
    breakers: Breakers,
    *,
    stepped_down: Callable[[StepDown], None] = lambda _: None,
    changed: Callable[[], None] = lambda: None,
    may_probe: Callable[[CircuitBreaker], Awaitable[bool]] = always,
    openers: Openers = Openers(),
    sounds: SoundCache | None = None,
) -> AsyncGenerator[EngineRoom]:
    """`changed`: an engine came or went; what breakers do is told by `breakers`. `may_probe`: see `Upkeep`. `sounds`:
    what voices have said before.
    """
    care = _Care(breakers, resilience.check_seconds, stepped_down, changed, may_probe)
    async with anyio.create_task_group() as tasks:
        room = EngineRoom(tasks, resilience, care, openers, sounds)
        with breakers.watched(room.woken):
            yield room
        tasks.cancel_scope.cancel()
