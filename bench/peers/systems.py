"""Who is compared, and with which settings.

default: what the library does when nothing is set. tuned: its quickest settings that still leave its turn detection
usable where people pause for 0.3 to 0.8 s. vad200: one policy for all, the turn ends after 200 ms without speech, only
for clips without pauses: what is left is orchestration.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

Peer = Literal["floor", "pipecat", "livekit", "fastrtc", "nightingale", "socket"]


@dataclass(frozen=True, slots=True)
class Configuration:
    name: str
    peer: Peer
    settings: dict[str, Any] = field(default_factory=dict)
    """For its adapter."""
    uvloop: bool = False
    """Ours is served on it, wherever it can be installed; of the peers, those that are tuned run on it here."""
    pauses: bool = True
    """Whether it can be asked to wait through a pause."""

    @property
    def ours(self) -> bool:
        return self.peer in ("nightingale", "socket")

    @property
    def is_peer(self) -> bool:
        return self.peer in PACKAGES


PACKAGES: Final[dict[str, tuple[str, ...]]] = {
    "pipecat": ("pipecat-ai[silero]==1.14.0",),
    "livekit": ("livekit-agents==1.8.9",),
    "fastrtc": ("fastrtc[vad]==0.0.34",),
}
"""What the environment of a peer is made of, besides what the bench itself needs."""
CARRIERS: Final[dict[str, tuple[str, ...]]] = {"fastrtc": ("pipecat-ai==1.14.0",)}
"""Installed without what they need, for the files they carry."""

# LiveKit commits a turn before it has the transcript unless it waits a little longer than silence and recogniser take.
_LIVEKIT_TUNED: Final[dict[str, Any]] = {
    "turn_handling": {
        "endpointing": {"min_delay": 0.5, "max_delay": 1.2},
        "preemptive_generation": {"preemptive_tts": True},
        "interruption": {"min_duration": 0.2},
    },
    "short_sentences": True,
}

CONFIGURATIONS: Final = (
    Configuration("floor", "floor", {"silence_seconds": 0.2}, pauses=False),
    Configuration("nightingale", "nightingale", uvloop=True),
    Configuration(
        "nightingale-vad200",
        "nightingale",
        {"endpointing": {"silence_seconds": 0.2, "adapts": False}, "silence_only": True},
        uvloop=True,
        pauses=False,
    ),
    Configuration("nightingale-socket", "socket"),
    Configuration("pipecat-default", "pipecat"),
    Configuration(
        "pipecat-tuned",
        "pipecat",
        {"vad": {"stop_secs": 0.1, "start_secs": 0.1}, "smart_turn": {"stop_secs": 1.2}, "bare": True},
        uvloop=True,
    ),
    Configuration("pipecat-vad200", "pipecat", {"silence_only": True, "bare": True}, uvloop=True, pauses=False),
    Configuration("livekit-default", "livekit"),
    Configuration("livekit-tuned", "livekit", _LIVEKIT_TUNED, uvloop=True),
    Configuration(
        "livekit-vad200",
        "livekit",
        {
            "vad": {"min_silence_duration": 0.2},
            "turn_handling": {
                "turn_detection": "vad",
                "endpointing": {"min_delay": 0.0},
                "interruption": {"min_duration": 0.2},
            },
            "short_sentences": True,
        },
        uvloop=True,
        pauses=False,
    ),
    Configuration("fastrtc-default", "fastrtc"),
    Configuration(
        "fastrtc-tuned",
        "fastrtc",
        {
            "input_rate": 16_000,
            "pause": {"audio_chunk_duration": 0.3, "started_talking_threshold": 0.15, "speech_threshold": 0.05},
            "vad": {"min_speech_duration_ms": 60, "speech_pad_ms": 0, "min_silence_duration_ms": 100},
        },
        uvloop=True,
    ),
)
BY_NAME: Final = {each.name: each for each in CONFIGURATIONS}
