"""A person who never touches the page, a browser, and the whole of Nightingale: from the open page to the answer, and
on into other conversations.
"""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import expect

from app import wire
from tests.browser.chromium import fake_microphone, open_chromium, open_page
from tests.browser.house import Served, nightingale
from tests.browser.page_visit import say_as_server
from tests.browser.test_conversation import PATIENCE, loudness, output, picture, sees, status
from tests.made.speech import silence, speech, wav_bytes

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.realtime, pytest.mark.timeout(240)]

QUESTION, ANSWERED = speech("what time is it", "awb"), (r"what time is it", r"It is \d\d:\d\d")


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Served]:
    async with nightingale(tmp_path_factory.mktemp("house"), VOICE__HANDS_FREE="true") as served:
        yield served


async def test_without_one_touch_it_is_heard_and_answered_aloud_and_taken_along(house: Served, tmp_path: Path) -> None:
    wav = tmp_path / "microphone.wav"
    wav.write_bytes(wav_bytes(silence(6.0) + QUESTION + silence(12.0)))
    own_autoplay = "--autoplay-policy=document-user-activation-required"
    async with open_chromium(own_autoplay, *fake_microphone(wav, loop=True)) as browser:
        async with open_page(browser, tap=True, permissions=["microphone"]) as page:
            await page.goto(house.url)
            await sees(page, *ANSWERED)
            await status(page, "Listening")
            assert loudness(await output(page)) > 0.01
            await picture(page, "hands-free")
            first: str = await page.evaluate("location.pathname")
            await say_as_server(page, wire.Go(thread=""))
            await expect(page.get_by_role("article")).to_have_count(0)
            await sees(page, *ANSWERED)
            assert await page.evaluate("location.pathname") != first
            await say_as_server(page, wire.Go(thread=first.rpartition("/")[2]))
            await expect(page).to_have_url(f"{house.url}{first}")
            said = page.get_by_role("article", name="You")
            await expect(said.first).to_be_visible()
            await expect(said.nth(await said.count())).to_be_visible(timeout=PATIENCE)  # and it is heard here again
