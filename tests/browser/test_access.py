"""The conversation page for everyone: nothing for axe to find in any state, and the keyboard alone is enough."""

from typing import Literal

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from app import wire
from tests.browser.axe import MAGNIFIED, PHONE, WIDE, show, violations
from tests.browser.page_visit import (
    nightingale,
    say_as_server,
    seen,
    send,
    status,
)
from tests.browser.states import STATES, prefer, tier

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@pytest.mark.timeout(480)  # a look at each of some thirty states takes seconds
async def test_axe_finds_nothing_in_any_state_in_either_theme(chromium: Browser, server: str) -> None:
    """Nothing but colours depends on the theme."""
    found = []
    async with nightingale(chromium, server, viewport=WIDE) as page:
        for name, enter in STATES:
            await enter(page)
            await show(page, "light", WIDE)
            found += [f"{name}, light: {each}" for each in await violations(page)]
            await show(page, "dark", WIDE)
            found += [f"{name}, dark: {each}" for each in await violations(page, colours_only=True)]
    assert found == []


@pytest.mark.timeout(480)
async def test_axe_finds_nothing_at_320_pixels_and_at_400_percent(chromium: Browser, server: str) -> None:
    found = []
    views: list[tuple[Literal["light", "dark"], ViewportSize]] = [("light", MAGNIFIED), ("dark", PHONE)]
    async with nightingale(chromium, server, viewport=PHONE) as page:
        for number, (name, enter) in enumerate(STATES):
            await enter(page)
            await show(page, *views[number % 2])
            found += [f"{name}: {each}" for each in await violations(page)]
            if await page.evaluate("document.documentElement.scrollWidth") > PHONE["width"] + 1:
                found.append(f"{name}: scrolls sideways")
    assert found == []


async def test_the_focus_is_never_taken_from_whoever_has_it(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        box = page.get_by_role("textbox", name="Message")
        await box.focus()
        for state in ("listening", "hearing", "thinking", "speaking", "asleep", "ready"):
            await say_as_server(page, wire.Status.model_validate({"state": state}))
            await say_as_server(page, wire.Caption(text="It is noon."))
            await say_as_server(page, wire.Notice(level="error", code=state, text="Something happened."))
            await say_as_server(page, wire.Offer(saying=state, text="what time is it", reason="I was restarted."))
            await prefer(page, captions=state == "speaking", spacing=state == "hearing")
            await tier(page, "text" if state == "thinking" else "full")
            await expect(box).to_be_focused()


async def test_in_screen_reader_mode_the_reply_is_heard_and_not_read_out_or_read_out_and_not_heard(
    chromium: Browser, server: str
) -> None:
    async with nightingale(chromium, server) as page:
        log = page.get_by_role("log")
        await prefer(page, screen_reader=True)
        await tier(page, "full")
        await expect(log).to_have_attribute("aria-live", "off")
        await expect(status(page)).to_have_text("Ready")
        await say_as_server(page, wire.Status(state="speaking"))
        await say_as_server(page, wire.Caption(text="It is noon."))
        await say_as_server(page, wire.Notice(level="info", code="n", text="Something to know."))
        await page.wait_for_timeout(700)  # a status is announced once it has settled, which this one must not
        await expect(status(page)).to_have_text("Ready")
        polite = page.get_by_role("region", name="Announcements").locator("p[role=status]:not([id])")
        await expect(polite).to_have_text("")
        await say_as_server(page, wire.Status(state="ready"))
        await expect(polite).to_have_text("Something to know.")
        await tier(page, "stt-only", "No voice answers.")
        await expect(log).to_have_attribute("aria-live", "polite")


async def test_what_the_person_said_is_for_the_eye_and_announced_to_nobody(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await prefer(page, captions=True)
        await say_as_server(page, wire.Caption(text="What is the time?", speaker="user"))
        await expect(page.get_by_role("region", name="Captions")).to_have_text("You: What is the time?")
        await expect(page.get_by_role("log")).to_have_text("")


async def test_captions_are_off_until_they_are_wanted(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await expect(page.get_by_role("region", name="Captions")).to_have_count(0)
        await send(page, "hello")
        await prefer(page, captions=True)
        await say_as_server(page, wire.Caption(text="It is noon."))
        await expect(page.get_by_role("region", name="Captions")).to_contain_text("Nightingale: It is noon.")
        assert "window" in await seen(server)
