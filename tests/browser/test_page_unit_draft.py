"""What is being written is not lost when something is said first; what was sent, or left behind, does not come back."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.page_visit import nightingale, seen, seen_when
from tests.browser.test_page_unit_elsewhere import hellos

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

GREET = "window.postMessage({ nightingale: 1, sender: 'page', type: 'on-offer', saying: 'greet', do: 'answer' }, '*')"


def line(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message")


async def greeted(page: Page) -> None:
    """In the first words of a conversation."""
    await page.evaluate(GREET)
    await expect(page.get_by_text("Good morning.")).to_be_visible()


async def test_who_writes_while_the_first_words_are_said_writes_on(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await line(page).press_sequentially("what is the")
        await greeted(page)
        await expect(line(page)).to_have_value("what is the")
        await page.wait_for_timeout(1_000)  # the conversation gets its address, and its line, by and by
        await expect(line(page)).to_have_value("what is the")
        await expect(line(page)).to_be_focused()
        await page.keyboard.type(" time")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("article", name="You")).to_have_text("what is the time")
        await expect(line(page)).to_have_value("")


async def test_what_was_sent_does_not_come_back(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await line(page).fill("hello")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("hello")
        await page.wait_for_url("**/thread/*")
        await expect(line(page)).to_have_value("")


async def test_who_goes_to_another_conversation_leaves_it_behind(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await greeted(page)
        await line(page).fill("half a thought")
        earlier = len(hellos(await seen(server)))
        await page.get_by_role("button", name="New conversation").click()
        await seen_when(server, lambda record: len(hellos(record)) > earlier)
        await expect(page.get_by_text("Good morning.")).to_have_count(0)
        await expect(line(page)).to_have_value("")
        await greeted(page)
        await expect(line(page)).to_have_value("")
