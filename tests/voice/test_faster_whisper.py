"""faster-whisper on models that are made here: loading, windows, and the guards against invention."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from structlog.testing import capture_logs

from resilience.breaker import CircuitBreaker
from resilience.errors import EngineUnavailable
from resilience.ladder import Ladder, Rung
from tests.made.speech import noise, silence, speech, utterance
from tests.made.whisper import SENTENCE, make_whisper
from voice.ladders import TieredSpeechToText
from voice.protocols import InterimSpeechToText
from voice.settings import FasterWhisperSpec
from voice.stt.faster_whisper import FasterWhisper, most_new_tokens, open_faster_whisper, rest_seconds
from voice.stt.whisper_doubts import confidence, is_doubtful, is_invented
from voice.stt.whisper_model import FULL_WINDOW, LoadedWhisper, Window, load_whisper, window_frames
from voice.types import Look, Settled, Utterance

pytestmark = pytest.mark.anyio

SPEECH = utterance(speech(SENTENCE))


@pytest.fixture
def anyio_backend() -> str:
    """Real threads do not keep to a clock that jumps."""
    return "asyncio"


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whisper(tmp_path_factory.mktemp("whisper"))


def spec(folder: Path, **settings: object) -> FasterWhisperSpec:
    return FasterWhisperSpec.model_validate({"model": folder, "device": "cpu", **settings})


@dataclass
class Segment:
    text: str = " hello there"
    tokens: list[int] = field(default_factory=lambda: [1, 2, 3])
    avg_logprob: float = -0.2
    compression_ratio: float = 1.0
    no_speech_prob: float = 0.01


@pytest.mark.parametrize(
    ("seconds", "floor", "frames"),
    [
        (0.5, 10, 1000),
        (9.4, 10, 1000),
        (12.0, 10, 1250),
        (29.9, 10, 3000),
        (35.0, 10, 3000),
        (2.0, 1, 250),
        (2.0, 30, 3000),
    ],
)
def test_the_window_is_as_long_as_the_utterance_within_its_bounds(seconds: float, floor: float, frames: int) -> None:
    assert window_frames(seconds, floor) == frames


def test_the_encoder_sees_the_window_and_not_the_padding(scripted: Path) -> None:
    loaded = load_whisper(spec(scripted))
    loaded.window.cut(window_frames(2.0, 10))
    assert loaded.model.encode(np.zeros((80, FULL_WINDOW), np.float32)).shape == [1, 500, 64]


def test_another_model_of_the_same_library_keeps_its_full_window(scripted: Path) -> None:
    from faster_whisper import WhisperModel

    load_whisper(spec(scripted))
    untouched = WhisperModel(str(scripted), device="cpu", local_files_only=True)
    assert untouched.encode(np.zeros((80, FULL_WINDOW), np.float32)).shape == [1, 1500, 64]


async def test_the_transcript_says_who_heard_it_in_which_language_and_how_surely(scripted: Path) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        heard = await whisper.transcribe(SPEECH)
    assert (heard.text, heard.engine, heard.language) == (SENTENCE, "faster-whisper", "en")
    assert heard.confidence == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("wanted", [None, "en", "de", ""])
async def test_a_model_of_one_language_says_so_and_hears_everybody_in_it(scripted: Path, wanted: str | None) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        assert whisper.languages == ("en",)
        heard = await whisper.transcribe(replace(SPEECH, language=wanted))
    assert (heard.text, heard.language, heard.is_detected) == (SENTENCE, "en", False)


async def test_words_that_the_model_itself_finds_unlikely_are_heard_again_in_the_full_window(tmp_path: Path) -> None:
    babbling = spec(make_whisper(tmp_path, preset="random"))
    async with open_faster_whisper(babbling) as whisper:
        with capture_logs() as events:
            await whisper.transcribe(SPEECH)
    assert [each["event"] for each in events] == ["hearing it again in the full window"]


async def test_words_that_are_likely_are_not_heard_again(scripted: Path) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        with capture_logs() as events:
            await whisper.transcribe(SPEECH)
    assert events == []


@pytest.mark.parametrize("nothing", [silence(2.0), noise(2.0, 0.0002), noise(0.05)], ids=["silence", "faint", "click"])
async def test_where_nothing_can_be_heard_the_model_is_not_asked(scripted: Path, nothing: bytes) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        assert (await whisper.transcribe(utterance(nothing))).text == ""


@pytest.mark.parametrize(
    ("segment", "invented"),
    [
        (Segment(), False),
        (Segment(no_speech_prob=0.9), False),
        (Segment(no_speech_prob=0.9, avg_logprob=-1.2), True),
        (Segment(compression_ratio=3.0), True),
        (Segment(" Thank you."), False),
        (Segment(" Thank you.", no_speech_prob=0.4), True),
        (Segment(" Thanks for watching!", avg_logprob=-0.7), True),
        (Segment(" Thank you for the tea.", avg_logprob=-0.7), False),
    ],
)
def test_a_phrase_is_taken_for_invented_only_when_the_numbers_agree(segment: Segment, invented: bool) -> None:
    assert is_invented(segment) is invented


@pytest.mark.parametrize(
    ("segments", "doubtful"),
    [
        ([], True),
        ([Segment()], False),
        ([Segment(), Segment(avg_logprob=-1.1)], True),
        ([Segment(compression_ratio=2.5)], True),
        ([Segment(avg_logprob=-1.1, no_speech_prob=0.9)], False),
    ],
)
def test_doubt_is_cast_by_no_words_unlikely_words_and_loops_but_not_by_silence(
    segments: list[Segment], doubtful: bool
) -> None:
    assert is_doubtful(segments) is doubtful


def test_confidence_weighs_segments_by_their_tokens() -> None:
    likely, unlikely = Segment(avg_logprob=-0.1, tokens=[1] * 9), Segment(avg_logprob=-1.1, tokens=[1])
    assert confidence([likely, unlikely]) == pytest.approx(np.exp(-0.2))


def test_decoding_is_bounded_and_the_bound_is_one_that_the_library_takes() -> None:
    assert most_new_tokens(1.0) == 2 * 44
    assert most_new_tokens(30.0) + 4 <= 448


async def test_a_sentence_is_not_cut_by_the_bound(tmp_path: Path) -> None:
    long = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    async with open_faster_whisper(spec(make_whisper(tmp_path, long))) as whisper:
        assert (await whisper.transcribe(utterance(noise(0.5)))).text == long


async def test_of_the_speakers_own_words_it_is_told_as_many_as_there_is_room_for(scripted: Path) -> None:
    loaded = load_whisper(spec(scripted))
    told: list[str | None] = []
    transcribe = loaded.model.transcribe

    def listening(*args: Any, hotwords: str | None, **options: Any) -> Any:
        told.append(hotwords)
        return transcribe(*args, hotwords=hotwords, **options)

    loaded.model.transcribe = listening
    engine = FasterWhisper(loaded, spec(scripted))
    heard = utterance(speech("what time is it"))
    for words in ((), ("Siobhan", "metformin"), tuple(f"Name number {number}" for number in range(200))):
        assert (await engine.transcribe(replace(heard, vocabulary=words))).text == SENTENCE
    assert told[:2] == [None, "Siobhan, metformin"]
    assert told[2] is not None
    assert told[2].startswith("Name number 0, Name number 1, ")
    assert told[2].count(",") < 60


async def test_speech_beyond_thirty_seconds_is_heard_in_several_windows(scripted: Path) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        assert (await whisper.transcribe(utterance(noise(35.0)))).text == f"{SENTENCE} {SENTENCE}"


def copied(whole: Path, folder: Path) -> Path:
    for file in whole.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


async def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="no model folder"):
        async with open_faster_whisper(spec(tmp_path / "nowhere")):
            pass


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("model.bin", "has no model.bin"),
        ("tokenizer.json", "has no tokenizer.json"),
        ("config.json", "has no config.json"),
        ("vocabulary.json", "cannot be loaded"),
    ],
)
async def test_a_model_that_lacks_a_file_is_unavailable(scripted: Path, tmp_path: Path, name: str, reason: str) -> None:
    (copied(scripted, tmp_path) / name).unlink()
    with pytest.raises(EngineUnavailable, match=reason):
        async with open_faster_whisper(spec(tmp_path)):
            pass


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json"])
@pytest.mark.parametrize("kept", [0, 64, 0.5], ids=["empty", "a few bytes", "half"])
async def test_a_model_whose_download_broke_off_is_unavailable(
    scripted: Path, tmp_path: Path, name: str, kept: float
) -> None:
    file = copied(scripted, tmp_path) / name
    whole = file.read_bytes()
    file.write_bytes(whole[: int(kept * len(whole)) if kept < 1 else int(kept)])
    with pytest.raises(EngineUnavailable):
        async with open_faster_whisper(spec(tmp_path)):
            pass


async def test_a_model_that_is_something_else_is_unavailable(scripted: Path, tmp_path: Path) -> None:
    (copied(scripted, tmp_path) / "model.bin").write_bytes(noise(0.1))
    with pytest.raises(EngineUnavailable):
        async with open_faster_whisper(spec(tmp_path)):
            pass


async def test_a_tokenizer_of_another_shape_is_unavailable(scripted: Path, tmp_path: Path) -> None:
    (copied(scripted, tmp_path) / "tokenizer.json").write_text(json.dumps({"version": "1.0"}))
    with pytest.raises(EngineUnavailable, match="not a tokenizer"):
        async with open_faster_whisper(spec(tmp_path)):
            pass


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"compute_type": "int3"}])
async def test_settings_that_the_model_cannot_honour_are_refused_at_the_door(
    scripted: Path, wrong: dict[str, object]
) -> None:
    with pytest.raises(EngineUnavailable):
        async with open_faster_whisper(spec(scripted, **wrong)):
            pass


async def test_a_call_that_is_given_up_does_not_wait_for_its_thread(scripted: Path) -> None:
    loaded = load_whisper(spec(scripted))
    entered, release, left = threading.Event(), threading.Event(), threading.Event()
    encode = loaded.model.encode

    def slow(features: object) -> object:
        entered.set()
        release.wait(5)
        left.set()
        return encode(features)

    loaded.model.encode = Window(slow).encode
    whisper = FasterWhisper(loaded, spec(scripted))
    async with anyio.create_task_group() as tasks:
        call = tasks.create_task(whisper.transcribe(SPEECH))
        await anyio.to_thread.run_sync(entered.wait)
        call.cancel()
        await call.wait()
        assert not left.is_set()
        release.set()
        assert (await whisper.transcribe(SPEECH)).text == SENTENCE


# -- looks at what is still being spoken ---------------------------------------------------------------------------


class Door:
    """An encoder whose next caller can be kept at its door; remembers how many frames each was shown."""

    def __init__(self, encode: Callable[[Any], Any]) -> None:
        self._encode = encode
        self._holding = False
        self.frames: list[int] = []
        self.entered, self.opened = threading.Event(), threading.Event()

    def hold_the_next(self) -> None:
        self._holding = True

    def encode(self, features: Any) -> Any:
        self.frames.append(features.shape[-1])
        if self._holding:
            self._holding = False
            self.entered.set()
            self.opened.wait(5)
        return self._encode(features)

    async def is_entered(self) -> None:
        await anyio.to_thread.run_sync(self.entered.wait)


def with_door(folder: Path, **settings: object) -> tuple[FasterWhisper, Door]:
    model = load_whisper(spec(folder, **settings)).model
    door = Door(model.encode)
    window = Window(door.encode)
    model.encode = window.encode
    return FasterWhisper(LoadedWhisper(model, window), spec(folder, **settings)), door


WORDS = tuple(SENTENCE.split())
LONG = "one two three four five six seven eight nine ten eleven"


async def test_a_look_gives_the_words_so_far(scripted: Path) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        assert isinstance(whisper, InterimSpeechToText)
        assert await whisper.interim(SPEECH, Settled()) == Look(WORDS)


async def test_a_transcript_follows_a_look_in_the_same_thread(scripted: Path) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        assert await whisper.interim(SPEECH, Settled()) == Look(WORDS)
        assert (await whisper.transcribe(SPEECH)).text == SENTENCE


async def test_a_transcript_does_not_wait_for_a_look_which_is_left_half_way(scripted: Path) -> None:
    whisper, door = with_door(scripted)
    async with anyio.create_task_group() as tasks:
        door.hold_the_next()
        look = tasks.create_task(whisper.interim(SPEECH, Settled()))
        await door.is_entered()
        with anyio.fail_after(4):
            assert (await whisper.transcribe(SPEECH)).text == SENTENCE
        door.opened.set()
    assert look.return_value is None


@pytest.mark.parametrize(("share", "workers"), [(0.33, 2), (0, 1)])
def test_looks_have_a_worker_of_their_own_where_there_are_any(scripted: Path, share: float, workers: int) -> None:
    assert load_whisper(spec(scripted, interim_share=share)).model.model.num_workers == workers


async def test_while_a_transcript_is_being_made_no_look_is_begun(scripted: Path) -> None:
    whisper, door = with_door(scripted)
    async with anyio.create_task_group() as tasks:
        door.hold_the_next()
        transcript = tasks.create_task(whisper.transcribe(SPEECH))
        await door.is_entered()
        assert await whisper.interim(SPEECH, Settled()) is None
        assert len(door.frames) == 1
        door.opened.set()
    assert transcript.return_value.text == SENTENCE


async def test_there_is_one_look_at_a_time_for_the_whole_house(scripted: Path) -> None:
    whisper, door = with_door(scripted, interim_share=1)
    async with anyio.create_task_group() as tasks:
        door.hold_the_next()
        look = tasks.create_task(whisper.interim(SPEECH, Settled()))
        await door.is_entered()
        assert await whisper.interim(SPEECH, Settled()) is None
        door.opened.set()
    assert look.return_value == Look(WORDS)


async def test_a_look_that_was_left_in_the_library_is_not_joined_by_another(scripted: Path) -> None:
    whisper, door = with_door(scripted, interim_share=1)
    async with anyio.create_task_group() as tasks:
        door.hold_the_next()
        look = tasks.create_task(whisper.interim(SPEECH, Settled()))
        await door.is_entered()
        look.cancel()
        await look.wait()
        assert await whisper.interim(SPEECH, Settled()) is None
        door.opened.set()
    await whisper.wait_for_threads()


@pytest.mark.parametrize(("took", "share", "rest"), [(0.2, 0.5, 0.2), (0.3, 0.33, 0.609), (1.0, 1.0, 0.0)])
def test_looks_rest_so_long_that_they_keep_to_their_share(took: float, share: float, rest: float) -> None:
    assert rest_seconds(took, share) == pytest.approx(rest, abs=0.001)


async def test_a_look_that_comes_too_soon_after_another_is_left_out(scripted: Path) -> None:
    async with open_faster_whisper(spec(scripted, interim_share=0.001)) as whisper:
        assert await whisper.interim(SPEECH, Settled()) is not None
        assert await whisper.interim(SPEECH, Settled()) is None


async def test_whoever_wants_no_interim_text_gets_none(scripted: Path) -> None:
    async with open_faster_whisper(spec(scripted, interim_share=0)) as whisper:
        assert await whisper.interim(SPEECH, Settled()) is None


@pytest.mark.parametrize("pcm", [noise(0.5), noise(29.0), silence(2.0)], ids=["short", "long", "silence"])
async def test_what_is_too_short_too_long_or_silent_is_not_looked_into(scripted: Path, pcm: bytes) -> None:
    async with open_faster_whisper(spec(scripted)) as whisper:
        assert await whisper.interim(utterance(pcm), Settled()) is None


async def test_what_is_settled_is_not_heard_again_and_is_the_prompt(scripted: Path) -> None:
    whisper, door = with_door(scripted, shortest_window_seconds=1)
    settled = Settled("it was said long ago " * 50, 20.0)
    assert await whisper.interim(utterance(noise(26.0)), settled) == Look(WORDS, 20.0)
    assert door.frames[-1] == pytest.approx(100 * 6.5, abs=31)


# -- inventions ----------------------------------------------------------------------------------------------------


def as_rung(whisper: FasterWhisper) -> TieredSpeechToText:
    return TieredSpeechToText(Ladder("stt", [Rung("whisper", whisper, CircuitBreaker("whisper"), 10.0, 5.0)]))


def faintly(seconds: float, speech: float) -> Utterance:
    """An utterance of which the ear took so much for speech."""
    return replace(utterance(noise(seconds, 0.01)), speech_seconds=speech)


@pytest.mark.parametrize(
    ("text", "said", "heard"),
    [
        ("Thank you.", faintly(2.5, 0.2), ""),
        ("Thank you.", faintly(1.0, 0.5), "Thank you."),
        ("Untertitel der Amara.org-Community", faintly(3.0, 0.3), ""),
        ("Sous-titres réalisés par la communauté", faintly(2.0, 0.8), ""),
        ("no", faintly(2.5, 0.2), "no"),
        ("stop", faintly(0.8, 0.25), "stop"),
        (LONG, faintly(0.5, 0.2), ""),
        (LONG, faintly(4.0, 3.2), LONG),
    ],
)
async def test_whisper_says_its_sentence_to_any_sound_and_is_believed_where_somebody_spoke(
    tmp_path: Path, text: str, said: Utterance, heard: str
) -> None:
    async with open_faster_whisper(spec(make_whisper(tmp_path, text))) as whisper:
        transcript = await as_rung(whisper).transcribe(said)
        look = await as_rung(whisper).interim(said, Settled())
    assert transcript.text == heard
    if look is not None:  # of a moment there is none
        assert " ".join(look.words) == heard


async def test_of_words_that_are_often_invented_one_is_less_sure(tmp_path: Path) -> None:
    async with open_faster_whisper(spec(make_whisper(tmp_path, "Thank you."))) as whisper:
        certain = await whisper.transcribe(faintly(1.0, 0.5))
        weighed = await as_rung(whisper).transcribe(faintly(1.0, 0.5))
    assert certain.confidence is not None
    assert weighed.confidence == pytest.approx(certain.confidence / 2)


async def test_an_even_noise_is_not_heard_again(tmp_path: Path) -> None:
    babbling = spec(make_whisper(tmp_path, preset="random"))
    async with open_faster_whisper(babbling) as whisper:
        with capture_logs() as events:
            await whisper.transcribe(utterance(noise(2.0)))
    assert events == []
