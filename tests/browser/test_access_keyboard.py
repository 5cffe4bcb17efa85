"""The conversation page with the keyboard alone: everything is reached, in order, and the focus is seen; nothing is a
trap, and what closes gives the focus back.
"""

import re

import anyio
import pytest
from playwright.async_api import Browser, FileChooser, FilePayload, Page, expect

from app import wire
from tests.browser.axe import SETTLED, WIDE, show
from tests.browser.chromium import open_page
from tests.browser.keyboard import has_focus, opens_and_closes, round_trip, tab_to
from tests.browser.page_visit import arrive, messages, nightingale, say_as_server, seen, seen_when
from tests.browser.states import button, prefer

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

NO_POINTER = """
window.__pointers = 0;
addEventListener("pointerdown", () => window.__pointers++, { capture: true });
"""
INPUT_FOR_FILES = "delete window.showOpenFilePicker"
"""As in browsers that have no such dialog: Playwright only knows the older one."""

SIDEBAR = ["History sidebar", "Search conversations", "New conversation"]
HEADER = ["Review", "My memory", "Engines", "Help", "Toggle theme", "Account"]
VOICE = ["Start voice", "Spoken replies", "How to talk…", "How I talk and listen"]
COMPOSER = ["Message", "Attach files", "Settings"]
ALL = [*SIDEBAR, *HEADER, "Conversation", *VOICE, *COMPOSER]
"""As they are read, from the top left."""


def from_(names: list[str], first: str) -> list[str]:
    at = names.index(first)
    return names[at:] + names[:at]


def short(names: list[str]) -> list[str]:
    """A label comes with all that can be chosen."""
    return ["How to talk…" if name.startswith("How to talk") else name for name in names]


async def converse(page: Page, text: str) -> None:
    await tab_to(page, "Message")
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("article", name="Nightingale").last).to_contain_text(text)
    await expect(button(page, "Stop reply")).to_be_enabled()
    await say_as_server(page, wire.Status(state="ready"))
    await expect(button(page, "Stop reply")).to_be_disabled()


async def test_the_tab_key_goes_round_the_page_as_it_is_read_and_back_again(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server, viewport=WIDE, reduced_motion="reduce") as page:
        await has_focus(page, "Message")
        assert short(await round_trip(page)) == from_(ALL, "Message")
        backwards = [ALL[0], *reversed(ALL[1:])]
        assert short(await round_trip(page, back=True)) == from_(backwards, "Message")
        await show(page, "dark", WIDE)  # where the focus has to be seen as well
        await round_trip(page)
        await prefer(page, contrast="high")
        await round_trip(page)


async def test_talking_typing_and_choosing_are_done_with_the_keyboard_alone(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server, viewport=WIDE, reduced_motion="reduce") as page:
        await page.evaluate(NO_POINTER)
        press = page.keyboard.press

        # To write.
        await tab_to(page, "Message")
        await page.keyboard.type("hello")
        await press("Enter")
        await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("hello")
        await expect(button(page, "Stop reply")).to_be_enabled()
        await press("Escape")
        stop = wire.Command(sender="page", type="command", name="stop")
        await seen_when(server, lambda record: stop in messages(record))
        await say_as_server(page, wire.Status(state="ready"))
        await expect(button(page, "Stop reply")).to_be_disabled()

        # To talk: begin, mute, end, and choose how.
        await tab_to(page, "Start voice", back=True)
        await press("Enter")
        await expect(button(page, "End voice")).to_be_visible()
        await tab_to(page, "Mute")
        await press("Space")
        await expect(button(page, "Mute")).to_have_attribute("aria-pressed", "true")
        await press("Space")
        await tab_to(page, "Spoken replies")
        await press("Space")
        await expect(button(page, "Spoken replies")).to_have_attribute("aria-pressed", "false")
        await tab_to(page, "How to talk…")
        await press("ArrowDown")
        await expect(page.get_by_role("combobox", name="How to talk")).to_have_value("tts-only")
        await press("Home")
        await tab_to(page, "How I talk and listen")
        await press("Enter")
        await tab_to(page, "My turn ends…")
        await press("ArrowDown")
        await expect(page.locator("#nightingale-talk")).to_be_visible()
        await press("Home")
        await tab_to(page, "I use a screen reader…")
        await press("Space")
        await press("Escape")
        await has_focus(page, "How I talk and listen")

        # What is told: dismissed, tried again, answered.
        await say_as_server(page, wire.Notice(level="warning", code="w", text="Something to know."))
        await say_as_server(page, wire.Offer(saying="s1", text="what time is it", reason="I was restarted."))
        await tab_to(page, "Dismiss", back=True)
        await press("Enter")
        await tab_to(page, "Answer now", back=True)
        await press("Enter")
        answer = wire.OnOffer(sender="page", type="on-offer", saying="s1", do="answer")
        await seen_when(server, lambda record: answer in messages(record))
        assert answer in messages(await seen(server))
        assert answer.model_copy(update={"do": "dismiss"}) in messages(await seen(server))
        assert await page.evaluate("window.__pointers") == 0


