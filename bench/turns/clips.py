"""The turn-taking set: a few hundred clips of made speech with pauses of known length. Made on demand, the same every
time; only the spoken phrases are kept, in a folder that git ignores.
"""

import hashlib
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from bench.turns.scripts import REPLY, SCRIPTS
from tests.made.speech import FLITE_VOICES, read_wav, resampled
from voice.types import SAMPLE_RATE

VOICES: Final = ("slt", "rms", "awb", "kal16", "en-us", "en-gb", "en-us+f5")
VOICES_A_SCRIPT: Final = 3
PAUSES: Final = (0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 0.9, 1.2, 1.6, 2.0)
"""Seconds; each as likely as the others."""
LEAD_SECONDS, TAIL_SECONDS = 0.5, 5.0
SLOWER: Final = 1.6

Background = Literal["quiet", "noise", "music", "echo"]
BACKGROUNDS: Final[tuple[Background, ...]] = ("quiet", "quiet", "noise", "quiet", "music", "quiet", "echo")
"""In turn. Noise and music lie 20 dB below the voice; the echo of the assistant's reply, 26 dB below, ends as the user
begins.
"""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    began_at: float
    """Seconds into the clip, as are all times here."""
    ended_at: float


@dataclass(frozen=True, slots=True)
class Clip:
    name: str
    kind: str
    voice: str
    background: Background
    phrases: tuple[Phrase, ...]
    """Empty where nobody speaks."""
    pcm: bytes

    @property
    def ends_at(self) -> float:
        """The last sample of the user's speech."""
        return self.phrases[-1].ended_at

    @property
    def seconds(self) -> float:
        return len(self.pcm) / (2 * SAMPLE_RATE)

    def text_until(self, seconds: float) -> str:
        return " ".join(each.text for each in self.phrases if each.ended_at <= seconds)


def make_clips(folder: Path, *, every: int = 1) -> Iterator[Clip]:
    """Every n-th turn."""
    number = 0
    for kind, scripts in SCRIPTS.items():
        for which, script in enumerate(scripts):
            for turn in range(VOICES_A_SCRIPT):
                voice = VOICES[(which + turn * 2 + len(kind)) % len(VOICES)]
                number += 1
                if number % every == 0:
                    yield _spoken(folder, kind, script, voice, BACKGROUNDS[number % len(BACKGROUNDS)])


def make_other_sounds(folder: Path) -> Iterator[Clip]:
    """Ten seconds of each, in which the user says nothing."""
    for background in ("noise", "music", "echo"):
        for voice in VOICES:
            rng = np.random.default_rng(seed(background, voice))
            level = 0.1 * rms(phrase(folder, REPLY, voice, 1.0))
            sound = under(folder, background, 10 * SAMPLE_RATE, level, rng, voice)
            yield Clip(f"{background} {voice}", "nobody speaks", voice, background, (), as_pcm(sound))


def _spoken(folder: Path, kind: str, script: str, voice: str, background: Background) -> Clip:
    rng = np.random.default_rng(seed(script, voice))
    pieces = [np.zeros(round(LEAD_SECONDS * SAMPLE_RATE), np.float32)]
    phrases: list[Phrase] = []
    at = len(pieces[0])
    for text in (each.strip() for each in script.split("|")):
        if phrases:
            pieces.append(np.zeros(round(float(rng.choice(PAUSES)) * SAMPLE_RATE), np.float32))
            at += len(pieces[-1])
        spoken = phrase(folder, text, voice, SLOWER if kind == "slow" else 1.0)
        pieces.append(spoken)
        phrases.append(Phrase(text, at / SAMPLE_RATE, (at + len(spoken)) / SAMPLE_RATE))
        at += len(spoken)
    pieces.append(np.zeros(round(TAIL_SECONDS * SAMPLE_RATE), np.float32))
    whole = np.concatenate(pieces)
    level = rms(whole[whole != 0])
    if background == "echo":
        until = round(phrases[0].began_at * SAMPLE_RATE)
        echo = under(folder, background, 4 * SAMPLE_RATE, 0.05 * level, rng, voice)
        moved = len(echo) - until
        whole = np.concatenate([np.zeros(moved, np.float32), whole])
        whole[: len(echo)] += echo
        later = moved / SAMPLE_RATE
        phrases = [Phrase(each.text, each.began_at + later, each.ended_at + later) for each in phrases]
    else:
        whole = whole + under(folder, background, len(whole), 0.1 * level, rng, voice)
    return Clip(f"{script} [{voice}]", kind, voice, background, tuple(phrases), as_pcm(whole))


def under(
    folder: Path, background: Background, length: int, level: float, rng: np.random.Generator, voice: str
) -> Samples:
    """What is heard besides, at this level (root mean square, 1 being full scale)."""
    sound: NDArray[np.floating]
    match background:
        case "quiet":
            sound = rng.standard_normal(length)
            level = min(level, 1e-3)
        case "noise":
            sound = np.convolve(rng.standard_normal(length), np.ones(4) / 4, mode="same")
        case "music":
            sound = _music(length, rng)
        case "echo":
            other = VOICES[(VOICES.index(voice) + 3) % len(VOICES)]
            reply = phrase(folder, REPLY, other, 1.0)
            sound = np.tile(reply, length // len(reply) + 1)[:length]
    return np.asarray(sound * level / max(rms(sound), 1e-9), np.float32)


def _music(length: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Chords of three plucked notes, two a second."""
    beat = SAMPLE_RATE // 2
    at = np.arange(beat) / SAMPLE_RATE
    bars = []
    for _ in range(length // beat + 1):
        root = 110.0 * 2 ** (rng.integers(0, 12) / 12)
        notes = (np.sin(2 * np.pi * root * each * at * k) / k for each in (1.0, 1.25, 1.5) for k in (1, 2, 3))
        bars.append(sum(notes) * np.exp(-3 * at))
    return np.asarray(np.concatenate(bars)[:length], np.float64)


def phrase(folder: Path, text: str, voice: str, slower: float) -> NDArray[np.floating]:
    """Spoken once, without the silence around it."""
    key = hashlib.sha256(f"{text}\n{voice}\n{slower}".encode()).hexdigest()[:24]
    file = folder / f"{key}.npy"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        np.save(file, _trimmed(_say(text, voice, slower)))
    spoken: NDArray[np.int16] = np.load(file)
    return spoken.astype(np.float32) / 32_768


def _say(text: str, voice: str, slower: float) -> NDArray[np.int16]:
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "spoken.wav"
        if voice in FLITE_VOICES:
            how = ["flite", "-voice", voice, "--setf", f"duration_stretch={slower}", "-t", text, "-o", str(file)]
        else:
            how = ["espeak-ng", "-v", voice, "-s", str(round(165 / slower)), "-w", str(file), text]
        subprocess.run(how, check=True, capture_output=True)
        pcm, rate = read_wav(file.read_bytes())
    return np.frombuffer(resampled(pcm, rate), np.int16)


def _trimmed(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """From the first to the last 10 ms that are less than 40 dB below the loudest."""
    size = SAMPLE_RATE // 100
    frames = samples[: len(samples) // size * size].astype(np.float64).reshape(-1, size)
    loud = np.sqrt((frames**2).mean(axis=1))
    heard = np.flatnonzero(loud > loud.max() / 100)
    return samples[heard[0] * size : (heard[-1] + 1) * size]


def rms(samples: NDArray[np.floating]) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0


def as_pcm(samples: Samples) -> bytes:
    return bytes(np.clip(samples * 32_767, -32_768, 32_767).astype(np.int16).tobytes())


def seed(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:4], "big")
