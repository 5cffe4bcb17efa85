"""Clips as the house's own ear hears them: the pauses, what each detector says in them, and when it is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.turns.clips import Clip
from voice.endpointing import Endpointer
from voice.listening import Ear
from voice.pauses import Pauses
from voice.settings import EndpointingSettings, VadSettings
from voice.types import SAMPLE_RATE, AudioFrame, Resumed, SoftEnd, Utterance
from voice.vad.gated import open_vad

WINDOW_BYTES: Final = 1024
PREROLL_SECONDS: Final = EndpointingSettings().preroll_seconds
JUDGING_SECONDS: Final = 0.1
"""How long after the soft end a detector's word is there. In the house words take a recogniser, the melody a core."""
JUDGING_WINDOWS: Final = round(JUDGING_SECONDS * 2 * SAMPLE_RATE / WINDOW_BYTES)
_NEVER: Final = EndpointingSettings(ending="over", lull_seconds=2, longest_seconds=300)


@dataclass(frozen=True, slots=True)
class Pause:
    began_at: float
    """Seconds into the clip, by the voice activity detector."""
    lasts: float
    """Until speech was heard again; endless after the last."""
    so_far: SoftEnd


@dataclass(frozen=True, slots=True)
class Heard:
    clip: Clip
    probabilities: tuple[float, ...]
    """Of speech, a window each."""
    pauses: tuple[Pause, ...]


class Replayed:
    """A voice activity detector that has heard it all before."""

    window_bytes = WINDOW_BYTES

    def __init__(self, probabilities: Sequence[float]) -> None:
        self._left = iter(probabilities)

    def probability(self, window: bytes) -> float:
        return next(self._left)

    def reset(self) -> None:
        """It goes on with the next."""


def hear(clip: Clip) -> Heard:
    vad = open_vad(VadSettings())
    windows = [clip.pcm[at : at + WINDOW_BYTES] for at in range(0, len(clip.pcm) - WINDOW_BYTES + 1, WINDOW_BYTES)]
    probabilities = tuple(vad.probability(each) for each in windows)
    endpointer = Endpointer(_NEVER)
    pauses: list[Pause] = []
    ear = Ear(Replayed(probabilities), endpointer, PREROLL_SECONDS)
    for window in windows:
        for event in ear.take(AudioFrame(window)):
            match event:
                case SoftEnd():
                    pauses.append(Pause(_pause_began(event), float("inf"), event))
                case Resumed():
                    lasts = endpointer.pauses.as_record()[-1]
                    pauses[-1] = Pause(pauses[-1].began_at, lasts, pauses[-1].so_far)
                case _:
                    pass
    return Heard(clip, probabilities, tuple(pauses))


def ends(
    heard: Heard, judged: Sequence[float | None], settings: EndpointingSettings, pauses: Pauses | None = None
) -> list[float]:
    """When the house's own endpointer takes the user to have finished, told at each pause what was `judged` of it; at
    the latest when the clip is over.
    """
    endpointer = Endpointer(settings, pauses=pauses)
    ear = Ear(Replayed(heard.probabilities), endpointer, PREROLL_SECONDS)
    told = dict(zip((each.began_at for each in heard.pauses), judged, strict=True))
    ended = []
    due: dict[int, SoftEnd] = {}
    for number in range(len(heard.probabilities)):
        if number in due:
            soft = due.pop(number)
            endpointer.tell(soft.revision, _nearest(told, _pause_began(soft)))
        for event in ear.take(AudioFrame(heard.clip.pcm[number * WINDOW_BYTES : (number + 1) * WINDOW_BYTES])):
            match event:
                case SoftEnd():
                    due[number + JUDGING_WINDOWS] = event
                case Utterance():
                    ended.append(event.ended_at)
                case _:
                    pass
    return ended + [event.ended_at for event in ear.close() if isinstance(event, Utterance)]


def _pause_began(soft: SoftEnd) -> float:
    return soft.utterance.ended_at - soft.utterance.pause_seconds


def _nearest(told: Mapping[float, float | None], at: float) -> float | None:
    return told[min(told, key=lambda each: abs(each - at))]
