"""How well the echo of a reply is told from somebody who speaks: made mixes, with and without the guard.

`python -m bench.own_voice` prints the table. Voices are espeak-ng's; the room is a made one (noise that dies away).
"""

import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soxr

from bench.report import TOP, Figure, Section, show, this_machine, write
from tests.made.speech import read_wav
from voice.onset import Onset
from voice.own_voice import DeafToItself, Floats
from voice.settings import EndpointingSettings, VadSettings
from voice.types import SAMPLE_RATE
from voice.vad.gated import open_vad

RESULT = TOP / "bench" / "results" / "own-voice.json"
WINDOW = 512
WEATHER = (
    "The quick answer is that it depends on the weather. Tomorrow looks dry until the afternoon, and after that there "
    "may be a shower or two. If you want to go out, the morning is the better time for it."
)
NOTES = (
    "I found three things in your notes. The first is the meeting on Tuesday at ten, the second is the call with the "
    "garage about the brakes, and the third is a birthday that you asked me to remind you of."
)
REPLIES = WEATHER, NOTES
TALKERS = ("No, I meant the day after tomorrow, please.", "Wait, what did you say about the garage?")
VOICES = ("en-us", "en-gb+f3", "en-us+m7", "en+f4")
TALK_AT = 5.0


Mix: TypeAlias = tuple[int, Floats, Floats]
"""A seed, a reply, and somebody who speaks into it."""


def spoken(text: str, voice: str, folder: Path) -> Floats:
    file = folder / "said.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-w", str(file), text], check=True)
    pcm, rate = read_wav(file.read_bytes())
    sound = soxr.resample(np.frombuffer(pcm, "<i2").astype(np.float32) / 32768, rate, SAMPLE_RATE)
    return np.asarray(sound / np.sqrt((sound**2).mean()) * 0.1, np.float32)


def a_room(seconds: float, seed: int) -> Floats:
    """An impulse response that has lost 60 dB after so many seconds."""
    random = np.random.default_rng(seed)
    at = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tail = random.standard_normal(len(at)) * np.exp(-6.9 * at / seconds)
    tail[0] = 4.0
    return np.asarray(tail / np.sqrt((tail**2).sum()), np.float32)


def mixed(played: Floats, talk: Floats | None, *, echo_db: float, talk_db: float, delay: float, seed: int) -> Floats:
    """What the microphone hears: levels in dB to what is played."""
    echo = np.convolve(played, a_room(0.3, seed))[: len(played)] * 10 ** (echo_db / 20)
    heard = np.random.default_rng(seed).standard_normal(len(played)).astype(np.float32) * 3e-4
    late = int(delay * SAMPLE_RATE)
    heard[late:] += echo[: len(played) - late]
    if talk is not None:
        start = int(TALK_AT * SAMPLE_RATE)
        piece = talk[: len(heard) - start] * 10 ** (talk_db / 20)
        heard[start : start + len(piece)] += piece
    return np.asarray(np.clip(heard, -1, 1), np.float32)


def onsets(heard: Floats, played: Floats, *, guard: bool) -> list[float]:
    """When speech is said to begin, in seconds; once begun it lasts for half a second at least."""
    at = 0

    def sounding(samples: int) -> Floats:
        return played[at : at + samples]

    vad = open_vad(VadSettings())
    ear = DeafToItself(vad, sounding) if guard else vad
    found: list[float] = []
    onset = Onset(EndpointingSettings().onset_seconds, VadSettings().threshold)
    for at in range(0, len(heard) - WINDOW, WINDOW):
        pcm = (heard[at : at + WINDOW] * 32767).astype("<i2").tobytes()
        now = (at + WINDOW) / SAMPLE_RATE
        if onset.hears(ear.probability(pcm), WINDOW / SAMPLE_RATE):
            onset.forget()
            if not found or now - found[-1] > 0.5:
                found.append(now)
    return found


def pairs(folder: Path) -> Iterator[Mix]:
    for number, reply in enumerate(REPLIES):
        for other in range(2):
            voices = VOICES[number + other], VOICES[(number + other + 2) % 4]
            yield number * 2 + other, spoken(reply, voices[0], folder), spoken(TALKERS[number], voices[1], folder)


def main() -> None:
    machine = this_machine()
    with tempfile.TemporaryDirectory() as made:
        sounds = list(pairs(Path(made)))
    sections = [
        Section(
            "The guard's own work", (Figure("for 100 ms of sound while a reply plays", "ms", _cost(sounds), goal=1),)
        ),
        *(_echo(sounds, echo_db, delay) for echo_db in (-6.0, -15.0, -25.0) for delay in (0.02, 0.15, 0.4)),
    ]
    machine["load_after"] = os.getloadavg()[0]
    show(sections, machine)
    write(RESULT, sections, machine, shlex.join([*sys.orig_argv]))
    print(f"The same in {RESULT}")


def _cost(sounds: Sequence[Mix]) -> tuple[float, ...]:
    """Milliseconds of processor time, beyond what the detector takes without it."""
    cost = []
    for seed, played, _ in sounds:
        heard = mixed(played, None, echo_db=-10, talk_db=0, delay=0.1, seed=seed)
        spent = []
        for guard in (False, True):
            began = time.process_time()
            onsets(heard, played, guard=guard)
            spent.append(time.process_time() - began)
        cost.append((spent[1] - spent[0]) / (len(heard) / SAMPLE_RATE) * 100)
    return tuple(cost)


def _echo(sounds: Sequence[Mix], echo_db: float, delay: float) -> Section:
    bare, guarded = [], []
    for seed, played, _ in sounds:
        heard = mixed(played, None, echo_db=echo_db, talk_db=0, delay=delay, seed=seed)
        bare.append(float(len(onsets(heard, played, guard=False))))
        guarded.append(float(len(onsets(heard, played, guard=True))))
    figures = [
        Figure("its echo alone: taken for a speaker, without the guard", "times", tuple(bare)),
        Figure("… with it", "times", tuple(guarded)),
    ]
    heard_of = []
    for talk_db in (0.0, -6.0, -12.0):
        late: list[float] = []
        for seed, played, talk in sounds:
            heard = mixed(played, talk, echo_db=echo_db, talk_db=talk_db, delay=delay, seed=seed)
            end = TALK_AT + len(talk) / SAMPLE_RATE
            found = [each for each in onsets(heard, played, guard=True) if TALK_AT < each < end]
            late += [found[0] - _alone_at(talk, len(played), talk_db, seed)] if found else []
        heard_of.append(f"{len(late)} of {len(sounds)} at {talk_db:.0f} dB")
        if late:
            figures.append(
                Figure(f"somebody at {talk_db:.0f} dB breaks in: heard later than in quiet by", "s", tuple(late))
            )
    title = f"A reply whose echo comes back at {echo_db:.0f} dB after {delay * 1000:.0f} ms"
    return Section(title, tuple(figures), (f"Who broke in was heard at all: {', '.join(heard_of)}.",))


def _alone_at(talk: Floats, length: int, talk_db: float, seed: int) -> float:
    """When the same talker is heard in a quiet room."""
    key = seed, talk_db
    if key not in _ALONE:
        heard = mixed(np.zeros(length, np.float32), talk, echo_db=-200, talk_db=talk_db, delay=0, seed=0)
        _ALONE[key] = next(iter(onsets(heard, heard, guard=False)), TALK_AT)
    return _ALONE[key]


_ALONE: dict[tuple[int, float], float] = {}


if __name__ == "__main__":
    main()
