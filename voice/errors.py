"""What can go wrong between a microphone and a loudspeaker.

The engine errors are the ground floor's own (`resilience.errors`); this room adds two.

VoiceError
  AudioRejected          a chunk from the microphone is not audio we can use
  SpeechCut              a sentence failed after part of it had been handed on
"""

from typing import ClassVar


class VoiceError(Exception):
    """Base class of everything raised on purpose in this room, engine errors apart."""

    code: ClassVar[str] = "voice-error"


class AudioRejected(VoiceError):
    code = "audio-rejected"


class SpeechCut(VoiceError):
    code = "speech-cut"
