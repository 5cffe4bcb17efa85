from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import anyio
import pytest

from resilience.breaker import BreakerState, CircuitBreaker
from resilience.errors import EngineError, EngineFailed, EngineTimeout
from resilience.ladder import Ladder, Rung, StepDown
from resilience.settings import BreakerSettings
from tests.fakes import Mute, ScriptedStt, ScriptedTts
from tests.made.speech import noise, silence, tone, utterance
from voice.ladders import TieredSpeechToText, TieredTextToSpeech
from voice.protocols import SpeechToText, TextToSpeech
from voice.stt.sound import sound_seconds
from voice.stt.typed import Typed
from voice.tts.captions import Captions
from voice.types import AS_USUAL, AudioFrame, Delivery, Look, Settled, Transcript, Utterance

pytestmark = pytest.mark.anyio

SPOKEN = utterance(silence(0.4) + tone(1.0) + silence(0.7))
SHORT = utterance(silence(0.4) + tone(0.5) + silence(0.7))
BROKEN = EngineFailed("x", "boom")
PATIENT = BreakerSettings(open_seconds=60, longest_open_seconds=60)


def ears(*engines: SpeechToText, events: list[StepDown] | None = None) -> Ladder[SpeechToText]:
    rungs = [Rung(f"e{n}", each, CircuitBreaker(f"e{n}", PATIENT), 2.0, 1.0) for n, each in enumerate(engines)]
    return Ladder("stt", rungs, stepped_down=(events if events is not None else []).append)


def voices(*engines: TextToSpeech, events: list[StepDown] | None = None) -> Ladder[TextToSpeech]:
    rungs = [Rung(f"v{n}", each, CircuitBreaker(f"v{n}", PATIENT), 2.0, 1.0) for n, each in enumerate(engines)]
    return Ladder("tts", rungs, stepped_down=(events if events is not None else []).append)


async def heard(ladder: Ladder[SpeechToText], said: Utterance = SPOKEN) -> str:
    return (await TieredSpeechToText(ladder).transcribe(said)).text


# -- hearing ------------------------------------------------------------------------------------------------------


async def test_what_the_first_recogniser_cannot_the_next_one_hears() -> None:
    assert await heard(ears(ScriptedStt(BROKEN), ScriptedStt("hello"), Typed())) == "hello"


async def test_without_any_recogniser_the_user_is_asked_to_type() -> None:
    transcript = await TieredSpeechToText(ears(ScriptedStt(BROKEN), Typed())).transcribe(SPOKEN)
    assert (transcript.engine, transcript.text) == ("typed", "")


async def test_words_are_given_as_they_were_meant_and_as_they_were_said() -> None:
    ladder = TieredSpeechToText(ears(ScriptedStt(Transcript("Uh, st-stop.", "e", "en", 0.9), "stop"), Typed()))
    assert await ladder.transcribe(SPOKEN) == Transcript("Stop.", "e", "en", 0.9, "Uh, st-stop.")
    assert await ladder.transcribe(SPOKEN) == Transcript("stop", "scripted")


@pytest.mark.parametrize("lie", ["so many words " * 20, "he\x00llo", "\x1b[2J", "\ud800"])
async def test_text_that_cannot_be_right_is_a_failure(lie: str) -> None:
    events = list[StepDown]()
    assert await heard(ears(ScriptedStt(lie), ScriptedStt("hello"), events=events)) == "hello"
    assert [event.error.code for event in events] == ["engine-failed"]


async def test_the_fastest_speech_is_no_lie() -> None:
    said = "I would like two pounds of potatoes and half a pound of onions, please, and make it quick."
    assert await heard(ears(ScriptedStt(said), Typed()), utterance(tone(3.0) + silence(0.5))) == said


async def test_marks_without_words_are_no_words() -> None:
    assert await heard(ears(ScriptedStt(" … ."), Typed())) == ""


async def test_who_hears_nothing_where_another_hears_words_is_believed_less() -> None:
    deaf = ScriptedStt("")
    ladder = ears(deaf, ScriptedStt("good morning"), Typed())
    for _ in range(5):
        assert await heard(ladder) == "good morning"
    assert len(deaf.calls) == 3
    assert ladder.rungs[0].breaker.state is BreakerState.OPEN


