"""Which spoken controls are understood: phrasings as text, and as a recogniser makes them out from made speech.

`make bench-commands`, or `python -m bench.commands --help`. The recogniser is the house's last resort, pocketsphinx,
which knows English only; each phrasing is said by one of several voices in turn.
"""

import os
import random
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import click

from app.telemetry.logs import LogSettings, set_up_logging
from bench.report import TOP, Figure, Section, show, this_machine, write
from graph.wordings.plainly import PLAINLY
from graph.words import plain
from tests.graph.phrasings import Phrasing, Score, read, score
from tests.made.speech import silence, speech, utterance, word_errors
from voice.settings import PocketsphinxSpec
from voice.stt.pocketsphinx import open_pocketsphinx

RESULT: Final = TOP / "bench" / "results" / "commands.json"
SETS: Final = ("en", "en_held_out", "fr", "de", "es")
SPOKEN: Final = ("en", "en_held_out")
VOICES: Final = ("slt", "rms", "awb", "en-us", "en-gb", "en-us+f5")
PRECISION, RECALL = 99.0, 97.0
"""Per cent, of text: the goals."""
SHOWN: Final = 12


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--every", default=3, show_default=True, help="Only every n-th phrasing is spoken; 0: none.")
@click.option("--minutes", default=8.0, show_default=True, help="After which no more are spoken.")
@click.option("--result", type=click.Path(path_type=Path), default=RESULT, help="The file that keeps the figures.")
@click.option("--expecting/--not-expecting", default=True, help="Whether the recogniser expects plain commands.")
def main(every: int, minutes: float, result: Path, *, expecting: bool) -> None:
    """Which spoken controls are understood, as text and through speech."""
    set_up_logging(LogSettings(level="error"))
    machine = this_machine()
    sections = [_as_text(name) for name in SETS]
    if every:
        sections += anyio.run(partial(_through_speech, every, 60 * minutes, expecting=expecting))
    machine |= {"load_after": os.getloadavg()[0], "when": datetime.now().astimezone().isoformat()}
    show(sections, machine)
    write(result, sections, machine, shlex.join([*sys.orig_argv]))
    click.echo(f"The same in {result}")


def _as_text(name: str) -> Section:
    found = score((each, each.text) for each in read(name))
    return Section(f"As text: {name}", _figures(found, PRECISION, RECALL), _notes(found))


async def _through_speech(every: int, seconds: float, *, expecting: bool) -> list[Section]:
    phrasings = [each for name in SPOKEN for each in read(name)][::every]
    random.Random(0).shuffle(phrasings)  # where the time is up, what was spoken is a fair share
    heard: dict[str, list[tuple[Phrasing, str]]] = {each: [] for each in VOICES}
    until = anyio.current_time() + seconds
    async with open_pocketsphinx(PocketsphinxSpec()) as engine:
        for number, each in enumerate(phrasings):
            if anyio.current_time() > until:
                click.echo(f"The time was up after {number} of {len(phrasings)}.", err=True)
                break
            voice = VOICES[number % len(VOICES)]
            sound = await anyio.to_thread.run_sync(speech, each.text, voice)
            said = replace(utterance(silence(0.3) + sound + silence(0.3)), expected=PLAINLY if expecting else ())
            transcript = await engine.transcribe(said)
            heard[voice].append((each, transcript.text))
    everything = [pair for pairs in heard.values() for pair in pairs]
    return [
        _spoken("Through speech: all voices", everything),
        *(_spoken(f"Through speech: {voice}", pairs, notes=False) for voice, pairs in heard.items() if pairs),
    ]


def _spoken(title: str, heard: Sequence[tuple[Phrasing, str]], *, notes: bool = True) -> Section:
    found = score(iter(heard), spelling=False)
    errors = [word_errors(plain(each.text), plain(text)) for each, text in heard]
    wrong = 100 * sum(each for each, _ in errors) / max(1, sum(words for _, words in errors))
    perfect = [pair for pair, (missed, _) in zip(heard, errors, strict=True) if not missed]
    figures = (*_figures(found), Figure("words that the recogniser got wrong", "%", (wrong,)))
    if perfect:
        share = score(iter(perfect), spelling=False).recall * 100
        figures += (Figure("of commands whose words were all made out: understood", "%", (share,)),)
    return Section(title, figures, _notes(found) if notes else ())


def _figures(found: Score, precision: float | None = None, recall: float | None = None) -> tuple[Figure, ...]:
    """Goals are the most that may go wrong."""
    most = [None if each is None else 100 - each for each in (precision, recall)]
    return (
        Figure("commands", "said", (float(found.commands),)),
        Figure("no commands", "said", (float(found.others),)),
        Figure(
            "of what was taken for a command: wrongly, or for another",
            "%",
            (100 - 100 * found.precision,),
            goal=most[0],
        ),
        Figure("of commands: not understood, or as another", "%", (100 - 100 * found.recall,), goal=most[1]),
        Figure("of what is no command: taken for one", "%", (100 * found.mistaken / max(1, found.others),)),
    )


def _notes(found: Score) -> tuple[str, ...]:
    more = len(found.wrong) - SHOWN
    return (*found.wrong[:SHOWN], *([f"and {more} more"] if more > 0 else []))


if __name__ == "__main__":
    main()
