"""`make bench-stutter`: how often somebody who stutters, or speaks slowly, is cut off, with each patience."""

import os
import shlex
import statistics
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args

import anyio
import click

from app.telemetry.logs import LogSettings, set_up_logging
from bench.report import TOP, Figure, Section, percentile, show, this_machine, write
from bench.turns.__main__ import CLIPS
from bench.turns.clips import VOICES
from bench.turns.hearing import PREROLL_SECONDS, WINDOW_BYTES, Heard, Replayed, ends, hear
from bench.turns.judging import Judged, judge, recognised, true_text
from bench.turns.stuttering import KINDS, make_stuttered
from voice.endpointing import Endpointer
from voice.listening import Ear
from voice.pauses import Pauses
from voice.settings import EndpointingSettings, Patience, PocketsphinxSpec
from voice.stt.pocketsphinx import open_pocketsphinx
from voice.turn_detection.lexical import Lexical
from voice.types import AudioFrame, MicrophoneItem, TalkBegan, TalkEnded, Utterance

RESULT = TOP / "bench" / "results" / "stutter.json"
MANUAL: Final = "I say when I'm done"
GOALS: Final = {"very-patient": 2.0, MANUAL: 0.0}
"""Of a hundred utterances."""
LETTING_GO_SECONDS: Final = 0.3
BASELINE: Final = (
    "In the literature 23.8 % of utterances of people who stutter were cut off by a consumer assistant (Lea and others,"
    " CHI 2023). This is made speech."
)

Ended = list[list[float]]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--every", default=1, show_default=True, help="Only every n-th clip.")
@click.option("--recogniser", is_flag=True, help="Also with the words as pocketsphinx hears them: some minutes.")
@click.option("--clips", type=click.Path(path_type=Path), default=CLIPS, help="The folder that keeps spoken phrases.")
@click.option("--result", type=click.Path(path_type=Path), default=RESULT, help="The file that keeps the figures.")
def main(every: int, recogniser: bool, clips: Path, result: Path) -> None:
    """How often stuttered and slow speech is cut off."""
    set_up_logging(LogSettings(level="error"))
    machine: dict[str, Any] = this_machine()
    sections = anyio.run(partial(measure, clips, every, recogniser=recogniser))
    machine |= {"load_after": os.getloadavg()[0], "when": datetime.now().astimezone().isoformat()}
    show(sections, machine)
    write(result, sections, machine, shlex.join([*sys.orig_argv]))
    click.echo(f"The same in {result}")


async def measure(folder: Path, every: int, *, recogniser: bool) -> list[Section]:
    heard = [each for each in map(hear, make_stuttered(folder, every=every)) if each.pauses]
    click.echo(f"{len(heard)} utterances, {sum(each.clip.seconds for each in heard):.0f} s of audio …", err=True)
    judged: dict[str, Judged] = {
        "silence only": [[None] * len(each.pauses) for each in heard],
        "the words as they were said": await judge(heard, Lexical(), true_text),
    }
    async with AsyncExitStack() as opened:
        if recogniser:
            engine = await opened.enter_async_context(open_pocketsphinx(PocketsphinxSpec()))
            judged["the words by pocketsphinx"] = await judge(heard, Lexical(), await recognised(heard, engine))
    sections = [_section(name, heard, said) for name, said in judged.items()]
    return [*sections, _manual(heard)]


def _section(name: str, heard: Sequence[Heard], judged: Judged) -> Section:
    figures: list[Figure] = []
    for patience in get_args(Patience):
        if patience != "brisk":
            settings = EndpointingSettings(patience=patience, adapts=False)
            ended = [ends(*each, settings) for each in zip(heard, judged, strict=True)]
            figures += _figures(patience, heard, ended)
    learned = {voice: Pauses() for voice in VOICES}
    known = [
        ends(each, said, EndpointingSettings(), learned[each.clip.voice])
        for each, said in zip(heard, judged, strict=True)
    ]
    figures += _figures("standard, knowing the speaker", heard, known)
    return Section(f"Cut off, going by {name}", tuple(figures), (BASELINE,))


def _manual(heard: Sequence[Heard]) -> Section:
    return Section(
        f"Cut off with the talk button, or “over”: {MANUAL}",
        tuple(_figures(MANUAL, heard, [pressed(each) for each in heard])),
    )


def _figures(name: str, heard: Sequence[Heard], ended: Ended) -> list[Figure]:
    cut = [any(at < each.clip.ends_at for at in times) for each, times in zip(heard, ended, strict=True)]
    late = [
        1000 * (times[-1] - each.clip.ends_at)
        for each, times, was_cut in zip(heard, ended, cut, strict=True)
        if times and not was_cut
    ]
    figures = [Figure(f"{name}: cut off", "%", (100 * statistics.fmean(cut),), goal=GOALS.get(name))]
    for kind in KINDS:
        of_kind = [was_cut for each, was_cut in zip(heard, cut, strict=True) if each.clip.kind == kind]
        if of_kind:
            figures.append(Figure(f"  of them {kind}", "%", (100 * statistics.fmean(of_kind),)))
    if late:
        figures.append(Figure("  latency of the others, p50", "ms", (percentile(late, 0.5),)))
    return figures


def pressed(heard: Heard) -> list[float]:
    """When it ends for somebody who presses to talk, and lets go shortly after their last word."""
    ear = Ear(Replayed(heard.probabilities), Endpointer(EndpointingSettings(ending="push-to-talk")), PREROLL_SECONDS)
    lets_go = round((heard.clip.ends_at + LETTING_GO_SECONDS) * len(heard.probabilities) / heard.clip.seconds)
    items: list[MicrophoneItem] = [
        AudioFrame(heard.clip.pcm[number * WINDOW_BYTES : (number + 1) * WINDOW_BYTES])
        for number in range(len(heard.probabilities))
    ]
    items[lets_go:lets_go] = [TalkEnded()]
    events = [event for item in [TalkBegan(), *items] for event in ear.take(item)]
    return [event.ended_at for event in (*events, *ear.close()) if isinstance(event, Utterance)]


if __name__ == "__main__":
    main()
