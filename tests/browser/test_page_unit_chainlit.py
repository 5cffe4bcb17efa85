"""Our page on the real Chainlit, without engines: audio both ways, troubles, the keyboard, and accessibility."""

import json
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, expect

from app import wire
from app.manner import Manner
from tests.browser.chromium import DENIED_MICROPHONE, open_chromium, open_page
from tests.browser.page_visit import (
    arrive,
    grave,
    messages,
    nightingale,
    reports,
    say_as_server,
    seen,
    seen_when,
    send,
    status,
)

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


PRESS_AT_ONCE = """new MutationObserver((_, watch) => {
    const button = [...document.querySelectorAll("button")].find((one) => one.innerText.includes("NAME"));
    if (button) { watch.disconnect(); button.click(); }
}).observe(document, { subtree: true, childList: true });"""


async def test_voice_started_before_there_is_a_connection_starts_with_it(chromium: Browser, server: str) -> None:
    async with open_page(chromium) as page:
        await page.add_init_script(PRESS_AT_ONCE.replace("NAME", "Start voice"))
        await page.goto(server)
        await expect(status(page)).to_have_text("Listening")


async def test_replies_silenced_before_there_is_a_connection_are_silenced_with_it(
    chromium: Browser, server: str
) -> None:
    async with open_page(chromium) as page:
        await page.add_init_script(PRESS_AT_ONCE.replace("NAME", "Spoken replies"))
        await page.goto(server)
        told = messages(
            await seen_when(server, lambda record: any(each["type"] == "choose" for each in record["window"]))
        )
    assert isinstance(told[0], wire.Hello)
    assert [message.manner for message in told if isinstance(message, wire.Choose)] == [{"tier": "stt-only"}]


