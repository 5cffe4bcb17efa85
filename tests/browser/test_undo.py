"""What is renamed, meant otherwise and taken back, as the page shows it."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.chromium import AUTOPLAY, fake_microphone, open_chromium, open_page
from tests.browser.house import nightingale
from tests.browser.test_conversation import PATIENCE, sees, start_voice, status, type_
from tests.made.speech import silence, speech, wav_bytes

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.realtime, pytest.mark.timeout(240)]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_the_page_shows_the_old_name_again_and_what_was_meant_in_place_of_what_was_understood(
    tmp_path: Path,
) -> None:
    wav = tmp_path / "microphone.wav"
    wav.write_bytes(wav_bytes(silence(2.0) + speech("what time is it", "awb") + silence(60.0)))
    async with (
        nightingale(tmp_path / "house", GRAPH__MODELS="[]") as house,
        open_chromium(AUTOPLAY, *fake_microphone(wav)) as browser,
        open_page(browser, permissions=["microphone"]) as page,
    ):
        page.set_default_timeout(PATIENCE)
        await page.goto(house.url)
        await expect(page.get_by_role("button", name="Start voice")).to_be_enabled(timeout=PATIENCE)
        await start_voice(page)
        await sees(page, r"^what time is it", r"It is \d\d:\d\d")
        await status(page, "Listening")

        await type_(page, "no, i meant what is the date today")
        await sees(page, r"Today is ")
        messages = page.locator(".message-content")
        await expect(messages.filter(has_text=re.compile(r"^what time is it$"))).to_have_count(0)
        await expect(messages.filter(has_text=re.compile(r"It is \d\d:\d\d"))).to_have_count(0)
        await expect(messages.filter(has_text="Today is ")).to_have_count(1)
        await status(page, "Listening")

        await page.get_by_role("button", name="History sidebar").first.click()
        sidebar = page.get_by_role("button", name="Options for")
        await expect(sidebar).to_have_accessible_name(re.compile("what time is it", re.IGNORECASE))
        await type_(page, "rename this conversation to garden plans")
        await expect(sidebar).to_have_accessible_name("Options for Garden plans")
        await status(page, "Listening")
        await type_(page, "undo")
        await expect(sidebar).to_have_accessible_name(re.compile("what time is it", re.IGNORECASE))
