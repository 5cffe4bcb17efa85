"""Hands-free use of the page: it begins to listen by itself, shows it, mutes, sleeps, and takes voice along."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from app import wire
from app.manner import Manner
from tests.browser.chromium import fake_microphone, open_chromium, open_page
from tests.browser.page_visit import (
    messages,
    nightingale,
    say_as_server,
    seen,
    seen_when,
    send,
    serve_page_app,
    status,
    write_hum,
)
from tests.browser.test_page_unit_tier import TUNES

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

ASLEEP = wire.Status(state="asleep").model_dump()
OWN_AUTOPLAY = "--autoplay-policy=document-user-activation-required"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """To whose pages one talks without touching them."""
    with serve_page_app(tmp_path_factory.mktemp("page")) as address:
        httpx.put(f"{address}/hands_free/true")
        yield address


@asynccontextmanager
async def untouched(browser: Browser, server: str, **options: Any) -> AsyncGenerator[Page]:
    """A page whose browser has allowed the microphone, and which nobody has touched."""
    async with open_page(browser, permissions=["microphone"], **options) as page:
        await page.goto(server)
        await expect(status(page)).to_have_text("Listening")
        yield page


def notices(page: Page) -> Any:
    return page.get_by_role("list", name="Notices")


def microphones(record: dict[str, Any]) -> list[str]:
    return [each.state for each in messages(record) if isinstance(each, wire.Microphone)]


async def sent(server: str) -> int:
    return sum((await seen(server))["audio_bytes"])


async def test_a_page_that_may_listens_by_itself_says_so_and_shows_it(chromium: Browser, server: str) -> None:
    before = await sent(server)
    async with untouched(chromium, server) as page:
        await expect(notices(page)).to_contain_text("I'm listening: just talk. Alt+M mutes me.")
        await expect(page.get_by_role("button", name="End voice")).to_be_visible()
        await expect(page).to_have_title("Listening · Nightingale")
        await expect(page.locator("link[rel~=icon]")).to_have_attribute("href", "/public/favicon_listening.svg")
        assert await page.evaluate("document.activeElement.id") != "nightingale-start"
        assert (
            sum((await seen_when(server, lambda record: sum(record["audio_bytes"]) > before))["audio_bytes"]) > before
        )


async def test_an_open_microphone_lets_the_browser_be_heard_without_a_touch(server: str, tmp_path_factory: Any) -> None:
    hum = write_hum(tmp_path_factory.mktemp("audio") / "hum.wav")
    async with open_chromium(OWN_AUTOPLAY, *fake_microphone(hum, loop=True)) as browser:
        async with open_page(browser, permissions=["microphone"]) as page:
            earlier = len((await seen(server))["window"])
            await page.goto(server)

            def outputs(record: dict[str, Any]) -> list[str]:
                return [each.state for each in messages(record)[earlier:] if isinstance(each, wire.Output)]

            # Only the server is asked: whatever Playwright asks a page counts as a touch.
            assert outputs(await seen_when(server, lambda record: bool(outputs(record)))) == ["running"]


async def test_the_wake_word_is_named_where_one_is_wanted(chromium: Browser, server: str) -> None:
    async with untouched(chromium, server) as page:
        invitation = await page.evaluate(
            "import('/public/voice/hands.js').then(({ invitation }) => invitation('okay-nabu'))"
        )
    assert invitation == "I'm listening for “Okay Nabu”."


async def test_where_the_browser_will_ask_it_waits_for_the_button_and_says_what_will_happen(
    chromium: Browser, server: str
) -> None:
    async with open_page(chromium) as page:
        await page.add_init_script(
            "navigator.permissions.query = async () => ({ state: 'prompt' });"  # the fake device is granted, unasked
        )
        await page.goto(server)
        start = page.get_by_role("button", name="Start voice")
        await expect(start).to_have_accessible_description(
            "Your browser will ask for the microphone, once. From then on I listen as soon as this page is open."
        )
        await expect(page).to_have_title("Nightingale")
        await start.click()
        await expect(status(page)).to_have_text("Listening")
        await expect(page.locator("#nightingale-hint")).to_be_hidden()


@pytest.mark.parametrize("how", ["End voice", "Mute"])
async def test_what_was_closed_by_hand_does_not_open_by_itself(chromium: Browser, server: str, how: str) -> None:
    async with untouched(chromium, server) as page:
        await page.get_by_role("button", name=how).click()
        await expect(page).to_have_title("Nightingale" if how == "End voice" else "Muted · Nightingale")
        await page.goto(server)
        await expect(page.locator("#chat-settings-open-modal")).to_be_enabled()
        await page.wait_for_timeout(1_000)
        await expect(status(page)).to_have_text("Ready")
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")
        await page.goto(server)
        await expect(status(page)).to_have_text("Listening")


async def test_of_two_pages_only_one_listens_by_itself(chromium: Browser, server: str) -> None:
    async with untouched(chromium, server) as page:
        other = await page.context.new_page()
        await other.goto(server)
        await expect(notices(other)).to_contain_text("Another page of mine is listening already.")
        await expect(status(other)).to_have_text("Ready")


async def test_muted_nothing_leaves_the_page_whoever_asked_for_it(chromium: Browser, server: str) -> None:
    async with untouched(chromium, server) as page:
        await page.get_by_role("textbox", name="Message").focus()
        for way in ("key", "button", "server"):
            if way == "key":
                await page.keyboard.press("Alt+m")
            elif way == "button":
                await page.get_by_role("button", name="Mute").click()
            else:
                await say_as_server(page, wire.Muted())
            await expect(status(page)).to_have_text("Muted")
            await expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
            await page.wait_for_timeout(300)
            still = await sent(server)
            await page.wait_for_timeout(500)
            assert await sent(server) == still
            await page.keyboard.press("Alt+m")
            await expect(status(page)).to_have_text("Listening")
        await expect(page.get_by_role("textbox", name="Message")).to_have_text("")


async def test_the_key_is_another_one_or_none(chromium: Browser, server: str) -> None:
    async with untouched(chromium, server) as page:
        mute = page.get_by_role("button", name="Mute")
        await expect(mute).to_have_attribute("aria-keyshortcuts", "Alt+M")
        for choice in ("F8", "No key"):
            await page.get_by_role("button", name="How I talk and listen").click()
            await page.get_by_role("combobox", name="Mute, and listen again").select_option(choice)
            await page.keyboard.press("Escape")
            await page.keyboard.press("Alt+m")
            if choice == "F8":
                await expect(mute).to_have_attribute("aria-keyshortcuts", "F8")
                await page.keyboard.press("F8")
                await expect(mute).to_have_attribute("aria-pressed", "true")
                await page.keyboard.press("F8")
            else:
                await page.keyboard.press("F8")
            await expect(mute).to_have_attribute("aria-pressed", "false")


async def test_asleep_it_shows_it_and_is_woken_by_button_and_key(chromium: Browser, server: str) -> None:
    async with untouched(chromium, server) as page:
        wake = page.get_by_role("button", name="Wake up")
        await expect(wake).to_be_hidden()
        earlier = len((await seen(server))["window"])
        await page.keyboard.press("Alt+w")
        await say_as_server(page, wire.Status(state="asleep"))
        await expect(status(page)).to_have_text("Asleep")
        await expect(page).to_have_title("Asleep · Nightingale")
        await wake.click()
        await page.keyboard.press("Alt+w")

        def commands(record: dict[str, Any]) -> list[str]:
            return [each.name for each in messages(record)[earlier:] if isinstance(each, wire.Command)]

        assert commands(await seen_when(server, lambda r: len(commands(r)) >= 3)) == ["sleep", "wake", "wake"]
        await say_as_server(page, wire.Status(state="listening"))
        await expect(wake).to_be_hidden()
        await expect(page.get_by_role("button", name="End voice")).to_be_focused()


async def test_who_unmutes_or_starts_voice_is_heard_without_the_wake_word(chromium: Browser, server: str) -> None:
    """What began by itself waits for the word, where there is one."""

    def wakes(record: dict[str, Any]) -> int:
        told = [each.name for each in messages(record)[earlier:] if isinstance(each, wire.Command)]
        return told.count("wake")

    async def when(least: int) -> int:
        return wakes(await seen_when(server, lambda record: wakes(record) >= least))

    earlier = len((await seen(server))["window"])
    async with untouched(chromium, server) as page:
        assert wakes(await seen(server)) == 0
        for expected, off, on in ((1, "Mute", "Mute"), (2, "End voice", "Start voice")):
            await page.get_by_role("button", name=off).click()
            await expect(status(page)).not_to_have_text("Listening")
            await page.get_by_role("button", name=on).click()
            await expect(status(page)).to_have_text("Listening")
            assert await when(expected) == expected


@pytest.mark.parametrize("loudness", [1.0, 0.0])
async def test_each_change_has_its_own_signal_or_none(chromium: Browser, server: str, loudness: float) -> None:
    async with open_page(chromium, permissions=["microphone"]) as page:
        await page.add_init_script(TUNES)
        await page.goto(server)
        await expect(status(page)).to_have_text("Listening")
        await page.wait_for_function("__tunes.length === 3")
        await say_as_server(page, wire.Preferences(manner=Manner(earcons=loudness)))
        await page.evaluate("__tunes.length = 0")
        heard: list[list[float]] = []
        for state in ("hearing", "thinking", "speaking", "listening", "asleep", "listening", "Alt+m", "Alt+m"):
            if state == "Alt+m":
                await page.keyboard.press(state)
            else:
                await page.evaluate("(message) => window.postMessage(message, '*')", {**ASLEEP, "state": state})
            heard.append(await page.evaluate("__tunes.splice(0)"))
    heard_to_the_end, your_turn, asleep = [1047], [523, 698, 523], [523, 440, 349]
    muted, unmuted = [784, 392, 392], [392, 392, 784]
    expected = [[], heard_to_the_end, [], your_turn, asleep, unmuted, muted, unmuted]
    assert heard == (expected if loudness else [[]] * len(expected))


OPENED = """
window.__opened = 0;
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = (wish) => (window.__opened++, ask(wish));
"""
"""Counts how often the microphone was opened."""


@pytest.mark.parametrize("muted", [False, True])
async def test_voice_goes_along_into_another_conversation_and_stays_as_it_was(
    chromium: Browser, server: str, muted: bool
) -> None:
    async with open_page(chromium, permissions=["microphone"]) as page:
        await page.add_init_script(OPENED)
        await page.goto(server)
        await expect(status(page)).to_have_text("Listening")
        await send(page, "hello")
        await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("hello")
        opened = await page.evaluate("__opened")
        if muted:
            await page.get_by_role("button", name="Mute").click()
            await expect(status(page)).to_contain_text("uted")
        earlier = len((await seen(server))["window"])
        await say_as_server(page, wire.Go(thread=""))
        await expect(page.get_by_role("article")).to_have_count(0)
        wanted = "muted" if muted else "on"

        def again(record: dict[str, Any]) -> list[str]:
            fresh = messages(record)[earlier:]
            return [each.state for each in fresh if isinstance(each, wire.Microphone)]

        assert again(await seen_when(server, lambda record: again(record) == [wanted])) == [wanted]
        await expect(status(page)).to_have_text("Muted" if muted else "Listening")
        assert await page.evaluate("__opened") == opened
        if not muted:
            before = await sent(server)
            assert sum((await seen_when(server, lambda r: sum(r["audio_bytes"]) > before))["audio_bytes"]) > before
        await page.get_by_role("button", name="End voice").click()
        await expect(status(page)).to_have_text("Ready")


async def test_going_takes_voice_along_even_where_it_was_started_by_hand(chromium: Browser, server: str) -> None:
    async with httpx.AsyncClient() as client:
        await client.put(f"{server}/hands_free/false")
        try:
            async with nightingale(chromium, server) as page:
                await page.get_by_role("button", name="Start voice").click()
                await expect(status(page)).to_have_text("Listening")
                await page.get_by_role("textbox", name="Message").focus()
                earlier = len((await seen(server))["window"])
                await say_as_server(page, wire.Go(thread=""))
                announced = page.get_by_role("region", name="Announcements").locator("p:not([id])").first
                await expect(announced).to_have_text("New conversation.")
                on = wire.Microphone(sender="page", type="microphone", state="on", rate=16_000)
                await seen_when(server, lambda record: on in messages(record)[earlier:])
                await expect(status(page)).to_have_text("Listening")
        finally:
            await client.put(f"{server}/hands_free/true")


async def test_what_is_chosen_elsewhere_opens_no_microphone_here(chromium: Browser, server: str) -> None:
    async with httpx.AsyncClient() as client:
        await client.put(f"{server}/hands_free/false")
        async with nightingale(chromium, server, permissions=["microphone"]) as page:
            await client.put(f"{server}/hands_free/true")
            await say_as_server(page, wire.Preferences(manner=Manner(hands_free=True)))
            await page.wait_for_timeout(500)
            await expect(status(page)).to_have_text("Ready")
            await page.get_by_role("button", name="How I talk and listen").click()
            switch = page.get_by_role("switch", name="Listen as soon as this page is open")
            await expect(switch).to_be_checked()
            await switch.uncheck()
            await switch.check()
            await expect(status(page)).to_have_text("Listening")
