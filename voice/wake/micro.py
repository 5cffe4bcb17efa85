"""microWakeWord's networks, as pymicro-wakeword carries them: 0.2 % of a processor core for each that listens."""

from typing import Any, Final

from resilience.errors import EngineUnavailable
from voice.wake.speeds import AtSpeeds
from voice.wake.words import WordName

ENGINE: Final = "pymicro-wakeword"
MODELS: Final[dict[WordName, str]] = {
    "okay-nabu": "okay_nabu",
    "hey-jarvis": "hey_jarvis",
    "hey-mycroft": "hey_mycroft",
    "alexa": "alexa",
}


class MicroWakeWord:
    """What it is asked for is the mean of the last windows, so that one alone wakes nobody."""

    def __init__(self, features: Any, network: Any) -> None:
        self._features = features
        self._network = network

    def process(self, pcm: bytes) -> float:
        found = (self._network.process_streaming_prob(each) for each in self._features.process_streaming(pcm))
        return max((each or 0.0 for each in found), default=0.0)

    def reset(self) -> None:
        self._features.reset()
        self._network.reset()


def load_micro(word: WordName) -> MicroWakeWord:
    """Some milliseconds. Raises `EngineUnavailable`."""
    try:
        import pymicro_wakeword as library

        network = library.MicroWakeWord.from_builtin(library.Model(MODELS[word]))
        return MicroWakeWord(library.MicroWakeWordFeatures(), network)
    except (ImportError, OSError, ValueError) as exc:
        raise EngineUnavailable(ENGINE, str(exc) or type(exc).__name__) from exc


def load_micro_at_speeds(word: WordName) -> AtSpeeds:
    """For four times as much of a core. Raises `EngineUnavailable`."""
    return AtSpeeds(lambda: load_micro(word))
