"""What is said to the wake words: calls, by made voices and by people, and hours in which nobody calls.

Voices are flite's, cut or learnt from recordings of people, and espeak-ng's, which are computed; no network was made
for either. Recordings of people are no part of the project: they are used where somebody has them.
"""

import random
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from bench.report import TOP
from bench.turns.scripts import REPLY, SCRIPTS
from bench.wake.alarms import Samples
from tests.graph.phrasings import read
from tests.made.speech import FLITE_VOICES, read_wav, resampled
from voice.types import SAMPLE_RATE
from voice.wake.words import WordName

REAL: Final = TOP.parent / "shared" / "data" / "speech"
"""Somebody's recordings of speech, where there are any."""
SPELT: Final[Mapping[WordName, str]] = {
    "okay-nabu": "okay naboo",
    "hey-jarvis": "hey jarvis",
    "hey-mycroft": "hey my croft",
    "alexa": "alexa",
    "hey-rhasspy": "hey raspy",
}
"""So that the synthesizers say them right."""
ALIKE: Final = (
    "okay now do it", "okay, nobody knows", "okay, a boo", "a tabu", "okay now who", "okay, nap now",
    "okay, never mind",
    "hey travis", "hey, jarred", "the harvest is in", "hey marvin", "hey, jar of his", "hey there, this is it",
    "hey minecraft", "hey, my craft", "hey microphone", "hey, my coffee", "hey, my cup of tea", "hey mike, rough day",
    "alexander the great", "a lexus", "a lexer", "relax a bit", "I like sara", "elects a mayor", "a letter", "election",
)  # fmt: skip
ESPEAK_VOICES: Final = ("en-us", "en-gb", "en-us+f3", "en-us+m7", "en-gb-scotland")
VOICES: Final = (*FLITE_VOICES, *ESPEAK_VOICES)
RATES: Final = (0.8, 1.0, 1.25)
SPEEDS: Final = (0.9, 1.0, 1.12)
"""At which what was read aloud is played: other voices, of other heights."""
BACKGROUNDS: Final[Mapping[str, tuple[str, float]]] = {
    "in quiet": ("hiss", 50.0),
    "noise at 20 dB": ("noise", 20.0),
    "noise at 10 dB": ("noise", 10.0),
    "music at 10 dB": ("music", 10.0),
}
LEAD_SECONDS, TAIL_SECONDS = 2.0, 1.0
LOUD: Final = 0.1
"""Root mean square of a voice, 1 being full scale."""


@dataclass(frozen=True, slots=True)
class Call:
    voice: str
    background: str
    sound: Samples
    ends_at: float
    """Seconds: the last that is heard of the word."""


