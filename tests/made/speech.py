"""Speech and other sounds that the tests make for themselves: 16 kHz mono PCM16, as a microphone gives it."""

import io
import subprocess
import tempfile
import wave
from functools import cache
from pathlib import Path

import numpy as np
import soxr

from voice.types import SAMPLE_RATE, AudioFrame, Utterance

FLITE_VOICES = ("slt", "rms", "awb", "kal16")


@cache
def speech(text: str, voice: str = "slt") -> bytes:
    """`text` as a flite voice says it, or an espeak-ng voice (`en-us`, `en-gb`, `en-us+f5` …)."""
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        if voice in FLITE_VOICES:
            subprocess.run(["flite", "-voice", voice, "-t", text, "-o", str(spoken)], check=True)
        else:
            subprocess.run(["espeak-ng", "-v", voice, "-w", str(spoken), text], check=True)
        pcm, rate = read_wav(spoken.read_bytes())
    return resampled(pcm, rate)


def resampled(pcm: bytes, rate: int, to: int = SAMPLE_RATE) -> bytes:
    if rate == to:
        return pcm
    samples = soxr.resample(np.frombuffer(pcm, np.int16), rate, to)
    return bytes(np.asarray(samples, np.int16).tobytes())


def silence(seconds: float) -> bytes:
    return bytes(2 * round(seconds * SAMPLE_RATE))


def noise(seconds: float, level: float = 0.05, seed: int = 0) -> bytes:
    """White noise; `level` is its standard deviation, 1 being full scale."""
    samples = np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE)) * level * 32_767
    return bytes(np.clip(samples, -32_768, 32_767).astype(np.int16).tobytes())


def tone(seconds: float, hertz: float = 220.0, level: float = 0.3) -> bytes:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return bytes((np.sin(2 * np.pi * hertz * at) * level * 32_767).astype(np.int16).tobytes())


def louder(pcm: bytes, factor: float) -> bytes:
    """Amplified; clipped where it no longer fits."""
    return bytes(np.clip(np.frombuffer(pcm, np.int16) * factor, -32_768, 32_767).astype(np.int16).tobytes())


def utterance(pcm: bytes, started_at: float = 0.0, rate: int = SAMPLE_RATE) -> Utterance:
    audio = AudioFrame(pcm, rate)
    return Utterance(audio, started_at, started_at + audio.seconds)


def wav_bytes(pcm: bytes, rate: int = SAMPLE_RATE) -> bytes:
    """A whole mono WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
    return out.getvalue()


def read_wav(data: bytes) -> tuple[bytes, int]:
    """PCM16 and rate of a mono WAV file."""
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.readframes(file.getnframes()), file.getframerate()


def word_errors(said: str, heard: str) -> tuple[int, int]:
    """Words that would have to change to make `heard` into `said`, and words in `said`; case and marks apart."""
    want, got = _words(said), _words(heard)
    row = list(range(len(got) + 1))
    for i, wanted in enumerate(want, 1):
        diagonal, row[0] = row[0], i
        for j, given in enumerate(got, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (wanted != given))
    return row[-1], len(want)


def _words(text: str) -> list[str]:
    return "".join(c for c in text.lower() if c.isalnum() or c in " '").split()
