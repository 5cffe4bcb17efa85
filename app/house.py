"""An open house: its parts, and what each session is given of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import anyio

from app.desk import Conversations as PastConversations
from app.desk import Desk
from app.documents.desk import ReadingDesk
from app.ends import Screen, Surroundings, Voice
from app.engines import EngineRoom
from app.health import Health
from app.hub.shop import ModelShop
from app.keeping import Keeping
from app.learnt import Learnt
from app.manners import Manners
from app.own_manner import OwnManner
from app.rights.backup import CopyMemories
from app.sessions import SessionHost
from app.settings import Settings
from app.telemetry.lateness import Lateness
from app.telemetry.metrics import Metrics
from app.titles import Titles
from app.turns import Turns
from app.whereabouts import Whereabouts
from graph.conversation import Conversations
from memory.cache import Cache
from memory.guarded import GuardedMemory
from memory.types import UserId
from resilience.breakers import Breakers
from voice.hearing import deaf_to
from voice.ladders import TieredSpeechToText, TieredTextToSpeech
from voice.tiers import Means
from voice.tts.captions import Captions
from voice.turn_detection.detector import TurnDetector
from voice.types import Delivery
from voice.vad.gated import open_vad


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
        tts = TieredTextToSpeech(self.engines.tts)
        return Voice(
            vad=open_vad(own.vad),
            stt=TieredSpeechToText(self.engines.stt),
            tts=tts,
            silent=Captions(),
            endpointing=own.endpointing,
            vad_threshold=own.vad.threshold,
            rate=own.rate,
            means=self.means,
            detector=self.detector,
            foresees=own.foresight,
            barge_in=own.barge_in,
            speaking_with=lambda: tts.speaking_with(manner.delivery if manner else Delivery()),
            lacking=tts.lacking,
            deaf_to=lambda language: deaf_to(self.engines.stt, language) if self.arranged.is_set() else None,
            steady_seconds=self.settings.resilience.steady_seconds,
        )

    def keeping(self, thread: str, user: UserId, screen: Screen, manner: OwnManner) -> Keeping:
        """The record of what is said in one session."""
        return Keeping(self.turns.of(thread, user), screen, manner, self.metrics.turn_settled)

    def learnt(self, user: UserId) -> Learnt:
        return Learnt(self.memory, self.conversations.notebook, user)

    def desk(self, user: UserId, thread: str, manner: OwnManner, here: Whereabouts, past: PastConversations) -> Desk:
        """Of one session."""
        return Desk(
            user,
            thread,
            here=here,
            past=past,
            learnt=self.learnt(user),
            manner=manner,
            standing=lambda: [*self.engines.standing(), *self.health.parts()],
        )

    async def forget_thread(self, thread: str, user: UserId) -> None:
        """All that is kept of it outside the history; what long-term memory learnt stays. Raises `EngineError`."""
        await self.turns.erase(thread)
        await self.conversations.forget_thread(thread, user)