async def test_a_voice_conversation_starts_mutes_and_ends(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")
        await page.get_by_role("button", name="Mute").click()
        await expect(status(page)).to_have_text("Muted")
        await expect(page.get_by_role("button", name="Mute")).to_have_attribute("aria-pressed", "true")
        await page.get_by_role("button", name="End voice").click()
        await expect(status(page)).to_have_text("Ready")
        record = await seen(server)
    assert record["audio"][-2:] == ["start", "end"]
    assert record["audio_bytes"]
    assert set(record["audio_bytes"]) == {1024}
    told = [wire.read(message) for message in record["window"]]
    assert isinstance(told[0], wire.Hello)
    assert [message.state for message in told if isinstance(message, wire.Microphone)][-3:] == ["on", "muted", "off"]


async def test_a_reply_is_heard_with_the_microphone_off_and_reported_to_the_last_sample(
    chromium: Browser, server: str
) -> None:
    async with nightingale(chromium, server) as page:
        before = len(reports(await seen(server), "ended"))
        await send(page, "hello")
        await expect(page.get_by_role("log")).to_contain_text("Sentence 1.")
        await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("You said: hello")
        record = await seen_when(server, lambda record: len(reports(record, "ended")) >= before + 2)
    assert [report.samples for report in reports(record, "ended")[before:]] == [24_000, 24_000]
    assert wire.Output(sender="page", type="output", state="running") in messages(record)


async def test_escape_stops_the_reply_and_tells_the_server(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        stop = wire.Command(sender="page", type="command", name="stop")
        earlier = await seen(server)
        await send(page, "hello")
        await expect(page.get_by_role("button", name="Stop reply")).to_be_enabled()
        await page.get_by_role("textbox", name="Message").press("Escape")

        def is_stopped(record: dict[str, Any]) -> bool:
            flushed = len(reports(record, "flushed")) > len(reports(earlier, "flushed"))
            return flushed and messages(record).count(stop) == messages(earlier).count(stop) + 1

        assert is_stopped(await seen_when(server, is_stopped))


async def test_spoken_replies_are_switched_on_the_server_and_by_the_server(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        button = page.get_by_role("button", name="Spoken replies")
        await expect(button).to_have_attribute("aria-pressed", "true")
        await button.click()
        await expect(button).to_have_attribute("aria-pressed", "false")
        await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
        await say_as_server(page, wire.Preferences(manner=Manner(tier="full")))
        await expect(button).to_have_attribute("aria-pressed", "true")
        await expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")
        off = wire.Choose(sender="page", type="choose", manner={"tier": "stt-only"})
        record = await seen_when(server, lambda record: off in messages(record))
    assert off in messages(record)


async def test_a_server_that_does_not_listen_leaves_the_button_alive(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page, httpx.AsyncClient() as client:
        await client.put(f"{server}/listens/false")
        starts = (await seen(server))["audio"].count("start")
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Starting the microphone")
        record = await seen_when(server, lambda record: record["audio"].count("start") > starts)
        assert record["audio"].count("start") == starts + 1
        await client.put(f"{server}/listens/true")
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")


def denied(record: dict[str, Any]) -> int:
    return sum(message.get("state") == "denied" for message in record["window"])


async def test_a_denied_microphone_is_explained_and_may_be_tried_again(server: str) -> None:
    async with open_chromium(*DENIED_MICROPHONE) as browser, nightingale(browser, server) as page:
        await page.get_by_role("button", name="Start voice").click()
        notice = page.get_by_role("list", name="Notices")
        await expect(notice).to_contain_text("The microphone is blocked for this page.")
        await expect(page.get_by_role("alert")).to_contain_text("set Microphone to Allow")
        await expect(status(page)).to_have_text("Microphone problem")
        denials = denied(await seen_when(server, lambda record: denied(record) > 0))
        await notice.get_by_role("button", name="Try again").click()
        await expect(notice).to_contain_text("The microphone is blocked for this page.")
        again = denied(await seen_when(server, lambda record: denied(record) > denials))
        await send(page, "typed instead")
        await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("typed instead")
    assert again == denials + 1


async def test_a_bare_p_starts_nothing(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        starts = (await seen(server))["audio"].count("start")
        await page.get_by_role("button", name="Mute").evaluate("() => document.activeElement.blur()")
        await page.keyboard.press("p")
        await page.wait_for_timeout(300)
        assert (await seen(server))["audio"].count("start") == starts


async def test_a_new_conversation_lets_go_of_the_microphone(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")
        await page.get_by_role("button", name="New conversation").first.click()
        await expect(status(page)).to_have_text("Ready")
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")


async def test_notices_are_shown_announced_and_dismissed(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await say_as_server(page, wire.Notice(level="error", code="tts", text="I can not speak just now."))
        await say_as_server(page, wire.Notice(level="info", code="stt", text="I hear you again."))
        await expect(page.get_by_role("alert")).to_have_text("I can not speak just now.")
        await say_as_server(page, wire.Notice(level="info", code="tts", text="I can speak again."))
        notices = page.get_by_role("list", name="Notices").get_by_role("listitem")
        await expect(notices).to_have_count(2)
        await notices.first.get_by_role("button", name="Dismiss").click()
        await expect(notices).to_have_count(1)
        await expect(page.get_by_role("button", name="Start voice")).to_be_focused()


async def test_nothing_leaves_the_machine_and_the_policy_is_kept(chromium: Browser, server: str) -> None:
    async with open_page(chromium) as page:
        asked: set[str] = set()
        complaints: list[str] = []
        page.on("request", lambda request: asked.add(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        await arrive(page, server)
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")
        await send(page, "hello")
        await expect(page.get_by_role("log")).to_contain_text("Sentence 1.")
        links = await page.evaluate("[...document.querySelectorAll('link')].map((link) => link.href)")
    elsewhere = [url for url in {*asked, *links} if not url.startswith((server, "data:", "blob:"))]
    assert elsewhere == []
    assert [text for text in complaints if "Content Security Policy" in text] == []


async def test_the_mending_comes_to_rest(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await page.wait_for_timeout(1_000)
        changes = await page.evaluate(
            """async () => {
                let changes = 0;
                const count = (records) => (changes += records.length);
                const everything = { subtree: true, childList: true, attributes: true, characterData: true };
                new MutationObserver(count).observe(document.documentElement, everything);
                document.body.append(document.createElement("i"));
                await new Promise((resolve) => setTimeout(resolve, 1000));
                return changes;
            }"""
        )
    assert changes == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_grave_before_during_and_after_a_conversation(
    chromium: Browser, server: str, theme: str
) -> None:
    async with nightingale(chromium, server, color_scheme=theme) as page:
        assert await grave(page) == []
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")
        assert await grave(page) == []
        for text in ("hello", "and again"):
            await send(page, text)
            await expect(page.get_by_role("article", name="Nightingale").last).to_contain_text(text)
        await say_as_server(page, wire.Notice(level="warning", code="x", text="Something to know."))
        await say_as_server(page, wire.Interim(text="what", tentative="is"))
        assert await grave(page) == []
        await page.get_by_role("button", name="End voice").click()
        await page.get_by_role("button", name="Settings").click()
        await expect(page.get_by_role("slider", name="Speaking rate")).to_be_visible()
        assert await grave(page) == []
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Account").click()
        assert await grave(page) == []
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="History sidebar").click()
        assert await grave(page) == []


async def test_on_a_phone_nothing_is_cut_off_and_axe_finds_nothing_grave(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server, viewport={"width": 320, "height": 640}) as page:
        await page.get_by_role("button", name="History sidebar").click()
        drawer = page.get_by_role("dialog", name="Conversations")
        await expect(drawer).to_be_visible()
        assert await grave(page) == []
        await drawer.get_by_role("button", name="History sidebar").click()
        await send(page, "hello")
        await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("hello")
        assert await page.evaluate("document.documentElement.scrollWidth") == 320
        for name in ("Start voice", "Mute", "Stop reply", "Spoken replies"):
            box = await page.get_by_role("button", name=name).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 320
            assert min(box["width"], box["height"]) >= 24
        assert await grave(page) == []


async def test_every_control_is_reached_with_the_tab_key_alone(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await say_as_server(page, wire.Status(state="thinking"))
        await page.get_by_role("button", name="Start voice").focus()
        reached = []
        for _ in range(4):
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("document.activeElement.id"))
        await page.get_by_role("button", name="Start voice").focus()
        await page.keyboard.press("Enter")
        await expect(status(page)).to_have_text("Thinking")
        await expect(page.get_by_role("button", name="End voice")).to_be_visible()
    # Mute can not be used before the microphone is open.
    assert reached[:3] == ["nightingale-stop", "nightingale-replies", "nightingale-way"]


async def test_a_message_of_the_server_travels_through_chainlit_and_is_not_sent_back(
    chromium: Browser, server: str
) -> None:
    async with nightingale(chromium, server) as page:
        await send(page, json.dumps(wire.Interim(text="good", tentative="mor").model_dump()))
        voice = page.get_by_role("region", name="Voice")
        await expect(voice).to_contain_text("You: good mor")
        await expect(voice.locator(".ng-tentative").last).to_have_text("mor")
        await page.wait_for_timeout(200)
        record = await seen(server)
    assert all(message["sender"] == "page" for message in record["window"])
