"""What every voice must do, whatever is behind it."""

import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, suppress
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest

from resilience.breaker import CircuitBreaker
from resilience.errors import EngineError
from resilience.ladder import Ladder, Rung
from tests.made.hearing import joined, pitch, spoken_seconds
from tests.made.piper import make_piper
from tests.made.servers import serving
from tests.made.speech import resampled, tone
from voice.catalog import open_tts
from voice.ladders import TieredTextToSpeech
from voice.protocols import TextToSpeech
from voice.settings import CaptionsSpec, EspeakSpec, OpenAiTtsSpec, PiperSpec, TtsSpec
from voice.types import AS_USUAL, AudioFrame, Delivery

pytestmark = pytest.mark.anyio

SHORT = "Good morning."
LONG = "Good morning, and thank you for asking about the weather in the mountains today."
RATES = {"piper": 22_050, "espeak": 22_050, "openai-compatible": 24_000}


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> object:
    """Real engines want a real clock."""
    return request.param


@pytest.fixture(scope="session")
def made_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_piper(tmp_path_factory.mktemp("piper") / "tiny.onnx")


async def speech_server(_scope: Any, receive: Any, send: Any) -> None:
    """Hums as long as the text takes to say, in chunks that cut samples in two."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    asked = json.loads(body)
    assert asked["response_format"] == "pcm"
    pcm = resampled(tone(0.06 * len(asked["input"])), 16_000, 24_000)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"audio/pcm")]})
    for start in range(0, len(pcm), 4095):
        await send({"type": "http.response.body", "body": pcm[start : start + 4095], "more_body": True})
    await send({"type": "http.response.body"})


@pytest.fixture(params=["piper", "espeak", "openai-compatible"])
async def voice(request: pytest.FixtureRequest, made_voice: Path) -> AsyncGenerator[TextToSpeech, None]:
    async with AsyncExitStack() as stack:
        spec: TtsSpec
        match request.param:
            case "piper":
                spec = PiperSpec(model=made_voice)
            case "espeak":
                spec = EspeakSpec()
            case _:
                url = await stack.enter_async_context(serving(speech_server))
                spec = OpenAiTtsSpec.model_validate({"url": f"{url}/v1", "model": "hum"})
        yield await stack.enter_async_context(open_tts(spec))


@pytest.fixture
def sample_rate(request: pytest.FixtureRequest) -> int:
    return RATES[request.node.callspec.params["voice"]]


async def frames_of(voice: TextToSpeech, text: str) -> list[AudioFrame]:
    async with aclosing(voice.synthesize(text)) as frames:
        return [frame async for frame in frames]


async def seconds_of(voice: TextToSpeech, text: str) -> float:
    return sum(frame.seconds for frame in await frames_of(voice, text))


def on_a_ladder(voice: TextToSpeech) -> TieredTextToSpeech:
    return TieredTextToSpeech(Ladder("tts", [Rung("one", voice, CircuitBreaker("tts/one"), 10.0, 5.0)]))


async def said(voice: TextToSpeech, delivery: Delivery = AS_USUAL, text: str = LONG) -> list[AudioFrame]:
    async with aclosing(on_a_ladder(voice).synthesize(text, delivery)) as frames:
        return [frame async for frame in frames]


async def test_it_is_audible_in_short_frames_at_its_own_rate(voice: TextToSpeech, sample_rate: int) -> None:
    frames = await frames_of(voice, SHORT)
    assert {frame.sample_rate for frame in frames} == {sample_rate}
    assert all(0 < frame.seconds <= 0.06 and len(frame.pcm) % 2 == 0 for frame in frames)
    samples = np.frombuffer(b"".join(frame.pcm for frame in frames), np.int16).astype(np.float64)
    assert np.sqrt(np.mean(samples**2)) > 500
    assert 0.4 < len(samples) / sample_rate < 3


async def test_a_longer_sentence_takes_longer(voice: TextToSpeech) -> None:
    assert await seconds_of(voice, LONG) > 3 * await seconds_of(voice, SHORT)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("rate", [0.5, 0.75, 1.5, 2.0, 3.0])
async def test_at_any_rate_it_takes_as_much_longer_or_less_and_keeps_its_pitch(
    voice: TextToSpeech, rate: float
) -> None:
    usual, other = joined(await said(voice)), joined(await said(voice, Delivery(rate=rate)))
    assert spoken_seconds(usual) / spoken_seconds(other) == pytest.approx(rate, rel=0.12)
    assert pitch(other) == pytest.approx(pitch(usual), rel=0.06)


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("higher", [0.5, 0.75, 1.5, 2.0])
async def test_at_any_pitch_it_takes_as_long_as_ever(voice: TextToSpeech, higher: float) -> None:
    usual, other = joined(await said(voice)), joined(await said(voice, Delivery(pitch=higher)))
    assert pitch(other) / pitch(usual) == pytest.approx(higher, rel=0.08)
    assert spoken_seconds(other) == pytest.approx(spoken_seconds(usual), rel=0.06)


@pytest.mark.parametrize("text", ["", " \n\t", "…", "?!", "👍🎉", "\x00", "\ud800", "***"])
async def test_what_cannot_be_pronounced_makes_no_sound(voice: TextToSpeech, text: str) -> None:
    assert await frames_of(voice, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "naïve café \ud800 \x00\x07 \u202e 👩‍👩‍👧 ﷽ a\u0301\u0302\u0303",
        "你好，世界。 Привет мир! مرحبا नमस्ते",
        "[[h@loU]] <speak>hi</speak> & % \\n {}",
        "9" * 300,
        "\U0001d4d7\U0001d4ee\U0001d4f5\U0001d4f5\U0001d4f8",
    ],
)
async def test_any_unicode_is_spoken_or_passed_over(voice: TextToSpeech, text: str) -> None:
    with suppress(EngineError):
        await frames_of(voice, text)
    assert await seconds_of(voice, SHORT) > 0.4


async def test_five_thousand_characters_are_spoken(voice: TextToSpeech) -> None:
    assert await seconds_of(voice, "The quick brown fox jumps over the lazy dog, " * 111) > 100


async def test_a_listener_may_leave_early_and_the_voice_is_fit_for_the_next(voice: TextToSpeech) -> None:
    for _ in range(5):
        async with aclosing(voice.synthesize(LONG * 10)) as frames:
            async for _frame in frames:
                break
    assert await seconds_of(voice, SHORT) > 0.4


async def test_a_cancelled_turn_leaves_the_voice_fit_for_the_next(voice: TextToSpeech) -> None:
    for wait in (0, 0.001, 0.003, 0.01):
        with anyio.move_on_after(wait):
            await frames_of(voice, LONG * 10)
    assert await seconds_of(voice, SHORT) > 0.4


async def test_sessions_that_speak_at_once_do_not_hear_each_other(voice: TextToSpeech) -> None:
    texts = [SHORT, LONG, "One, two, three, four, five.", "Where is the station?"]
    alone = {text: await seconds_of(voice, text) for text in texts}
    together: dict[tuple[str, int], float] = {}

    async def session(text: str, turn: int) -> None:
        together[text, turn] = await seconds_of(voice, text)

    async with anyio.create_task_group() as sessions:
        for turn in range(4):
            for text in texts:
                sessions.start_soon(session, text, turn)
    assert together == {(text, turn): pytest.approx(alone[text], rel=0.03) for text in texts for turn in range(4)}


async def test_captions_never_fail_and_make_no_sound() -> None:
    async with open_tts(CaptionsSpec()) as captions:
        assert await frames_of(captions, LONG) == await said(captions, Delivery(rate=2)) == []