@pytest.mark.parametrize("other", ["", "the", BROKEN])
async def test_without_a_better_answer_no_words_stand(other: str | EngineError) -> None:
    ladder = ears(ScriptedStt(""), ScriptedStt(other), Typed())
    for _ in range(5):
        assert await heard(ladder) == ""
    assert ladder.rungs[0].breaker.state is BreakerState.CLOSED


async def test_for_a_short_sound_nobody_else_is_asked() -> None:
    other = ScriptedStt("good morning")
    assert await heard(ears(ScriptedStt(""), other, Typed()), SHORT) == ""
    assert other.calls == []


async def test_the_second_opinion_is_that_of_the_next_recogniser_that_is_well() -> None:
    ladder = ears(ScriptedStt(""), ScriptedStt("wrong words"), ScriptedStt("good morning"), Typed())
    ladder.rungs[1].breaker.trip("boom")
    assert await heard(ladder) == "good morning"


@pytest.mark.usefixtures("virtual_time")
async def test_a_second_opinion_that_does_not_come_costs_its_deadline_and_no_more() -> None:
    assert await heard(ears(ScriptedStt(""), ScriptedStt("late", delay=60), ScriptedStt("later"), Typed())) == ""
    assert anyio.current_time() == pytest.approx(2.0)


async def test_whoever_asks_learns_whose_words_these_are() -> None:
    who: list[str] = []
    hears = TieredSpeechToText(ears(ScriptedStt(""), ScriptedStt("good morning"), Typed()))
    await hears.transcribe(SPOKEN, answering=who.append)
    await hears.transcribe(SHORT, answering=who.append)
    assert who == ["e1", "e0"]


def test_what_is_not_background_counts_as_sound() -> None:
    assert sound_seconds(utterance(noise(1.0, level=0.001) + tone(1.0) + noise(1.0, level=0.001))) == pytest.approx(
        1.0, abs=0.1
    )
    assert sound_seconds(utterance(silence(2.0))) == 0.0
    assert sound_seconds(utterance(b"")) == 0.0
    assert sound_seconds(utterance(b"\x00" * 2001)) == 0.0


class Interim(ScriptedStt):
    def __init__(self, fault: Exception | None = None, *, delay: float = 0.0) -> None:
        super().__init__("hello", interim="hel", interim_delay=delay)
        self.fault = fault

    async def interim(self, so_far: Utterance, settled: Settled) -> Look | None:
        if self.fault:
            raise self.fault
        return await super().interim(so_far, settled)


async def test_interim_text_comes_from_the_standing_rung() -> None:
    ladder = ears(Interim(), Typed())
    assert await TieredSpeechToText(ladder).interim(SHORT, Settled()) == Look(("hel",))
    ladder.rungs[0].breaker.trip("boom")
    assert await TieredSpeechToText(ladder).interim(SHORT, Settled()) is None


@pytest.mark.usefixtures("virtual_time")
async def test_interim_text_that_breaks_or_hangs_is_an_engines_failure() -> None:
    with pytest.raises(EngineFailed, match="KeyError"):
        await TieredSpeechToText(ears(Interim(KeyError("x")))).interim(SHORT, Settled())
    with pytest.raises(EngineTimeout):
        await TieredSpeechToText(ears(Interim(delay=60))).interim(SHORT, Settled())


class NoTranscript:
    """Answers with what its Protocol does not know."""

    async def transcribe(self, utterance: Utterance) -> Transcript:
        return None  # type: ignore[return-value]  # what is tested


async def test_an_answer_that_is_no_transcript_is_a_failure() -> None:
    assert await heard(ears(NoTranscript(), ScriptedStt("hello"), Typed())) == "hello"


# -- speaking -----------------------------------------------------------------------------------------------------


class Sounding:
    """Says these frames, whatever the sentence is; then raises, or goes on with the last one without end."""

    def __init__(
        self,
        frames: Sequence[AudioFrame],
        *,
        fail: Exception | None = None,
        endless: bool = False,
        asleep: bool = False,
    ) -> None:
        self.frames, self.fail, self.endless, self.asleep = frames, fail, endless, asleep
        self.closed = 0

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        try:
            for frame in self.frames:
                yield frame
            while self.endless:
                yield self.frames[-1]
            if self.fail:
                raise self.fail
        finally:
            self.closed += 1
            if self.asleep:
                await anyio.sleep_forever()


