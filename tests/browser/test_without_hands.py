"""Somebody without hands and without sight, a browser, and the whole of Nightingale: not one key, not one click."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import anyio
import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import AUTOPLAY, open_chromium, open_page
from tests.browser.house import Served, nightingale
from tests.browser.mouth import MOUTH, listens, say
from tests.browser.test_conversation import picture, status

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.realtime, pytest.mark.timeout(420)]

PATIENCE: Final = 60_000
"""Milliseconds; a bound for a busy machine."""
SOUNDED: Final = "window.__heard().filter((sample) => Math.abs(sample) > 100).length / 24000"
"""Seconds of sound, and not of silence, that have reached the loudspeaker."""
WAKE_WORD: Final = "okay naboo"
"""As a synthesizer has to be told it."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncGenerator[Served]:
    async with nightingale(tmp_path / "house", VOICE__HANDS_FREE="true") as served:
        yield served


@asynccontextmanager
async def somebody(house: Served) -> AsyncGenerator[Page]:
    """Who allowed the microphone some other day."""
    async with open_chromium(
        AUTOPLAY, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"
    ) as browser:
        async with open_page(browser, tap=True, permissions=["microphone"]) as page:
            await page.add_init_script(MOUTH)
            page.set_default_timeout(PATIENCE)
            await page.goto(house.url)
            await status(page, "Listening")
            yield page


async def ask(page: Page, words: str, answer: str) -> None:
    """Say it, and hear the answer out; woken first, where too much time has passed."""
    if await page.get_by_role("region", name="Voice").get_by_text("Asleep").count():
        await wake(page)
    await say(page, words)
    told = page.get_by_role("article", name="Nightingale").filter(has_text=re.compile(answer, re.IGNORECASE))
    await expect(told.last).to_be_visible(timeout=PATIENCE)
    await status(page, "Listening", "Asleep")


async def wake(page: Page) -> None:
    await say(page, WAKE_WORD)
    await status(page, "Listening")


async def spoken_seconds(page: Page, words: str, answer: str) -> float:
    """How long the answer sounds."""
    before = await page.evaluate(SOUNDED)
    await ask(page, words, answer)
    return float(await page.evaluate(SOUNDED) - before)


async def test_from_the_opened_page_to_sleep_without_one_key_or_click(house: Served) -> None:
    async with somebody(house) as page:
        await ask(page, "go to sleep", "okay nabu")
        await status(page, "Asleep")
        await say(page, "what time is it")
        await anyio.sleep(3)
        await expect(page.get_by_text("what time is it")).to_have_count(0)

        await wake(page)
        usual = await spoken_seconds(page, "what time is it", r"It is \d\d:\d\d")
        assert usual > 0.5
        await ask(page, "slower", "slower")
        await ask(page, "slower", "slower")
        slow = await spoken_seconds(page, "repeat that", r"It is \d\d:\d\d")
        assert slow > 1.2 * usual
        first = page.url

        await ask(page, "new conversation", "new conversation")
        await expect(page).not_to_have_url(first)
        await status(page, "Listening")
        assert await listens(page)
        await ask(page, "search my conversations for time", "time")
        await ask(page, "my name is anna", "anna")
        await ask(page, "forget that", "forget that your name is anna")
        await ask(page, "go to sleep", "okay nabu")
        await status(page, "Asleep")
        await picture(page, "asleep")
