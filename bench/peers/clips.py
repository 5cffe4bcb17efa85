"""What the users of the bench say: sets of clips, each with where its speech begins, pauses and ends.

The times are read off the waveform: speech is where a frame of 10 ms is within 42 dB of the clip's loudest.
"""

import json
import wave
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
SetName = Literal["clean", "single", "synth", "barge"]

RATE: Final = 16_000
SPEECH_DECIBELS: Final = -42.0
SHORTEST_PAUSE_SECONDS: Final = 0.15
_HOP: Final = 160
_INDEX: Final = "clips.json"


@dataclass(frozen=True, slots=True)
class Clip:
    """All in seconds from its first sample."""

    name: str
    onset: float
    ends: float
    """When the last speech is over: the moment from which a user waits."""
    pauses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    clip: Clip
    samples: Samples


def described(name: str, samples: Samples) -> Clip:
    segments: list[list[float]] = []
    for at in (np.flatnonzero(_is_speech(samples)) * _HOP / RATE).tolist():
        if segments and at - segments[-1][1] < SHORTEST_PAUSE_SECONDS:
            segments[-1][1] = at + _HOP / RATE
        else:
            segments.append([at, at + _HOP / RATE])
    pauses = tuple(round(later[0] - earlier[1], 3) for earlier, later in pairwise(segments))
    return Clip(name, round(segments[0][0], 3), round(segments[-1][1], 3), pauses)


def trimmed(samples: Samples) -> Samples:
    """Without what is before and after the speech."""
    speech = np.flatnonzero(_is_speech(samples))
    return samples[speech[0] * _HOP : (speech[-1] + 1) * _HOP]


def write_set(folder: Path, sets: dict[SetName, list[Recording]]) -> None:
    """The index comes last: where it is, all is."""
    folder.mkdir(parents=True, exist_ok=True)
    for recordings in sets.values():
        for each in recordings:
            with wave.open(str(folder / f"{each.clip.name}.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE)
                file.writeframes(each.samples.tobytes())
    index = {name: [asdict(each.clip) for each in recordings] for name, recordings in sets.items()}
    (folder / _INDEX).write_text(json.dumps(index, indent=1) + "\n")


def are_made(folder: Path) -> bool:
    return (folder / _INDEX).is_file()


def read_set(folder: Path, name: SetName) -> list[Recording]:
    recordings = []
    for each in json.loads((folder / _INDEX).read_text())[name]:
        clip = Clip(each["name"], each["onset"], each["ends"], tuple(each["pauses"]))
        with wave.open(str(folder / f"{clip.name}.wav")) as file:
            recordings.append(Recording(clip, np.frombuffer(file.readframes(file.getnframes()), np.int16)))
    return recordings


def _is_speech(samples: Samples) -> NDArray[np.bool_]:
    """For each 10 ms."""
    hops = samples[: len(samples) // _HOP * _HOP].reshape(-1, _HOP).astype(np.float64)
    rms = np.sqrt(np.square(hops).mean(axis=1) + 1e-9)
    return np.asarray(20 * np.log10(rms / rms.max()) > SPEECH_DECIBELS)
