"""What can go wrong between a microphone and a loudspeaker, beside the engines (`resilience.errors`)."""

from typing import ClassVar


class AudioRejected(Exception):
    """A chunk from the microphone is not audio that we can use; the message says why."""

    code: ClassVar[str] = "audio-rejected"
