"""The engine room: what stands on the ladders, what it says of itself, and how engines come back."""

import os
import signal
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from app.engines import EngineRoom, Openers, Wanted, open_engine_room
from app.places import name_of
from app.standing import Standing
from graph.protocols import LanguageModel
from graph.settings import LanguageSpec, OpenAiLanguageSpec
from resilience.breakers import Breakers
from resilience.errors import EngineFailed, EngineUnavailable
from resilience.ladder import StepDown
from resilience.settings import BreakerSettings, ResilienceSettings
from tests.fakes import ScriptedTts
from tests.graph.fakes import ScriptedModel
from tests.made.speech import speech, utterance
from voice.ladders import TieredSpeechToText
from voice.protocols import SpeechToText, TextToSpeech
from voice.settings import (
    EspeakSpec,
    FasterWhisperSpec,
    OpenAiSttSpec,
    PocketsphinxSpec,
    SttSpec,
    TtsSpec,
)
from voice.stt.pocketsphinx import Pocketsphinx
from voice.types import AudioFrame, Reason, Transcript, Utterance

pytestmark = pytest.mark.anyio

SAID = Utterance(AudioFrame(b"\x01\x00" * 16_000), 0, 1, speech_seconds=1)
WHISPER = FasterWhisperSpec(model=Path("small"))
SPHINX = PocketsphinxSpec()
SERVER = OpenAiSttSpec.model_validate({"url": "http://127.0.0.1:9/v1", "model": "large"})
LANGUAGE = OpenAiLanguageSpec.model_validate({"url": "http://127.0.0.1:9/v1", "model": "clever"})
OUT_OF_ORDER = EngineFailed("scripted", "its process ended unexpectedly")


class Catalog:
    """Opens scripted engines; those whose name is in `missing` cannot be opened, those in `ill` always fail."""

    def __init__(self) -> None:
        self.missing: set[str] = set()
        self.ill: set[str] = set()
        self.slow: dict[str, float] = {}
        self.opened: list[str] = []
        self.closed: list[str] = []

    @property
    def openers(self) -> Openers:
        return Openers(self.stt, self.tts, self.language)

    @asynccontextmanager
    async def _open(self, name: str) -> AsyncGenerator[None]:
        await anyio.sleep(self.slow.get(name, 0))
        if name in self.missing:
            raise EngineUnavailable(name, "there is no such file")
        self.opened.append(name)
        yield
        self.closed.append(name)

    @asynccontextmanager
    async def stt(self, spec: SttSpec) -> AsyncGenerator[SpeechToText]:
        async with self._open(name_of(spec)):
            yield Ear(self, name_of(spec))

    @asynccontextmanager
    async def tts(self, spec: TtsSpec) -> AsyncGenerator[TextToSpeech]:
        async with self._open(name_of(spec)):
            yield ScriptedTts(0 if spec.engine == "captions" else 1)

    @asynccontextmanager
    async def language(self, spec: LanguageSpec) -> AsyncGenerator[LanguageModel]:
        async with self._open(name_of(spec)):
            yield ScriptedModel("Hello.")


class Ear:
    def __init__(self, catalog: Catalog, name: str) -> None:
        self._catalog = catalog
        self._name = name

    async def transcribe(self, utterance: Utterance) -> Transcript:
        if self._name in self._catalog.ill:
            raise OUT_OF_ORDER
        return Transcript("" if self._name == "typed" else self._name, engine=self._name)


@dataclass
class House:
    room: EngineRoom
    breakers: Breakers
    steps: list[StepDown]
    changes: int = 0

    async def hear(self) -> str:
        return (await TieredSpeechToText(self.room.stt).transcribe(SAID)).text

    def standing(self, kind: str = "stt") -> dict[str, Standing]:
        return {each.name: each for each in self.room.standing() if each.kind == kind}

    def states(self, kind: str = "stt") -> dict[str, str]:
        return {name: each.state for name, each in self.standing(kind).items()}


@asynccontextmanager
async def a_house(catalog: Catalog, settings: ResilienceSettings | None = None) -> AsyncGenerator[House]:
    def changed() -> None:
        house.changes += 1

    breakers, steps = Breakers(), list[StepDown]()
    async with open_engine_room(
        settings or ResilienceSettings(),
        breakers,
        stepped_down=steps.append,
        changed=changed,
        openers=catalog.openers,
    ) as room:
        house = House(room, breakers, steps)
        yield house


