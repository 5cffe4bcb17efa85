"""The ends of a session: what it speaks to, what it hears and speaks with, and what its starter holds of it."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol

from anyio.streams.memory import MemoryObjectSendStream

from app.events import Event, Level, State
from graph.types import Directive, TurnId
from voice.protocols import Loudspeaker, SpeechToText, TextToSpeech, VoiceActivityDetector
from voice.settings import EndpointingSettings
from voice.types import AudioFrame, MicrophoneClosed


class Conversation(Protocol):
    """The graph, seen from here."""

    def reply(self, turn: TurnId, text: str) -> AsyncGenerator[str | Directive, None]:
        """Asked again with the same turn, it replaces what that turn said before."""
        ...

    async def settle(self, turn: TurnId, heard: str, *, complete: bool) -> None:
        """The turn is over: this much of the reply was heard."""
        ...


class Screen(Protocol):
    """The browser, seen from here; what is shown of a reply is the loudspeaker's business."""

    async def show_user(self, turn: TurnId, text: str) -> None:
        """What the user said in this turn; again, when they went on."""
        ...

    async def show_interim(self, text: str) -> None: ...

    async def show_state(self, state: State) -> None: ...

    async def show_notice(self, level: Level, code: str, text: str) -> None: ...

    async def reply_ended(self) -> None:
        """Nothing more will be added to the reply."""
        ...

    async def reply_discarded(self) -> None:
        """What is shown of the reply was never heard and is not said."""
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


@dataclass(frozen=True, slots=True)
class Ends:
    """What the starter of a session holds: the near ends of its microphone and of its inbox."""

    microphone: MemoryObjectSendStream[AudioFrame | MicrophoneClosed]
    inbox: MemoryObjectSendStream[Event]
