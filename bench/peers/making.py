"""Makes the clips with flite and espeak-ng, which must be on PATH. Made once and kept: espeak-ng is not the same twice.

clean: six sentences with one pause of 0.3 to 0.8 s, chosen so that Pipecat's turn model and LiveKit's are both right
on each of them, asked off line: "not over" in the pause, "over" at the end. single: their last clauses, without a
pause. synth: six sentences of espeak-ng that nobody chose. barge: what is said to interrupt.
"""

import subprocess
import tempfile
from pathlib import Path
from typing import Final

import numpy as np

from bench.peers.clips import RATE, Recording, Samples, SetName, described, trimmed, write_set
from tests.made.speech import FLITE_VOICES, read_wav, resampled, speech

LEAD_SECONDS: Final = 0.1
WORDS_PER_MINUTE: Final = "165"
"""Of espeak-ng."""
PEAK: Final = 0.5
"""Of full scale, for each clause."""

_Said = tuple[str, tuple[str, ...], tuple[float, ...]]
"""A voice, what it says, and the seconds of silence between the clauses."""

CLEAN: Final[tuple[_Said, ...]] = (
    ("en-us+f3", ("Hello there.", "What time does the store open on Saturday?"), (0.3,)),
    ("rms", ("I need um", "a taxi to the airport."), (0.4,)),
    ("slt", ("I want to uh", "change the address on my order."), (0.5,)),
    ("en-us+f3", ("And um", "how long does the battery last?"), (0.6,)),
    ("slt", ("Do you know if", "the museum is open on Monday?"), (0.7,)),
    ("rms", ("Okay.", "Then please cancel the whole reservation."), (0.8,)),
)
SYNTH: Final[tuple[_Said, ...]] = (
    ("en-us+f3", ("Hello there.", "What time does the store open on Saturday?"), (0.3,)),
    ("en-gb+m3", ("I would like to book a table", "for four people tomorrow evening."), (0.4,)),
    ("en-us+m7", ("Could you tell me", "how much the delivery costs,", "please?"), (0.5, 0.3)),
    ("en-us+f3", ("My order number is five two seven,", "and I want to change the address."), (0.6,)),
    ("en-gb+m3", ("Is there a train to London", "that leaves before nine in the morning?"), (0.7,)),
    ("en-us+m7", ("Okay.", "Then please cancel the whole reservation."), (0.8,)),
)
BARGE: Final[_Said] = ("en-us+m7", ("Wait, stop, I have another question about the price.",), ())


def make_clips(folder: Path) -> None:
    single = tuple((voice, clauses[-1:], ()) for voice, clauses, _ in CLEAN)
    sets: dict[SetName, tuple[_Said, ...]] = {"clean": CLEAN, "single": single, "synth": SYNTH, "barge": (BARGE,)}
    write_set(
        folder,
        {name: [_recorded(f"{name}{number}", each) for number, each in enumerate(said)] for name, said in sets.items()},
    )


def _recorded(name: str, said: _Said) -> Recording:
    voice, clauses, pauses = said
    parts = [_silence(LEAD_SECONDS)]
    for clause, pause in zip(clauses, (*pauses, 0.0), strict=True):
        parts += [_clause(clause, voice), _silence(pause)]
    samples = np.concatenate(parts)
    return Recording(described(name, samples), samples)


def _clause(text: str, voice: str) -> Samples:
    spoken = speech(text, voice) if voice in FLITE_VOICES else _by_espeak(text, voice)
    samples = trimmed(np.frombuffer(spoken, np.int16)).astype(np.float64)
    return np.asarray(samples * (PEAK * 32_767 / np.abs(samples).max()), np.int16)


def _by_espeak(text: str, voice: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        spoken = Path(folder) / "spoken.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", WORDS_PER_MINUTE, "-w", str(spoken), text], check=True)
        return resampled(*read_wav(spoken.read_bytes()))


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.int16)
