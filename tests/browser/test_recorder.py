"""The page's microphone in a real Chromium: from a file that plays the microphone to 16 kHz frames."""

import math
import wave
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from playwright.async_api import Page

from tests.browser.chromium import (
    DENIED_MICROPHONE,
    NO_MICROPHONE,
    fake_microphone,
    open_chromium,
    open_page,
    serve_public,
)

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

RATE = 16_000
FRAME = 512

PAGE = """<!doctype html><title>recorder</title><script type="module">
import { takeOverAudio } from "/public/voice/chainlit.js";
import { Microphone, microphoneOutlook, readTrouble } from "/public/voice/microphone.js";
import { advise } from "/public/voice/trouble.js";
import { loadStrings } from "/public/strings.js";
await loadStrings();
window.states = [];
window.frames = [];
window.microphone = new Microphone((state) => states.push(state));
takeOverAudio({ microphone, player: {}, toDeliver: (frame) => [frame] });
globalThis.WavRecorder = class { begin() { throw new Error("Chainlit's own recorder was used"); } };
window.recorder = new WavRecorder();
window.record = async () => {
  await recorder.begin();
  await recorder.record(({ mono }) => frames.push([...new Int16Array(mono)]));
};
Object.assign(window, { microphoneOutlook, readTrouble, advise });
</script>"""


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """Three seconds that swell and fade like syllables, after half a second of silence."""
    seconds = np.arange(3 * 48_000) / 48_000
    tone = sum(np.sin(2 * np.pi * 150 * overtone * seconds) / overtone for overtone in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * 2.3 * seconds), 0, 1) ** 2
    pcm = (np.concatenate([np.zeros(24_000), 0.2 * tone * syllables]) * 32767).astype("<i2")
    path = tmp_path / "spoken.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(pcm.tobytes())
    return path


@asynccontextmanager
async def recorder_page(*flags: str) -> AsyncGenerator[Page]:
    with serve_public({"/": PAGE}) as origin:
        async with open_chromium(*flags) as browser, open_page(browser) as page:
            await page.goto(origin)
            await page.wait_for_function("!!window.advise")
            yield page


def envelope(samples: npt.NDArray[np.float64], rate: int) -> npt.NDArray[np.float64]:
    """Loudness, fifty times a second."""
    step = rate // 50
    blocks = samples[: len(samples) // step * step].reshape(-1, step)
    result: npt.NDArray[np.float64] = np.sqrt((blocks**2).mean(axis=1))
    return result


async def test_speech_arrives_in_frames_of_32_ms_as_it_was_spoken(spoken: Path) -> None:
    async with recorder_page(*fake_microphone(spoken)) as page:
        await page.evaluate("record()")
        await page.wait_for_function("frames.length >= 105")
        frames = await page.evaluate("frames.slice(0, 105)")
        assert await page.evaluate("states") == [{"state": "on", "rate": RATE}]
    assert {len(frame) for frame in frames} == {FRAME}
    with wave.open(str(spoken), "rb") as file:
        original = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float64)
    played, recorded = envelope(original, 48_000), envelope(np.concatenate(frames).astype(np.float64), RATE)
    best = max(
        float(np.corrcoef(played[shift : shift + len(recorded) - 60], recorded[30:-30])[0, 1])
        for shift in range(len(played) - len(recorded) + 60)
    )
    assert best > 0.8  # the browser's own gain control and noise suppression stand between


async def test_echo_cancellation_noise_suppression_and_gain_control_are_on(spoken: Path) -> None:
    async with recorder_page(*fake_microphone(spoken)) as page:
        settings = await page.evaluate(
            """async () => {
                const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
                let stream;
                navigator.mediaDevices.getUserMedia = async (wanted) => (stream = await ask(wanted));
                await record();
                return stream.getAudioTracks()[0].getSettings();
            }"""
        )
    assert [settings[name] for name in ("echoCancellation", "noiseSuppression", "autoGainControl")] == [True] * 3


async def test_a_muted_microphone_sends_nothing_and_says_so(spoken: Path) -> None:
    async with recorder_page(*fake_microphone(spoken, loop=True)) as page:
        await page.evaluate("record()")
        await page.wait_for_function("frames.length > 5")
        await page.evaluate("microphone.setMuted(true)")
        await page.wait_for_timeout(200)
        before = await page.evaluate("frames.length")
        await page.wait_for_timeout(300)
        assert await page.evaluate("frames.length") == before
        await page.evaluate("microphone.setMuted(false)")
        await page.wait_for_function(f"frames.length > {before}")
        assert await page.evaluate("states.map(({ state }) => state)") == ["on", "muted", "on"]


async def test_not_one_frame_leaves_after_mute_not_even_those_that_were_on_their_way(spoken: Path) -> None:
    async with recorder_page(*fake_microphone(spoken, loop=True)) as page:
        await page.evaluate("record()")
        await page.wait_for_function("frames.length > 5")
        before = await page.evaluate(
            """() => {
                const busyUntil = performance.now() + 300; // meanwhile the audio thread goes on
                while (performance.now() < busyUntil);
                microphone.setMuted(true);
                return frames.length;
            }"""
        )
        await page.wait_for_timeout(200)
        assert await page.evaluate("frames.length") == before


