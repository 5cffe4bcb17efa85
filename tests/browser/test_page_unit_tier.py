"""What the page shows and tells when voice is not whole: the badge, the way to talk, what was not answered."""

from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from app import wire
from app.manner import Manner, TierWord
from tests.browser.chromium import open_page
from tests.browser.page_visit import (
    arrive,
    grave,
    messages,
    nightingale,
    say_as_server,
    seen,
    seen_when,
    send,
    status,
)

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

NO_EARS = "No recognizer answers."
NO_VOICE = "No voice answers."
TUNES = """window.__tunes = [];
const start = AudioScheduledSourceNode.prototype.start;
AudioScheduledSourceNode.prototype.start = function (...when) {
    window.__tunes.push(this.frequency.value);
    return start.apply(this, when);
};"""
"""Keeps the pitch of every note that is struck."""
NO_MICROPHONE = """() => {
    navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("", "NotFoundError"); };
}"""


def bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Voice", exact=True)


def way(page: Page) -> Locator:
    return page.get_by_role("combobox", name="How to talk")


def notices(page: Page) -> Locator:
    return page.get_by_role("list", name="Notices").get_by_role("listitem")


def offers(page: Page) -> Locator:
    return page.get_by_role("region", name="Not answered yet").get_by_role("listitem")


def politely(page: Page) -> Locator:
    """Where a screen reader hears of things without being interrupted."""
    return page.get_by_role("region", name="Announcements").locator("p:not([id])").first


async def told(server: str, earlier: dict[str, Any], count: int) -> list[wire.Choose | wire.OnOffer]:
    """What the user has wished since then, once it is so much."""

    def wishes(record: dict[str, Any]) -> list[wire.Choose | wire.OnOffer]:
        fresh = messages(record)[len(earlier["window"]) :]
        return [message for message in fresh if isinstance(message, wire.Choose | wire.OnOffer)]

    return wishes(await seen_when(server, lambda record: len(wishes(record)) >= count))


def choose(tier: TierWord) -> wire.Choose:
    return wire.Choose(sender="page", type="choose", manner={"tier": tier})


async def start_with_its_tune(page: Page) -> None:
    """And forget that one."""
    await page.get_by_role("button", name="Start voice").click()
    await expect(status(page)).to_have_text("Listening")
    await page.wait_for_function("__tunes.length === 3")
    await page.evaluate("__tunes.length = 0")


@pytest.mark.parametrize(
    ("tier", "words"),
    [
        ("full", "Voice: speak and listen"),
        ("stt-only", "Speak, read answers"),
        ("tts-only", "Type, hear answers"),
        ("text", "Type and read"),
    ],
)
async def test_the_badge_says_what_works_and_why_no_more(
    chromium: Browser, server: str, tier: TierWord, words: str
) -> None:
    async with nightingale(chromium, server) as page:
        await expect(page.locator("#nightingale-tier")).to_be_hidden()
        await say_as_server(page, wire.Tier(tier=tier, why=NO_EARS))
        await expect(page.locator("#nightingale-tier")).to_have_text(words)
        await expect(bar(page).get_by_text(NO_EARS)).to_be_visible()
        await expect(way(page)).to_have_accessible_description(f"{words} {NO_EARS}")
        await expect(notices(page)).to_have_count(0)


