"""A person, a browser and the whole of Nightingale on its embedded engines: speaking, typing, breaking in."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import numpy as np
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Request, expect

from tests.browser.axe import SETTLED
from tests.browser.chromium import AUTOPLAY, fake_microphone, open_chromium, open_page
from tests.browser.house import Served, nightingale
from tests.made.speech import read_wav, silence, speech, wav_bytes

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.realtime, pytest.mark.timeout(240)]

RECORDING = Path(__file__).parents[3] / "shared" / "data" / "speech" / "goforward.wav"
SCREENSHOTS = Path(__file__).parent.parent / "screenshots"
PATIENCE = 30_000
"""Milliseconds that a shared machine may take over a turn; a bound, not an expectation."""
AUDIBLE = 0.01
"""RMS of full scale above which sound is no artefact."""

FADED_IN = """() => {
    const seen = (e) => (e ? getComputedStyle(e).opacity * seen(e.parentElement) : 1);
    const passing = document.getAnimations().filter((each) => each.effect.getComputedTiming().iterations !== Infinity);
    const parts = [...document.querySelectorAll("#message-composer, #nightingale-welcome, .message-content")];
    return parts.every((e) => seen(e) === 1) && passing.every((each) => each.playState === "finished");
}"""
"""Chainlit fades its page in; half-faded text has too little contrast, for a moment."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Served]:
    async with nightingale(tmp_path_factory.mktemp("house")) as served:
        yield served


@asynccontextmanager
async def a_visit(house: Served, tmp_path: Path, *spoken: bytes | float, tap: bool = True) -> AsyncGenerator[Page]:
    """Somebody opens the page. Their microphone hears these words, and silences of so many seconds, then nothing."""
    wav = tmp_path / "microphone.wav"
    heard = [silence(part) if isinstance(part, float) else part for part in spoken]
    wav.write_bytes(wav_bytes(b"".join([*heard, silence(60.0)])))
    async with open_chromium(AUTOPLAY, *fake_microphone(wav)) as browser:
        async with open_page(browser, tap=tap, permissions=["microphone"]) as page:
            page.set_default_timeout(PATIENCE)
            await page.goto(house.url)
            await expect(page.get_by_role("button", name="Start voice")).to_be_enabled(timeout=PATIENCE)
            yield page


async def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png")


async def start_voice(page: Page) -> None:
    await page.get_by_role("button", name="Start voice").click()


async def type_(page: Page, text: str) -> None:
    """As soon as the page takes it: Chainlit leaves the text in its box until it is connected, and makes that box anew
    when the first message goes out.
    """
    box = page.get_by_role("textbox", name="Message")
    for _ in range(20):
        if await box.input_value() != text:
            await box.fill(text)
        await box.press("Enter")
        with suppress(AssertionError):
            await expect(page.get_by_role("article", name="You").last).to_contain_text(text, timeout=1_500)
            return
    pytest.fail("the page does not take what is typed")


async def sees(page: Page, *patterns: str) -> None:
    """These appear in the conversation, in whatever order."""
    for pattern in patterns:
        message = page.locator(".message-content").filter(has_text=re.compile(pattern, re.IGNORECASE))
        await expect(message.last).to_be_visible(timeout=PATIENCE)


async def status(page: Page, *names: str) -> None:
    bar = page.get_by_role("region", name="Voice")
    await expect(bar).to_contain_text(re.compile("|".join(names)), timeout=PATIENCE)


async def output(page: Page) -> np.ndarray:
    """What has reached the loudspeaker since the page was opened, from its first sound to its last."""
    return np.array(await page.evaluate("window.__heard()"), dtype=np.int16)


def onset(pcm: bytes) -> float:
    """Seconds of stillness before the first sound."""
    return float(np.argmax(np.abs(np.frombuffer(pcm, np.int16)) > 1000)) / 16_000