GOOD = AudioFrame(tone(0.1))
SPARE = AudioFrame(tone(0.1, hertz=440))


async def said(ladder: Ladder[TextToSpeech], sentence: str = "Hi.") -> list[AudioFrame]:
    async with aclosing(TieredTextToSpeech(ladder).synthesize(sentence)) as frames:
        return [frame async for frame in frames]


LIES = {
    "half a sample": [AudioFrame(GOOD.pcm + b"\x01")],
    "no rate": [AudioFrame(GOOD.pcm, 0)],
    "nothing": [],
    "empty frames": [AudioFrame(b"")] * 5,
    "silence": [AudioFrame(silence(0.1))] * 5,
    "noise": [AudioFrame(noise(0.1, level=2.0))],
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_voice_that_lies_is_a_failed_voice_and_nothing_of_it_is_heard(lie: str) -> None:
    events, liar = list[StepDown](), Sounding(LIES[lie])
    ladder = voices(liar, Sounding([SPARE]), Captions(), events=events)
    for _ in range(4):
        assert await said(ladder) == [SPARE]
    assert liar.closed == 3
    assert [event.error.code for event in events] == ["engine-failed"] * 3


async def test_a_voice_that_does_not_stop_is_cut() -> None:
    liar = Sounding([GOOD], endless=True)
    frames = await said(voices(liar, Sounding([SPARE]), Captions()))
    assert frames[-1] == SPARE
    assert frames.count(SPARE) == 1
    assert sum(frame.seconds for frame in frames) < 5


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])  # a clock that jumps stands still for who never sleeps
async def test_a_voice_that_gives_nothing_without_end_is_left_at_its_deadline() -> None:
    rungs: list[Rung[TextToSpeech]] = [
        Rung("empty", Sounding([AudioFrame(b"")], endless=True), CircuitBreaker("empty"), 0.05, 0.05),
        Rung("spare", Sounding([SPARE]), CircuitBreaker("spare"), 2.0, 1.0),
    ]
    assert await said(Ladder("tts", rungs)) == [SPARE]


@pytest.mark.usefixtures("virtual_time")
async def test_a_liar_that_does_not_stop_either_keeps_nobody_waiting() -> None:
    liar = Sounding(LIES["noise"], asleep=True)
    assert await said(voices(liar, Sounding([SPARE]))) == [SPARE]
    assert anyio.current_time() <= 0.5 + 1e-9


async def test_a_sentence_that_dies_half_way_is_said_again_from_its_beginning() -> None:
    ladder = voices(Sounding([GOOD], fail=BROKEN), Sounding([GOOD], fail=KeyError()), Sounding([SPARE] * 2), Captions())
    assert await said(ladder) == [GOOD, GOOD, SPARE, SPARE]
    assert await said(ladder) == [SPARE, SPARE]


async def test_when_no_voice_is_left_there_is_no_sound_and_no_error() -> None:
    events = list[StepDown]()
    ladder = voices(ScriptedTts(fail=BROKEN), Captions(), events=events)
    assert [await said(ladder) for _ in range(5)] == [[]] * 5
    assert {event.rung for event in events} == {"v0"}
    assert await said(voices(ScriptedTts(fail=BROKEN))) == []
    assert await said(voices(Mute())) == []


async def test_whoever_listens_learns_who_speaks() -> None:
    who: list[str] = []
    speaks = TieredTextToSpeech(voices(Sounding([GOOD], fail=BROKEN), Sounding([]), Captions()))
    async with aclosing(speaks.synthesize("Hi.", answering=who.append)) as frames:
        assert [frame async for frame in frames] == [GOOD]
    assert who == ["v0", "v2"]


async def test_a_sentence_without_words_needs_no_sound() -> None:
    events = list[StepDown]()
    assert await said(voices(Sounding([]), Captions(), events=events), "👍") == []
    assert events == []
