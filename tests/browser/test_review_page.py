"""The review of conversations, over a scripted API: read, heard, found with the keyboard, and changed."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.axe import MAGNIFIED, violations
from tests.browser.chromium import open_page, serve_public
from tests.browser.document import Document
from tests.browser.keyboard import walked
from tests.made.speech import tone, wav_bytes

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

SCREENSHOTS = Path(__file__).parent.parent / "screenshots"
THREAD = "7b1c7a52-0000-4000-8000-000000000001"


def said(id_: str, text: str, **more: object) -> dict[str, object]:
    whole: dict[str, object] = {"engine": "faster-whisper (base)", "confidence": 0.93, "seconds": 1.4, "recorded": True}
    return (
        {"id": id_, "text": text, "said_at": "2025-05-05T12:00:00Z", "outcome": "answered", "reason": ""} | whole | more
    )


def turn(id_: str, *sayings: dict[str, object], **more: object) -> dict[str, Any]:
    steps = [("pause", 0, 0.5), ("hearing", 0.5, 0.71), ("thinking", 0.71, 1.1), ("voicing", 1.1, 1.3)]
    whole: dict[str, object] = {
        "answer": [{"text": "It is twelve o'clock.", "heard": 1.0}],
        "shown": [],
        "outcome": "answered",
        "tier": "full",
        "stt": "faster-whisper (base)",
        "tts": "piper (amy)",
        "model": "qwen",
        "level": "with-memory",
        "troubles": [],
        "steps": [
            {"name": name, "began": began, "ended": ended} for name, began, ended in (*steps, ("speaking", 1.3, 9))
        ],
    }
    return {"id": id_, "said": [*sayings]} | whole | more


class Api:
    """The conversations as the page sees them, and what it asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = ""
        self.erased: set[str] = set()
        self.list: list[dict[str, Any]] = [
            {"id": THREAD, "title": "Lunch", "at": "2025-05-05T12:00:00Z", "messages": 6, "favourite": True},
            {"id": "2", "title": "The trip to Oslo", "at": "2025-05-04T09:30:00Z", "messages": 1, "favourite": False},
        ]
        typed = said("s-3", "And tomorrow?", engine=None, confidence=None, seconds=None, recorded=False)
        cut = [
            {"text": "First boil the water.", "heard": 1.0},
            {"text": "Then put in the noodles and wait.", "heard": 0.5},
            {"text": "Salt it.", "heard": 0.0},
        ]
        lost = said(
            "s-4", "", confidence=None, engine=None, outcome="no-words", reason="I could make out no words in it."
        )
        self.review: dict[str, Any] = {
            "id": THREAD,
            "title": "Lunch",
            "at": "2025-05-05T12:00:00Z",
            "favourite": False,
            "turns": [
                turn("t-1", said("s-1", "What time is it?", verbatim="Uh, what w-what time is it?")),
                turn(
                    "t-2",
                    said("s-2", "How do I cook", confidence=0.62),
                    said("s-2b", "noodles?"),
                    answer=cut,
                    outcome="cut",
                    troubles=["Long-term memory took too long."],
                    level="without-memory",
                ),
                turn("t-3", typed, answer=[], shown=["The same."], tier="tts-only", stt="", steps=[]),
                turn("t-4", lost, answer=[], outcome="no-words", tier="", tts="", model="", level="", stt="", steps=[]),
                turn("t-5", outcome=None, steps=[]),
            ],
        }

    async def is_asked(self, *requests: str) -> None:
        """These and no others, in a moment."""
        with anyio.move_on_after(30):
            while len(self.asked) < len(requests):
                await anyio.sleep(0.05)
        assert self.asked == [*requests]

    async def answer(self, route: Route) -> None:
        method, url = route.request.method, urlsplit(route.request.url)
        path = url.path.removeprefix("/api/")
        if path.startswith("recordings/"):
            if path.removeprefix("recordings/") in self.erased:
                await route.fulfill(status=404, body="{}")
            else:
                await route.fulfill(body=wav_bytes(tone(0.3)), content_type="audio/wav")
        elif self.away:
            refusal = {"code": "engine-failed", "detail": self.away, "remedy": "It is tried again by itself."}
            await route.fulfill(status=503, body=json.dumps(refusal), content_type="application/json")
        elif method == "GET" and path == "threads":
            await self._list(route, url.query)
        elif method == "GET":
            await route.fulfill(body=json.dumps(self.review), content_type="application/json")
        else:
            body = route.request.post_data or ""
            self.asked.append(f"{method} {path} {body}".strip())
            await route.fulfill(status=204 if method == "DELETE" else 200, body=body, content_type="application/json")

    async def _list(self, route: Route, query: str) -> None:
        found = [each for each in self.list if query.removeprefix("search=").casefold() in each["title"].casefold()]
        page: dict[str, Any] = {"threads": found, "next": None}
        if "cursor" in query:
            page = {"threads": [self.list[0] | {"id": "3", "title": "Long ago"}], "next": None}
        elif len(self.list) > 2:
            page["next"] = "later"
        await route.fulfill(body=json.dumps(page), content_type="application/json")


