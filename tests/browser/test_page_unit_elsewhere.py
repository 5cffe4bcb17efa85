"""Who asks for a new conversation is there, and stays there, however slow the server is with its list of them."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from playwright.async_api import Browser, Page, Route, expect

from app import wire
from tests.browser.axe import PHONE, SETTLED
from tests.browser.chromium import open_page
from tests.browser.page_visit import arrive, messages, nightingale, say_as_server, seen, seen_when, send

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def by_hand(page: Page) -> None:
    await page.get_by_role("button", name="New conversation").click()


async def by_voice(page: Page) -> None:
    await say_as_server(page, wire.Go(thread=""))


@pytest.mark.parametrize(
    ("ask", "quick"), [(by_hand, 0), (by_voice, 0), (by_voice, 1)], ids=["by hand", "by voice", "by voice, later"]
)
async def test_a_new_conversation_is_not_left_for_the_one_whose_list_comes_late(
    chromium: Browser, server: str, ask: Callable[[Page], Awaitable[None]], quick: int
) -> None:
    """Chainlit reads it after the first words, goes to their conversation's address, and reads it again."""
    asked = 0
    waits, goes_on = anyio.Event(), anyio.Event()

    async def list_late(route: Route) -> None:
        nonlocal asked
        asked += 1
        if asked > quick:
            waits.set()
            await goes_on.wait()
        await route.continue_()

    async with open_page(chromium) as page:
        await arrive(page, server)
        await expect(page.locator("#thread-history")).to_be_attached()
        await page.wait_for_load_state("networkidle")
        await page.route("**/project/threads", list_late)
        await send(page, "hello")
        await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("hello")
        with anyio.fail_after(30):
            await waits.wait()
        earlier = len(hellos(await seen(server)))
        await ask(page)
        await seen_when(server, lambda record: len(hellos(record)) > earlier)
        goes_on.set()
        await page.unroute_all(behavior="wait")
        await expect(page).to_have_url(f"{server}/")  # it may be hidden for a moment, see `keepNewOnes`
        await send(page, "good morning")
        await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("good morning")
        await page.wait_for_url("**/thread/*")
        await expect(page.get_by_role("article")).to_have_count(2)


def hellos(record: dict[str, Any]) -> list[wire.FromPage]:
    return [each for each in messages(record) if isinstance(each, wire.Hello)]


async def test_on_a_phone_the_list_of_conversations_stays_open_until_it_is_closed(
    chromium: Browser, server: str
) -> None:
    """Chainlit goes to the new conversation's address when its list is opened, and closes it by that."""
    async with nightingale(chromium, server, viewport=PHONE) as page:
        await send(page, "hello")
        await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("hello")
        drawer = page.get_by_role("dialog", name="Conversations")
        await page.get_by_role("button", name="History sidebar").click()
        await page.wait_for_url("**/thread/*")
        await expect(drawer.get_by_role("button", name="Options for").first).to_be_visible()
        await page.evaluate(SETTLED)
        await expect(drawer).to_be_visible()
        await drawer.get_by_role("button", name="History sidebar").click()
        await expect(drawer).to_have_count(0)
        await page.get_by_role("button", name="New conversation").click()
        await page.wait_for_url(f"{server}/")
        await page.get_by_role("button", name="History sidebar").click()
        await drawer.get_by_role("link").first.click()
        await page.wait_for_url("**/thread/*")
        await page.evaluate(SETTLED)
        await expect(drawer).to_have_count(0)
