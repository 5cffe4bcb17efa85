"""The page in other languages than English: as the browser is set, and as is chosen while it is open."""

import pytest
from playwright.async_api import Browser, Page, expect

from app import wire
from app.manner import Manner
from tests.browser.axe import PHONE, violations
from tests.browser.chromium import open_page
from tests.browser.page_visit import messages, say_as_server, seen, seen_when, status
from tests.browser.states import prefer

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


async def arrive(page: Page, server: str, start: str) -> None:
    await page.goto(server)
    await expect(page.get_by_role("button", name=start)).to_be_visible()
    await expect(page.locator("#chat-settings-open-modal")).to_be_enabled()


async def test_a_german_browser_gets_a_german_page(chromium: Browser, server: str) -> None:
    earlier = len((await seen(server))["window"])
    async with open_page(chromium, locale="de-AT") as page:
        await arrive(page, server, "Sprechen starten")
        await expect(page.locator("html")).to_have_attribute("lang", "de")
        await expect(page.get_by_role("textbox", name="Nachricht")).to_be_visible()
        await expect(page.locator("#chat-input")).to_have_attribute("placeholder", "Nachricht tippen")
        await expect(page.get_by_role("link", name="Mein Gedächtnis")).to_be_visible()
        await expect(page.get_by_text("Sprich mit mir, oder tippe unten deine Nachricht.")).to_be_visible()
        await expect(status(page)).to_have_text("Bereit")
        await page.get_by_role("button", name="Sprechen starten").click()
        await expect(status(page)).to_have_text("Ich höre zu")
        await expect(page).to_have_title("Ich höre zu · Nightingale")
        await say_as_server(page, wire.Tier(tier="tts-only", change="down"))
        await expect(page.get_by_role("alert")).to_have_text("Ich kann dich gerade nicht hören: tippe stattdessen.")
        await page.get_by_role("button", name="Hilfe").click()
        await expect(page.get_by_role("dialog").get_by_text("Alles, was du sagen kannst")).to_be_visible()

        def hellos(record: dict[str, object]) -> list[wire.Hello]:
            return [each for each in messages(record)[earlier:] if isinstance(each, wire.Hello)]

        record = await seen_when(server, lambda record: bool(hellos(record)))
        assert {each.language for each in hellos(record)} == {"de"}


async def test_a_browser_in_none_of_the_four_gets_a_page_all_in_english(chromium: Browser, server: str) -> None:
    async with open_page(chromium, locale="nl-NL") as page:
        await arrive(page, server, "Start voice")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await expect(page.locator("#chat-input")).to_have_attribute("placeholder", "Type a message")


async def test_a_language_is_chosen_while_the_page_is_open_and_kept_for_the_next(
    chromium: Browser, server: str
) -> None:
    async with open_page(chromium) as page:
        await arrive(page, server, "Start voice")
        await page.get_by_role("button", name="How I talk and listen").click()
        await page.get_by_role("combobox", name="Language").focus()
        await page.get_by_role("combobox", name="Language").select_option("Français")
        dialog = page.get_by_role("dialog", name="Comment je parle et j'écoute")
        await expect(dialog.get_by_role("slider", name="Vitesse")).to_have_attribute(
            "aria-valuetext", "comme d'habitude"
        )
        await expect(dialog.get_by_role("combobox", name="Langue")).to_be_focused()
        await dialog.get_by_role("button", name="Fermer").click()
        await expect(page.get_by_role("button", name="Démarrer la voix")).to_be_visible()
        await expect(page.get_by_role("link", name="Ma mémoire")).to_be_visible()
        await expect(page.locator("html")).to_have_attribute("lang", "fr")
        await expect(page.locator("#chat-input")).to_have_attribute("placeholder", "Écris un message")
        await page.goto("about:blank")
        await page.goto(server)
        await expect(page.get_by_role("button", name="Démarrer la voix")).to_be_visible()
        await expect(page.locator("#chat-input")).to_have_attribute("placeholder", "Écris un message")


