"""The composition root: settings in, house out. Everything that has a lifetime is opened here, in order."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import anyio
import structlog

from app.ends import Voice
from app.engines import EngineRoom, Wanted, open_engine_room
from app.events import Announce
from app.hub.shop import ModelShop, open_shop
from app.hub.store import ModelStore, language_specs, stt_specs, tts_specs
from app.sessions import SessionHost, open_session_host
from app.settings import Settings
from graph.conversation import Conversations, open_conversations
from graph.ladders import TieredLanguageModel
from memory.protocols import LongTermMemory
from memory.qdrant_edge import open_qdrant_edge
from resilience.ladder import StepDown
from voice.ladders import TieredSpeechToText, TieredTextToSpeech
from voice.settings import EspeakSpec, PocketsphinxSpec
from voice.tts.captions import Captions
from voice.vad.gated import open_vad

log = structlog.get_logger(__name__)

JOBS = {"stt": "Speech recognition", "tts": "The voice", "language": "The language model"}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    settings: Settings
    engines: EngineRoom
    conversations: Conversations
    memory: LongTermMemory
    sessions: SessionHost
    shop: ModelShop
    arranged: anyio.Event
    """Every wanted engine has been tried once."""

    def voice(self) -> Voice:
        """What a new session hears and speaks with."""
        own = self.settings.voice
        return Voice(
            vad=open_vad(own.vad),
            stt=TieredSpeechToText(self.engines.stt),
            tts=TieredTextToSpeech(self.engines.tts),
            silent=Captions(),
            endpointing=own.endpointing,
            vad_threshold=own.vad.threshold,
            rate=own.rate,
        )


def troubles(engines: EngineRoom) -> list[Announce]:
    """What users should know about engines that are wanted and not there."""
    return [
        Announce("warning", "engine-unavailable", f"{JOBS[each.kind]} {each.name} is not available: {each.detail}")
        for each in engines.standing()
        if each.state == "failed"
    ]


def wanted_engines(settings: Settings, store: ModelStore) -> Wanted:
    """The ladders that were set; where none was, the best that is installed above the embedded default."""
    installed, language = store.installed(), settings.voice.language
    voice, graph = settings.voice, settings.graph
    return Wanted(
        stt=voice.stt if voice.stt is not None else (*stt_specs(installed, language=language), PocketsphinxSpec()),
        tts=voice.tts if voice.tts is not None else (*tts_specs(installed, language=language), EspeakSpec()),
        language=graph.models if graph.models is not None else language_specs(installed, language=language),
    )


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncGenerator[House]:
    """Engines are opened in the background: the page can be used while the better ones load."""
    data = settings.data_dir
    store = ModelStore(data / "models")
    async with AsyncExitStack() as stack:
        sessions = await stack.enter_async_context(open_session_host())

        def stepped_down(step: StepDown) -> None:
            sessions.announce(
                Announce(
                    "warning", step.error.code, f"{JOBS[step.ladder]} {step.rung} failed; the next one takes over."
                )
            )

        memory = await stack.enter_async_context(open_qdrant_edge(data / "memories"))
        engines = await stack.enter_async_context(open_engine_room(stepped_down))
        conversations = await stack.enter_async_context(
            open_conversations(
                models=TieredLanguageModel(engines.language),
                memory=memory,
                checkpoints=data / "checkpoints.sqlite",
                settings=settings.graph,
            )
        )

        arranged = anyio.Event()

        async def rearrange() -> None:
            await engines.arrange(wanted_engines(settings, store))
            arranged.set()
            for trouble in troubles(engines):
                sessions.announce(trouble)

        shop = await stack.enter_async_context(
            open_shop(store, settings.hub, installed_changed=rearrange, standing=engines.standing)
        )
        tasks = await stack.enter_async_context(anyio.create_task_group())
        tasks.start_soon(rearrange)
        yield House(
            settings=settings,
            engines=engines,
            conversations=conversations,
            memory=memory,
            sessions=sessions,
            shop=shop,
            arranged=arranged,
        )
        tasks.cancel_scope.cancel()
