"""How the pages look to one person: text, contrast, spacing, font, motion, light or dark; from the first sight."""

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, Page, expect

from app import wire
from tests.browser.chromium import PUBLIC, fake_microphone, open_chromium, open_page, serve_public
from tests.browser.page_visit import messages, nightingale, seen, seen_when, write_hum
from tests.browser.states import ALL_LOOKS, button, prefer

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


@pytest.fixture(scope="module")
async def chromium(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Browser]:
    hum = write_hum(tmp_path_factory.mktemp("audio") / "hum.wav")
    async with open_chromium(*fake_microphone(hum, loop=True)) as browser:
        yield browser


async def look(page: Page, selector: str, *properties: str) -> list[str]:
    read = "([selector, names]) => names.map((name) => getComputedStyle(document.querySelector(selector))[name])"
    found: list[str] = await page.evaluate(read, [selector, properties])
    return found


async def test_every_look_takes_effect_at_once_and_ends_at_once(chromium: Browser, server: str) -> None:
    line = "#nightingale-voice .ng-state > span"
    async with nightingale(chromium, server, color_scheme="light") as page:
        properties = ("fontFamily", "letterSpacing", "color")
        before = await look(page, line, *properties)
        await prefer(page, **ALL_LOOKS)
        family, spacing, colour = await look(page, line, *properties)
        assert family.startswith("OpenDyslexic")
        assert spacing == "2.88px"  # 0.12 of 24 px
        assert colour == "rgb(0, 0, 0)"
        loaded = "document.fonts.ready.then(() => [...document.fonts].some((each) => each.status === 'loaded'))"
        assert await page.evaluate(loaded), "the font is ours to give"
        await prefer(page)
        assert await look(page, line, *properties) == before


async def test_nothing_is_cut_off_with_every_look_on_a_phone(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server, viewport={"width": 320, "height": 640}) as page:
        await prefer(page, **ALL_LOOKS)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 321  # half a pixel counts as one
        outside = """() => [...document.querySelectorAll("#nightingale-voice :is(button, select, summary, p, span)")]
            .filter((each) => each.getClientRects().length && !each.closest(".ng-unseen"))
            .filter((each) => each.getBoundingClientRect().right > 321 || each.getBoundingClientRect().left < 0)
            .map((each) => each.textContent)"""
        assert await page.evaluate(outside) == []


async def test_what_was_chosen_last_holds_from_the_first_sight_on_every_page(chromium: Browser) -> None:
    html = (PUBLIC / "engines.html").read_text()
    with serve_public({"/engines": html, "/": "<title>x</title>"}) as origin:
        async with open_page(chromium, color_scheme="light") as page:
            await page.goto(origin)
            await page.evaluate("""async () => {
                const looks = await import("/public/voice/looks.js");
                const rest = { contrast: "high", motion: "reduced", spacing: true, font: "plain" };
                looks.apply({ text_size: "large", theme: "dark", ...rest });
            }""")
            await page.goto(f"{origin}/engines")
            first = await page.evaluate("({ ...document.documentElement.dataset })")
            chosen = {"text": "large", "theme": "dark", "contrast": "high", "motion": "reduced", "spacing": ""}
            assert first == chosen
            assert await look(page, "body", "backgroundColor", "color") == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]


async def test_a_look_that_is_chosen_in_one_tab_shows_in_the_others(chromium: Browser) -> None:
    with serve_public({"/engines": (PUBLIC / "engines.html").read_text(), "/": "<title>x</title>"}) as origin:
        async with open_page(chromium) as page:
            await page.goto(f"{origin}/engines")
            other = await page.context.new_page()
            await other.goto(origin)
            await other.evaluate("""async () => {
                const looks = await import("/public/voice/looks.js");
                const rest = { contrast: "system", motion: "system", spacing: false, font: "plain" };
                looks.apply({ text_size: "largest", theme: "dark", ...rest });
            }""")
            await expect(page.locator("html")).to_have_attribute("data-text", "largest")
            await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_the_system_is_followed_where_nothing_was_chosen(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server, color_scheme="light", contrast="more", reduced_motion="reduce") as page:
        root = page.locator("html")
        await expect(root).to_have_attribute("data-contrast", "high")
        await expect(root).to_have_attribute("data-motion", "reduced")
        await page.emulate_media(color_scheme="dark", contrast="no-preference", reduced_motion="no-preference")
        await expect(root).to_have_attribute("data-theme", "dark")
        await expect(root).not_to_have_attribute("data-contrast", "high")
        await expect(root).not_to_have_attribute("data-motion", "reduced")


async def test_what_was_chosen_wins_over_the_system(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server, color_scheme="light", contrast="more") as page:
        await prefer(page, theme="dark", contrast="normal")
        await expect(page.locator("html")).to_have_class("dark")
        await expect(page.locator("html")).not_to_have_attribute("data-contrast", "high")
        await prefer(page)
        await expect(page.locator("html")).to_have_class("light")


async def test_chainlits_own_switch_chooses_for_the_person_and_is_not_fought(chromium: Browser, server: str) -> None:
    async with nightingale(chromium, server, color_scheme="light") as page:
        await prefer(page, theme="dark")
        earlier = len((await seen(server))["window"])
        await button(page, "Toggle theme").press("Enter")
        await page.get_by_role("menuitem", name="Light").press("Enter")
        await expect(page.locator("html")).to_have_class("light")

        def chosen(record: dict[str, list[object]]) -> list[wire.FromPage]:
            return [each for each in messages(record)[earlier:] if isinstance(each, wire.Choose)]

        record = await seen_when(server, lambda record: bool(chosen(record)))
        assert chosen(record) == [wire.Choose(sender="page", type="choose", manner={"theme": "light"})]
