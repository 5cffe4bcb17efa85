"""What the built-in recogniser's confidence is worth: who is asked whether they were heard right, and who needlessly.

`make bench-doubts`, or `python -m bench.doubts --help`. Commands, what only sounds like them, questions, and what
people tell of themselves are said by made voices, at three speeds, in quiet and in noise, and made out as in the house.
Recordings of people count where somebody has them: `--people FOLDER`, in which `transcripts.json` has the words that
must be heard in each file.
"""

import json
import math
import multiprocessing
import os
import random
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from pocketsphinx import Decoder

from app.reading_back import Judgement, judge
from app.telemetry.logs import LogSettings, set_up_logging
from bench.report import TOP, Figure, Section, show, this_machine, write
from bench.wake.alarms import Samples
from bench.wake.sounds import Speaker, recorded, under
from graph.wordings.plainly import PLAINLY
from graph.words import plain
from tests.graph.phrasings import Phrasing, read, score
from tests.made.speech import FLITE_VOICES, word_errors
from voice.stt.pocketsphinx import ENGINE, as_written
from voice.stt.pocketsphinx_doubts import SCORER, Doubts
from voice.stt.pocketsphinx_worker import make_out
from voice.types import SAMPLE_RATE, Transcript

RESULT: Final = TOP / "bench" / "results" / "doubts.json"
TOLD: Final = TOP / "bench" / "told.txt"
VOICES: Final = (
    "slt", "rms", "awb", "kal16", "en-us", "en-gb", "en-us+f3", "en-us+m7", "en-gb-scotland", "en-us+f5"
)  # fmt: skip
RATES: Final = (0.85, 1.0, 1.15)
NOISES: Final = (50.0, 50.0, 50.0, 20.0, 10.0)
"""So many dB below the voice."""
PAD_SECONDS: Final = 0.3
BOUNDS_TRIED: Final = (0.03, 0.05, 0.1, 0.12, 0.15, 0.2, 0.3, 0.4, 0.5)
WRONGLY_DONE: Final = 2.0
"""Per cent of what is done as a command."""
NAMES: Final[tuple[tuple[Judgement, str], ...]] = (("ask", "read back"), ("again", "to be said again"))
RESTRAINT: Final = 0.01
SHOWN: Final = 12
NEEDLESS: Final = 10.0
"""Per cent of what was made out rightly: the most that may be asked about."""


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    phrasing: Phrasing | None
    pcm: bytes
    voice: str
    """Empty: somebody's own."""


@dataclass(frozen=True, slots=True)
class Heard:
    said: Said
    words: tuple[str, ...]
    doubts: Doubts | None

    @property
    def text(self) -> str:
        return as_written(" ".join(self.words))

    @property
    def transcript(self) -> Transcript:
        return Transcript(self.text, ENGINE, "en", self.confidence)

    @property
    def is_right(self) -> bool:
        if not self.said.voice:
            return set(plain(self.said.text).split()) <= set(self.words)
        return word_errors(plain(self.said.text), plain(self.text))[0] == 0

    @property
    def confidence(self) -> float:
        return 0.0 if self.doubts is None else self.doubts.confidence


