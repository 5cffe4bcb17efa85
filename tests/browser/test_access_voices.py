"""Captions for the eye, announcements for a screen reader: what is told when; two voices never speak at once."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.chromium import open_page, serve_public

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

PAGE = """<!doctype html><title>voices</title><body><script type="module">
import { loadStrings } from "/public/strings.js";
import { Announcements } from "/public/voice/announcements.js";
import { Captions } from "/public/voice/captions.js";
await loadStrings();
window.captions = new Captions();
window.announcements = new Announcements();
document.body.append(captions.root, announcements.root);
captions.show(true);
</script>"""
READER: dict[str, Any] = {"screen_reader": True, "audible": True, "sounding": False, "server": "listening"}
"""Somebody with a screen reader, to whom our voice speaks."""


@pytest.fixture
async def fresh(chromium: Browser) -> AsyncGenerator[Page]:
    with serve_public({"/": PAGE}) as origin:
        async with open_page(chromium) as page:
            await page.goto(origin)
            await page.wait_for_function("!!window.announcements")
            yield page


async def lines(page: Page) -> list[str]:
    return await page.get_by_role("region", name="Captions").locator("p").all_inner_texts()


async def do(page: Page, deed: str) -> None:
    await page.evaluate(f"() => {{ {deed} }}")


async def test_a_caption_says_whose_words_they_are(fresh: Page) -> None:
    await do(
        fresh, 'captions.said("What time is it?", "user", false); captions.said("It is noon.", "assistant", false)'
    )
    assert await lines(fresh) == ["You: What time is it?", "Nightingale: It is noon."]


async def test_what_is_being_said_grows_into_what_was_said(fresh: Page) -> None:
    await do(fresh, 'captions.hears("what time", "is"); captions.hears("")')
    assert await lines(fresh) == ["You: what time is"], "it does not vanish while it is being made out"
    await do(fresh, 'captions.said("What time is it?", "user", false); captions.hears("in", "Rome")')
    assert await lines(fresh) == ["You: What time is it? in Rome"]
    await do(fresh, 'captions.said("What time is it in Rome?", "user", false)')
    assert await lines(fresh) == ["You: What time is it in Rome?"]


async def test_a_sentence_waits_for_its_sound(fresh: Page) -> None:
    await do(fresh, 'captions.sounds("r.0"); captions.said("One.", "assistant", false)')
    await do(fresh, 'captions.said("Two.", "assistant", true); captions.sounds("r.0")')
    assert await lines(fresh) == ["Nightingale: One."]
    await do(fresh, 'captions.sounds("r.1")')
    assert await lines(fresh) == ["Nightingale: One.", "Nightingale: Two."]


async def test_a_sentence_that_never_gets_a_sound_appears_all_the_same(fresh: Page) -> None:
    await do(fresh, 'captions.said("One.", "assistant", true)')
    assert await lines(fresh) == []
    await expect(fresh.get_by_role("region", name="Captions").locator("p")).to_have_text(["Nightingale: One."])


async def test_a_sentence_that_was_broken_off_before_its_sound_has_no_caption(fresh: Page) -> None:
    await do(fresh, 'captions.said("One.", "assistant", false); captions.said("Two.", "assistant", true)')
    await do(fresh, "captions.flush(); captions.idle()")
    assert await lines(fresh) == ["Nightingale: One."]


async def test_there_are_no_captions_until_they_are_wanted(fresh: Page) -> None:
    await do(fresh, 'captions.show(false); captions.said("One.", "assistant", false)')
    await expect(fresh.locator("#nightingale-captions")).to_be_hidden()


async def mind(page: Page, **floor: object) -> None:
    await page.evaluate("(floor) => announcements.mind(floor)", READER | floor)


def politely(page: Page) -> Locator:
    return page.locator("p[role=status]:not([id])")


def urgently(page: Page) -> Locator:
    return page.get_by_role("alert")


async def test_a_reply_is_read_out_only_where_our_own_voice_is_not_heard(fresh: Page) -> None:
    log = fresh.get_by_role("log")
    await mind(fresh, audible=True)
    await expect(log).to_have_attribute("aria-live", "off")
    await mind(fresh, audible=False)
    await expect(log).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("floor", [{"sounding": True}, {"server": "speaking"}, {"server": "hearing"}])
async def test_nothing_is_announced_while_somebody_speaks(fresh: Page, floor: dict[str, object]) -> None:
    await mind(fresh, **floor)
    await do(fresh, 'announcements.notice("Noted.", false); announcements.notice("Lost.", true)')
    await do(fresh, 'announcements.notice("Noted again.", false); announcements.status("Speaking")')
    await expect(politely(fresh)).to_have_text("")
    await expect(urgently(fresh)).to_have_text("")
    await mind(fresh)
    await expect(politely(fresh)).to_have_text("Noted. Noted again.")
    await expect(urgently(fresh)).to_have_text("Lost.")
    await expect(fresh.locator("#nightingale-status")).to_have_text("")


async def test_while_an_answer_may_begin_at_any_moment_only_problems_are_announced(fresh: Page) -> None:
    await mind(fresh, server="thinking")
    await do(fresh, 'announcements.notice("Noted.", false); announcements.notice("Lost.", true)')
    await expect(urgently(fresh)).to_have_text("Lost.")
    await expect(politely(fresh)).to_have_text("")


async def test_who_hears_no_voice_of_ours_is_told_everything_at_once(fresh: Page) -> None:
    await mind(fresh, audible=False, server="thinking")
    await do(fresh, 'announcements.notice("Noted.", false); announcements.status("Thinking")')
    await expect(politely(fresh)).to_have_text("Noted.")
    await expect(fresh.locator("#nightingale-status")).to_have_text("Thinking")


async def test_who_uses_no_screen_reader_mode_is_told_at_once_as_well(fresh: Page) -> None:
    await mind(fresh, screen_reader=False, server="speaking")
    await do(fresh, 'announcements.notice("Noted.", false)')
    await expect(politely(fresh)).to_have_text("Noted.")


async def test_the_sentence_in_which_our_voice_failed_is_read_out(fresh: Page) -> None:
    await mind(fresh, server="speaking")
    await do(fresh, 'announcements.sentence("One."); announcements.sentence("Two.")')
    added = """() => new Promise((resolve) => {
        const log = document.querySelector("[role=log]");
        const live = (records) => records.flatMap(({ addedNodes }) => [...addedNodes].map((node) => node.textContent));
        new MutationObserver((records) => resolve([log.getAttribute("aria-live"), ...live(records)]))
            .observe(log, { childList: true });
        announcements.mind({ screen_reader: true, audible: false, sounding: false, server: "speaking" });
    })"""
    assert await fresh.evaluate(added) == ["polite", "Two."]
