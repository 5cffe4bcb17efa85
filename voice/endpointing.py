"""Where an utterance begins and ends. Counts audio, not clocks, and never touches a model."""

from enum import Enum, auto

from voice.settings import EndpointingSettings

HYSTERESIS = 0.15
"""Once speech has begun, a window this much below the threshold still counts as speech, as Silero's authors advise."""


class Endpoint(Enum):
    STARTED = auto()
    """Speech began (a few windows ago)."""
    ENDED = auto()
    """The utterance is over, after enough silence or at its greatest length."""
    DROPPED = auto()
    """What had started was too short to be speech."""


class Endpointer:
    def __init__(self, settings: EndpointingSettings, *, threshold: float = 0.5) -> None:
        self._s = settings
        self._threshold = threshold
        self._in_utterance = False
        self._speech = self._silence = self._length = 0.0

    @property
    def in_utterance(self) -> bool:
        return self._in_utterance

    def process(self, probability: float, seconds: float) -> Endpoint | None:
        """Take in one window; say if it opened or closed an utterance."""
        if not self._in_utterance:
            self._speech = self._speech + seconds if probability >= self._threshold else 0.0
            if self._speech < self._s.onset_seconds:
                return None
            self._in_utterance, self._silence, self._length = True, 0.0, self._speech
            return Endpoint.STARTED
        self._length += seconds
        if probability >= self._threshold - HYSTERESIS:
            self._speech += seconds
            self._silence = 0.0
        else:
            self._silence += seconds
        too_long = self._length >= self._s.longest_seconds
        return self.flush() if self._silence >= self._s.silence_seconds or too_long else None

    def flush(self) -> Endpoint | None:
        """End what is under way: the microphone closed."""
        if not self._in_utterance:
            self._speech = 0.0
            return None
        enough = self._speech >= self._s.shortest_seconds
        self._in_utterance, self._speech = False, 0.0
        return Endpoint.ENDED if enough else Endpoint.DROPPED