@asynccontextmanager
async def review_page(
    browser: Browser, api: Api, path: str = f"/review/{THREAD}", **options: Any
) -> AsyncGenerator[Page]:
    document = Document("review.html")
    with serve_public({}) as origin:
        async with open_page(browser, **options) as page:
            await page.route("**/api/**", api.answer)
            await page.route(re.compile(r"/review(/[^/.]+)?(#.*)?$"), document.answer)
            page.on("console", document.note)
            await page.goto(f"{origin}{path}")
            await expect(page.locator("#view")).not_to_contain_text("Loading")
            yield page
            assert document.forbidden == []


def card(page: Page, number: int) -> Any:
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=f"Turn {number}"))


async def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


async def test_what_was_cleaned_of_hesitations_is_shown_word_for_word_on_demand(chromium: Browser) -> None:
    async with review_page(chromium, Api(), f"/review/{THREAD}") as page:
        await expect(card(page, 1).get_by_text("Uh, what w-what time is it?")).not_to_be_visible()
        await card(page, 1).get_by_text("Word for word").first.click()
        await expect(card(page, 1).get_by_text("Uh, what w-what time is it?")).to_be_visible()
        assert await violations(page) == []


async def test_the_list_leads_to_each_conversation(chromium: Browser) -> None:
    async with review_page(chromium, Api(), "/review") as page:
        lunch = page.get_by_role("listitem").filter(has_text="Lunch")
        for words in ("Favourite", "5 May 2025", "6 messages"):
            await expect(lunch).to_contain_text(words)
        await picture(page, "review-list")
        await page.get_by_role("link", name="Lunch").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Lunch")


async def test_a_search_says_how_much_it_found(chromium: Browser) -> None:
    async with review_page(chromium, Api(), "/review") as page:
        await page.get_by_role("searchbox").fill("oslo")
        await expect(page.get_by_role("heading", level=2)).to_have_text(["The trip to Oslo"])
        await expect(page.get_by_role("status")).to_have_text("1 conversation found.")
        await page.get_by_role("searchbox").fill("nothing")
        await expect(page.get_by_text("Nothing was found.").first).to_be_visible()


async def test_older_conversations_follow_and_the_focus_goes_to_them(chromium: Browser) -> None:
    api = Api()
    api.list.append(api.list[1] | {"id": "9", "title": "Yesterday"})
    async with review_page(chromium, api, "/review") as page:
        await page.get_by_role("button", name="Show older ones").click()
        await expect(page.get_by_role("link", name="Long ago")).to_be_focused()
        await expect(page.get_by_role("button", name="Show older ones")).to_be_hidden()


