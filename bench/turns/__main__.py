"""`make bench-turns`, or `.venv/bin/python -m bench.turns --help`."""

import os
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import anyio
import click

from app.telemetry.logs import LogSettings, set_up_logging
from bench.report import TOP, Section, this_machine, write
from bench.turns.clips import make_clips, make_other_sounds
from bench.turns.hearing import Heard, hear
from bench.turns.judging import Judged, judge, nothing, recognised, true_text
from bench.turns.tables import at_all, by_kind, by_patience, points, show
from voice.settings import PocketsphinxSpec
from voice.stt.pocketsphinx import open_pocketsphinx
from voice.turn_detection.detector import together
from voice.turn_detection.lexical import Lexical
from voice.turn_detection.smart_turn import find_smart_turn, open_smart_turn

RESULT = TOP / "bench" / "results" / "turns.json"
CLIPS = TOP / "bench" / "results" / "clips"
SILENCE: Final = "silence only"
WORDS: Final = "the words, as they were said"
HEARD_WORDS: Final = "the words, by pocketsphinx"
MELODY: Final = "Smart Turn"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--every", default=1, show_default=True, help="Only every n-th clip.")
@click.option("--recogniser", is_flag=True, help="Also the words as pocketsphinx hears them: some minutes.")
@click.option("--smart-turn", type=click.Path(path_type=Path), help="The network, or its folder [pipecat-ai's].")
@click.option("--clips", type=click.Path(path_type=Path), default=CLIPS, help="The folder that keeps spoken phrases.")
@click.option("--result", type=click.Path(path_type=Path), default=RESULT, help="The file that keeps the figures.")
def main(every: int, recogniser: bool, smart_turn: Path | None, clips: Path, result: Path) -> None:
    """How soon, and how wrongly, the end of a turn is seen."""
    set_up_logging(LogSettings(level="error"))
    machine: dict[str, Any] = this_machine()
    began = time.perf_counter()
    sections = anyio.run(partial(measure, clips, every, smart_turn, recogniser=recogniser))
    machine |= {"load_after": os.getloadavg()[0], "when": datetime.now().astimezone().isoformat()}
    show(sections)
    click.echo(f"In {time.perf_counter() - began:.0f} s.")
    write(result, sections, machine, shlex.join([*sys.orig_argv]))
    click.echo(f"The same in {result}")


async def measure(folder: Path, every: int, smart_turn: Path | None, *, recogniser: bool) -> list[Section]:
    heard = [hear(each) for each in make_clips(folder, every=every)]
    click.echo(f"{len(heard)} turns, {sum(each.clip.seconds for each in heard):.0f} s of audio …", err=True)
    others = [hear(each) for each in make_other_sounds(folder)]
    turns = [each for each in heard if each.pauses]
    judged = await judge_all(turns, find_smart_turn(smart_turn), recogniser=recogniser)
    return [
        *(points(name, turns, said) for name, said in judged.items()),
        *(by_patience(name, turns, said) for name, said in judged.items()),
        by_kind(turns, judged),
        at_all(heard, others),
    ]


async def judge_all(heard: Sequence[Heard], network: Path | None, *, recogniser: bool) -> dict[str, Judged]:
    judged: dict[str, Judged] = {SILENCE: [[None] * len(each.pauses) for each in heard]}
    judged[WORDS] = await judge(heard, Lexical(), true_text)
    async with AsyncExitStack() as opened:
        if recogniser:
            click.echo("Recognising …", err=True)
            engine = await opened.enter_async_context(open_pocketsphinx(PocketsphinxSpec()))
            judged[HEARD_WORDS] = await judge(heard, Lexical(), await recognised(heard, engine))
        if network is not None:
            click.echo(f"{network.name} …", err=True)
            detector = await opened.enter_async_context(open_smart_turn(network))
            judged[MELODY] = await judge(heard, detector, nothing)
            judged[f"{WORDS}, and {MELODY}"] = [
                [together(*each) for each in zip(said, sounded, strict=True)]
                for said, sounded in zip(judged[WORDS], judged[MELODY], strict=True)
            ]
    return judged


if __name__ == "__main__":
    main()
