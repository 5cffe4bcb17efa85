"""The composition root: settings in, house out. Everything that has a lifetime is opened here, in order."""

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import get_args

import anyio
import anyio.to_thread
import structlog

from app.documents.desk import ReadingDesk
from app.ends import Surroundings
from app.engines import Openers, Wanted, open_engine_room
from app.events import MeansChanged
from app.health import hub_part, open_health
from app.house import House
from app.hub.shop import open_shop
from app.hub.store import ModelStore, language_specs, stt_specs, tts_specs
from app.hub.types import Installed
from app.manner import usual
from app.manners import open_manners
from app.part_news import news_of, troubles
from app.remembering import open_remembering
from app.sessions import open_session_host
from app.settings import Settings
from app.sounds import Sounds, learn_phrases
from app.telemetry.lateness import Lateness
from app.telemetry.metrics import Metrics
from app.titles import Titles
from app.turns import open_turns
from app.turnstile import Turnstile
from graph.conversation import open_conversations
from graph.ladders import TieredLanguageModel
from graph.tongues.reading import TONGUES, tongue_of
from graph.types import Language
from resilience.breaker import BreakerState, Transition
from resilience.breakers import Breakers
from resilience.errors import EngineUnavailable
from resilience.sharing import open_sharing
from voice.choosing import LANGUAGES, known_voices
from voice.settings import EspeakSpec, PocketsphinxSpec, TtsSpec
from voice.turn_detection.opening import open_turn_detector
from voice.vad.silero import load_silero

log = structlog.get_logger(__name__)


def wanted_engines(settings: Settings, store: ModelStore) -> Wanted:
    """The ladders that were set; where none was, the best that is installed above the embedded default."""
    installed, language = store.installed(), settings.voice.language
    voice, graph = settings.voice, settings.graph
    return Wanted(
        stt=voice.stt if voice.stt is not None else (*stt_specs(installed, language=language), PocketsphinxSpec()),
        tts=voice.tts
        if voice.tts is not None
        else (*tts_specs(installed, language=language), EspeakSpec(), *_foreign(installed, language)),
        language=graph.models if graph.models is not None else language_specs(installed, language=language),
    )


def _foreign(installed: Sequence[Installed], language: str) -> list[TtsSpec]:
    """Voices for those who chose another language than the house's."""
    return [spec for each in LANGUAGES if each != language for spec in tts_specs(installed, language=each)]


async def warm_up() -> None:
    """What the first session would else keep the event loop with, for some 30 ms, and its first words for 130."""
    with suppress(EngineUnavailable):  # that session is told
        await anyio.to_thread.run_sync(load_silero)
    for language in TONGUES:
        await anyio.to_thread.run_sync(tongue_of, language)


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
            open_manners(
                data / "manners",
                usual(own.endpointing, own.barge_in, own.rate, hands_free=own.hands_free, welcomes=own.welcomes),
                voices=lambda: known_voices(engines.tts),
                language=next((each for each in get_args(Language) if each == own.language), "en"),
            )
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
