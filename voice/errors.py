"""What can go wrong between a microphone and a loudspeaker, beside the engines (`resilience.errors`)."""

from typing import ClassVar

from voice.types import Reason


class AudioRejected(Exception):
    """A chunk from the microphone is not audio that we can use; the message says why."""

    code: ClassVar[str] = "audio-rejected"

    def __init__(self, message: str, why: Reason) -> None:
        """`why`: the same, for whoever tells the person."""
        super().__init__(message)
        self.why = why
