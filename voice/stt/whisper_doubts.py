"""What Whisper's own numbers say of its words: invented, or doubtful enough to listen again."""

import math
from collections.abc import Sequence
from typing import Final, Protocol

from voice.inventions import is_phrase

UNLIKELY: Final = -1.0
"""Mean log probability per token, and below: Whisper's own threshold of failure."""
REPETITIVE: Final = 2.4
"""Compression ratio, and above: a loop."""
NO_SPEECH: Final = 0.6


class Segment(Protocol):
    """The part of faster-whisper's segments that is judged here."""

    text: str
    tokens: list[int]
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float


def is_invented(segment: Segment) -> bool:
    """Words that were not in the audio, as far as the model's own numbers tell."""
    if segment.no_speech_prob > NO_SPEECH and segment.avg_logprob < UNLIKELY:
        return True
    if segment.compression_ratio > REPETITIVE:
        return True
    return is_phrase(segment.text) and (segment.no_speech_prob > NO_SPEECH / 2 or segment.avg_logprob < UNLIKELY / 2)


def is_doubtful(segments: Sequence[Segment]) -> bool:
    """Whether sound should be heard again in the full window: no words, unlikely words, or a loop."""
    if not segments:
        return True
    return any(
        each.compression_ratio > REPETITIVE or (each.avg_logprob < UNLIKELY and each.no_speech_prob <= NO_SPEECH)
        for each in segments
    )


def confidence(segments: Sequence[Segment]) -> float:
    """Geometric mean probability of a token."""
    tokens = sum(len(each.tokens) for each in segments)
    return min(1.0, math.exp(sum(each.avg_logprob * len(each.tokens) for each in segments) / max(tokens, 1)))
