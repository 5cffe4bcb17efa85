"""The ends of a session: what it speaks to, what it hears and speaks with, and what its starter holds of it."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from anyio import CapacityLimiter
from anyio.streams.memory import MemoryObjectSendStream

from app.events import Event, Level, State, Where
from app.manner import Manner
from app.steps import Step
from app.turn import Offer, Outcome, SayingId
from app.turnstile import Turnstile
from graph.types import Directive, TurnId
from voice.protocols import Loudspeaker, SpeechToText, TextToSpeech, VoiceActivityDetector
from voice.settings import BargeInSettings, EndpointingSettings
from voice.tiers import Means, Tier, TierChange
from voice.turn_detection.detector import TurnDetector
from voice.types import Delivery, MicrophoneItem, Reason, Transcript, Utterance
from voice.wake.opening import OpenWakeWord, open_wake_word


class Answerer(Protocol):
    """Who answers, as replies see it."""

    def reply(self, turn: TurnId, text: str, *, hurried: bool = False) -> AsyncGenerator[str | Directive, None]:
        """Asked again with the same turn, it replaces what that turn said before. `hurried`: leave out what is
        optional.
        """
        ...

    async def settle(self, turn: TurnId, heard: str, *, complete: bool) -> None:
        """The turn is over: this much of the reply was heard."""
        ...


class Conversation(Answerer, Protocol):
    """The graph, seen from here."""

    def reply(
        self, turn: TurnId, text: str, *, hurried: bool = False, provisional: bool = False
    ) -> AsyncGenerator[str | Directive, None]:
        """A `provisional` reply does not end before it `stands`, and has never been if it does not."""
        ...

    def stands(self, turn: TurnId) -> bool:
        """The provisional reply of this turn is one like any other from now on. False: there is none."""
        ...


class Screen(Protocol):
    """The browser, seen from here; what is shown of a reply is the loudspeaker's business."""

    async def show_user(self, turn: TurnId, text: str) -> None:
        """What the user said in this turn; again, when they went on."""
        ...

    async def show_interim(self, text: str, tentative: str = "") -> None:
        """What has been made out so far, and what may yet turn out to be something else; for the eye only."""
        ...

    async def show_state(self, state: State, detail: str = "") -> None:
        """`detail`: what takes so long, once it does."""
        ...

    async def show_tier(self, tier: Tier, why: str, change: TierChange | None) -> None:
        """What the user can do now; `change`: what has just become of it."""
        ...

    async def show_manner(self, manner: Manner) -> None:
        """What the page's own controls for it should show."""
        ...

    async def offer(self, offer: Offer) -> None: ...

    async def offer_is_gone(self, saying: SayingId) -> None: ...

    async def show_notice(self, level: Level, code: str, text: str) -> None: ...

    async def reply_ended(self) -> bool:
        """Nothing more will be added to the reply. False when nobody saw it, nor will: the page is away, and the
        history cannot keep it.
        """
        ...

    async def reply_discarded(self) -> None:
        """What is shown of the reply was never heard and is not said."""
        ...


class TurnLog(Protocol):
    """The record of one thread's sayings. Every call returns when it is on disk, and raises `EngineError`
    when it cannot be kept, within a second.
    """

    async def typed(self, saying: SayingId, text: str) -> None: ...

    async def recorded(self, saying: SayingId, utterance: Utterance) -> None: ...

    async def understood(self, saying: SayingId, transcript: Transcript) -> None: ...

    async def settle(
        self,
        sayings: Sequence[SayingId],
        outcome: Outcome,
        *,
        turn: TurnId | None = None,
        reason: str = "",
        record: Mapping[str, Any] | None = None,
    ) -> int:
        """How many of them this call settled; one that was settled before stays as it was. `record`: what is worth
        keeping of the turn, as JSON: engines, content level, troubles, times.
        """
        ...

    async def offers(self) -> tuple[Offer, ...]:
        """What was said on this thread and is nobody's business any more, oldest first: left by a session or a process
        that ended, or given back. Settles the former as offered.
        """
        ...

    async def take_up(self, saying: SayingId, anew: SayingId) -> str | Utterance | None:
        """Take it from the offers, and begin it anew under that id in the same step: its text, or else its recording;
        None when it is not on offer (any more).
        """
        ...

    async def dismiss(self, saying: SayingId) -> None:
        """Take it from the offers, and erase its recording."""
        ...

    async def let_go(self) -> None:
        """The session is over: what it had in hand is on offer."""
        ...


class Stage(Loudspeaker, Protocol):
    """A loudspeaker whose volume can be set."""

    def set_volume(self, gain: float) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    vad: VoiceActivityDetector
    stt: SpeechToText
    tts: TextToSpeech
    silent: TextToSpeech
    """The voice of replies that are only shown."""
    endpointing: EndpointingSettings
    vad_threshold: float
    rate: float
    means: Callable[[], Means]
    """What the ladders can do now."""
    speaking_with: Callable[[], str] = lambda: ""
    """The name of the voice that is asked first."""
    lacking: Callable[[Delivery], Reason | None] = lambda _: None
    """What of it no voice can do now."""
    deaf_to: Callable[[str], Reason | None] = lambda _: None
    """Why somebody who speaks this language is not understood by ear; None: they are, or nobody knows yet."""
    detector: TurnDetector | None = None
    """Who judges whether a pause is the end."""
    foresees: bool = True
    """Whether an answer is begun in a pause that is likely to be the end."""
    barge_in: BargeInSettings = field(default_factory=BargeInSettings)
    wake_word: OpenWakeWord = open_wake_word
    """Has somebody listen for a word that the user chose."""
    steady_seconds: float = 3.0
    """How long a recovered direction must hold before the user is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a session shares with the others of its house."""

    turnstile: Turnstile
    meters: "Meters"
    looks: CapacityLimiter
    """How many pauses may be looked into at once."""
    turn_seconds: float = 4.0
    """A turn that takes longer to its answer leaves out what is optional, half way already what comes first."""

    @property
    def busy(self) -> bool:
        """Whether there is as much to do as can be done at once."""
        return self.turnstile.is_full or self.looks.available_tokens < 1


class Meters(Protocol):
    """Who counts what happens."""

    def session_began(self, tier: Tier) -> None: ...

    def session_ended(self, tier: Tier) -> None: ...

    def tier_changed(self, before: Tier, after: Tier) -> None:
        """Of one session, as its user was told."""
        ...

    def turn_settled(self, outcome: Outcome) -> None: ...

    def sign_of_life(self, seconds: float) -> None:
        """From the end of what the user said to the first true thing that was seen or heard."""
        ...

    def turn_timed(self, steps: Sequence[tuple[Step, float, float]]) -> None:
        """A turn is over: its steps, with the seconds after the user's last word at which each began and ended."""
        ...

    def foreseen(self, *, stood: bool) -> None:
        """An answer was begun before it was certain that the user had finished; and they had, or not."""
        ...

    def session_freed(self, where: Where) -> None:
        """It stood still there, and was set going again."""
        ...

    def turn_shed(self, step: str) -> None:
        """An optional step was left out for lack of time."""
        ...


@dataclass(frozen=True, slots=True)
class Ends:
    """What the starter of a session holds: the near ends of its microphone and of its inbox."""

    microphone: MemoryObjectSendStream[MicrophoneItem]
    inbox: MemoryObjectSendStream[Event]