async def test_a_language_chosen_by_voice_and_left_again(chromium: Browser, server: str) -> None:
    async with open_page(chromium, locale="en-GB") as page:
        await arrive(page, server, "Start voice")
        await prefer(page, language="es")
        await prefer(page, language="de")  # at once after it: the last wish holds
        await expect(page.get_by_role("button", name="Sprechen starten")).to_be_visible()
        await expect(page.locator("#chat-input")).to_have_attribute("placeholder", "Nachricht tippen")
        await prefer(page, language="auto")
        await expect(page.get_by_role("button", name="Start voice")).to_be_visible()
        await expect(page.locator("#chat-input")).to_have_attribute("placeholder", "Type a message")


async def test_without_its_catalogue_a_page_is_english(chromium: Browser, server: str) -> None:
    async with open_page(chromium, locale="de-DE") as page:
        await page.route("**/strings/de.json", lambda route: route.abort())
        await arrive(page, server, "Start voice")
        await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_nothing_is_nameless_or_cut_off_in_long_words_on_a_phone(chromium: Browser, server: str) -> None:
    outside = """(root) => [...document.querySelectorAll(`${root} :is(button, select, summary, p, span, label)`)]
        .filter((each) => each.getBoundingClientRect().right > 321).map((each) => each.outerHTML)"""
    empty = """() => [...document.querySelectorAll("#nightingale-manner :is(option, legend, label, strong)")]
        .filter((each) => !each.textContent).map((each) => each.outerHTML)"""
    async with open_page(chromium, viewport=PHONE) as page:
        await arrive(page, server, "Start voice")
        await say_as_server(page, wire.Tier(tier="text", change="down"))
        await say_as_server(page, wire.Offer(saying="s1", seconds=2.0, reason="…"))
        await page.evaluate("document.querySelector('.ng-signals').open = true")
        for language in ("de", "fr", "es"):
            await prefer(page, ending="hold", language=language)
            await expect(page.locator("html")).to_have_attribute("lang", language)
            assert await page.evaluate("document.documentElement.scrollWidth") <= 321  # half a pixel counts as one
            assert await page.evaluate(outside, "#nightingale-voice") == []
            await page.locator("#nightingale-settings").click()
            assert await page.evaluate(outside, "#nightingale-manner") == []
            assert await page.evaluate(empty) == []
            await page.keyboard.press("Escape")


async def test_axe_finds_nothing_on_a_german_page(chromium: Browser, server: str) -> None:
    async with open_page(chromium, locale="de-DE") as page:
        await arrive(page, server, "Sprechen starten")
        await say_as_server(page, wire.Tier(tier="tts-only", change="down"))
        assert await violations(page) == []
        await page.get_by_role("button", name="Wie ich spreche und zuhöre").click()
        await say_as_server(page, wire.Preferences(manner=Manner(wake_word="alexa")))
        assert await violations(page) == []


async def test_what_is_said_in_another_language_than_the_pages_is_marked_as_such(
    chromium: Browser, server: str
) -> None:
    async with open_page(chromium, locale="de-DE") as page:
        await arrive(page, server, "Sprechen starten")
        box = page.get_by_role("textbox", name="Nachricht")
        for text in ("What is the name of my dog, and where do I live?", "Wie heißt mein Hund, und wo ist er?"):
            await box.fill(text)
            await box.press("Enter")
            await expect(page.get_by_text(text).first).to_be_visible()
        theirs = page.locator("[data-step-type=user_message]")
        await expect(theirs.locator("[lang=en]", has_text="the name of my dog")).to_have_count(1)
        await expect(theirs.locator("[lang]", has_text="mein Hund")).to_have_count(0)
        await say_as_server(page, wire.Caption(text="Il est midi, et tu es dans la cuisine."))
        await expect(page.locator("#nightingale-captions [lang=fr]")).to_have_text(
            "Il est midi, et tu es dans la cuisine."
        )
