"""The benchmark on models of true size, on tiny ones of the same makers: that it runs and adds up, not how fast."""

from pathlib import Path

import pytest

from bench.true_size import models
from bench.true_size.models import ANSWER, QUESTION, Pair
from bench.true_size.tables import Compared, print_compared
from bench.true_size.talking import STAGES, Record, Taken, laid_out, open_served, open_wire
from bench.true_size.thinking import time_thinking
from graph.settings import GraphSettings, LlamaCppSpec
from tests.made.gguf import make_gguf
from tests.made.piper import make_piper
from tests.made.speech import silence, speech
from tests.made.whisper import make_whisper
from voice.settings import FasterWhisperSpec, PiperSpec, VoiceSettings
from voice.turn_detection.lexical import completion

pytestmark = pytest.mark.anyio

FIRST, LAST = STAGES["pause"], STAGES["voicing"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.timeout(300)
async def test_a_turn_over_the_wire_is_heard_out_and_its_stages_follow_one_another(tmp_path: Path) -> None:
    question = "what time is it"
    stt = FasterWhisperSpec(
        model=make_whisper(tmp_path / "whisper", question), device="cpu", language="en", beam_size=1
    )
    voice = VoiceSettings(stt=(stt,), tts=(PiperSpec(model=make_piper(tmp_path / "voice.onnx")),))
    graph = GraphSettings(
        models=(LlamaCppSpec(model=make_gguf(tmp_path / "l.gguf", reply=ANSWER), context_tokens=2048),)
    )
    spoken = silence(0.3) + speech(question, "en-us")
    async with open_served(tmp_path / "house", voice, graph, foresight=True) as house, open_wire(house) as wire:
        taken = [await wire.take_turn(spoken) for _ in range(2)]
        assert len(house.records()) == 2
    for each in taken:
        told = list(each.stages.values())
        assert list(each.stages)[-1] == LAST
        assert told == sorted(told)
        assert each.stages[FIRST] > 0
        assert each.cpu > 0


def test_a_record_is_laid_so_that_its_last_stage_is_where_it_was_seen() -> None:
    record = Record({"pause": 0.3, "thinking": 0.4, "voicing": 0.5, "speaking": 2.0}, foreseen=True)
    assert laid_out(record, 510.0) == pytest.approx({FIRST: 310.0, STAGES["thinking"]: 410.0, LAST: 510.0})
    assert laid_out(record)[LAST] == pytest.approx(500.0)


def test_a_table_shows_both_houses_and_what_was_not_counted(capsys: pytest.CaptureFixture[str]) -> None:
    quick, slow = (Taken({FIRST: 1.0, LAST: last}, 5.0, foreseen=last < 100) for last in (50.0, 400.0))
    compared = Compared("a pair", (quick, slow), (slow, slow), (quick, slow))
    print_compared([compared])
    printed = capsys.readouterr().out
    assert [line.split()[-7:] for line in printed.splitlines() if line.startswith(LAST)] == [
        ["50", "225", "400", "|", "400", "400", "400"]
    ]
    assert "1 of 2 answers" in printed
    with_it, without = compared.as_sections()
    assert [figure.name for figure in with_it.figures] == [figure.name for figure in without.figures]


def test_the_question_is_one_that_is_begun_on_in_the_pause() -> None:
    assert (completion(QUESTION) or 0) > 0.9


@pytest.mark.parametrize("name", ["tiny", "tiny+3b", "large+0.5b", "tiny+0.5b+x"])
def test_a_pair_that_is_not_made_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no such pair"):
        Pair.of(name)
    assert str(Pair.of("base+1.5b")) == "base+1.5b"


def test_a_model_that_was_left_half_made_is_made_anew_and_a_whole_one_is_kept(tmp_path: Path) -> None:
    made: list[Path] = []
    (tmp_path / "model.half").mkdir()
    (tmp_path / "model.half" / "torn").touch()

    def make(to: Path) -> None:
        made.append(to)
        (to / "whole").touch()

    for _ in range(2):
        folder = models._kept(tmp_path / "model", make)
    assert len(made) == 1
    assert [each.name for each in folder.iterdir()] == ["whole"]


async def test_two_conversations_at_once_are_timed_and_the_loop_beside_them(tmp_path: Path) -> None:
    spec = LlamaCppSpec(model=make_gguf(tmp_path / "small.gguf", preset="small", layers=1), threads=1, max_tokens=3)
    section = await time_thinking("Two", spec, times=1, pause_seconds=0.0)
    assert [len(figure.values) for figure in section.figures] == [2, 2, 2, 2, 1, 1, 1]
    assert all(min(figure.values) >= 0 for figure in section.figures)
