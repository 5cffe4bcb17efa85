"""How I talk and listen: every choice is in the dialog, takes effect at once, and follows what is chosen elsewhere."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

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
)

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

NOT_IN_THE_DIALOG = {"tier", "welcomed", "greeted"}
"""The first is chosen in the voice bar, the others nowhere."""


@asynccontextmanager
async def settings(browser: Browser, server: str, **options: Any) -> AsyncGenerator[tuple[Page, Locator]]:
    async with nightingale(browser, server, **options) as page:
        await page.get_by_role("button", name="How I talk and listen").click()
        dialog = page.get_by_role("dialog", name="How I talk and listen")
        await expect(dialog).to_be_visible()
        yield page, dialog


async def chosen(server: str, earlier: int, count: int) -> list[dict[str, object]]:
    def wishes(record: dict[str, Any]) -> list[dict[str, object]]:
        return [each.manner for each in messages(record)[earlier:] if isinstance(each, wire.Choose)]

    return wishes(await seen_when(server, lambda record: len(wishes(record)) >= count))


async def test_everything_that_can_be_chosen_is_there(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server) as page:
        names = await page.evaluate(
            "import('/public/voice/choices.js').then(({ GROUPS }) => GROUPS.flatMap(({ fields }) => fields)"
            ".map(({ name }) => name))"
        )
    assert set(Manner.model_fields) - set(names) == NOT_IN_THE_DIALOG
    assert set(names) - set(Manner.model_fields) == {"signals", "keys"}


async def test_what_is_chosen_is_told_at_once(chromium: Browser, server: str) -> None:
    async with settings(chromium, server) as (_, dialog):
        earlier = len((await seen(server))["window"])
        await dialog.get_by_role("slider", name="Speed").press("ArrowRight")
        await dialog.get_by_role("switch", name="Captions").check()
        await dialog.get_by_role("combobox", name="Wake word", exact=True).select_option("“Hey Jarvis”")
        await dialog.get_by_role("combobox", name="After an answer").select_option("For a minute")
        terms = dialog.get_by_role("textbox", name="Names and terms")
        await terms.fill("Ystrad\n  Siobhan \n\n")
        await terms.blur()
        spoken = dialog.get_by_role("textbox", name="How words are said")
        await spoken.fill("Siobhan = shivawn")
        await spoken.blur()
        assert await chosen(server, earlier, 6) == [
            {"rate": 1.1},
            {"captions": True},
            {"wake_word": "hey-jarvis"},
            {"follow_up_seconds": 60},
            {"vocabulary": ["Ystrad", "Siobhan"]},
            {"pronunciations": {"Siobhan": "shivawn"}},
        ]


async def test_what_cannot_be_understood_is_said_and_not_told(chromium: Browser, server: str) -> None:
    async with settings(chromium, server) as (page, dialog):
        earlier = len((await seen(server))["window"])
        spoken = dialog.get_by_role("textbox", name="How words are said")
        await spoken.fill("Siobhan = shivawn\nNiamh")
        await spoken.blur()
        await expect(dialog.get_by_role("alert").filter(has_text="Line 2 needs")).to_be_visible()
        await expect(spoken).to_have_attribute("aria-invalid", "true")
        await say_as_server(page, wire.Preferences(manner=Manner(pronunciations={"Cian": "keean"})))
        await expect(spoken).to_have_value("Siobhan = shivawn\nNiamh")  # it is still being written
        await spoken.fill("Siobhan = shivawn\nNiamh = neev")
        await spoken.blur()
        assert await chosen(server, earlier, 1) == [{"pronunciations": {"Siobhan": "shivawn", "Niamh": "neev"}}]
        await expect(spoken).not_to_have_attribute("aria-invalid", "true")


async def test_what_is_chosen_by_voice_is_shown_while_it_is_open(chromium: Browser, server: str) -> None:
    async with settings(chromium, server) as (page, dialog):
        manner = Manner(
            rate=1.44, volume=0.5, voice="nora", vocabulary=("Ystrad",), follow_up_seconds=9, contrast="high"
        )
        await say_as_server(page, wire.Preferences(manner=manner))
        await expect(dialog.get_by_role("slider", name="Loudness", exact=True)).to_have_attribute(
            "aria-valuetext", "50 %"
        )
        await expect(dialog.get_by_role("combobox", name="Voice", exact=True)).to_have_value("nora")
        await expect(dialog.get_by_role("textbox", name="Names and terms")).to_have_value("Ystrad")
        await expect(dialog.get_by_role("combobox", name="Contrast")).to_have_value("high")
        await expect(dialog.get_by_role("combobox", name="After an answer")).to_be_disabled()  # there is no wake word
        await expect(dialog.get_by_role("combobox", name="After an answer")).to_have_value("9")


async def test_without_voices_to_choose_from_no_sample_is_offered(chromium: Browser, server: str) -> None:
    async with settings(chromium, server) as (_, dialog):
        await expect(dialog.get_by_role("combobox", name="Voice", exact=True)).to_have_text("The usual one")
        await expect(dialog.get_by_role("button", name="Listen")).to_be_hidden()


async def test_back_to_what_is_usual_is_asked_first(chromium: Browser, server: str) -> None:
    async with settings(chromium, server) as (_, dialog):
        earlier = len((await seen(server))["window"])
        await dialog.get_by_role("button", name="Back to what is usual").click()
        await expect(dialog.get_by_role("button", name="No", exact=True)).to_be_focused()
        await dialog.get_by_role("button", name="No", exact=True).click()
        await expect(dialog.get_by_role("button", name="Back to what is usual")).to_be_focused()
        await dialog.get_by_role("button", name="Back to what is usual").click()
        await dialog.get_by_role("button", name="Yes, all of it").click()
        (wish,) = await chosen(server, earlier, 1)
    assert wish == dict.fromkeys(set(Manner.model_fields) - {"welcomed", "greeted"})


async def test_signals_are_explained_and_heard(chromium: Browser, server: str) -> None:
    async with settings(chromium, server) as (_, dialog):
        await dialog.get_by_text("What the signals mean").press("Enter")
        items = dialog.get_by_role("listitem")
        await expect(items).to_have_count(10)
        await items.first.get_by_role("button", name="Play I began to listen").click()


async def test_what_happens_meanwhile_is_still_announced_and_escape_closes_only_the_dialog(
    chromium: Browser, server: str
) -> None:
    async with settings(chromium, server) as (page, dialog):
        earlier = len((await seen(server))["window"])
        await say_as_server(page, wire.Status(state="thinking"))
        await expect(dialog.locator("#nightingale-status")).to_have_text("Thinking")
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        await expect(page.get_by_role("button", name="How I talk and listen")).to_be_focused()
        await expect(page.locator("body > section #nightingale-status")).to_have_count(1)
        stop = wire.Command(sender="page", type="command", name="stop")
        assert stop not in messages(await seen(server))[earlier:]
        await page.keyboard.press("Escape")
        await seen_when(server, lambda record: stop in messages(record)[earlier:])


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 320)])
async def test_axe_finds_nothing_grave_and_nothing_is_cut_off(
    chromium: Browser, server: str, theme: str, width: int
) -> None:
    async with settings(chromium, server, color_scheme=theme, viewport={"width": width, "height": 640}) as (
        page,
        dialog,
    ):
        await say_as_server(page, wire.Preferences(manner=Manner(wake_word="alexa")))
        await dialog.get_by_text("What the signals mean").press("Enter")
        assert await grave(page) == []
        controls = await dialog.locator("button:visible, select, input, textarea, summary").all()
        assert len(controls) >= 40
        for control in controls:
            box = await control.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert min(box["width"], box["height"]) >= 24
        assert await dialog.evaluate("(dialog) => dialog.scrollWidth <= dialog.clientWidth")
