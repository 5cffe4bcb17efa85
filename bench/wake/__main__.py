"""How well the wake words are heard: as made voices and people say them, and in hours of what is not one of them.

`make bench-wake`, or `python -m bench.wake --help`. The goals are openWakeWord's own: 5 % missed at the most, and half
a false alarm an hour.
"""

import os
import shlex
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from bench.report import TOP, Figure, Section, show, this_machine, write
from bench.wake.alarms import Listening, Samples, at_most
from bench.wake.sounds import BACKGROUNDS, ESPEAK_VOICES, VOICES, Speaker, alike, calls, others, people_call
from resilience.errors import EngineUnavailable
from voice.wake.opening import LISTENERS, Listener
from voice.wake.words import GOOD, Sensitivity, WordName, said

RESULT = TOP / "bench" / "results" / "wake.json"
MISSED_PERCENT, ALARMS_PER_HOUR = 5.0, 0.5
SENSITIVITIES: Final[tuple[Sensitivity, ...]] = ("low", "normal", "high")
LEVELS: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99)
"""Thresholds that might be chosen."""


class Heard(NamedTuple):
    """A call."""

    voice: str
    background: str
    likely: float
    """At the most."""


@dataclass(slots=True)
class Word:
    """One that is listened for, by one engine, and what was heard so far."""

    name: WordName
    listener: Listener
    listening: Listening
    made: list[Heard] = field(default_factory=list)
    people: list[Heard] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    alike: list[float] = field(default_factory=list)
    by_kind: dict[str, int] = field(default_factory=dict)
    """False alarms at normal."""
    cpu_seconds: float = 0.0

    @property
    def engine(self) -> str:
        return self.listener.load.__module__.rpartition(".")[2]

    @property
    def levels(self) -> tuple[float, ...]:
        return tuple(sorted({*LEVELS, *self.listener.thresholds.values()}))


def missed(calls: Sequence[Heard], threshold: float) -> float:
    """Per cent."""
    return 100 * sum(each.likely < threshold for each in calls) / max(1, len(calls))


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--hours", default=2.0, show_default=True, help="Of made sound in which nobody says a word.")
@click.option("--minutes", default=12.0, show_default=True, help="After which no more of it is listened to.")
@click.option("--every", default=1, show_default=True, help="Only every n-th way of saying them.")
@click.option("--all-listeners", is_flag=True, help="Whoever can listen for a word, and whichever word.")
@click.option(
    "--people",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help='Folders of recordings, mono WAV: of calls, one for each word ("alexa"), and "others".',
)
@click.option("--result", type=click.Path(path_type=Path), default=RESULT, help="The file that keeps the figures.")
def main(hours: float, minutes: float, every: int, all_listeners: bool, people: Path | None, result: Path) -> None:
    """How well the wake words are heard, and what is mistaken for them."""
    until = time.monotonic() + 60 * minutes
    machine: dict[str, Any] = this_machine()
    words = _words(all_listeners)
    if not words:
        raise click.ClickException("nobody can listen for a wake word here")
    with tempfile.TemporaryDirectory(prefix="nightingale-bench-") as temporary:
        speaker = Speaker(Path(temporary))
        for each in words:
            click.echo(f"{said(each.name)} ({each.engine}) …", err=True)
            _calls(each, speaker, every, people)
        click.echo(f"What sounds alike, and {hours:.3g} h of what is no call …", err=True)
        _alike(words, speaker, every)
        kinds = _others(words, others(speaker, hours, people), until)
    sections = [_section(each, kinds) for each in words]
    machine |= {"load_after": os.getloadavg()[0], "when": datetime.now().astimezone().isoformat()}
    write(result, sections, machine, shlex.join([*sys.orig_argv]))
    show(sections, machine)
    click.echo(f"The same in {result}")


def _words(all_listeners: bool) -> list[Word]:
    words = []
    for name, listeners in LISTENERS.items():
        for listener in listeners if all_listeners else listeners[: name in GOOD]:
            try:
                ear = listener.load(name)
            except EngineUnavailable as exc:
                click.echo(f"{said(name)}: {exc}", err=True)
                continue
            words.append(Word(name, listener, Listening(ear, ())))
            words[-1].listening.thresholds = words[-1].levels
    return words


def _calls(word: Word, speaker: Speaker, every: int, people: Path | None) -> None:
    ear, normal = word.listening, word.listener.thresholds["normal"]
    made = ((call, word.made) for call in calls(speaker, word.name, every))
    theirs = ((call, word.people) for call in (people_call(people, word.name) if people else ()))
    for call, heard in chain(made, theirs):
        ear.afresh()
        ear.hear(call.sound)
        heard.append(Heard(call.voice, call.background, ear.most))
        if heard is word.made and ear.count(normal) and call.background in ("in quiet", "noise at 20 dB"):
            word.late.append(ear.alarms[normal][0] - call.ends_at)