def wanted(*stt: SttSpec, tts: tuple[TtsSpec, ...] = (), language: tuple[LanguageSpec, ...] = ()) -> Wanted:
    return Wanted(stt, tts, language)


async def test_ladders_hold_what_is_wanted_in_order_and_end_in_what_cannot_fail() -> None:
    async with a_house(Catalog()) as house:
        await house.room.arrange(wanted(WHISPER, SPHINX, tts=(EspeakSpec(),), language=(LANGUAGE,)))
        assert house.states() == {"faster-whisper (small)": "in-use", "pocketsphinx": "standby", "typed": "standby"}
        assert list(house.states("tts")) == ["espeak", "captions"]
        assert list(house.states("language")) == ["openai-compatible (clever)", "offline"]
        assert await house.hear() == "faster-whisper (small)"


async def test_engines_are_opened_from_the_last_rung_upwards() -> None:
    catalog = Catalog()
    async with a_house(catalog) as house:
        await house.room.arrange(wanted(WHISPER, SPHINX))
    opened = [name for name in catalog.opened if name in {"typed", "pocketsphinx", "faster-whisper (small)"}]
    assert opened == ["typed", "pocketsphinx", "faster-whisper (small)"]
    assert sorted(catalog.opened) == sorted(catalog.closed)


async def test_before_anything_was_wanted_nothing_stands_and_nothing_works() -> None:
    async with a_house(Catalog()) as house:
        assert house.room.standing() == []
        assert not house.room.means().hears.works


async def test_an_engine_that_stays_is_not_touched_one_that_is_not_wanted_is_closed() -> None:
    catalog = Catalog()
    async with a_house(catalog) as house:
        await house.room.arrange(wanted(SPHINX))
        await house.room.arrange(wanted(WHISPER))
        await anyio.wait_all_tasks_blocked()
        assert catalog.opened.count("typed") == 1
        assert catalog.closed == ["pocketsphinx"]
        assert [breaker.name for breaker in house.breakers] == ["stt/faster-whisper (small)"]


async def test_two_engines_of_one_name_are_told_apart() -> None:
    async with a_house(Catalog()) as house:
        one, other = (WHISPER.model_copy(update={"beam_size": size}) for size in (1, 2))
        await house.room.arrange(wanted(one, other))
        assert list(house.states()) == ["faster-whisper (small)", "faster-whisper (small) 2", "typed"]
        assert {each.name for each in house.breakers} == {"stt/faster-whisper (small)", "stt/faster-whisper (small) 2"}


async def test_breakers_of_endpoints_are_shared_and_those_of_this_machine_s_engines_are_not() -> None:
    async with a_house(Catalog()) as house:
        await house.room.arrange(wanted(SERVER, SPHINX))
        assert house.breakers.is_shared("stt/openai-compatible (large)")
        assert not house.breakers.is_shared("stt/pocketsphinx")


async def test_an_engine_that_cannot_be_opened_is_left_out_with_the_reason_and_a_remedy() -> None:
    catalog = Catalog()
    catalog.missing = {"faster-whisper (small)"}
    async with a_house(catalog) as house:
        await house.room.arrange(wanted(WHISPER, SPHINX))
        failed = house.standing()["faster-whisper (small)"]
        assert (failed.state, failed.detail) == ("failed", "there is no such file")
        assert failed.remedy
        assert failed.next_try_seconds is not None
        assert await house.hear() == "pocketsphinx"
        assert house.room.means().hears.works


async def test_arranging_again_tries_again_at_once_what_could_not_be_opened() -> None:
    catalog = Catalog()
    catalog.missing = {"faster-whisper (small)"}
    async with a_house(catalog) as house:
        await house.room.arrange(wanted(WHISPER))
        catalog.missing.clear()
        await house.room.arrange(wanted(WHISPER))
        assert house.states() == {"faster-whisper (small)": "in-use", "typed": "standby"}


async def test_where_only_the_last_rung_is_left_there_is_no_hearing_and_it_is_said_why() -> None:
    catalog = Catalog()
    async with a_house(catalog) as house:
        await house.room.arrange(wanted(SPHINX))
        assert house.room.means().hears.works
        catalog.ill = {"pocketsphinx"}
        for _ in range(3):
            assert await house.hear() == ""
        hears = house.room.means().hears
        assert not hears.works
        assert hears.why_not == Reason("nothing-stt", detail="pocketsphinx: its process ended unexpectedly")
        assert house.room.means().speaks.why_not == Reason("nothing-tts", detail="none is installed")
        ill = house.standing()["pocketsphinx"]
        assert (ill.state, ill.breaker) == ("failed", "open")
        assert ill.next_try_seconds is not None
        assert house.steps[0].rung == "pocketsphinx"


