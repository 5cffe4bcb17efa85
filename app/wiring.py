"""The composition root: settings in, house out. Everything that has a lifetime is opened here, in order."""

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import anyio
import anyio.to_thread
import structlog

from app.documents.desk import ReadingDesk
from app.ends import Screen, Surroundings, Voice
from app.engines import EngineRoom, Openers, Wanted, open_engine_room
from app.events import Announce, MeansChanged
from app.health import Health, hub_part, open_health
from app.hub.shop import ModelShop, open_shop
from app.hub.store import ModelStore, language_specs, stt_specs, tts_specs
from app.keeping import Keeping
from app.manner import OwnManner, usual
from app.manners import Manners, open_manners
from app.remembering import open_remembering
from app.rights.backup import CopyMemories
from app.sessions import SessionHost, open_session_host
from app.settings import Settings
from app.sounds import Sounds, learn_phrases
from app.telemetry.lateness import Lateness
from app.telemetry.metrics import Metrics
from app.titles import Titles
from app.turns import Turns, open_turns
from app.turnstile import Turnstile
from graph.conversation import Conversations, open_conversations
from graph.ladders import TieredLanguageModel
from memory.cache import Cache
from memory.guarded import GuardedMemory
from memory.types import UserId
from resilience.breaker import BreakerState, Transition
from resilience.breakers import Breakers
from resilience.errors import EngineUnavailable
from resilience.ladder import Ladder
from resilience.sharing import open_sharing
from voice.ladders import TieredSpeechToText, TieredTextToSpeech
from voice.settings import EspeakSpec, PocketsphinxSpec
from voice.tiers import Means
from voice.tts.captions import Captions
from voice.turn_detection.detector import TurnDetector
from voice.turn_detection.opening import open_turn_detector
from voice.vad.gated import open_vad
from voice.vad.silero import load_silero

log = structlog.get_logger(__name__)