def _alike(words: Sequence[Word], speaker: Speaker, every: int) -> None:
    for sound in alike(speaker, every):
        for each in words:
            each.listening.afresh()
            each.listening.hear(sound)
            each.alike.append(each.listening.most)


def _others(words: Sequence[Word], sounds: Iterable[tuple[str, Samples]], until: float) -> dict[str, float]:
    """All of them hear all of it, as far as there is time. Seconds, by kind."""
    kinds: dict[str, float] = {}
    for each in words:
        each.listening.afresh()
    for kind, sound in sounds:
        if time.monotonic() > until:
            click.echo(f"The time was up after {sum(kinds.values()) / 3600:.2f} h.", err=True)
            break
        for each in words:
            began = time.process_time()
            normal, before = each.listener.thresholds["normal"], each.listening.seconds
            alarms = each.listening.count(normal)
            each.listening.hear(sound)
            each.by_kind[kind] = each.by_kind.get(kind, 0) + each.listening.count(normal) - alarms
            each.cpu_seconds += time.process_time() - began
        kinds[kind] = kinds.get(kind, 0.0) + each.listening.seconds - before
    return kinds


def _section(word: Word, kinds: dict[str, float]) -> Section:
    figures: list[Figure] = []
    hours = sum(kinds.values()) / 3600
    for sensitivity in SENSITIVITIES:
        threshold = word.listener.thresholds[sensitivity]
        goal = MISSED_PERCENT if sensitivity == "normal" else None
        for who, heard in (("made voices", word.made), ("people", word.people)):
            for background in BACKGROUNDS:
                there = [each for each in heard if each.background == background]
                if there:
                    name = f"{sensitivity}: missed, {len(there)} calls by {who}, {background}"
                    goal_here = goal if background == "in quiet" else None
                    figures.append(Figure(name, "%", (missed(there, threshold),), goal=goal_here))
        if hours:
            alarms = word.listening.count(threshold)
            rate = (alarms / hours,)
            goal = ALARMS_PER_HOUR if sensitivity == "normal" else None
            figures.append(Figure(f"{sensitivity}: {alarms} false alarms in {hours:.2f} h", "/h", rate, goal=goal))
            figures.append(Figure("which may yet be, with 95 % certainty, up to", "/h", (at_most(alarms) / hours,)))
    if word.late:
        figures.append(Figure("noticed after the end of the word by", "s", tuple(word.late)))
    if hours:
        spent = 100 * word.cpu_seconds / word.listening.seconds
        figures.append(Figure("of a processor core, while it listens", "%", (spent,)))
    return Section(f'"{said(word.name)}", by {word.engine}', tuple(figures), _notes(word, kinds))


def _notes(word: Word, kinds: dict[str, float]) -> tuple[str, ...]:
    normal = word.listener.thresholds["normal"]
    by_voice = {voice: [each for each in word.made if each.voice == voice] for voice in VOICES}
    told = ", ".join(f"{v} {sum(each.likely >= normal for each in h)}/{len(h)}" for v, h in by_voice.items() if h)
    heard = ", ".join(f"{word.by_kind[kind]} in {s / 60:.0f} min of {kind}" for kind, s in kinds.items())
    curve = ", ".join(_at(word, level) for level in LEVELS)
    computed = [each for each in word.made if each.voice in ESPEAK_VOICES]
    spoken = [each for each in word.made if each.voice not in ESPEAK_VOICES]
    kinds_of_voices = ", ".join(
        f"{name} {missed(some, normal):.0f} %"
        for name, some in (("flite's", spoken), ("espeak-ng's", computed))
        if some
    )
    return (
        f"Thresholds: {', '.join(f'{each} {word.listener.thresholds[each]}' for each in SENSITIVITIES)}.",
        f"Heard at normal, in all backgrounds: {told}. Missed of {kinds_of_voices}.",
        f"By threshold: missed of made calls / of people's / false alarms / taken for it of {len(word.alike)} alike:",
        curve,
        f"False alarms at normal: {heard or 'nothing was listened to'}.",
    )


def _at(word: Word, level: float) -> str:
    people = f"{missed(word.people, level):.1f} %" if word.people else "–"
    mistaken = sum(likely >= level for likely in word.alike)
    return f"{level}: {missed(word.made, level):.0f} % / {people} / {word.listening.count(level)} / {mistaken}"


if __name__ == "__main__":
    main()
