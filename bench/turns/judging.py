"""What each detector says at each pause of each clip."""

from collections.abc import Callable, Sequence

from bench.turns.clips import Clip
from bench.turns.hearing import Heard, Pause
from voice.protocols import SpeechToText
from voice.turn_detection.detector import TurnDetector

Judged = list[list[float | None]]


async def judge(heard: Sequence[Heard], detector: TurnDetector, text: Callable[[Clip, Pause], str | None]) -> Judged:
    return [
        [await detector.completion(pause.so_far.utterance, text(each.clip, pause)) for pause in each.pauses]
        for each in heard
    ]


def nothing(clip: Clip, pause: Pause) -> None:
    """What a detector is told that goes by the sound alone."""


def true_text(clip: Clip, pause: Pause) -> str:
    """What was really said until then."""
    return clip.text_until(pause.began_at + 0.2)


async def recognised(heard: Sequence[Heard], recogniser: SpeechToText) -> Callable[[Clip, Pause], str | None]:
    """What a recogniser makes of it."""
    texts: dict[tuple[str, float], str] = {}
    for each in heard:
        for pause in each.pauses:
            transcript = await recogniser.transcribe(pause.so_far.utterance)
            texts[each.clip.name, pause.began_at] = transcript.text
    return lambda clip, pause: texts[clip.name, pause.began_at]
