"""A person at the page while hearing, then the voice, is lost and comes back: they notice, go on, and lose nothing."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.chromium import AUTOPLAY, fake_microphone, open_chromium, open_page
from tests.browser.test_conversation import (
    AUDIBLE,
    PATIENCE,
    loudness,
    output,
    picture,
    sees,
    start_voice,
    status,
    type_,
)
from tests.chaos.faults import Switches
from tests.chaos.running import open_app
from tests.made.speech import silence, speech, wav_bytes

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.realtime, pytest.mark.timeout(240)]

LONG = 600.0
CLIMB = 60_000
"""Milliseconds within which what has recovered is used again."""


@asynccontextmanager
async def a_visit(folder: Path, *spoken: bytes) -> AsyncGenerator[tuple[Page, Switches]]:
    """A page on an app whose engines have switches. Its microphone hears the words, and then nothing."""
    switches = Switches(folder / "faults.json")
    (folder / "data").mkdir()
    wav = folder / "microphone.wav"
    wav.write_bytes(wav_bytes(b"".join([*spoken, silence(90.0)])))
    async with open_app(folder, folder / "data", {"CHAOS_FAULTS": str(switches.file)}) as app:
        async with open_chromium(AUTOPLAY, *fake_microphone(wav)) as browser:
            async with open_page(browser, tap=True, permissions=["microphone"]) as page:
                page.set_default_timeout(PATIENCE)
                await page.goto(app.url)
                await expect(page.get_by_role("button", name="Start voice")).to_be_enabled(timeout=PATIENCE)
                await expect(badge(page)).to_have_text("Voice: speak and listen", timeout=PATIENCE)
                yield page, switches


def badge(page: Page) -> Locator:
    return page.locator("#nightingale-tier")


async def test_who_is_no_longer_heard_is_told_types_and_is_heard_again(tmp_path: Path) -> None:
    async with a_visit(tmp_path, silence(3.0), speech("what time is it", "awb")) as (page, switches):
        await type_(page, "hello")
        await sees(page, "Good (morning|afternoon|evening)")
        switches.on("stt/*", "refuse", LONG)
        await start_voice(page)
        await expect(badge(page)).to_have_text("Type, hear answers", timeout=PATIENCE)
        await expect(page.get_by_role("alert")).to_contain_text("I can't hear you just now: type instead.")
        offers = page.get_by_role("region", name="Not answered yet")
        await expect(offers).to_contain_text(re.compile(r"A recording of \d+ seconds"))
        await sees(page, "I cannot hear you just now, so please type.")
        await picture(page, "deaf")
        before = len(await output(page))
        await type_(page, "what is the date")
        await sees(page, "Today is")
        await status(page, "I can't hear you")
        assert loudness((await output(page))[before:]) > AUDIBLE
        switches.off("stt/*")
        await expect(badge(page)).to_have_text("Voice: speak and listen", timeout=CLIMB)
        await sees(page, "I can hear you again.")
        await offers.get_by_role("button", name="Answer now").click()
        await sees(page, r"what time is it", r"It is \d\d:\d\d")
        await expect(offers).to_be_hidden()


async def test_a_voice_that_dies_in_mid_sentence_leaves_the_words_and_comes_back(tmp_path: Path) -> None:
    async with a_visit(tmp_path) as (page, switches):
        await type_(page, "hello")
        await sees(page, "Good (morning|afternoon|evening)")
        await status(page, "Ready")
        switches.on("tts/*", "stall", LONG)
        await type_(page, "help")
        await expect(badge(page)).to_have_text("Speak, read answers", timeout=PATIENCE)
        switches.on("tts/*", "refuse", LONG)  # a short word would still come through, and show that it is well
        await expect(page.get_by_role("alert")).to_contain_text("I can't speak just now: read my answers.")
        await sees(page, "You can tell me things.*(?:stop|slower|faster)")
        await status(page, "Ready")
        await picture(page, "mute")
        silent = len(await output(page))
        await type_(page, "what is the date")
        await sees(page, "Today is")
        await status(page, "Ready")
        assert len(await output(page)) == silent
        switches.off("tts/*")
        await expect(badge(page)).to_have_text("Voice: speak and listen", timeout=CLIMB)
        await sees(page, "I have my voice back.")
        await status(page, "Ready")
        assert loudness((await output(page))[silent:]) > AUDIBLE
