"""Where an utterance begins and ends. Counts audio, not clocks, and never touches a model.

    IDLE ─onset─▶ SPEAKING ─soft pause─▶ PAUSED ─the wait is over─▶ IDLE
                      ▲                    │
                      └────speech again────┘

A lull is the beginning of what may become such a pause; to the endpointer it is speech like any other.

How long the wait is follows from how likely it is that the speaker has finished, as somebody else judges during the
pause (`tell`), from the user's patience setting, and from the pauses they are known to make.
"""

import math
from enum import Enum, auto
from typing import Final

from voice.onset import Onset
from voice.pauses import Pauses
from voice.settings import Ending, EndpointingSettings, Patience

HYSTERESIS: Final = 0.15
"""Once speech has begun, a window this much below the threshold still counts as speech, as Silero's authors advise."""
RESUMING_SECONDS: Final = 0.06
"""Speech in a row that takes up a paused utterance; less is a click, and makes nobody start their work afresh."""
PATIENCE: Final[dict[Patience, float]] = {"brisk": 0.75, "standard": 1.0, "unhurried": 1.75, "very-patient": 3.5}
"""By what the waits are multiplied: with the usual settings and no judgement 0.53, 0.7, 1.2 and 3.4 s of silence; with
an utterance that sounds unfinished 1.8, 2.4, 4.2 and 8.4 s.
"""
LEAST_SECONDS: Final[dict[Patience, float]] = {"brisk": 0.0, "standard": 0.0, "unhurried": 0.0, "very-patient": 3.4}
"""Silence that is waited out whatever the words and the melody say, but for what is `WHOLE`: who blocks falls silent in
the middle of a word, for up to three seconds, and what they have said until then may well be a sentence.
"""
WHOLE: Final = 0.99
"""From so likely on it is all of an answer or a command, "yes" or "what time is it", after which nobody goes on."""
LEAST_AFTER_WHOLE: Final = 1.5
"""Seconds that are waited out then, by the most patient."""

FOR_CERTAIN: Final = 6
"""The power of the certainty that the speaker has finished, by which their own pauses count less: most of those were
made in mid-sentence. Of the turns of a known speaker in `bench.turns` by their words, with this and without 5.7 of 100
are cut off, and half of the others wait for 0.70 s instead of 0.86; with a melody that knows nothing of made voices it
is 6.5 and 0.71 s instead of 5.0 and 0.94.
"""


class Endpoint(Enum):
    STARTED = auto()
    """Speech began (a few windows ago)."""
    REOPENED = auto()
    """The same, but so soon after an end that it was none."""
    LULL = auto()
    """A moment without speech, which may become a pause."""
    SOFT_END = auto()
    """A pause, which may be the end."""
    RESUMED = auto()
    """It was not."""
    ENDED = auto()
    """The utterance is over: by its silence, at its greatest length, or at the user's word."""
    DROPPED = auto()
    """What had started was too short to be speech."""


class _State(Enum):
    IDLE = auto()
    SPEAKING = auto()
    PAUSED = auto()


