"""What is installed, what is missing, what to do: every engine is opened and asked once; and how the Nightingale is
that is running here, if one is.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from anyio import to_thread

from app.engines import Wanted, open_engine_room
from app.folder import disk
from app.gpu import gpus
from app.languages import in_the_house
from app.notices import tell
from app.running import NotRunning, Ready, Told, address, ready
from app.settings import Settings
from app.standing import Standing
from app.talk import resampled
from resilience.breakers import Breakers
from resilience.errors import AllRungsFailed, EngineError
from resilience.ladder import StepDown
from voice.ladders import TieredSpeechToText, TieredTextToSpeech
from voice.tiers import tier_of
from voice.types import SAMPLE_RATE, AudioFrame, Utterance

PROBE = "What time is it?"
MOST_LANGUAGES = 3
"""That are named beside those of the house."""
STUTTER_SECONDS = 0.1
"""A loop that is later than this can be heard; it is meant to be a fifth of it at most."""

Verdict = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    subject: str
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    findings: tuple[Finding, ...]

    @property
    def can_serve(self) -> bool:
        """Whether a spoken turn could be served."""
        return all(finding.verdict != "problem" for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        return {"can_serve": self.can_serve, "findings": [asdict(finding) for finding in self.findings]}


async def examine(settings: Settings, wanted: Callable[[], Wanted]) -> Report:
    findings = [_python(), *_data_folder(settings.data_dir)]
    findings += [_as_it_stands(gpu.name, gpu) for gpu in await to_thread.run_sync(gpus)]
    findings += await _engines(settings, wanted())
    findings += await running(settings)
    return Report(tuple(findings))


def _python() -> Finding:
    version = sys.version_info
    detail = f"{version.major}.{version.minor}.{version.micro}"
    fine = (3, 11) <= version[:2] <= (3, 13)
    return Finding("ok" if fine else "problem", "Python", detail, "" if fine else "Use Python 3.11 to 3.13.")


def _data_folder(folder: Path) -> list[Finding]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        return [Finding("problem", "Data folder", f"{folder}: {exc.strerror}", "Set NIGHTINGALE_DATA_DIR to another.")]
    if not os.access(folder, os.W_OK):
        remedy = "Give yourself the right to write there, or set NIGHTINGALE_DATA_DIR to another."
        return [Finding("problem", "Data folder", f"{folder} is not writable", remedy)]
    room = disk(folder)
    return [
        Finding("ok", "Data folder", str(folder)),
        Finding("problem" if room.remedy else "ok", room.name, room.detail, room.remedy),
    ]


async def _engines(settings: Settings, wanted: Wanted) -> list[Finding]:
    failures: dict[str, str] = {}

    def stepped_down(step: StepDown) -> None:
        failures[step.rung] = step.error.reason

    async with open_engine_room(settings.resilience, Breakers(), stepped_down=stepped_down) as room:
        await room.arrange(wanted)
        said = await _say(TieredTextToSpeech(room.tts))
        heard = await _hear(TieredSpeechToText(room.stt), said)
        findings = []
        for each in room.standing():
            fault = failures.get(each.name) or (each.detail if each.state == "failed" else "")
            if fault:
                findings.append(Finding("note", f"{each.kind}: {each.name}", fault, "The next engine takes over."))
            else:
                findings.append(Finding("ok", f"{each.kind}: {each.name}", f"{each.state}{_languages(each)}"))
        tier = tier_of(hears=heard, speaks=said is not None)
        remedy = "" if heard and said else "See the notes above; `nightingale models list` shows what can be added."
        findings.append(Finding("ok" if not remedy else "problem", "A spoken turn", tier.meaning, remedy))
        if len(room.language.rungs) == 1:
            findings.append(
                Finding(
                    "note",
                    "Language model",
                    "none is installed: answers come from what Nightingale knows by itself",
                    "`nightingale models list`, the page at /engines, or an endpoint in the settings.",
                )
            )
        return findings


def _languages(each: Standing) -> str:
    """That it understands, or speaks: those of the house first."""
    if not each.languages:
        return ""
    ours, others = in_the_house(each.languages)
    named = ", ".join((*(tell("en", f"language-{code}") for code in ours), *others[:MOST_LANGUAGES]))
    more = len(others) - MOST_LANGUAGES
    return f"; {'understands' if each.kind == 'stt' else 'speaks'} {named}{f' and {more} more' if more > 0 else ''}"


async def running(settings: Settings) -> list[Finding]:
    """Of the Nightingale at the set address: what its users can do, and what is ill."""
    subject = "Running now"
    try:
        told = await ready(settings)
    except NotRunning as exc:
        return [Finding("ok" if exc.nobody else "note", subject, str(exc), exc.remedy)]
    if told.status != "ready":
        return [Finding("note", subject, f"{address(settings)} is {told.status}", "Ask again in a moment.")]
    return [_tier(subject, settings, told), *_ill(told), *_saved(told), *_late(told)]


def _tier(subject: str, settings: Settings, told: Ready) -> Finding:
    detail = f"{address(settings)}: users can {told.tier_means}"
    if told.tier == "full":
        return Finding("ok", subject, detail)
    return Finding("note", subject, " ".join((f"{detail} ({told.tier}).", *told.why)), "What is ill is named below.")


def _ill(told: Ready) -> list[Finding]:
    return [
        _as_it_stands(f"Running now: {each.name}", each)
        for each in (*told.engines, *told.parts)
        if each.state == "failed" or each.remedy or each.breaker.startswith("forced")
    ]


def _saved(told: Ready) -> list[Finding]:
    """By the cache: what was asked of it at all, and which layers had it."""
    findings = []
    for kind in dict.fromkeys(each.kind for each in told.cache):
        layers = [each for each in told.cache if each.kind == kind]
        asked = layers[0].hits + layers[0].misses
        if asked:
            share = sum(each.hits for each in layers) / asked
            where = ", ".join(f"{each.layer} {each.hits}" for each in layers)
            detail = f"{share:.0%} of {asked} were at hand ({where})"
            findings.append(Finding("ok", f"Running now: cache of {kind}", detail))
    return findings


def _late(told: Ready) -> list[Finding]:
    late = told.loop_late_seconds
    if late is None:
        return []
    blocked = told.loop_blocked_seconds
    detail = f"{1000 * late:.0f} ms late at worst in the last minute, {1000 * blocked:.0f} ms of it by its own work."
    remedy = "Sound may stutter: other programs want the processor too, or it is too small for so many sessions."
    if blocked > late / 2:
        remedy = "Sound may stutter: it does too much at once. See whether fewer sessions help."
    fine = late <= STUTTER_SECONDS
    return [Finding("ok" if fine else "note", "Running now: the event loop", detail, "" if fine else remedy)]


def _as_it_stands(subject: str, told: Told | Standing) -> Finding:
    detail = told.detail or told.state
    if told.breaker == "forced-closed":
        return Finding("note", subject, "It is kept on by an operator.", "`nightingale breakers` lets it decide again.")
    if told.next_try_seconds:
        detail = f"{detail} It is asked again in {told.next_try_seconds:.0f} s."
    return Finding("note" if told.state == "failed" or told.remedy else "ok", subject, detail, told.remedy)


async def _say(voice: TieredTextToSpeech) -> Utterance | None:
    try:
        frames = [frame async for frame in voice.synthesize(PROBE)]
    except (AllRungsFailed, EngineError):
        return None
    if not frames:
        return None
    pcm = await to_thread.run_sync(resampled, frames, SAMPLE_RATE)
    return Utterance(AudioFrame(pcm), 0, len(pcm) / (2 * SAMPLE_RATE))


async def _hear(ear: TieredSpeechToText, said: Utterance | None) -> bool:
    """Whether a real recogniser answers at all; how well it understands a synthetic voice is no matter."""
    silence = Utterance(AudioFrame(bytes(SAMPLE_RATE)), 0, 0.5)
    try:
        return (await ear.transcribe(said or silence)).engine != "typed"
    except (AllRungsFailed, EngineError):
        return False