class Speaker:
    """Has voices say things."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "said.wav"

    def say(self, text: str, voice: str, rate: float) -> Samples:
        """Without the silence around it, as loud as `LOUD`."""
        if voice in FLITE_VOICES:
            stretch = f"duration_stretch={1 / rate:.2f}"
            command = ["flite", "-voice", voice, "--setf", stretch, "-t", text, "-o", str(self._file)]
        else:
            command = ["espeak-ng", "-v", voice, "-s", str(round(165 * rate)), "-w", str(self._file), "--", text]
        subprocess.run(command, check=True)
        sound = recorded(self._file)
        loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
        sound = sound[loud[0] : loud[-1] + 1]
        return np.asarray(LOUD * sound / np.sqrt((sound**2).mean()), np.float32)


def recorded(file: Path) -> Samples:
    """A mono WAV file, at 16 kHz, 1 being full scale."""
    return np.asarray(np.frombuffer(resampled(*read_wav(file.read_bytes())), "<i2") / 32_768, np.float32)


def calls(speaker: Speaker, name: WordName, every: int = 1) -> Iterator[Call]:
    """Of every n-th way of saying it, in all backgrounds."""
    numbers, ways = count(), [(voice, rate) for rate in RATES for voice in VOICES]
    for voice, rate in ways[::every]:
        word = speaker.say(SPELT[name], voice, rate)
        for background in BACKGROUNDS:
            yield _call(word, voice, background, np.random.default_rng(next(numbers)))


def people_call(folder: Path, name: WordName) -> Iterator[Call]:
    """Whoever was recorded in the folder of that name, in all backgrounds."""
    for number, file in enumerate(sorted((folder / name).glob("*.wav"))):
        word = recorded(file)
        half = SAMPLE_RATE // 2
        loudest = max(float(np.sqrt((word[at : at + half] ** 2).mean())) for at in range(0, len(word), half // 4))
        word = np.asarray(LOUD / max(loudest, 1e-4) * word, np.float32)
        for background in BACKGROUNDS:
            yield _call(word, file.stem, background, np.random.default_rng(number))


def _call(word: Samples, voice: str, background: str, rng: np.random.Generator) -> Call:
    kind, below_db = BACKGROUNDS[background]
    lead = round(LEAD_SECONDS * SAMPLE_RATE)
    sound = under(kind, lead + len(word) + round(TAIL_SECONDS * SAMPLE_RATE), below_db, rng)
    sound[lead : lead + len(word)] += word
    return Call(voice, background, sound, (lead + len(word)) / SAMPLE_RATE)


def alike(speaker: Speaker, every: int = 1) -> Iterator[Samples]:
    for text in ALIKE[::every]:
        for voice in VOICES[::2]:
            yield _padded(speaker.say(text, voice, 1.0), 2.0)


def others(speaker: Speaker, hours: float, people: Path | None) -> Iterator[tuple[str, Samples]]:
    """Sound in which nobody calls, piece by piece, each with its kind. First whatever recordings of people there are,
    those in the folder "others" of `people` among them; then so many hours that are made, whose kinds are always in
    the same proportion: two thirds of them are speech.
    """
    for file in [*sorted(REAL.glob("*.wav")), *(sorted((people / "others").rglob("*.wav")) if people else ())]:
        yield "people's speech", _padded(recorded(file))
    rng = np.random.default_rng(0)
    made = 0.0
    for sound in _read_aloud(speaker):
        for speed in SPEEDS:
            speech = _padded(np.asarray(soxr.resample(sound, SAMPLE_RATE, SAMPLE_RATE / speed), np.float32))
            yield "made speech", speech
            yield "noise", under("noise", len(speech) // 4, 20.0, rng)
            yield "made music", under("music", len(speech) // 4, 5.0, rng)
            made += 1.5 * len(speech) / SAMPLE_RATE
            if made >= 3600 * hours:
                return


def _read_aloud(speaker: Speaker) -> Iterator[Samples]:
    """Without end: what is said to a house, the scripts of the turn-taking set, and the project's own documents, by all
    voices in turn.
    """
    texts = [each.replace("|", ",") for scripts in SCRIPTS.values() for each in scripts] + [REPLY]
    texts += [each.text for name in ("en", "en_held_out") for each in read(name)]
    for page in sorted([*TOP.glob("*.md"), *(TOP / "docs").glob("*.md")]):
        words = page.read_text().split()
        texts += [" ".join(words[at : at + 14]) for at in range(0, len(words), 14)]
    speech = [each for each in texts if _is_prose(each) and not _calls_one(each)]
    random.Random(0).shuffle(speech)  # where the time is up, what was heard is a fair share
    ways = cycle([(voice, rate) for rate in RATES for voice in VOICES])
    while True:
        for text in speech:
            yield speaker.say(text, *next(ways))
        next(ways)  # so that who says it the next time is somebody else


def _is_prose(text: str) -> bool:
    return sum(c.isalpha() or c == " " for c in text) > 0.9 * len(text)


def _calls_one(text: str) -> bool:
    return any(each.rpartition("-")[2] in text.lower() for each in SPELT)


def _padded(sound: Samples, seconds: float = 0.5) -> Samples:
    """With silence behind it, and the hiss that is in any."""
    length = len(sound) + round(seconds * SAMPLE_RATE)
    hiss = under("hiss", length, 50.0, np.random.default_rng(len(sound)))
    hiss[: len(sound)] += sound
    return hiss


def under(kind: str, length: int, below_db: float, rng: np.random.Generator) -> Samples:
    """So much below a voice, as `Speaker` says things."""
    sound = _music(length, rng) if kind == "music" else rng.standard_normal(length).astype(np.float32)
    if kind == "noise":
        sound = np.asarray(np.convolve(sound, np.ones(4) / 4, mode="same"), np.float32)
    level = LOUD * 10 ** (-below_db / 20)
    return np.asarray(sound * level / max(float(np.sqrt((sound**2).mean())), 1e-9), np.float32)


def _music(length: int, rng: np.random.Generator) -> Samples:
    """Chords of four notes over a bass and a beat, twice a second."""
    note = SAMPLE_RATE // 2
    sound = np.zeros(length + note, np.float32)
    at = np.arange(note) / SAMPLE_RATE
    dying = np.exp(-3 * at)
    for start in range(0, length, note):
        root = 110 * 2 ** (rng.integers(0, 12) / 12)
        chord = [root / 2, root, root * 1.25, root * 1.5, root * 2 * (1 + rng.integers(0, 2))]
        played = sum(np.sin(2 * np.pi * hertz * k * at) / k**2 for hertz in chord for k in (1, 2, 3))
        beat = rng.standard_normal(note) * np.exp(-40 * at)
        sound[start : start + note] += (played * dying + beat).astype(np.float32)
    return sound[:length]
