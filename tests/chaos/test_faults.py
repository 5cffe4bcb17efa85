"""The injector does what it says: a fault that did not bite would prove nothing."""

import math
import os
import struct
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import anyio
import numpy as np
import pytest

from graph.protocols import LanguageModel
from graph.types import Prompt
from resilience.errors import EngineFailed, EngineUnavailable
from tests.chaos.faults import Faults, FaultyLanguageModel, FaultyStt, FaultyTts, Kind, Planted, Switches
from tests.chaos.lanes import Clock
from tests.fakes import ScriptedStt, ScriptedTts
from tests.made.speech import tone, utterance
from voice.protocols import SpeechToText, TextToSpeech
from voice.types import AudioFrame

pytestmark = pytest.mark.anyio

E = TypeVar("E")
SAID = utterance(tone(0.5))
LONG = 60.0


@dataclass(frozen=True)
class Spec:
    engine: str = "scripted"


class Talker:
    async def generate(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        for word in ("one ", "two ", "three"):
            yield word


PROMPT = Prompt("", (), (), datetime(2026, 1, 1), "hello")  # noqa: DTZ001 - of no matter here


@pytest.fixture
def switches(tmp_path: Path) -> Switches:
    return Switches(tmp_path / "faults.json")


@pytest.fixture
def faults(switches: Switches) -> Faults:
    return Faults(switches.file)


def opening(engine: E) -> Callable[[Any], AbstractAsyncContextManager[E]]:
    @asynccontextmanager
    async def opener(_spec: Any) -> AsyncGenerator[E]:
        yield engine

    return opener


def stt(faults: Faults, engine: SpeechToText) -> AbstractAsyncContextManager[SpeechToText]:
    return faults.opener("stt", opening(engine), FaultyStt)(Spec())


def tts(faults: Faults, engine: TextToSpeech) -> AbstractAsyncContextManager[TextToSpeech]:
    return faults.opener("tts", opening(engine), FaultyTts)(Spec())


async def frames_of(voice: TextToSpeech, most: int = 50) -> list[AudioFrame]:
    frames = []
    async with aclosing(voice.synthesize("hello there")) as output:
        async for frame in output:
            frames.append(frame)
            if len(frames) == most:
                break
    return frames


async def hangs(faults: Faults, switches: Switches, kind: Kind) -> bool:
    async with stt(faults, ScriptedStt("hello")) as engine:
        switches.on("stt/scripted", kind, LONG)
        with anyio.move_on_after(1) as patience:
            await engine.transcribe(SAID)
    return patience.cancelled_caught


async def test_without_a_fault_the_engine_is_as_it_is(faults: Faults) -> None:
    async with stt(faults, ScriptedStt("hello")) as engine, tts(faults, ScriptedTts(4)) as voice:
        assert (await engine.transcribe(SAID)).text == "hello"
        assert len(await frames_of(voice)) == 4


@pytest.mark.parametrize(
    ("kind", "error"),
    [("refuse", EngineUnavailable), ("fail", EngineFailed), ("bug", Planted), ("no-memory", MemoryError)],
)
async def test_it_fails_as_it_was_told_to(
    kind: Kind, error: type[Exception], faults: Faults, switches: Switches
) -> None:
    async with stt(faults, ScriptedStt("hello")) as engine, tts(faults, ScriptedTts()) as voice:
        switches.on("stt/*", kind, LONG)
        switches.on("tts/*", kind, LONG)
        with pytest.raises(error):
            await engine.transcribe(SAID)
        with pytest.raises(error):
            await frames_of(voice)
        assert switches.harmed() == [("stt/scripted", kind), ("tts/scripted", kind)]


@pytest.mark.usefixtures("virtual_time")
async def test_it_hangs(faults: Faults, switches: Switches) -> None:
    assert await hangs(faults, switches, "hang")


async def test_stuck_it_does_not_even_hear_that_it_was_cancelled(faults: Faults, switches: Switches) -> None:
    async with stt(faults, ScriptedStt("hello")) as engine:
        until = time.monotonic() + 0.3
        switches.on("stt/scripted", "stuck", 0.3)
        with anyio.move_on_after(0.01), suppress(EngineFailed):
            await engine.transcribe(SAID)
        assert time.monotonic() >= until


@pytest.mark.usefixtures("virtual_time")
async def test_slow_is_ten_times_as_long(faults: Faults, switches: Switches) -> None:
    async with stt(faults, ScriptedStt("hello", delay=0.5)) as engine:
        switches.on("stt/scripted", "slow", LONG)
        began = anyio.current_time()
        assert (await engine.transcribe(SAID)).text == "hello"
        assert anyio.current_time() - began == pytest.approx(5.0)


@pytest.mark.usefixtures("virtual_time")
@pytest.mark.parametrize("kind", ["stall", "die"])
async def test_it_ends_in_the_middle(kind: Kind, faults: Faults, switches: Switches) -> None:
    async with tts(faults, ScriptedTts(4)) as voice:
        switches.on("tts/scripted", kind, LONG)
        async with aclosing(voice.synthesize("hello")) as output:
            assert (await anext(output)).pcm
            with anyio.move_on_after(5) as patience:
                if kind == "stall":
                    await anext(output)
                else:
                    with pytest.raises(EngineFailed):
                        await anext(output)
    assert patience.cancelled_caught == (kind == "stall")


async def test_it_hears_nothing_or_nonsense(faults: Faults, switches: Switches) -> None:
    async with stt(faults, ScriptedStt("hello")) as engine:
        switches.on("stt/scripted", "empty", LONG)
        assert (await engine.transcribe(SAID)).text == ""
        switches.on("stt/scripted", "nonsense", LONG)
        assert len((await engine.transcribe(SAID)).text) > 10_000


@pytest.mark.usefixtures("virtual_time")
async def test_it_lies_in_sound(faults: Faults, switches: Switches) -> None:
    async with tts(faults, ScriptedTts(3)) as voice:

        async def sound(kind: Kind) -> list[AudioFrame]:
            switches.on("tts/scripted", kind, LONG)
            return await frames_of(voice)

        assert await sound("empty") == []
        assert all(len(frame.pcm) % 2 for frame in await sound("odd"))
        assert all(frame.sample_rate == 3 for frame in await sound("wrong-rate"))
        for frame in await sound("noise"):
            assert np.abs(np.frombuffer(frame.pcm, np.int16).astype(int)).min() >= 32_767
        assert len({frame.pcm for frame in await sound("nan")}) == 1
        assert len(await sound("endless")) == 50


@pytest.mark.usefixtures("virtual_time")
async def test_a_language_model_falls_silent_babbles_or_never_ends(faults: Faults, switches: Switches) -> None:
    talker: LanguageModel = Talker()
    async with faults.opener("language", opening(talker), FaultyLanguageModel)(Spec()) as model:

        async def said(kind: Kind | None) -> str:
            if kind is not None:
                switches.on("language/*", kind, LONG)
            words = ""
            async with aclosing(model.generate(PROMPT)) as output:
                async for piece in output:
                    words += piece
                    if len(words) > 1000:
                        break
            return words

        assert await said(None) == "one two three"
        assert await said("empty") == ""
        assert "\x00" in await said("nonsense")
        assert len(await said("endless")) > 1000


async def test_a_fault_has_a_scope(faults: Faults, switches: Switches) -> None:
    async with stt(faults, ScriptedStt("hello")) as engine, tts(faults, ScriptedTts(4)) as voice:
        switches.on("tts/*", "fail", LONG)
        switches.on("stt/another", "fail", LONG)
        assert (await engine.transcribe(SAID)).text == "hello"
        with pytest.raises(EngineFailed):
            await frames_of(voice)


async def test_a_fault_has_an_end_of_its_own_and_can_be_ended(faults: Faults, switches: Switches) -> None:
    async with stt(faults, ScriptedStt("hello")) as engine:
        switches.on("stt/scripted", "fail", -1)
        assert (await engine.transcribe(SAID)).text == "hello"
        switches.on("stt/scripted", "fail", LONG)
        switches.off("stt/scripted")
        assert (await engine.transcribe(SAID)).text == "hello"
        assert switches.harmed() == []


async def test_what_is_not_there_cannot_be_opened(faults: Faults, switches: Switches) -> None:
    switches.on("stt/scripted", "refuse", LONG)
    with pytest.raises(EngineUnavailable):
        async with stt(faults, ScriptedStt("hello")):
            pass


async def test_the_last_rung_is_left_alone(faults: Faults, switches: Switches) -> None:
    switches.on("stt/*", "fail", LONG)
    typed: SpeechToText = ScriptedStt("typed")
    async with faults.opener("stt", opening(typed), FaultyStt)(Spec("typed")) as last:
        assert (await last.transcribe(SAID)).text == "typed"


def test_the_wall_clock_of_a_program_jumps_and_its_monotonic_clock_does_not(tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    clock.prepare()
    assert clock.moves
    clock.set(86_400)
    program = "import time, datetime; print(time.time(), datetime.datetime.now().timestamp(), time.monotonic())"
    said = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | clock.environment, capture_output=True, check=True
    ).stdout.split()
    wall, moment, monotonic = map(float, said)
    assert math.isclose(wall, time.time() + 86_400, abs_tol=60)
    assert math.isclose(moment, wall, abs_tol=1)
    assert math.isclose(monotonic, time.monotonic(), abs_tol=60)
    assert struct.unpack("@q", (tmp_path / "clock").read_bytes()) == (86_400,)