async def test_what_the_header_and_the_composer_open_closes_with_escape_and_gives_the_focus_back(
    chromium: Browser, server: str
) -> None:
    async with nightingale(chromium, server, viewport=WIDE, reduced_motion="reduce") as page:
        await page.evaluate(NO_POINTER)
        await tab_to(page, "Help")
        await opens_and_closes(page, "Help", "dialog")
        await tab_to(page, "Toggle theme")
        await opens_and_closes(page, "Toggle theme", "menu")
        await page.keyboard.press("Enter")
        await has_focus(page, "Light")
        await page.keyboard.press("ArrowDown")
        await has_focus(page, "Dark")
        await page.keyboard.press("Enter")
        await expect(page.locator("html")).to_have_class("dark")
        await has_focus(page, "Toggle theme")
        await tab_to(page, "Account")
        await opens_and_closes(page, "Account", "menu")
        await tab_to(page, "Settings")
        await opens_and_closes(page, "Settings", "dialog")
        await page.keyboard.press("Enter")
        await tab_to(page, "Speaking rate")
        await page.keyboard.press("ArrowRight")
        await tab_to(page, "Confirm")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await has_focus(page, "Settings")
        assert await page.evaluate("window.__pointers") == 0


async def test_conversations_are_listed_searched_renamed_and_deleted_with_the_keyboard_alone(
    chromium: Browser, server: str
) -> None:
    async with nightingale(chromium, server, viewport=WIDE, reduced_motion="reduce") as page:
        await page.evaluate(NO_POINTER)
        press = page.keyboard.press
        await converse(page, "birds")

        # The sidebar, closed and opened: its button moves, and the focus with it.
        await tab_to(page, "History sidebar", back=True)
        await press("Enter")
        await expect(page.locator("[data-sidebar=sidebar][inert]")).to_have_count(1)
        await has_focus(page, "History sidebar")
        assert "Options for birds" not in await round_trip(page)
        await press("Enter")
        await expect(page.get_by_role("link", name="birds")).to_be_visible()
        await has_focus(page, "History sidebar")

        await tab_to(page, "Search conversations")
        await opens_and_closes(page, "Search conversations", "dialog")
        await press("Enter")
        await page.keyboard.type("birds")
        await expect(page.get_by_role("option", name="birds")).to_be_visible()
        await press("Enter")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(page).to_have_url(re.compile("/thread/"))
        await tab_to(page, "New conversation", back=True)
        await press("Enter")
        await has_focus(page, "Message")
        await tab_to(page, "birds")
        await press("Enter")
        await expect(page).to_have_url(re.compile("/thread/"))
        await page.evaluate(SETTLED)

        await tab_to(page, "Options for birds")
        await opens_and_closes(page, "Options for birds", "menu")
        await press("Enter")
        await has_focus(page, "Rename")
        await press("Enter")
        await has_focus(page, "Name")
        await page.keyboard.type("owls")
        await expect(page.get_by_role("textbox", name="Name")).to_have_value("owls")
        await tab_to(page, "Confirm")
        await press("Enter")
        await expect(page.get_by_role("link", name="owls")).to_be_visible()
        await has_focus(page, "Options for owls")

        for answer in ("Cancel", "Confirm"):
            await press("Enter")
            await has_focus(page, "Rename")
            await press("ArrowDown")
            await has_focus(page, "Delete")
            await press("Enter")
            await expect(page.get_by_role("alertdialog")).to_be_visible()
            await has_focus(page, "Cancel")
            if answer == "Confirm":
                await tab_to(page, "Confirm")
            await press("Enter")
            await expect(page.get_by_role("alertdialog")).to_have_count(0)
            if answer == "Cancel":
                await has_focus(page, "Options for owls")
        await expect(page.get_by_role("link", name="owls")).to_have_count(0)
        await has_focus(page, "Message")
        assert await page.evaluate("window.__pointers") == 0


async def test_one_escape_closes_a_dialog_whatever_else_is_shown_at_that_moment(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server, viewport=WIDE, reduced_motion="reduce") as page:
        await converse(page, "birds")
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": 8})
        await tab_to(page, "Options for birds", back=True)
        for _ in range(8):  # sometimes the conversation's tip is still there, sometimes the menu has only just gone
            await page.keyboard.press("Enter")
            await has_focus(page, "Rename")
            await page.keyboard.press("Enter")
            await has_focus(page, "Name")
            await page.keyboard.press("Escape")
            await has_focus(page, "Options for birds")


async def test_files_are_attached_and_taken_away_again_with_the_keyboard_alone(chromium: Browser, server: str) -> None:
    async with open_page(chromium, viewport=WIDE, reduced_motion="reduce") as page:
        await page.add_init_script(INPUT_FOR_FILES + ";" + NO_POINTER)
        chosen: list[FileChooser] = []
        page.on("filechooser", lambda chooser: chosen.append(chooser))  # noqa: PLW0108 - Playwright takes no builtin
        await arrive(page, server)
        await tab_to(page, "Attach files")
        await page.keyboard.press("Enter")
        with anyio.fail_after(30):
            while not chosen:
                await anyio.sleep(0.05)
        await chosen[0].set_files([FilePayload(name="birds.txt", mimeType="text/plain", buffer=b"owls")])
        attached = page.locator("#attachments").get_by_text("birds.txt").first
        await expect(attached).to_be_visible()
        await has_focus(page, "Attach files")
        await tab_to(page, "Message", back=True)
        await page.keyboard.press("Shift+Tab")
        assert await page.locator("#attachments button").evaluate("(button) => button === document.activeElement")
        await page.keyboard.press("Enter")
        await expect(attached).to_have_count(0)
        await has_focus(page, "Message")
        assert await page.evaluate("window.__pointers") == 0


async def test_what_is_under_an_answer_is_done_with_the_keyboard_alone(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server, viewport=WIDE, reduced_motion="reduce") as page:
        await converse(page, "hello")
        await tab_to(page, "Good reply", back=True)
        await opens_and_closes(page, "Good reply", "dialog")
        await tab_to(page, "Copy message", back=True)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        await has_focus(page, "Copied")