async def test_a_turn_says_in_words_how_well_it_was_understood_and_how_it_went(chromium: Browser) -> None:
    async with review_page(chromium, Api()) as page:
        first, second, third, fourth, fifth = (card(page, number) for number in range(1, 6))
        await expect(first).to_contain_text("Understood: clear, 93 %")
        await expect(second).to_contain_text("Understood: doubtful, 62 %")
        for words in ("You broke in", "Long-term memory took too long.", "Without memory", "Voice: speak and listen"):
            await expect(second).to_contain_text(words)
        await expect(third).to_contain_text("How much of it was heard is not known.")
        await expect(fourth).to_contain_text("No words were made out.")
        await expect(fourth).to_contain_text("I could make out no words in it.")
        await expect(fifth).to_contain_text("Your words could not be kept.")


async def test_what_was_not_heard_is_marked_by_line_and_by_word(chromium: Browser) -> None:
    async with review_page(chromium, Api()) as page:
        answer = card(page, 2)
        await expect(answer).to_contain_text("First boil the water. Then put in the noodles and wait. (only 50 %")
        await expect(answer).to_contain_text("Salt it. (not heard)")
        struck = answer.locator(".unheard")
        await expect(struck).to_have_text(["the noodles and wait.", "Salt it."])
        await expect(struck.first).to_have_css("text-decoration-line", "line-through")


async def test_the_waterfall_has_a_sentence_and_a_table(chromium: Browser) -> None:
    async with review_page(chromium, Api()) as page:
        first = card(page, 1)
        image = first.get_by_role("img")
        await expect(image).to_have_attribute(
            "aria-label",
            "The answer began 1.30 s after you had finished: Pause"
            " 0.50 s, Hearing 0.21 s, Thinking 0.39 s, Voicing 0.20 s, Speaking 7.70 s.",
        )
        await first.get_by_text("These times as a table").click()
        table = first.get_by_role("table", name="Turn 1: seconds after you had finished speaking")
        await expect(table.get_by_role("row").nth(2)).to_contain_text(
            "Hearing: making out your words0.50 s0.71 s0.21 s"
        )
        await expect(card(page, 4).get_by_role("img")).to_have_count(0)


async def test_every_step_up_to_what_the_browser_told_has_its_bar(chromium: Browser) -> None:
    api, names = Api(), ["fetching", "thinking", "phrasing", "voicing", "sending", "speaking"]
    api.review["turns"][0]["steps"] = [{"name": name, "began": at, "ended": at + 1} for at, name in enumerate(names)]
    async with review_page(chromium, api) as page:
        image = card(page, 1).get_by_role("img")
        await expect(image).to_have_attribute(
            "aria-label",
            "The answer began 5.00 s after you had finished: Fetching"
            " 1.00 s, Thinking 1.00 s, Phrasing 1.00 s, Voicing 1.00 s, Sending 1.00 s, Speaking 1.00 s.",
        )
        await card(page, 1).get_by_text("These times as a table").click()
        await expect(card(page, 1).get_by_role("table")).to_contain_text("Sending: until you could hear it")


async def test_all_recordings_are_played_in_turn_and_a_lost_one_is_said(chromium: Browser) -> None:
    api = Api()
    api.erased.add("s-2b")
    async with review_page(chromium, api) as page:
        await page.get_by_label("Speed").select_option("2")
        await page.evaluate("""() => {
            window.played = [];
            const note = ({ target }) => window.played.push([target.dataset.name, target.playbackRate]);
            document.addEventListener("playing", note, true);
        }""")
        await page.get_by_role("button", name="Play all recordings").click()
        await expect(page.locator("#playing")).to_have_text("All played, but 1 could not be.")
        played = [["Turn 1", 2], ["Turn 2, part 1", 2], ["Turn 4", 2]]
        assert await page.evaluate("window.played") == played
        await expect(page.get_by_role("button", name="Play all recordings")).to_be_visible()


async def test_only_one_recording_plays_and_its_turn_is_marked(chromium: Browser) -> None:
    async with review_page(chromium, Api()) as page:
        first, last = page.get_by_label("Recording of turn 1"), page.get_by_label("Recording of turn 4")
        for recording in (first, last):
            await recording.evaluate("(audio) => { audio.loop = true; return audio.play(); }")
        assert await first.evaluate("(audio) => audio.paused")
        await expect(page.locator("[aria-current=true]")).to_contain_text("Turn 4")
        await expect(page.get_by_role("status")).to_have_text("Playing Turn 4 (4 of 4).")


