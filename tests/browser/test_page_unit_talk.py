"""The talk button and the choices about taking turns: by keyboard, by pointer, by what assistive technology does."""

from collections.abc import AsyncGenerator
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from app import wire
from app.manner import Manner
from tests.browser.page_visit import (
    grave,
    messages,
    nightingale,
    say_as_server,
    seen,
    seen_when,
    status,
)

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@pytest.fixture(scope="module")
async def visit(chromium: Browser, server: str) -> AsyncGenerator[Page]:
    """Of somebody who has started voice; one for all tests, for none leaves the button down."""
    async with nightingale(chromium, server, permissions=["microphone"]) as page:
        await say_as_server(page, wire.Preferences(manner=Manner(tier="full", ending="hold")))
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_contain_text("the button to talk")
        yield page


async def to_talk(page: Page, ending: Literal["hold", "toggle"]) -> Locator:
    """The talk button of who wants their turn to end so."""
    await say_as_server(page, wire.Preferences(manner=Manner(tier="full", ending=ending)))
    return page.get_by_role("button", name=f"{'Hold' if ending == 'hold' else 'Press'} to talk")


def presses(record: dict[str, Any]) -> list[str]:
    return [each.state for each in messages(record) if isinstance(each, wire.Talk)]


async def pressed(server: str, *, times: int) -> None:
    """The button has been told to be down, and up again, so often."""
    expected = ["began", "ended"] * times
    assert presses(await seen_when(server, lambda record: len(presses(record)) >= len(expected))) == expected


async def sent(server: str) -> int:
    """How many frames of the microphone."""
    return len((await seen(server))["audio_bytes"])


async def so_far(server: str) -> int:
    return len(presses(await seen(server))) // 2


async def is_down(talk: Locator, down: bool) -> None:
    await expect(talk).to_have_attribute("aria-pressed", str(down).lower())


async def test_the_button_is_held_with_a_key_and_only_then_sound_leaves_the_page(visit: Page, server: str) -> None:
    talk, times = await to_talk(visit, "hold"), await so_far(server)
    await visit.wait_for_timeout(300)
    assert await sent(server) == 0
    await talk.focus()
    for key in ("Space", "Enter"):
        await visit.keyboard.down(key)
        await is_down(talk, True)
        await expect(status(visit)).to_have_text("Listening")
        await visit.keyboard.down(key)  # as a key that is held repeats
        await visit.keyboard.up(key)
        await is_down(talk, False)
        times += 1
        await pressed(server, times=times)
    await expect(status(visit)).to_have_text("Ready, hold the button to talk")
    said = await sent(server)
    assert said > 0
    await visit.wait_for_timeout(300)
    assert await sent(server) == said


async def test_a_pointer_that_leaves_the_button_still_holds_it_until_it_is_let_go(visit: Page, server: str) -> None:
    talk, times = await to_talk(visit, "hold"), await so_far(server)
    await talk.hover()
    await visit.mouse.down()
    await visit.mouse.move(5, 5)
    await is_down(talk, True)
    await visit.mouse.up()
    await is_down(talk, False)
    await pressed(server, times=times + 1)


@pytest.mark.parametrize("how", ["the focus goes", "the window loses the focus"])
async def test_who_goes_elsewhere_while_they_hold_it_has_let_go(visit: Page, server: str, how: str) -> None:
    talk, times = await to_talk(visit, "hold"), await so_far(server)
    await talk.focus()
    await visit.keyboard.down("Space")
    await is_down(talk, True)
    if how == "the focus goes":
        await visit.get_by_role("combobox", name="How to talk").focus()
    else:
        await visit.evaluate("window.dispatchEvent(new Event('blur'))")
    await is_down(talk, False)
    await visit.keyboard.up("Space")
    await pressed(server, times=times + 1)


async def test_what_cannot_hold_a_button_presses_it_again(visit: Page, server: str) -> None:
    talk, times = await to_talk(visit, "hold"), await so_far(server)
    await talk.evaluate("(button) => button.click()")  # with neither pointer nor key, as a screen reader does
    await is_down(talk, True)
    await talk.evaluate("(button) => button.click()")
    await is_down(talk, False)
    await pressed(server, times=times + 1)


async def test_the_other_button_is_pressed_and_pressed_again(visit: Page, server: str) -> None:
    talk, times = await to_talk(visit, "toggle"), await so_far(server)
    await talk.focus()
    await visit.keyboard.press("Space")
    await is_down(talk, True)
    await visit.evaluate("window.dispatchEvent(new Event('blur'))")  # who reads elsewhere goes on talking
    await visit.get_by_role("combobox", name="How to talk").focus()
    await is_down(talk, True)
    await talk.click()
    await is_down(talk, False)
    await pressed(server, times=times + 1)


async def test_a_slip_of_the_finger_does_not_end_the_turn(visit: Page, server: str) -> None:
    talk, times = await to_talk(visit, "hold"), await so_far(server)
    await talk.evaluate("""(talk) => {
        for (const type of ["keydown", "keyup", "keydown"]) {
            talk.dispatchEvent(new KeyboardEvent(type, { key: " ", bubbles: true }));
        }
    }""")
    await visit.wait_for_timeout(500)
    assert presses(await seen(server))[2 * times :] == ["began"]
    await talk.dispatch_event("keyup", {"key": " "})
    await pressed(server, times=times + 1)


async def test_how_turns_are_taken_is_chosen_by_keyboard_and_told(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        await page.get_by_role("button", name="How I talk and listen").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Close")).to_be_focused()
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("combobox", name="My turn ends")).to_be_focused()
        await page.get_by_role("combobox", name="Patience").select_option("Very patient")
        await page.get_by_role("combobox", name="A reply is stopped by").select_option("Nothing I say")
        await page.get_by_role("combobox", name="My turn ends").select_option("When I press again")
        assert await grave(page) == []
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Press to talk")).to_be_visible()
        await expect(page.get_by_role("button", name="Mute")).to_be_hidden()
        wishes: list[wire.FromPage] = [
            wire.Choose(sender="page", type="choose", manner={"patience": "very-patient"}),
            wire.Choose(sender="page", type="choose", manner={"barge_in": "off"}),
            wire.Choose(sender="page", type="choose", manner={"ending": "toggle"}),
        ]
        record = await seen_when(server, lambda record: wishes[-1] in messages(record))
        assert [each for each in messages(record) if each in wishes] == wishes
        assert await grave(page) == []


async def test_what_was_chosen_elsewhere_is_shown(visit: Page) -> None:
    await say_as_server(
        visit, wire.Preferences(manner=Manner(tier="full", ending="over", patience="brisk", barge_in="keyword"))
    )
    await expect(visit.get_by_label("My turn ends")).to_have_value("over")
    await expect(visit.get_by_label("Patience")).to_have_value("brisk")
    await expect(visit.get_by_label("A reply is stopped by")).to_have_value("keyword")
    await expect(visit.locator("#nightingale-talk")).to_be_hidden()