async def test_ending_releases_the_microphone_and_may_be_done_at_any_time(spoken: Path) -> None:
    async with recorder_page(*fake_microphone(spoken, loop=True)) as page:
        await page.evaluate("recorder.end()")
        assert await page.evaluate("states") == []
        await page.evaluate("record()")
        await page.wait_for_function("frames.length > 5")
        await page.evaluate("recorder.end()")
        before = await page.evaluate("frames.length")
        await page.wait_for_timeout(200)
        assert await page.evaluate("[frames.length, microphone.isOpen, states.at(-1).state]") == [before, False, "off"]
        await page.evaluate("record()")
        await page.wait_for_function(f"frames.length > {before}")


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
async def test_any_rate_of_the_device_becomes_16_khz(rate: int) -> None:
    async with recorder_page() as page:
        result = await page.evaluate(
            """async (rate) => {
                const context = new OfflineAudioContext(1, rate * 2, rate);
                await context.audioWorklet.addModule("/public/voice/capture-worklet.js");
                const options = { processorOptions: { rate: 16000, frameSamples: 512 } };
                const node = new AudioWorkletNode(context, "nightingale-capture", options);
                const samples = [];
                node.port.onmessage = ({ data }) => samples.push(...new Int16Array(data));
                const tone = new OscillatorNode(context, { frequency: 1000 });
                tone.connect(node).connect(context.destination);
                tone.start();
                await context.startRendering();
                await new Promise((resolve) => setTimeout(resolve, 200));
                return samples;
            }""",
            rate,
        )
    samples = np.array(result, dtype=np.float64)
    assert 2 * RATE - 2 * FRAME <= len(samples) <= 2 * RATE
    steady = samples[4_000:20_000]
    spectrum = np.abs(np.fft.rfft(steady * np.hanning(len(steady))))
    assert np.argmax(spectrum) * RATE / len(steady) == pytest.approx(1_000, abs=1)
    assert np.sqrt((steady**2).mean()) == pytest.approx(32_767 / math.sqrt(2), rel=0.01)


async def test_what_16_khz_can_not_hold_is_taken_out_and_silence_is_kept() -> None:
    async with recorder_page() as page:
        result = await page.evaluate(
            """async () => {
                const context = new OfflineAudioContext(1, 48000, 48000);
                await context.audioWorklet.addModule("/public/voice/capture-worklet.js");
                const options = { processorOptions: { rate: 16000, frameSamples: 512 } };
                const node = new AudioWorkletNode(context, "nightingale-capture", options);
                const samples = [];
                node.port.onmessage = ({ data }) => samples.push(...new Int16Array(data));
                const tone = new OscillatorNode(context, { frequency: 11000 });
                tone.connect(node).connect(context.destination);
                tone.start(0.5);
                await context.startRendering();
                await new Promise((resolve) => setTimeout(resolve, 200));
                return samples;
            }"""
        )
    samples = np.array(result, dtype=np.float64)
    assert len(samples) >= RATE - 2 * FRAME
    assert not samples[:7_900].any()
    assert np.abs(samples[9_000:]).max() < 32_767 / 1_000


async def failure(page: Page) -> dict[str, str]:
    """The one state that a failed start reports."""
    assert (
        await page.evaluate("record().then(() => 'recorded', (error) => error.constructor.name)") == "MicrophoneError"
    )
    (state,) = await page.evaluate("states")
    await page.evaluate("recorder.end()")
    assert await page.evaluate("states.length") == 1
    result: dict[str, str] = state
    return result


async def advice(page: Page, state: dict[str, str]) -> str:
    return " ".join((await page.evaluate("({ state, detail }) => advise(state, detail)", state)).values())


async def test_a_denied_microphone_is_named_with_the_way_to_allow_it() -> None:
    async with recorder_page(*DENIED_MICROPHONE) as page:
        state = await failure(page)
        assert state["state"] == "denied"
        assert "Allow" in await advice(page, state)


async def test_a_missing_microphone_is_named() -> None:
    async with recorder_page(*NO_MICROPHONE) as page:
        assert await page.evaluate("microphoneOutlook()") == "missing"
        state = await failure(page)
        assert state["state"] == "missing"
        assert "Plug one in" in await advice(page, state)


async def test_a_page_from_another_host_without_https_is_told_where_to_go() -> None:
    with serve_public({"/": PAGE}) as origin:
        elsewhere = origin.replace("127.0.0.1", "nightingale.test")
        mapping = "--host-resolver-rules=MAP nightingale.test 127.0.0.1"
        async with open_chromium(mapping) as browser, open_page(browser) as page:
            await page.goto(elsewhere)
            await page.wait_for_function("!!window.advise")
            state = await failure(page)
            assert state["state"] == "insecure"
            assert elsewhere in await advice(page, state)


async def test_each_refusal_of_the_browser_has_its_meaning() -> None:
    meanings = {
        "NotAllowedError": "denied",
        "SecurityError": "denied",
        "NotFoundError": "missing",
        "OverconstrainedError": "missing",
        "NotReadableError": "busy",
        "AbortError": "busy",
        "DataCloneError": "failed",
    }
    async with recorder_page() as page:
        read = "(names) => names.map((name) => readTrouble(new DOMException('because', name)).trouble)"
        assert await page.evaluate(read, list(meanings)) == list(meanings.values())


async def test_a_microphone_that_is_unplugged_is_reported_and_may_be_opened_again(spoken: Path) -> None:
    async with recorder_page(*fake_microphone(spoken, loop=True)) as page:
        await page.evaluate(
            """async () => {
                const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
                navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await ask(wanted));
                await record();
                const [track] = stream.getAudioTracks();
                track.stop();
                track.dispatchEvent(new Event("ended"));
            }"""
        )
        assert await page.evaluate("[states.at(-1).state, microphone.isOpen]") == ["missing", False]
        await page.evaluate("record()")
        assert await page.evaluate("states.at(-1).state") == "on"
