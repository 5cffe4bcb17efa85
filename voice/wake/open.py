"""openWakeWord's networks, as pyopen-wakeword carries them: 5 % of a processor core for each that listens."""

from typing import Any, Final

from resilience.errors import EngineUnavailable
from voice.wake.words import WordName

ENGINE: Final = "pyopen-wakeword"
MODELS: Final[dict[WordName, str]] = {
    "okay-nabu": "okay_nabu",
    "hey-jarvis": "hey_jarvis",
    "hey-mycroft": "hey_mycroft",
    "alexa": "alexa",
    "hey-rhasspy": "hey_rhasspy",
}


class OpenWakeWord:
    """The library has the last ten seconds of sound at hand; `reset` wipes them. Its own reset would have it look at
    eight seconds of silence before the next sound, which takes too long where others wait.
    """

    def __init__(self, features: Any, network: Any) -> None:
        for _ in features.process_streaming(bytes(2560)):
            pass  # those eight seconds, once
        self._features = features
        self._network = network
        self._silence = features.mels.copy()

    def process(self, pcm: bytes) -> float:
        found = (
            float(probability)
            for each in self._features.process_streaming(pcm)
            for probability in self._network.process_streaming(each)
        )
        return max(found, default=0.0)

    def reset(self) -> None:
        self._features.audio[:] = 0
        self._features.mels[:] = self._silence
        self._network.reset()


def load_open(word: WordName) -> OpenWakeWord:
    """Half a second. Raises `EngineUnavailable`."""
    try:
        import pyopen_wakeword as library

        network = library.OpenWakeWord.from_builtin(library.Model(MODELS[word]))
        return OpenWakeWord(library.OpenWakeWordFeatures.from_builtin(), network)
    except (ImportError, OSError, ValueError) as exc:
        raise EngineUnavailable(ENGINE, str(exc) or type(exc).__name__) from exc
