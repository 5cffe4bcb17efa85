from collections.abc import AsyncGenerator, Sequence

import anyio
import pytest

from resilience.breaker import CircuitBreaker
from resilience.errors import EngineFailed, EngineUnavailable
from resilience.ladder import Ladder, Rung
from resilience.settings import BreakerSettings
from tests.fakes import Mute, Room, ScriptedTts
from voice.ladders import TieredTextToSpeech
from voice.protocols import TextToSpeech
from voice.speaking import SHOWN_AFTER_SECONDS, speak
from voice.tts.captions import Captions
from voice.types import AS_USUAL, AudioFrame, Delivery

pytestmark = pytest.mark.anyio

BROKEN = EngineFailed("x", "boom")
PATIENT = BreakerSettings(open_seconds=60, longest_open_seconds=60)


async def lines(*sentences: str, delay: float = 0.0, fail: Exception | None = None) -> AsyncGenerator[str, None]:
    for sentence in sentences:
        yield sentence
        await anyio.sleep(delay)
    if fail:
        raise fail


def tiered(*engines: TextToSpeech) -> TieredTextToSpeech:
    return TieredTextToSpeech(
        Ladder(
            "tts", [Rung(f"v{n}", each, CircuitBreaker(f"v{n}", PATIENT), 4.0, 1.0) for n, each in enumerate(engines)]
        )
    )


class DyingTts(ScriptedTts):
    """Dies half way in every sentence after the first ones."""

    def __init__(self, healthy: int) -> None:
        super().__init__(frames=4)
        self.healthy = healthy

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        if len(self.said) >= self.healthy:
            self.fail, self.fail_at = BROKEN, 2
        async for frame in super().synthesize(sentence, delivery):
            yield frame


class Journal(Room):
    """Notes which sentence was begun when, and how many had been asked of a voice by then."""

    def __init__(self, voice: ScriptedTts, *, seconds_per_frame: float = 0.1) -> None:
        super().__init__(seconds_per_frame=seconds_per_frame)
        self.voice = voice
        self.begun: list[tuple[str, float]] = []
        self.asked_by_the_end_of: list[int] = []

    async def begin(self, sentence: str) -> None:
        await super().begin(sentence)
        self.begun.append((sentence, anyio.current_time()))

    async def play(self, frame: AudioFrame) -> None:
        await super().play(frame)
        self.asked_by_the_end_of.append(len(self.voice.said))


@pytest.mark.usefixtures("virtual_time")
async def test_what_may_not_be_heard_yet_is_made_meanwhile() -> None:
    room, voice, may = Room(), ScriptedTts(delay=0.1), anyio.Event()
    async with anyio.create_task_group() as tasks:

        async def say() -> None:
            await speak(lines("One.", "Two."), voice, room, may_begin=may.wait)

        tasks.start_soon(say)
        await anyio.sleep(1)
        assert (voice.said, room.captions, room.frames) == (["One.", "Two."], [], [])
        may.set()
    assert (room.captions, len(room.frames)) == (["One.", "Two."], 6)


async def test_each_sentence_is_shown_with_its_sound_in_order() -> None:
    room, voice = Room(), ScriptedTts(frames=2)
    await speak(lines("One.", "Two."), voice, room)
    assert room.captions == voice.said == ["One.", "Two."]
    assert len(room.frames) == 4


async def test_a_reply_goes_on_from_the_first_sentence_that_was_not_said() -> None:
    room, dying, spare = Room(), DyingTts(healthy=1), ScriptedTts(frames=4)
    await speak(lines("One.", "Two.", "Three."), tiered(dying, spare), room)
    assert dying.said == ["One.", "Two."]
    assert spare.said == ["Two.", "Three."]
    assert room.captions == ["One.", "Two.", "Three."]
    assert len(room.frames) == 4 + 2 + 4 + 4


@pytest.mark.usefixtures("virtual_time")
async def test_when_no_voice_is_left_the_rest_is_shown_at_once() -> None:
    room = Room(seconds_per_frame=0.1)
    await speak(lines("One.", "Two.", "Three."), tiered(DyingTts(healthy=1), Captions()), room)
    assert room.captions == ["One.", "Two.", "Three."]
    assert anyio.current_time() == pytest.approx(0.6)


@pytest.mark.usefixtures("virtual_time")
async def test_a_sentence_without_sound_does_not_wait_for_the_next_one_to_be_shown() -> None:
    voice = ScriptedTts()
    room = Journal(voice)
    await speak(lines("One.", "Two.", delay=5), Mute(), room)
    assert room.begun == [("One.", 0.0), ("Two.", 5.0)]


@pytest.mark.usefixtures("virtual_time")
async def test_a_sentence_whose_sound_is_late_is_shown_before_it() -> None:
    slow, spare = ScriptedTts(delay=60), ScriptedTts(frames=1)
    room = Journal(spare)
    await speak(lines("One."), tiered(slow, spare), room)
    assert room.begun == [("One.", SHOWN_AFTER_SECONDS)]
    assert len(room.frames) == 1
    assert anyio.current_time() == pytest.approx(4.1)


@pytest.mark.usefixtures("virtual_time")
async def test_voices_that_all_hang_cost_their_deadlines_and_the_words_are_there() -> None:
    room = Room()
    await speak(lines("One."), tiered(ScriptedTts(delay=60), ScriptedTts(delay=60), Captions()), room)
    assert room.captions == ["One."]
    assert anyio.current_time() == pytest.approx(8.0)


@pytest.mark.usefixtures("virtual_time")
@pytest.mark.parametrize(("look_ahead", "asked"), [(True, [2, 2, 2, 2]), (False, [1, 1, 2, 2])])
async def test_the_next_sentence_is_synthesised_ahead_or_when_its_turn_has_come(
    look_ahead: bool, asked: Sequence[int]
) -> None:
    voice = ScriptedTts(frames=2)
    room = Journal(voice)
    await speak(lines("One.", "Two."), voice, room, look_ahead=look_ahead)
    assert room.asked_by_the_end_of == asked
    assert room.captions == ["One.", "Two."]


async def test_a_voice_that_is_no_ladder_and_fails_leaves_the_words() -> None:
    room = Room()
    await speak(lines("One.", "Two."), ScriptedTts(fail=EngineUnavailable("x", "gone")), room)
    assert room.captions == ["One.", "Two."]


async def test_what_goes_wrong_with_the_words_comes_out_as_it_is() -> None:
    room = Room()
    with pytest.raises(EngineFailed, match="boom"):
        await speak(lines("One.", fail=BROKEN), ScriptedTts(), room)


@pytest.mark.usefixtures("virtual_time")
async def test_an_interrupted_reply_leaves_no_voice_at_work() -> None:
    room, voice = Room(seconds_per_frame=0.1), ScriptedTts(frames=50)
    with anyio.move_on_after(1):
        await speak(lines("One.", "Two."), voice, room)
    assert voice.closed == len(voice.said) > 0