class Endpointer:
    """Of one microphone."""

    def __init__(self, settings: EndpointingSettings, *, threshold: float = 0.5, pauses: Pauses | None = None) -> None:
        self._s = settings
        self._threshold = threshold
        self._onset = Onset(settings.onset_seconds, threshold)
        self.pauses = Pauses() if pauses is None else pauses
        self.patience: Patience = settings.patience
        """May be set at any time, as `ending`."""
        self.ending: Ending = settings.ending
        self._state = _State.IDLE
        self._speech = self._spoken = self._silence = self._again = self._length = 0.0
        self._since_end = math.inf
        self._revision = 0
        self._stood: int | None = None
        self._completion: float | None = None
        self._finished = False
        self._held = self._pressed = self._lulled = False

    @property
    def in_utterance(self) -> bool:
        return self._state is not _State.IDLE

    @property
    def revision(self) -> int:
        """Of the last pause: of its soft end, and of the lull before that."""
        return self._revision

    @property
    def stood(self) -> int | None:
        """The pause with which the last utterance ended, if nothing was said after it."""
        return self._stood

    @property
    def pause_seconds(self) -> float:
        """Silence since the last speech of this utterance, or at the end of the last one."""
        return self._silence

    @property
    def speech_seconds(self) -> float | None:
        """How much of this utterance, or of the last one, is speech; None where the user pressed: they may whisper."""
        if self._pressed:
            return None
        return self._speech if self.in_utterance else self._spoken

    def tell(self, revision: int, completion: float | None) -> None:
        """How likely is it (0 to 1) that the speaker has finished? Heeded while that soft end stands; may be told
        again.
        """
        if revision == self._revision and self._state is _State.PAUSED:
            self._completion = completion

    def finish(self, revision: int) -> None:
        """They said so ("over"): if that soft end still stands, the utterance ends with the next window."""
        if revision == self._revision and self._state is _State.PAUSED:
            self._finished = True

    def hold(self) -> None:
        """The user pressed to talk: an utterance begins with the next window, or goes on, until `release`."""
        self._held = self._pressed = True

    def release(self) -> Endpoint | None:
        """The user let go."""
        self._held = False
        return self._conclude() if self.in_utterance else None

    def process(self, probability: float, seconds: float) -> Endpoint | None:
        """Take in one window; say what it changed."""
        match self._state:
            case _State.IDLE:
                return self._idle(probability, seconds)
            case _State.SPEAKING:
                return self._speaking(probability, seconds)
            case _State.PAUSED:
                return self._paused(probability, seconds)

    def flush(self) -> Endpoint | None:
        """End what is under way: the microphone closed."""
        self._held = False
        ended = self._conclude() if self.in_utterance else None
        self._speech, self._since_end = 0.0, math.inf
        self._onset.forget()
        return ended

    def wait_seconds(self, completion: float | None) -> float:
        """The silence that ends an utterance of which this is thought."""
        usual, certainty = self._s.silence_seconds, 0.0
        match completion:
            case None:
                wait = usual
            case _ if completion >= 0.5:
                certainty = 2 * completion - 1
                wait = _between(usual, self._s.sure_seconds, certainty)
            case _:
                wait = _between(self._s.unsure_seconds, usual, 2 * completion)
        wait *= PATIENCE[self.patience]
        if self._s.adapts:
            wait *= (self.pauses.wait(usual) / usual) ** (1 - certainty**FOR_CERTAIN)
        least = LEAST_SECONDS[self.patience]
        return max(wait, least if completion is None or completion < WHOLE else min(least, LEAST_AFTER_WHOLE))

    def _idle(self, probability: float, seconds: float) -> Endpoint | None:
        self._since_end += seconds
        self._speech = self._speech + seconds if probability >= self._threshold else 0.0
        somebody_speaks = self._onset.hears(probability, seconds)
        if not self._held and (self.ending == "push-to-talk" or not somebody_speaks):
            return None
        self._onset.forget()
        self._state = _State.SPEAKING
        self._pressed = self._held
        self._length = max(self._speech, seconds)
        since_end = self._since_end - self._length
        if since_end > self._s.reopening_seconds:
            self._silence = 0.0
            return Endpoint.STARTED
        self.pauses.learn(self._silence + since_end)
        self._silence = 0.0
        return Endpoint.REOPENED

    def _speaking(self, probability: float, seconds: float) -> Endpoint | None:
        self._length += seconds
        speaks = probability >= self._threshold - HYSTERESIS
        if speaks:
            self._speech += seconds
            self._silence = 0.0
        else:
            self._silence += seconds
        if self._length >= self._s.longest_seconds:
            return self._conclude()
        if self._speech < self._s.shortest_seconds:
            given_up = not self._held and self._silence >= self._s.silence_seconds
            return self._conclude() if given_up else None
        if self._silence < self._s.soft_seconds:
            return self._lull(speaks=speaks)
        if self._is_over():
            return self._conclude()
        self._state, self._again = _State.PAUSED, 0.0
        self._begin_pause()
        return Endpoint.SOFT_END

    def _lull(self, *, speaks: bool) -> Endpoint | None:
        if self._lulled and speaks:
            self._lulled = False
            return Endpoint.RESUMED
        if self._lulled or self._silence < self._s.lull_seconds:
            return None
        self._begin_pause()
        return Endpoint.LULL

    def _begin_pause(self) -> None:
        if not self._lulled:
            self._revision += 1
        self._lulled = True

    def _paused(self, probability: float, seconds: float) -> Endpoint | None:
        self._length += seconds
        if probability >= self._threshold:
            self._again += seconds
        else:
            self._silence += self._again + seconds
            self._again = 0.0
        if self._length >= self._s.longest_seconds:
            return self._conclude()
        if self._again >= RESUMING_SECONDS:
            self.pauses.learn(self._silence)
            self._speech += self._again
            self._state, self._silence, self._again = _State.SPEAKING, 0.0, 0.0
            self._completion, self._finished, self._lulled = None, False, False
            return Endpoint.RESUMED
        return self._conclude() if not self._again and self._is_over() else None

    def _is_over(self) -> bool:
        if self._held:
            return False
        if self._finished:
            return True
        by_itself = self.ending == "automatic" or (self.ending == "push-to-talk" and not self._pressed)
        return by_itself and self._silence >= self.wait_seconds(self._completion)

    def _conclude(self) -> Endpoint:
        by_silence = self._is_over()
        self._stood = self._revision if self._lulled and not self._again else None
        self._again = 0.0
        enough = max(self._speech, self._length if self._pressed else 0.0) >= self._s.shortest_seconds
        self._state, self._spoken, self._speech = _State.IDLE, self._speech, 0.0
        self._completion, self._finished, self._lulled = None, False, False
        self._since_end = 0.0 if enough and by_silence else math.inf
        return Endpoint.ENDED if enough else Endpoint.DROPPED


def _between(one: float, other: float, share: float) -> float:
    return one + (other - one) * min(max(share, 0.0), 1.0)