def made(folder: Path, every: int) -> Iterator[Said]:
    """Each by another voice, speed and loudness of noise; in a random order, so that what was heard when the time is up
    is a fair share.
    """
    phrasings = [each for name in ("en", "en_held_out") for each in read(name)]
    texts: list[tuple[str, Phrasing | None]] = [(each.text, each) for each in phrasings]
    texts += [(each, None) for each in TOLD.read_text().splitlines()] * 3
    random.Random(0).shuffle(texts)
    speaker = Speaker(folder)
    for number, (text, phrasing) in enumerate(texts[::every]):
        voice, rate = VOICES[number % len(VOICES)], RATES[number // len(VOICES) % len(RATES)]
        word = speaker.say(text, voice, rate)
        below, pad = NOISES[number // 3 % len(NOISES)], round(PAD_SECONDS * SAMPLE_RATE)
        sound = under("noise" if below < 50 else "hiss", len(word) + 2 * pad, below, np.random.default_rng(number))
        sound[pad : pad + len(word)] += word
        yield Said(text, phrasing, _pcm(sound), voice)


def people(folder: Path) -> Iterator[Said]:
    for name, text in json.loads((folder / "transcripts.json").read_text()).items():
        yield Said(text, None, _pcm(recorded(folder / name)), "")


def _pcm(sound: Samples) -> bytes:
    return bytes((np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes())


_decoders: list[Any] = []
"""Of the process that is forked for every utterance, so that each is heard by decoders that have heard nothing."""


def _hear(said: Said) -> Heard:
    decoder, scorer = _decoders
    words, doubts = make_out(decoder, scorer, said.pcm, PLAINLY)
    return Heard(said, tuple(words), doubts)


def heard(utterances: Iterator[Said], until: float) -> Iterator[Heard]:
    """Those for which there is the time."""
    if not _decoders:
        _decoders.extend((Decoder(loglevel="FATAL"), Decoder(**SCORER)))
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as forked:
        for said in utterances:
            if time.monotonic() > until:
                return
            yield forked.apply(_hear, (said,))


def worth(title: str, found: Sequence[Heard]) -> Section:
    """How well confidence tells right from wrong, and who is asked."""
    sure = [each.confidence for each in found if each.is_right]
    unsure = [each.confidence for each in found if not each.is_right]
    judged = [(judge(each.transcript, "en"), each.is_right) for each in found]
    figures = [
        Figure("utterances", "said", (float(len(found)),)),
        Figure("of them: some word wrong", "%", (_percent(len(unsure), len(found)),)),
        Figure("right ones are surer than wrong ones (area under the curve)", "", (area(sure, unsure),)),
    ]
    for judgement, name in NAMES:
        for right, whose in ((False, "wrong"), (True, "right")):
            those = [each for each, is_right in judged if is_right is right]
            share = _percent(those.count(judgement), len(those))
            figures.append(Figure(f"of the {whose} ones: {name}", "%", (share,)))
    asked = sum(1 for each, is_right in judged if is_right and each != "answer")
    figures.append(Figure("of the right ones: needlessly either", "%", (_percent(asked, len(sure)),), goal=NEEDLESS))
    table = [
        f"below {bound}: {_percent(sum(1 for each in unsure if each < bound), len(unsure)):.0f} % of the wrong ones,"
        f" {_percent(sum(1 for each in sure if each < bound), len(sure)):.0f} % of the right ones"
        for bound in BOUNDS_TRIED
    ]
    return Section(title, tuple(figures), tuple(table))


def commands(found: Sequence[Heard]) -> Section:
    """What is done that was not wanted, when all is done at once, and when it is asked about first."""
    said = [(each.said.phrasing, each) for each in found if each.said.phrasing is not None]
    at_once = score(((phrasing, each.text) for phrasing, each in said), spelling=False)
    asking = [(phrasing, each) for phrasing, each in said if judge(each.transcript, "en") == "answer"]
    done = score(((phrasing, each.text) for phrasing, each in asking), spelling=False)
    right = [each for phrasing, each in said if phrasing.wish and phrasing.understood(each.text) == phrasing.wish]
    needless = sum(1 for each in right if judge(each.transcript, "en") != "answer")
    figures = (
        Figure("commands", "said", (float(at_once.commands),)),
        Figure("taken for a command", "said", (float(at_once.taken),)),
        Figure("of these wrongly, done at once", "%", (100 - 100 * at_once.precision,)),
        Figure("of these wrongly, where it asks first", "%", (100 - 100 * done.precision,), goal=WRONGLY_DONE),
        Figure("of commands: not understood, or as another", "%", (100 - 100 * at_once.recall,)),
        Figure("of those understood: asked about needlessly", "%", (_percent(needless, len(right)),), goal=NEEDLESS),
    )
    return Section("Commands", figures, done.wrong[:SHOWN])


def area(sure: Sequence[float], unsure: Sequence[float]) -> float:
    """How often one of the first is above one of the second; ties count half."""
    pairs = [(one > other) + 0.5 * (one == other) for one in sure for other in unsure]
    return sum(pairs) / max(1, len(pairs))


def fitted(found: Sequence[Heard]) -> tuple[float, ...]:
    """Bias and weights of the logistic function that tells best which are right: Newton's method, hardly restrained."""
    weighed = [(each.doubts.weighable, each.is_right) for each in found if each.doubts is not None]
    values = np.array([(1.0, *weighable) for weighable, _ in weighed])
    right = np.array([is_right for _, is_right in weighed], float)
    weights = np.zeros(values.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-values @ weights))
        curvature = (values.T * (likely * (1 - likely))) @ values + RESTRAINT * np.eye(len(weights))
        weights += np.linalg.solve(curvature, values.T @ (right - likely) - RESTRAINT * weights)
    return tuple(float(each) for each in weights)


def _percent(part: int, whole: int) -> float:
    return 100 * part / max(1, whole)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--every", default=1, show_default=True, help="Only every n-th text.")
@click.option("--minutes", default=20.0, show_default=True, help="After which no more are spoken.")
@click.option("--people", "folder", type=click.Path(path_type=Path, exists=True), help="Recordings of people.")
@click.option("--fit", is_flag=True, help="Also print the weights that tell right from wrong best among the made ones.")
@click.option("--result", type=click.Path(path_type=Path), default=RESULT, help="The file that keeps the figures.")
def main(every: int, minutes: float, folder: Path | None, result: Path, *, fit: bool) -> None:
    """What the built-in recogniser's confidence is worth."""
    set_up_logging(LogSettings(level="error"))
    machine = this_machine()
    until = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as scratch:
        found = list(heard(made(Path(scratch), every), until))
    sections = [
        worth("Made speech", found),
        worth("From recordings (flite)", [each for each in found if each.said.voice in FLITE_VOICES]),
        worth("Computed (espeak-ng)", [each for each in found if each.said.voice not in FLITE_VOICES]),
        commands(found),
    ]
    if folder is not None:
        sections.append(worth("People", list(heard(people(folder), math.inf))))
    machine |= {"load_after": os.getloadavg()[0], "when": datetime.now().astimezone().isoformat()}
    show(sections, machine)
    write(result, sections, machine, shlex.join([*sys.orig_argv]))
    click.echo(f"The same in {result}")
    if fit:
        bias, *weights = fitted(found)
        click.echo(f"bias {bias:.2f}, weights {', '.join(f'{each:.2f}' for each in weights)}")


if __name__ == "__main__":
    main()