async def test_a_moment_can_be_jumped_to(chromium: Browser) -> None:
    async with review_page(chromium, Api(), f"/review/{THREAD}#turn-t-3") as page:
        await expect(page.get_by_role("heading", name="Turn 3")).to_be_focused()
        await expect(page.locator(".sought")).to_have_count(1)


async def test_it_is_renamed_made_a_favourite_and_taken_along(chromium: Browser) -> None:
    api = Api()
    async with review_page(chromium, api) as page:
        await page.get_by_role("button", name="Rename").click()
        await page.get_by_label("Its new name").fill("Noodles")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Noodles")
        await expect(page).to_have_title("Noodles – Review – Nightingale")
        await page.get_by_role("button", name="Favourite").click()
        await expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
        changes = [f'PATCH threads/{THREAD} {{"title":"Noodles"}}', f'PATCH threads/{THREAD} {{"favourite":true}}']
        await api.is_asked(*changes)
        await page.get_by_text("Take it along").click()
        captions = page.get_by_role("link", name="Captions (WebVTT)")
        await expect(captions).to_have_attribute("href", f"/api/threads/{THREAD}/export?form=vtt")
        go_on = page.get_by_role("link", name="Go on with it")
        await expect(go_on).to_have_attribute("href", f"/thread/{THREAD}")


async def test_deleting_is_asked_about_first_and_leads_back_to_the_list(chromium: Browser) -> None:
    api = Api()
    async with review_page(chromium, api) as page:
        await page.get_by_role("button", name="Delete").click()
        await expect(page.get_by_role("dialog")).to_contain_text("with its 5 turns and all its recordings")
        await page.keyboard.press("Escape")
        assert api.asked == []
        await page.get_by_role("button", name="Delete").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        await page.wait_for_url("**/review")
        await api.is_asked(f"DELETE threads/{THREAD}")


async def test_what_cannot_be_shown_says_why_and_is_tried_again(chromium: Browser) -> None:
    api = Api()
    api.away = "Your conversations cannot be reached just now: the disk is gone."
    async with review_page(chromium, api) as page:
        await expect(page.get_by_role("alert")).to_have_text(f"{api.away} It is tried again by itself.")
        api.away = ""
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Lunch")
        await expect(page.get_by_role("alert")).to_be_hidden()


async def test_everything_can_be_reached_with_the_keyboard(chromium: Browser) -> None:
    async with review_page(chromium, Api()) as page:
        seen = await walked(page)
        assert not [name for name in seen if name.startswith("UNSEEN")]
        wanted = ["Skip to the content", "All conversations", "Go on with it", "Rename", "Favourite", "Delete"]
        wanted += ["Take it along", "Play all recordings", "Speed", "Recording of turn 1"]
        wanted += ["These times as a table, Turn 1", "Recording of turn 2, part 2", "Recording of turn 4"]
        assert [name for name in dict.fromkeys(seen) if name in wanted] == wanted


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/review", f"/review/{THREAD}"])
async def test_axe_finds_nothing(chromium: Browser, theme: str, path: str) -> None:
    async with review_page(chromium, Api(), path, color_scheme=theme) as page:
        for summary in await page.locator("summary").all():
            await summary.click()
        assert await violations(page) == []
        if path != "/review":
            await picture(page, f"review-{theme}")
        await page.set_viewport_size(MAGNIFIED)
        assert await violations(page) == []


async def test_it_fits_a_narrow_page_which_is_a_usual_one_at_400_percent(chromium: Browser) -> None:
    narrow = {"width": 320, "height": 256}
    async with review_page(chromium, Api(), viewport=narrow) as page:
        for summary in await page.locator("summary").all():
            await summary.click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        await picture(page, "review-narrow")
        small = await page.evaluate("""() => [...document.querySelectorAll("a, button, select, input, summary")]
            .filter((e) => e.getClientRects().length && !e.matches(".skip"))
            .filter((e) => e.getBoundingClientRect().height < 24).map((e) => e.textContent)""")
        assert small == []
