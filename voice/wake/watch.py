"""In front of one ear: while it sleeps nothing passes, and nothing is kept, but what follows the wake word.

Of what is heard asleep only the last moment is at hand, less than the word itself takes: a word is noticed a little
after its end, and who says "okay nabu what time is it" in one breath is to be heard from "what" on.
"""

from collections.abc import Callable
from typing import Final

from voice.types import SAMPLE_RATE
from voice.wake.words import Heeded

STEP_BYTES: Final = 2 * SAMPLE_RATE // 100
"""10 ms: so exactly is it known where a word ended."""
DEAF_SECONDS: Final = 1.0
"""After falling asleep: what told how to wake it may still be echoing."""


class Watch:
    """Synchronous; of one microphone. Knows nothing of speech but the one word."""

    def __init__(self, own_voice_says_it: Callable[[], bool] = lambda: False) -> None:
        """`own_voice_says_it`: whether the loudspeaker may be saying the word just now, which wakes nobody."""
        self._own_voice_says_it = own_voice_says_it
        self._heeded: Heeded | None = None
        self._asleep = False
        self.guards = False
        """Whether every microphone that opens is asleep at first."""
        self._rest = bytearray()
        self._last = bytearray()
        self._deaf = 0.0
        self._ending: int | None = None
        """Steps until the word that was noticed is over."""

    @property
    def asleep(self) -> bool:
        return self._asleep

    @property
    def heeded(self) -> Heeded | None:
        return self._heeded

    def heed(self, heeded: Heeded | None) -> None:
        """Listen for this word from now on; None: for none, so that nothing that is said wakes."""
        self._heeded = heeded
        self._forget()

    def sleep(self) -> None:
        self._asleep = True
        self._deaf = DEAF_SECONDS
        self._forget()

    def wake(self) -> None:
        if self._asleep:
            self._asleep = False
            self._forget()

    def microphone_closed(self) -> None:
        """The next one may be somewhere else."""
        if self.guards:
            self._asleep = True
        self._forget()

    def take(self, pcm: bytes) -> bytes | None:
        """Listen for the word in this sound, of any length. If it was said: what followed it so far; whatever was
        asleep is awake. None: it was not.
        """
        if self._heeded is None:
            return None
        self._rest += pcm
        whole = len(self._rest) // STEP_BYTES * STEP_BYTES
        sound = bytes(self._rest[:whole])
        del self._rest[:whole]
        for at in range(0, whole, STEP_BYTES):
            if self._is_over(sound[at : at + STEP_BYTES], self._heeded):
                follows = bytes(self._last) + sound[at + STEP_BYTES :] + bytes(self._rest)
                self._asleep = False
                self._forget()
                return follows
        return None

    def _is_over(self, step: bytes, heeded: Heeded) -> bool:
        """Whether with this step the word has been said, to its end."""
        late = round(heeded.late_seconds * 100)
        self._last += step
        del self._last[: max(0, len(self._last) - max(0, late) * STEP_BYTES)]
        if self._ending is None and self._is_noticed(step, heeded):
            self._ending = max(0, -late)
        elif self._ending is not None:
            self._ending -= 1
        return self._ending == 0

    def _is_noticed(self, step: bytes, heeded: Heeded) -> bool:
        likely = heeded.ear.process(step)
        if self._deaf > 0:
            self._deaf -= len(step) / (2 * SAMPLE_RATE)
            return False
        return likely >= heeded.threshold and not self._own_voice_says_it()

    def _forget(self) -> None:
        self._rest.clear()
        self._last.clear()
        self._ending = None
        if self._heeded is not None:
            self._heeded.ear.reset()