def loudness(samples: np.ndarray) -> float:
    """Of its loudest half second: how much silence goes before and after is the machine's affair."""
    windows = np.array_split(samples / 32768.0, max(1, len(samples) // 12_000))
    return max(float(np.sqrt(np.mean(each**2))) if len(each) else 0.0 for each in windows)


async def test_a_spoken_question_is_heard_shown_and_answered_aloud(house: Served, tmp_path: Path) -> None:
    async with a_visit(house, tmp_path, 2.0, speech("what time is it", "awb")) as page:
        await picture(page, "welcome")
        await start_voice(page)
        await sees(page, r"what time is it", r"It is \d\d:\d\d")
        await status(page, "Listening")
        await picture(page, "answered")
        sound = await output(page)
        assert len(sound) > 0.5 * 24_000
        assert loudness(sound) > AUDIBLE
        log = page.get_by_role("log").filter(has_text=re.compile(r"It is \d\d:\d\d"))
        await expect(log).to_have_count(1)


@pytest.mark.skipif(not RECORDING.exists(), reason="no recordings of people beside this checkout")
async def test_a_human_voice_is_heard_and_answered_aloud(house: Served, tmp_path: Path) -> None:
    async with a_visit(house, tmp_path, 2.0, read_wav(RECORDING.read_bytes())[0]) as page:
        await start_voice(page)
        await sees(page, "go forward", "language model")  # the browser's noise suppression may cost "ten meters"
        await status(page, "Speaking")
        await page.keyboard.press("Escape")
        await status(page, "Listening")
        assert loudness(await output(page)) > AUDIBLE


async def test_words_during_the_answer_stop_its_sound_and_are_answered_instead(house: Served, tmp_path: Path) -> None:
    question, objection = speech("help", "awb"), speech("what time is it", "awb")
    async with a_visit(house, tmp_path, 2.0, question, 7.0, objection) as page:
        await start_voice(page)
        await sees(page, "^help", "You can tell me things")
        await status(page, "Speaking")
        await picture(page, "speaking")
        await sees(page, r"what time is it", r"It is \d\d:\d\d")
        await status(page, "Listening")
        conversation = await page.get_by_role("main").inner_text()
        sounding = np.array(await page.evaluate("window.__sounding()"))
    assert "a thing to lose" not in conversation, "the help was said to its end"
    begun = 2.0 + len(question) / 32_000 + 7.0 + onset(objection)
    spoken_over = sounding[(sounding > begun - 1) & (sounding < begun + len(objection) / 32_000)]
    assert len(spoken_over) > 0, "nothing was being said when the user broke in"
    figure = {"seconds_from_speech_to_silence": round(spoken_over.max() - begun, 3)}
    (SCREENSHOTS / "barge-in.json").write_text(json.dumps(figure))  # a figure to read, not to assert: clocks are shared


async def test_typed_words_are_answered_and_spoken_with_the_microphone_off(house: Served, tmp_path: Path) -> None:
    async with a_visit(house, tmp_path) as page:
        await type_(page, "hello")
        await sees(page, "hello")
        await status(page, "Speaking")
        await status(page, "Ready")
        assert loudness(await output(page)) > AUDIBLE


async def test_spoken_replies_can_be_switched_off(house: Served, tmp_path: Path) -> None:
    async with a_visit(house, tmp_path) as page:
        await page.get_by_role("button", name="Spoken replies").click()
        await type_(page, "what time is it")
        await sees(page, r"It is \d\d:\d\d")
        await status(page, "Ready")
        assert len(await output(page)) == 0
        await page.get_by_role("button", name="Spoken replies").click()  # it is kept, and others come after
        await status(page, "Voice: speak and listen")


async def test_escape_silences_a_reply(house: Served, tmp_path: Path) -> None:
    async with a_visit(house, tmp_path) as page:
        await type_(page, "help")
        await status(page, "Speaking")
        await page.keyboard.press("Escape")
        await status(page, "Ready")
        first = len(await output(page))
        await anyio.sleep(1)
        assert len(await output(page)) == first


async def test_what_was_said_by_voice_is_known_in_a_new_conversation(house: Served, tmp_path: Path) -> None:
    async with a_visit(house, tmp_path, 2.0, speech("my name is john", "awb")) as page:
        await start_voice(page)
        await sees(page, "my name is john")
        await status(page, "Listening")
        await page.goto(house.url)
        await expect(page.get_by_role("button", name="Start voice")).to_be_enabled(timeout=PATIENCE)
        await type_(page, "what is my name")
        await sees(page, "John")


async def test_a_conversation_can_be_left_and_gone_back_to(house: Served, tmp_path: Path) -> None:
    async with a_visit(house, tmp_path) as page:
        await type_(page, "remember that the spare key is under the blue pot")
        answer = page.get_by_role("article", name="Nightingale")
        await expect(answer).to_contain_text("blue pot", timeout=PATIENCE)
        await status(page, "Ready")
        await page.reload()
        await page.get_by_role("link", name=re.compile("remember that the spare key")).first.click()
        await sees(page, "remember that the spare key")
        await picture(page, "resumed")
        await type_(page, "where is the spare key")
        await expect(page.locator(".message-content").filter(has_text="blue pot")).to_have_count(3, timeout=PATIENCE)


async def test_the_voice_is_started_and_ended_by_keyboard_alone(house: Served, tmp_path: Path) -> None:
    async with a_visit(house, tmp_path, 1.0) as page:
        start = page.get_by_role("button", name="Start voice")
        for _ in range(40):
            if await start.evaluate("button => button === document.activeElement"):
                break
            await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await status(page, "Listening")
        await page.keyboard.press("Enter")
        await status(page, "Ready")


async def test_axe_finds_nothing_serious_before_during_and_after_a_conversation(house: Served, tmp_path: Path) -> None:
    async with a_visit(house, tmp_path, 2.0, speech("help", "awb")) as page:
        await _is_accessible(page, "before")
        await start_voice(page)
        await status(page, "Speaking")
        await _is_accessible(page, "during")
        await page.keyboard.press("Escape")
        await status(page, "Listening")
        await _is_accessible(page, "after")


async def test_no_request_leaves_the_machine(house: Served, tmp_path: Path) -> None:
    async with a_visit(house, tmp_path, tap=False) as page:
        strangers: list[str] = []
        complaints: list[str] = []

        def note(request: Request) -> None:
            if not request.url.startswith((house.url, house.url.replace("http", "ws"), "blob:", "data:")):
                strangers.append(request.url)

        page.on("request", note)
        page.on(
            "console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None
        )
        await page.reload()
        await expect(page.get_by_role("button", name="Start voice")).to_be_enabled()
        await type_(page, "![a picture](http://example.com/x.png) hello")
        await sees(page, "hello")
        await status(page, "Ready")
        assert strangers == complaints == []


async def _is_accessible(page: Page, when: str) -> None:
    await page.wait_for_function(FADED_IN)
    await page.evaluate(SETTLED)  # what Chainlit has just made anew, the list of conversations say, has no names yet
    found = await Axe().run(page)
    SCREENSHOTS.mkdir(exist_ok=True)
    (SCREENSHOTS / f"axe-{when}.json").write_text(json.dumps(found.response["violations"], indent=1))
    serious = [
        (each["id"], [node["html"][:120] for node in each["nodes"]])
        for each in found.response["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []
