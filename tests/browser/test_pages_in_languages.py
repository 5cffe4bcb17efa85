"""The pages beside the conversation, for somebody whose browser speaks another language than English."""

import re
from collections.abc import Sequence
from functools import cache

import anyio
import pytest
from playwright.async_api import Browser, Page, Route, expect

from graph.strings import catalogue
from tests.browser.axe import MAGNIFIED, violations
from tests.browser.chromium import PUBLIC, open_page, serve_public
from tests.browser.test_documents import Library, file
from tests.browser.test_memory_page import Api as Memories
from tests.browser.test_memory_page import memory_page, picture
from tests.browser.test_page_unit_engines import Api as Engines
from tests.browser.test_page_unit_engines import engines_page
from tests.browser.test_review_page import THREAD, review_page
from tests.browser.test_review_page import Api as Review

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

GERMAN = "de-DE"
SECTIONS = ("pages", "review", "memory", "erased", "documents", "engines")
SHOWN = """() => {
    const foreign = (node) => node.parentElement.closest("[lang=en]:not(html), .untold");
    const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) if (!foreign(texts.currentNode)) found.push(texts.currentNode.textContent.trim());
    for (const each of document.querySelectorAll("[aria-label]")) found.push(each.getAttribute("aria-label"));
    return found.filter(Boolean);
}"""
"""Every text in the document, seen or only heard, that is not marked as English."""


@cache
def english() -> Sequence[re.Pattern[str]]:
    """What the pages say in English and say otherwise in German."""
    texts = [
        text
        for section in SECTIONS
        for key, text in catalogue("en")[section].items()
        if text != catalogue("de")[section][key]
    ]
    spoken = {text for section in SECTIONS for text in catalogue("de")[section].values()}
    return [re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(text))) for text in texts if text not in spoken]


async def lost(route: Route) -> None:
    await route.abort()


async def is_german(page: Page) -> None:
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    shown = [part for text in await page.evaluate(SHOWN) for part in re.split(r" · |, ", text)]
    assert [text for text in shown if any(each.fullmatch(text) for each in english())] == []
    assert await violations(page) == []


@pytest.mark.parametrize("path", ["/review", f"/review/{THREAD}"])
async def test_the_review_is_german(chromium: Browser, path: str) -> None:
    async with review_page(chromium, Review(), path, locale=GERMAN) as page:
        await expect(page).to_have_title(re.compile("Rückblick – Nightingale"))
        for summary in await page.locator("summary").all():
            await summary.click()
        await is_german(page)
        await picture(page, f"review-german-{'turns' if THREAD in path else 'list'}")
        if THREAD in path:
            await page.get_by_role("button", name="Umbenennen").click()
            await is_german(page)


async def test_my_memory_is_german_and_so_is_the_word_that_erases_it(chromium: Browser) -> None:
    library = Library("Tea.pdf", "Coffee.md")
    library.documents[0]["passages"] = 60
    async with memory_page(chromium, library, locale=GERMAN) as page:
        files = page.get_by_label("Gib mir Dateien zu lesen")
        await files.set_input_files([file("bad.pdf", "damaged")])
        await expect(page.get_by_text("Das konnte so nicht angenommen werden.").first).to_be_visible()
        library.may_end = anyio.Event()
        library.reading = [{"name": "Next.txt", "done": 30, "all": 1200}]
        await files.set_input_files([file("Next.txt"), file("Last.txt")])
        await expect(page.get_by_text("30 von 1.200 Abschnitten")).to_be_visible()
        await page.get_by_text("Was ich gelesen habe").first.click()
        await expect(page.get_by_text("Words 0.")).to_be_visible()
        await page.get_by_role("button", name="Ändern „The user likes tea.“").click()
        await is_german(page)
        await picture(page, "memory-german")
        await page.set_viewport_size(MAGNIFIED)
        assert await page.evaluate("document.documentElement.scrollWidth") <= MAGNIFIED["width"]
        await page.get_by_role("button", name="Alles löschen").click()
        await page.get_by_label("Tippe das Wort „löschen“").fill("Löschen")
        await is_german(page)
        await page.keyboard.press("Enter")
        receipt = page.get_by_role("group", name="Beleg")
        await expect(receipt).to_be_focused()
        await expect(receipt).to_contain_text("Erinnerungen: 3")
        await expect(receipt.locator("[lang=en]")).to_have_text("the disk is away")
        await is_german(page)
        assert ("DELETE user", {"confirm": "erase"}) in library.asked
        library.may_end.set()


async def test_the_engines_are_german(chromium: Browser) -> None:
    api = Engines()
    api.picture["models"][0] |= {"id": "qwen3-4b", "language": "de, en", "purpose": "the best answers for its size"}
    async with engines_page(chromium, api, locale=GERMAN) as page:
        for words in ("43 GB Platz sind frei.", "63 MB · Deutsch, Englisch · Lizenz: MIT", "Langzeitgedächtnis"):
            await expect(page.locator("main")).to_contain_text(words)
        await expect(page.get_by_text("die besten Antworten für seine Größe")).to_be_visible()
        await is_german(page)
        await page.get_by_role("button", name="Entfernen Amy").click()
        await is_german(page)
        await page.keyboard.press("Escape")
        await page.set_viewport_size(MAGNIFIED)
        assert await page.evaluate("document.documentElement.scrollWidth") <= MAGNIFIED["width"]
        await picture(page, "engines-german")


async def test_what_the_server_says_in_english_comes_after_our_own_words_and_is_marked(chromium: Browser) -> None:
    api = Memories()
    api.refusal = "What I remember cannot be read just now: its disk is gone."
    async with memory_page(chromium, api, locale=GERMAN) as page:
        told = page.get_by_role("alert")
        await expect(told).to_contain_text("Das geht gerade nicht. Bitte versuch es gleich noch einmal.")
        await expect(told.locator("[lang=en]")).to_have_text(f"{api.refusal} It is tried again by itself.")


async def test_what_the_server_says_in_our_language_stands_alone(chromium: Browser) -> None:
    api = Memories()
    api.refusal, api.refused_in = "Das merke ich mir nicht, es ist eine PIN.", {"language": "de", "remedy": ""}
    async with memory_page(chromium, api, locale=GERMAN) as page:
        await expect(page.get_by_role("alert")).to_have_text(api.refusal)
        await expect(page.get_by_role("alert").locator("[lang]")).to_have_count(0)


async def test_who_chose_a_language_reads_that_one_whatever_the_browser_speaks(chromium: Browser) -> None:
    async with review_page(chromium, Review(), "/review", locale=GERMAN) as page:
        await page.evaluate("localStorage.setItem('nightingale-language', 'fr')")
        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Relecture")
        await expect(page.locator("html")).to_have_attribute("lang", "fr")


async def test_who_speaks_none_of_our_languages_reads_english(chromium: Browser) -> None:
    async with review_page(chromium, Review(), "/review", locale="ja-JP") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Review")
        await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_a_language_that_does_not_come_is_english_instead(chromium: Browser) -> None:
    async with review_page(chromium, Review(), "/review", locale=GERMAN) as page:
        await page.route("**/de.json", lost)
        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Review")
        await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_a_page_without_any_texts_says_that_it_cannot_be_shown(chromium: Browser) -> None:
    with serve_public({"/engines": (PUBLIC / "engines.html").read_text()}) as origin:
        async with open_page(chromium) as page:
            await page.route("**/strings/*.json", lost)
            await page.goto(f"{origin}/engines")
            await expect(page.get_by_text("This page needs JavaScript")).to_be_visible()
            await expect(page.locator("main")).to_be_hidden()


@pytest.mark.parametrize(
    ("language", "count", "told"),
    [
        ("en", 1, "1 memory."),
        ("de", 1, "1 Erinnerung."),
        ("de", 1234, "1.234 Erinnerungen."),
        ("fr", 0, "0 souvenir."),
        ("es", 0, "0 recuerdos."),
    ],
)
async def test_things_are_counted_as_the_language_counts(
    chromium: Browser, language: str, count: int, told: str
) -> None:
    counted = """async ([language, count]) => {
        const { loadStrings, say } = await import("/public/strings.js");
        await loadStrings(language);
        return say("memory", "count", { count });
    }"""
    with serve_public({"/": "<title>x</title>"}) as origin:
        async with open_page(chromium) as page:
            await page.goto(origin)
            assert await page.evaluate(counted, [language, count]) == told