async def test_a_way_down_interrupts_and_a_way_up_takes_its_place_and_goes(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await say_as_server(page, wire.Tier(tier="full"))
        await say_as_server(page, wire.Tier(tier="tts-only", why=NO_EARS, change="down"))
        down = f"I can't hear you just now: type instead. {NO_EARS}"
        await expect(notices(page)).to_have_text([f"Warning: {down}Dismiss"])
        await expect(page.get_by_role("alert")).to_have_text(down)
        await expect(politely(page)).to_have_text("")
        await say_as_server(page, wire.Tier(tier="full", change="up"))
        await expect(notices(page)).to_have_text(["Note: I can hear you again.Dismiss"])
        await expect(politely(page)).to_have_text("I can hear you again.")
        await expect(notices(page)).to_have_count(0)


async def test_good_news_does_not_go_from_under_the_users_hand(chromium: Browser, server: str) -> None:
    async with open_page(chromium) as page:
        await page.clock.install()
        await arrive(page, server)
        await say_as_server(page, wire.Tier(tier="text"))
        await say_as_server(page, wire.Tier(tier="full", change="up"))
        await expect(notices(page)).to_have_text(["Note: I can hear you and speak again.Dismiss"])
        await notices(page).get_by_role("button", name="Dismiss").focus()
        await page.clock.run_for(9_000)
        await expect(notices(page)).to_have_count(1)
        await page.get_by_role("button", name="Start voice").focus()
        await page.clock.run_for(9_000)
        await expect(notices(page)).to_have_count(0)


async def test_what_the_page_has_explained_itself_is_not_told_again(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await page.evaluate(NO_MICROPHONE)
        await page.get_by_role("button", name="Start voice").click()
        await expect(notices(page)).to_contain_text(["No microphone was found."])
        await say_as_server(page, wire.Tier(tier="full"))
        await say_as_server(page, wire.Tier(tier="tts-only", why="There is no microphone.", change="down"))
        await expect(page.locator("#nightingale-tier")).to_have_text("Type, hear answers")
        await expect(notices(page)).to_have_count(1)


async def test_a_tier_that_was_chosen_is_told_quietly(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await say_as_server(page, wire.Tier(tier="tts-only", change="chosen"))
        await expect(politely(page)).to_have_text("Type, hear answers.")
        await expect(notices(page)).to_have_count(0)


async def test_losing_and_gaining_sound_like_falling_and_rising(chromium: Browser, server: str) -> None:
    async with open_page(chromium) as page:
        await page.add_init_script(TUNES)
        await arrive(page, server)
        await start_with_its_tune(page)
        await say_as_server(page, wire.Tier(tier="stt-only", why=NO_VOICE, change="down"))
        await page.wait_for_function("__tunes.length === 2")
        await say_as_server(page, wire.Tier(tier="full", change="up"))
        await page.wait_for_function("__tunes.length === 4")
        falling, rising = await page.evaluate("[__tunes.slice(0, 2), __tunes.slice(2)]")
    assert falling[0] > falling[1]
    assert rising[0] < rising[1]


async def test_who_wants_no_speech_hears_no_earcons(chromium: Browser, server: str) -> None:
    async with open_page(chromium) as page:
        await page.add_init_script(TUNES)
        await arrive(page, server)
        await start_with_its_tune(page)
        await page.get_by_role("button", name="Spoken replies").click()
        await say_as_server(page, wire.Tier(tier="text", why=NO_EARS, change="down"))
        await expect(notices(page)).to_have_count(1)
        assert await page.evaluate("__tunes") == []


async def test_while_it_can_not_hear_the_microphone_stays_open_and_the_status_says_so(
    chromium: Browser, server: str
) -> None:
    async with nightingale(chromium, server) as page:
        await say_as_server(page, wire.Tier(tier="tts-only", why=NO_EARS))
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("I can't hear you just now: type")
        await say_as_server(page, wire.Tier(tier="full", change="up"))
        await expect(status(page)).to_have_text("Listening")
        await expect(page.get_by_role("button", name="End voice")).to_be_visible()


async def test_what_takes_long_is_told_and_sounds_once(chromium: Browser, server: str) -> None:
    async with open_page(chromium) as page:
        await page.add_init_script(TUNES)
        await arrive(page, server)
        await start_with_its_tune(page)
        for detail in ("", "still working out what you said", "still looking things up"):
            await say_as_server(page, wire.Status(state="thinking", detail=detail))
        await expect(status(page)).to_have_text("Thinking: still looking things up")
        assert len(await page.evaluate("__tunes")) == 1
        await say_as_server(page, wire.Status(state="listening"))
        await expect(status(page)).to_have_text("Listening")


async def test_how_to_talk_is_chosen_with_the_keyboard_and_ends_voice_where_it_must(
    chromium: Browser, server: str
) -> None:
    async with nightingale(chromium, server) as page:
        earlier = await seen(server)
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")
        await way(page).focus()
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("button", name="Spoken replies")).to_have_attribute("aria-pressed", "false")
        await expect(status(page)).to_have_text("Listening")
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("button", name="Spoken replies")).to_have_attribute("aria-pressed", "true")
        await expect(page.get_by_role("button", name="Start voice")).to_be_visible()
        await expect(way(page)).to_be_focused()
        await page.get_by_role("button", name="Spoken replies").click()
        await expect(way(page)).to_have_value("text")
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")
        await expect(way(page)).to_have_value("stt-only")
        wishes = await told(server, earlier, 4)
    assert wishes == [choose("stt-only"), choose("tts-only"), choose("text"), choose("stt-only")]


async def test_the_server_decides_what_the_controls_show(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await say_as_server(page, wire.Preferences(manner=Manner(tier="text")))
        await expect(way(page)).to_have_value("text")
        await expect(page.get_by_role("button", name="Spoken replies")).to_have_attribute("aria-pressed", "false")


async def test_an_offer_is_announced_answered_and_gone(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        earlier = await seen(server)
        offer = wire.Offer(saying="s1", text="what time is it", reason="I was restarted.")
        await say_as_server(page, offer)
        await expect(politely(page)).to_have_text("Not answered yet: “what time is it” I was restarted.")
        answer = offers(page).get_by_role("button", name="Answer now")
        await expect(answer).to_have_accessible_description("“what time is it” I was restarted.")
        await answer.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        await expect(answer).to_have_attribute("aria-disabled", "true")
        wishes = await told(server, earlier, 1)
        await say_as_server(page, wire.OfferGone(saying="s1"))
        await expect(offers(page)).to_have_count(0)
        await expect(page.get_by_role("region", name="Not answered yet")).to_be_hidden()
        await expect(page.get_by_role("button", name="Start voice")).to_be_focused()
    assert wishes == [wire.OnOffer(sender="page", type="on-offer", saying="s1", do="answer")]


async def test_many_offers_are_announced_as_one_and_none_pushes_another_out(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        earlier = await seen(server)
        for number in range(5):
            await say_as_server(page, wire.Offer(saying=f"s{number}", text=f"question {number}", reason="Cut off."))
        await expect(politely(page)).to_have_text("5 things you said are not answered yet.")
        await expect(offers(page)).to_have_count(5)
        await offers(page).nth(2).get_by_role("button", name="Dismiss").click()
        assert await told(server, earlier, 1) == [
            wire.OnOffer(sender="page", type="on-offer", saying="s2", do="dismiss")
        ]
        await say_as_server(page, wire.OfferGone(saying="s2"))
        await expect(offers(page)).to_have_count(4)
        await expect(offers(page).nth(2).get_by_role("button", name="Answer now")).to_be_focused()


async def test_an_offer_that_comes_again_may_be_answered_again_and_is_told_if_it_changed(
    chromium: Browser, server: str
) -> None:
    async with nightingale(chromium, server) as page:
        await say_as_server(page, wire.Offer(saying="s1", text="what time is it", reason="I was restarted."))
        await offers(page).get_by_role("button", name="Answer now").click()
        await say_as_server(page, wire.Offer(saying="s1", text="what time is it", reason="It did not work again."))
        await expect(politely(page)).to_have_text("Not answered yet: “what time is it” It did not work again.")
        await expect(offers(page)).to_have_count(1)
        await expect(offers(page).get_by_role("button", name="Answer now")).to_be_focused()
        await expect(offers(page).get_by_role("button", name="Answer now")).not_to_have_attribute(
            "aria-disabled", "true"
        )


async def test_a_recording_is_played_and_stopped_with_escape(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await say_as_server(page, wire.Offer(saying="s 1", seconds=2.0, reason="I could not make it out."))
        await expect(offers(page)).to_contain_text(["A recording of 2 seconds I could not make it out."])
        await offers(page).get_by_role("button", name="Play").click()
        await expect(offers(page).get_by_role("button", name="Stop")).to_be_visible()
        await expect(page.get_by_role("button", name="Stop reply")).to_be_enabled()
        await page.keyboard.press("Escape")
        await expect(offers(page).get_by_role("button", name="Play")).to_be_visible()
        await offers(page).get_by_role("button", name="Play").click()
        await expect(offers(page).get_by_role("button", name="Stop")).to_be_visible()
        await expect(offers(page).get_by_role("button", name="Play")).to_be_visible()  # it is over
        await expect(page.get_by_role("button", name="Stop reply")).to_be_disabled()
        assert "s 1" in (await seen(server))["recordings"]
        await expect(notices(page)).to_have_count(0)


async def test_a_recording_that_is_not_there_is_said_so(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await say_as_server(page, wire.Offer(saying="lost", seconds=2.0, reason="I could not make it out."))
        await offers(page).get_by_role("button", name="Play").click()
        await expect(notices(page)).to_have_count(1)
        await expect(notices(page)).to_contain_text(["The recording can't be played."])
        await expect(offers(page).get_by_role("button", name="Play")).to_be_visible()


async def test_offers_belong_to_their_conversation(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await say_as_server(page, wire.Offer(saying="s1", text="what time is it", reason="I was restarted."))
        await expect(offers(page)).to_have_count(1)
        await page.get_by_role("button", name="New conversation").first.click()
        await expect(offers(page)).to_have_count(0)


async def test_a_page_that_comes_back_says_again_whether_it_can_be_heard(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")
        earlier = len((await seen(server))["window"])
        await page.get_by_role("button", name="New conversation").first.click()

        def again(record: dict[str, Any]) -> list[wire.FromPage]:
            fresh = messages(record)[earlier:]
            return [message for message in fresh if isinstance(message, wire.Hello | wire.Output)]

        record = await seen_when(server, lambda record: len(again(record)) >= 2)
    hello, output = again(record)
    assert isinstance(hello, wire.Hello)
    assert hello.output == "running"
    assert output == wire.Output(sender="page", type="output", state="running")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_grave_when_voice_is_not_whole(chromium: Browser, server: str, theme: str) -> None:
    async with nightingale(chromium, server, color_scheme=theme) as page:
        await send(page, "hello")
        await say_as_server(page, wire.Tier(tier="text", why=f"{NO_EARS} {NO_VOICE}", change="down"))
        await say_as_server(page, wire.Offer(saying="s1", seconds=2.0, reason="I could not make it out."))
        await say_as_server(page, wire.Offer(saying="s2", text="what time is it", reason="I was restarted."))
        await say_as_server(page, wire.Status(state="thinking", detail="still working out what you said"))
        await expect(offers(page)).to_have_count(2)
        await offers(page).first.get_by_role("button", name="Answer now").click()
        assert await grave(page) == []


async def test_on_a_phone_all_of_it_is_within_reach(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server, viewport={"width": 360, "height": 640}) as page:
        await send(page, "hello")
        await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("hello")
        await say_as_server(page, wire.Tier(tier="text", why=f"{NO_EARS} {NO_VOICE}" * 3, change="down"))
        for number in range(3):
            await say_as_server(page, wire.Offer(saying=f"s{number}", seconds=2.0, reason="I could not make it out."))
        await expect(offers(page)).to_have_count(3)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        box = page.get_by_role("textbox", name="Message")
        for control in (way(page), box, *await offers(page).get_by_role("button").all()):
            await control.focus()
            await expect(control).to_be_in_viewport(ratio=0.9)
            size = await control.bounding_box()
            assert size is not None
            assert size["x"] >= 0
            assert size["x"] + size["width"] <= 360
            assert min(size["width"], size["height"]) >= 24
        assert await grave(page) == []