async def test_nobody_can_open_the_breaker_of_the_last_rung() -> None:
    async with a_house(Catalog()) as house:
        await house.room.arrange(wanted(tts=()))
        [captions] = house.room.tts.rungs
        captions.breaker.trip("for no reason")
        assert captions.breaker.admits
        assert house.standing("tts")["captions"].breaker == "closed"
        assert list(house.breakers) == []


@pytest.mark.usefixtures("virtual_time")
async def test_while_better_engines_load_what_is_open_already_counts() -> None:
    catalog = Catalog()
    catalog.slow = {"faster-whisper (small)": 30, "pocketsphinx": 10}
    async with a_house(catalog) as house, anyio.create_task_group() as tasks:
        tasks.start_soon(house.room.arrange, wanted(WHISPER, SPHINX))
        await anyio.sleep(5)
        assert house.states()["pocketsphinx"] == "loading"
        why = house.room.means().hears.why_not
        assert why is not None
        assert "being opened" in why.detail
        await anyio.sleep(10)
        assert house.room.means().hears.works
        assert house.states()["faster-whisper (small)"] == "loading"
        await anyio.sleep(30)
        assert await house.hear() == "faster-whisper (small)"


@pytest.mark.usefixtures("virtual_time")
async def test_one_engine_that_takes_too_long_to_load_does_not_keep_the_others_waiting() -> None:
    catalog = Catalog()
    catalog.slow = {"espeak": 250}
    async with a_house(catalog) as house:
        await house.room.arrange(wanted(SPHINX, tts=(EspeakSpec(),)))
        assert anyio.current_time() < 200
        assert house.room.means().hears.works
        await anyio.sleep(200)
        assert house.room.means().speaks.works


@pytest.mark.usefixtures("virtual_time")
async def test_an_engine_that_recovers_is_heard_again_within_a_minute_and_those_who_watch_are_told() -> None:
    catalog = Catalog()
    async with a_house(catalog) as house:
        await house.room.arrange(wanted(WHISPER, SPHINX))
        catalog.ill = {"faster-whisper (small)"}
        for _ in range(3):
            assert await house.hear() == "pocketsphinx"
        await anyio.sleep(300)
        assert house.states()["faster-whisper (small)"] == "failed"
        before = house.changes
        catalog.ill.clear()
        await anyio.sleep(60)
        assert await house.hear() == "faster-whisper (small)"
        assert house.changes > before
        assert catalog.opened.count("faster-whisper (small)") > 1


@pytest.mark.usefixtures("virtual_time")
async def test_what_an_operator_switched_off_says_so() -> None:
    async with a_house(Catalog()) as house:
        await house.room.arrange(wanted(SPHINX))
        house.breakers["stt/pocketsphinx"].force("open")
        off = house.standing()["pocketsphinx"]
        assert (off.state, off.breaker, off.detail) == ("failed", "forced-open", "switched off by an operator")
        assert not house.room.means().hears.works
        house.breakers["stt/pocketsphinx"].force(None)
        assert await house.hear() == "pocketsphinx"


REAL = pytest.mark.parametrize("anyio_backend", ["asyncio"])


@REAL
@pytest.mark.parametrize("blow", [signal.SIGSTOP, signal.SIGKILL])
async def test_a_real_recogniser_whose_worker_is_stopped_or_killed_is_back_by_itself(blow: signal.Signals) -> None:
    settings = ResilienceSettings(stt=BreakerSettings(consecutive_failures=1, open_seconds=0.1))
    question = utterance(speech("what time is it", "kal16"))
    async with open_engine_room(settings, Breakers()) as room:
        await room.arrange(wanted(PocketsphinxSpec(first_output_seconds=2)))
        engine = room.stt.rungs[0].engine
        assert isinstance(engine, Pocketsphinx)
        assert engine.worker is not None
        os.kill(engine.worker, blow)
        ear = TieredSpeechToText(room.stt)
        with anyio.fail_after(90):
            while not (await ear.transcribe(question)).text:
                await anyio.sleep(0.1)
        assert room.means().hears.works
        assert room.standing()[0].state == "in-use"