JOBS = {
    "stt": "Speech recognition",
    "tts": "The voice",
    "language": "The language model",
    "memory": "Long-term memory",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    settings: Settings
    engines: EngineRoom
    conversations: Conversations
    memory: GuardedMemory
    cache: Cache
    reading_desk: ReadingDesk
    copy_memories: CopyMemories | None
    """None where memories lie on a server, which has backups of its own."""
    titles: Titles
    manners: Manners
    sessions: SessionHost
    shop: ModelShop
    turns: Turns
    breakers: Breakers
    health: Health
    metrics: Metrics
    lateness: Lateness
    surroundings: Surroundings
    detector: TurnDetector | None
    arranged: anyio.Event
    """Every wanted engine has been tried once."""

    @property
    def waiting(self) -> int:
        """Sessions that were told to wait for others."""
        return self.surroundings.turnstile.waiting

    @property
    def queues(self) -> Mapping[str, int]:
        """How much waits in each."""
        return {**self.sessions.queues(), "notebook": self.conversations.notebook.waiting}

    def means(self) -> Means:
        """What the ladders can do; while engines are still being opened, what they are going to."""
        return self.engines.means() if self.arranged.is_set() else Means()

    def voice(self, manner: OwnManner | None = None) -> Voice:
        """What a new session hears and speaks with; `manner`: of the person who talks."""
        own = self.settings.voice
        return Voice(
            vad=open_vad(own.vad),
            stt=TieredSpeechToText(self.engines.stt),
            tts=TieredTextToSpeech(self.engines.tts),
            silent=Captions(),
            endpointing=own.endpointing,
            vad_threshold=own.vad.threshold,
            rate=own.rate,
            means=self.means,
            detector=self.detector,
            foresees=own.foresight,
            barge_in=own.barge_in,
            manner=manner,
            speaking_with=lambda: _name(self.engines.tts),
            steady_seconds=self.settings.resilience.steady_seconds,
        )

    def keeping(self, thread: str, user: UserId, screen: Screen) -> Keeping:
        """The record of what is said in one session."""
        return Keeping(self.turns.of(thread, user), screen, self.metrics.turn_settled)

    async def forget_thread(self, thread: str, user: UserId) -> None:
        """All that is kept of it outside the history; what long-term memory learnt stays. Raises `EngineError`."""
        await self.turns.erase(thread)
        await self.conversations.forget_thread(thread, user)


def _name(ladder: Ladder[Any]) -> str:
    """Of the rung that is asked first."""
    return ladder.standing.name if ladder.standing is not None else ""


def troubles(engines: EngineRoom) -> list[Announce]:
    """What users should know about engines that are wanted and not there."""
    return [
        Announce("warning", "engine-unavailable", f"{JOBS[each.kind]} {each.name} is not available: {each.detail}")
        for each in engines.standing()
        if each.state == "failed"
    ]


def news_of(transition: Transition) -> Announce | None:
    """What users should hear of a breaker: that a part is passed over from now on, and that it is used again."""
    kind, _, name = transition.breaker.partition("/")
    if kind not in JOBS:
        return None
    part, code = f"{JOBS[kind]} {name}".strip(), f"part-{kind}"
    match transition.before, transition.after:
        case (BreakerState.CLOSED, BreakerState.OPEN) | (_, BreakerState.FORCED_OPEN):
            return Announce("warning", code, f"{part} is not working, so I go on without it. {_why(transition.reason)}")
        case BreakerState.HALF_OPEN, BreakerState.CLOSED:
            return Announce("info", code, f"{part} works again.")
        case _:
            return None


def _why(reason: str) -> str:
    return f"The reason: {reason.rstrip('.')}." if reason else ""


def wanted_engines(settings: Settings, store: ModelStore) -> Wanted:
    """The ladders that were set; where none was, the best that is installed above the embedded default."""
    installed, language = store.installed(), settings.voice.language
    voice, graph = settings.voice, settings.graph
    return Wanted(
        stt=voice.stt if voice.stt is not None else (*stt_specs(installed, language=language), PocketsphinxSpec()),
        tts=voice.tts if voice.tts is not None else (*tts_specs(installed, language=language), EspeakSpec()),
        language=graph.models if graph.models is not None else language_specs(installed, language=language),
    )


async def warm_up() -> None:
    """What the first session would else keep the event loop with, for some 30 ms."""
    with suppress(EngineUnavailable):  # that session is told
        await anyio.to_thread.run_sync(load_silero)


@asynccontextmanager
async def open_house(settings: Settings, openers: Openers | None = None) -> AsyncGenerator[House]:
    """Engines are opened in the background: the page can be used while the better ones load."""
    data, resilience = settings.data_dir, settings.resilience
    store = ModelStore(data / "models")
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        sessions = await stack.enter_async_context(open_session_host())

        def moved(transition: Transition) -> None:
            worse = transition.after in (BreakerState.OPEN, BreakerState.FORCED_OPEN)
            (log.warning if worse else log.info)(
                "breaker moved",
                breaker=transition.breaker,
                before=transition.before,
                after=transition.after,
                reason=transition.reason,
            )
            metrics.transition(transition)
            sessions.tell_all(MeansChanged())
            told = news_of(transition)
            # Without another ear, or another voice, it is the tier that changes, and tells.
            if told and (told.code not in {"part-stt", "part-tts"} or engines.has_another(transition.breaker)):
                sessions.tell_all(told)

        breakers = Breakers(moved)
        sharing = await stack.enter_async_context(open_sharing(breakers, resilience))
        health = await stack.enter_async_context(
            open_health(resilience.check_seconds, breakers, sharing=sharing, data=data)
        )
        own = settings.voice
        manners = await stack.enter_async_context(
            open_manners(data / "manners", usual(own.endpointing, own.barge_in, own.rate))
        )
        turns = await stack.enter_async_context(open_turns(data, settings.recordings))
        remembering = await stack.enter_async_context(open_remembering(settings, breakers, health))
        engines = await stack.enter_async_context(
            open_engine_room(
                resilience,
                breakers,
                stepped_down=metrics.stepped_down,
                changed=lambda: sessions.tell_all(MeansChanged()),
                may_probe=sharing.may_probe,
                openers=openers or Openers(),
                sounds=Sounds(remembering.cache),
            )
        )
        detector = await stack.enter_async_context(
            open_turn_detector(settings.voice.turn_detection, settings.voice.language)
        )
        titles = Titles()
        conversations = await stack.enter_async_context(
            open_conversations(
                models=TieredLanguageModel(engines.language),
                memory=remembering.memory,
                library=remembering.library,
                checkpoints=data / "checkpoints.sqlite",
                checkpoints_in=settings.checkpoints,
                notebook=data / "notebook.sqlite",
                title_of=titles.of,
                settings=settings.graph,
            )
        )

        arranged = anyio.Event()

        async def rearrange() -> None:
            await engines.arrange(wanted_engines(settings, store))
            arranged.set()
            for trouble in troubles(engines):
                sessions.tell_all(trouble)
            sessions.tell_all(MeansChanged())

        async def learn() -> None:
            await arranged.wait()
            await learn_phrases(engines.tts, settings.voice.rate, lambda: len(sessions) > 0)

        shop = await stack.enter_async_context(
            open_shop(
                store,
                settings.hub,
                installed_changed=rearrange,
                standing=engines.standing,
                parts=health.parts,
                breaker=breakers.new("hub", resilience.hub),
            )
        )
        stack.enter_context(breakers.watched(lambda _: shop.announce()))
        await stack.enter_async_context(health.watching(hub_part(breakers["hub"])))
        tasks = await stack.enter_async_context(anyio.create_task_group())
        lateness = Lateness(metrics.loop_late)
        for each in (warm_up, rearrange, learn, lateness.watch):
            tasks.start_soon(each)
        try:
            yield House(
                settings=settings,
                engines=engines,
                conversations=conversations,
                memory=remembering.memory,
                cache=remembering.cache,
                reading_desk=ReadingDesk(remembering.library),
                copy_memories=remembering.copy_memories,
                titles=titles,
                manners=manners,
                sessions=sessions,
                shop=shop,
                turns=turns,
                breakers=breakers,
                health=health,
                metrics=metrics,
                lateness=lateness,
                surroundings=Surroundings(
                    turnstile=Turnstile(resilience.turns_at_once or max(2, os.cpu_count() or 2)),
                    meters=metrics,
                    looks=anyio.CapacityLimiter(max(1, (os.cpu_count() or 2) // 2)),
                    turn_seconds=resilience.turn_seconds,
                ),
                detector=detector,
                arranged=arranged,
            )
        finally:
            await sessions.end()
            tasks.cancel_scope.cancel()
