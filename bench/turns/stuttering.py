"""The stutter and slow-speech set: made speech with repeated and drawn-out sounds, with words said anew, with blocks (a
silence in the middle of a word), and slow. Made on demand, the same every time.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import numpy as np

from bench.turns.clips import (
    BACKGROUNDS,
    LEAD_SECONDS,
    VOICES,
    Background,
    Clip,
    Phrase,
    Samples,
    as_pcm,
    phrase,
    rms,
    seed,
    under,
)
from voice.types import SAMPLE_RATE

Kind = Literal["repeated sound", "repeated word", "drawn-out sound", "block", "sound and block", "slow speech"]
KINDS: Final[tuple[Kind, ...]] = (
    "repeated sound",
    "repeated word",
    "drawn-out sound",
    "block",
    "sound and block",
    "slow speech",
)
SCRIPTS: Final = (
    "remind me to [call] the doctor",
    "what is the [weather] like tomorrow",
    "turn off the [light] in the kitchen",
    "I would like to [book] a table for four people",
    "[please] play some music",
    "my name is [sarah]",
    "can you [tell] me a story",
    "[where] is the nearest station",
    "set a [timer] for ten minutes",
    "send a message to my [sister]",
    "I do not [remember] where I put my glasses",
    "[what] time is it",
)
"""What is said; the word in brackets is the hard one."""
VOICES_A_SCRIPT: Final = 3
TAIL_SECONDS: Final = 10.0
"""Longer than any silence that is waited out, so that no end is that of the clip."""
SLOWER: Final = 1 / 0.6
SOUND_SECONDS: Final = 0.12
"""The beginning of the word that is repeated, or drawn out."""
REPEATS: Final = 2, 5
GAP_SECONDS: Final = 0.05, 0.4
ANEW_SECONDS: Final = 0.1, 0.8
DRAWN_SECONDS: Final = 0.5, 2.0
BLOCK_SECONDS: Final = 1.0, 3.0
SLOW_SECONDS: Final = 0.3, 1.5
JOINT_SECONDS: Final = 0.03
GRAIN: Final = SAMPLE_RATE // 25
FADE: Final = SAMPLE_RATE // 200

Piece = tuple[str, Samples]
"""Sound, and the words that it adds; none where it is silence."""


def make_stuttered(folder: Path, *, every: int = 1) -> Iterator[Clip]:
    """Every n-th."""
    number = 0
    for kind in KINDS:
        for which, script in enumerate(SCRIPTS):
            for turn in range(VOICES_A_SCRIPT):
                number += 1
                if number % every == 0:
                    voice = VOICES[(which + 2 * turn + len(kind)) % len(VOICES)]
                    yield _clip(folder, kind, script, voice, BACKGROUNDS[number % len(BACKGROUNDS)])


def _clip(folder: Path, kind: Kind, script: str, voice: str, background: Background) -> Clip:
    rng = np.random.default_rng(seed(kind, script, voice))
    before, word, after = (each.strip() for each in re.split(r"[\[\]]", script))
    slower = SLOWER if kind == "slow speech" else 1.0

    def said(text: str) -> Samples:
        return np.asarray(phrase(folder, text, voice, slower), np.float32)

    joint = _silence(_within(rng, SLOW_SECONDS) if kind == "slow speech" else JOINT_SECONDS)
    pieces: list[Piece] = [_silence(LEAD_SECONDS)]
    pieces += [(before, said(before)), joint] if before else []
    pieces += _hard(kind, word, said(word), rng)
    pieces += [joint, (after, said(after))] if after else []
    pieces.append(_silence(TAIL_SECONDS))
    return _laid_out(folder, f"{kind}: {script} [{voice}]", kind, voice, background, pieces, rng)


def _hard(kind: Kind, word: str, whole: Samples, rng: np.random.Generator) -> list[Piece]:
    """The word as it comes."""
    cut = min(round(SOUND_SECONDS * SAMPLE_RATE), len(whole) // 2)
    sound, beginning = whole[:cut], word[:2]
    match kind:
        case "repeated sound":
            return [*_repeated(beginning, _faded(sound), GAP_SECONDS, rng), (word, whole)]
        case "repeated word":
            return [*_repeated(word, whole, ANEW_SECONDS, rng), (word, whole)]
        case "drawn-out sound":
            drawn = _drawn_out(sound, _within(rng, DRAWN_SECONDS), rng)
            return [("", np.concatenate([sound, drawn])), (word, whole[cut:])]
        case "block":
            at = round(len(whole) * float(rng.uniform(0.25, 0.6)))
            head = word[: max(1, round(len(word) * at / len(whole)))]
            return [(head, _faded(whole[:at])), _silence(_within(rng, BLOCK_SECONDS)), (word, whole[at:])]
        case "sound and block":
            repeated = _repeated(beginning, _faded(sound), GAP_SECONDS, rng)
            return [*repeated, _silence(_within(rng, BLOCK_SECONDS)), (word, whole)]
        case "slow speech":
            return [(word, whole)]


def _repeated(text: str, sound: Samples, gaps: tuple[float, float], rng: np.random.Generator) -> list[Piece]:
    pieces: list[Piece] = []
    for _ in range(int(rng.integers(*REPEATS)) - (len(text) > 2)):
        pieces += [(text, sound), _silence(_within(rng, gaps))]
    return pieces


def _drawn_out(sound: Samples, seconds: float, rng: np.random.Generator) -> Samples:
    """Overlapping grains from the later half of the sound, each from another place, so that it does not buzz."""
    length, hop = round(seconds * SAMPLE_RATE), GRAIN // 2
    source = sound[len(sound) // 2 :] if len(sound) >= 3 * GRAIN else sound
    shape = np.hanning(GRAIN)
    out = np.zeros(length + GRAIN)
    for at in range(0, length, hop):
        start = int(rng.integers(0, max(1, len(source) - GRAIN)))
        grain = source[start : start + GRAIN]
        out[at : at + len(grain)] += grain * shape[: len(grain)]
    return np.asarray(out[:length], np.float32)


def _laid_out(
    folder: Path,
    name: str,
    kind: Kind,
    voice: str,
    background: Background,
    pieces: list[Piece],
    rng: np.random.Generator,
) -> Clip:
    phrases: list[Phrase] = []
    at = 0
    for text, sound in pieces:
        if text:
            phrases.append(Phrase(text, at / SAMPLE_RATE, (at + len(sound)) / SAMPLE_RATE))
        at += len(sound)
    whole = np.concatenate([sound for _, sound in pieces])
    kept: Background = "quiet" if background == "echo" else background
    whole = whole + under(folder, kept, len(whole), 0.1 * rms(whole[whole != 0]), rng, voice)
    return Clip(name, kind, voice, kept, tuple(phrases), as_pcm(whole))


def _silence(seconds: float) -> Piece:
    return "", np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def _faded(sound: Samples) -> Samples:
    """Broken off, without a click."""
    faded = sound.copy()
    faded[-FADE:] *= np.linspace(1, 0, min(FADE, len(faded)), dtype=np.float32)
    return faded


def _within(rng: np.random.Generator, bounds: tuple[float, float]) -> float:
    return float(rng.uniform(*bounds))
