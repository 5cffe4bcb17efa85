"""My memory, over a scripted API: read, found, put right, forgotten, paused, taken along and erased."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.axe import MAGNIFIED, violations
from tests.browser.chromium import open_page, serve_public
from tests.browser.document import Document
from tests.browser.keyboard import walked

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

SCREENSHOTS = Path(__file__).parent.parent / "screenshots"
RECEIPT = {
    "user": "local",
    "at": "2025-05-05T12:00:00Z",
    "complete": False,
    "parts": [
        {"what": "memories", "count": 3, "trouble": ""},
        {"what": "backups", "count": 0, "trouble": "the disk is away"},
    ],
}


def memory(id_: str, text: str, kind: str = "fact", **more: object) -> dict[str, Any]:
    facts = {"topic": "", "subject": "user", "said_at": "2025-05-05T12:00:00Z", "thread": "th-1", "turn": f"tu-{id_}"}
    rest: dict[str, object] = {"confidence": 1.0, "valid_from": None, "valid_until": None, "before": []}
    return {"id": id_, "text": text, "kind": kind} | facts | rest | more


class Api:
    """The memories as the page sees them, and what it asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.refusal = ""
        self.refused_in: dict[str, str] = {}
        self.paused = False
        self.rest = 0
        """How many more facts there are than are shown at first."""
        lyon = {"id": "0", "text": "The user lives in Lyon.", "said_at": "2024-01-02T08:00:00Z"}
        before = [lyon | {"thread": "th-0", "turn": "tu-0"}]
        self.memories: list[dict[str, Any]] = [
            memory("1", "The user lives in Oslo.", before=before, valid_from="2025-05-01T00:00:00Z"),
            memory("2", "The user has a dog.", confidence=0.6),
            memory("3", "The user likes tea.", "preference"),
        ]

    async def is_asked(self, *requests: tuple[str, Any]) -> None:
        """These and no others, in a moment."""
        with anyio.move_on_after(30):
            while len(self.asked) < len(requests):
                await anyio.sleep(0.05)
        assert self.asked == [*requests]

    async def answer(self, route: Route) -> None:
        method, url = route.request.method, urlsplit(route.request.url)
        path, body = url.path.removeprefix("/api/"), json.loads(route.request.post_data or "null")
        answer: dict[str, Any] = {}
        if self.refusal and path != "memories/pause":
            answer = {"detail": self.refusal, "remedy": "It is tried again by itself."} | self.refused_in
        elif method == "GET" and path == "memories/pause":
            answer = {"paused": self.paused}
        elif path == "documents":
            answer = {"documents": [], "reading": []}
        elif method == "GET":
            answer = self._known({name: values[0] for name, values in parse_qs(url.query).items()})
        else:
            self.asked.append((f"{method} {path}", body))
            answer = self._change(method, path, body)
        status = 503 if "detail" in answer else 200
        await route.fulfill(status=status, body=json.dumps(answer), content_type="application/json")

    def _known(self, wanted: dict[str, str]) -> dict[str, Any]:
        counts: dict[str, int] = {}
        for each in self.memories:
            counts[each["kind"]] = counts.get(each["kind"], 0) + 1
        shown = [each for each in self.memories if wanted.get("query", "") in each["text"]]
        shown = [each for each in shown if wanted.get("kind", each["kind"]) == each["kind"]]
        if wanted.get("after") == "17":
            shown = [memory(f"r{n}", f"Fact {n}.") for n in range(self.rest)]
        return {
            "counts": counts | {"fact": counts.get("fact", 0) + self.rest},
            "memories": shown,
            "after": {"fact": "17"} if self.rest and "after" not in wanted else {},
        }

    def _change(self, method: str, path: str, body: Any) -> dict[str, Any]:
        if path == "user":
            self.memories = []
            return RECEIPT
        if path == "memories/pause":
            self.paused = body["paused"]
            return {"paused": self.paused}
        if method == "PATCH":
            old = next(each for each in self.memories if each["id"] == path.removeprefix("memories/"))
            new = old | {"id": "9", "text": body["text"], "before": [old, *old["before"]]}
            self.memories[self.memories.index(old)] = new
            return new
        gone = {each["id"] for each in self.memories} if body.get("all") else set(body["ids"])
        self.memories = [each for each in self.memories if each["id"] not in gone]
        return {"done": True}


@asynccontextmanager
async def memory_page(browser: Browser, api: Api, **options: Any) -> AsyncGenerator[Page]:
    document = Document("memory.html")
    with serve_public({}) as origin:
        async with open_page(browser, **options) as page:
            await page.route("**/api/**", api.answer)
            await page.route("**/memory", document.answer)
            page.on("console", document.note)
            await page.goto(f"{origin}/memory")
            await expect(page.locator("#memories")).not_to_contain_text("Loading")
            yield page
            assert document.forbidden == []


def item(page: Page, text: str) -> Any:
    return page.get_by_role("listitem").filter(has=page.get_by_role("checkbox", name=text))


async def confirm(page: Page, title: str, yes: str = "Forget") -> None:
    dialog = page.get_by_role("dialog", name=title)
    await dialog.get_by_role("button", name=yes).click()
    await expect(dialog).to_be_hidden()


async def picture(page: Page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


async def test_everything_stands_by_kind_with_where_it_was_learnt(chromium: Browser) -> None:
    async with memory_page(chromium, Api()) as page:
        await expect(page.get_by_role("heading", level=3)).to_have_text(["Facts (2)", "Likes and dislikes (1)"])
        await expect(page.get_by_text("3 memories.")).to_be_visible()
        oslo = item(page, "The user lives in Oslo.")
        for words in ("Said on 5 May 2025, 12:00", "From 1 May 2025"):
            await expect(oslo).to_contain_text(words)
        await expect(item(page, "The user has a dog.")).to_contain_text("Not certain (60 %)")
        jump = oslo.get_by_role("link", name="Jump to the moment of “The user lives in Oslo.”")
        await expect(jump).to_have_attribute("href", "/review/th-1#turn-tu-1")


async def test_what_was_believed_before_is_one_click_away(chromium: Browser) -> None:
    async with memory_page(chromium, Api()) as page:
        earlier = item(page, "The user lives in Oslo.").get_by_text("The user lives in Lyon.", exact=True)
        await expect(earlier).to_be_hidden()
        await page.get_by_text("Before that").click()
        await expect(earlier).to_be_visible()


async def test_a_search_and_a_kind_narrow_it_down(chromium: Browser) -> None:
    async with memory_page(chromium, Api()) as page:
        await page.get_by_role("searchbox").fill("tea")
        await expect(page.get_by_role("checkbox")).to_have_count(1)
        await expect(page.get_by_role("status")).to_have_text("1 memory found.")
        await page.get_by_role("searchbox").fill("")
        await page.get_by_label("Show", exact=True).select_option("facts")
        await expect(page.get_by_role("checkbox")).to_have_count(2)


async def test_of_very_many_the_rest_is_shown_when_asked_for(chromium: Browser) -> None:
    api = Api()
    api.rest = 5
    async with memory_page(chromium, api) as page:
        await page.get_by_role("button", name="Show more of Facts").click()
        await expect(page.get_by_role("checkbox", name="Fact 0.")).to_be_focused()
        await expect(page.get_by_role("button", name="Show more of Facts")).to_have_count(0)


async def test_a_memory_is_put_right_and_the_old_one_stays_in_the_chain(chromium: Browser) -> None:
    api = Api()
    async with memory_page(chromium, api) as page:
        await page.get_by_role("button", name="Edit “The user lives in Oslo.”").click()
        await expect(page.get_by_label("What I should know instead")).to_be_focused()
        await page.get_by_label("What I should know instead").fill("The user lives in Bergen.")
        await page.get_by_label("until").fill("2025-12-31")
        await picture(page, "memory-edit")
        await page.get_by_role("button", name="Save").click()
        bergen = item(page, "The user lives in Bergen.")
        await expect(bergen).to_contain_text("Put right on")
        await expect(page.get_by_role("button", name="Edit “The user lives in Bergen.”")).to_be_focused()
        body = {"text": "The user lives in Bergen.", "valid_until": "2025-12-31T00:00:00Z"}
        await api.is_asked(("PATCH memories/1", body))


async def test_an_edit_can_be_left_with_escape(chromium: Browser) -> None:
    api = Api()
    async with memory_page(chromium, api) as page:
        await page.get_by_role("button", name="Edit “The user likes tea.”").click()
        await page.keyboard.type("No. ")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Edit “The user likes tea.”")).to_be_focused()
        assert api.asked == []


async def test_one_several_or_all_are_forgotten_and_the_question_names_how_many(chromium: Browser) -> None:
    api = Api()
    async with memory_page(chromium, api) as page:
        await page.get_by_role("button", name="Forget “The user likes tea.”").click()
        await confirm(page, "Forget 1 memory?", "Keep")
        assert api.asked == []
        await page.get_by_role("button", name="Forget “The user likes tea.”").click()
        await confirm(page, "Forget 1 memory?")
        await expect(page.get_by_role("checkbox")).to_have_count(2)
        for text in ("The user lives in Oslo.", "The user has a dog."):
            await page.get_by_role("checkbox", name=text).check()
        await page.get_by_role("button", name="Forget what is ticked (2)").click()
        await confirm(page, "Forget 2 memories?")
        await expect(page.get_by_text("Nothing yet.")).to_be_visible()
        api.memories = Api().memories
        await page.reload()
        await page.get_by_role("button", name="Forget all (3)").click()
        await confirm(page, "Forget all 3 memories?")
        await expect(page.get_by_role("heading", name="What I know")).to_be_focused()
        wanted = [{"ids": ["3"]}, {"ids": ["1", "2"]}, {"all": True}]
        await api.is_asked(*(("DELETE memories", body) for body in wanted))


async def test_remembering_is_switched_off_and_on(chromium: Browser) -> None:
    api = Api()
    async with memory_page(chromium, api) as page:
        switch = page.get_by_role("switch", name="Remember what I say")
        await expect(switch).to_be_checked()
        await switch.focus()
        await page.keyboard.press("Space")
        await expect(switch).not_to_be_checked()
        await expect(page.get_by_role("status")).to_have_text("Off the record: nothing new is remembered.")
        await switch.click()
        await expect(switch).to_be_checked()
        await api.is_asked(*(("POST memories/pause", {"paused": paused}) for paused in (True, False)))


async def test_a_store_that_is_away_says_so_and_is_tried_again(chromium: Browser) -> None:
    api = Api()
    api.refusal = "What I remember cannot be read just now: its disk is gone."
    async with memory_page(chromium, api) as page:
        await expect(page.get_by_role("alert")).to_have_text(f"{api.refusal} It is tried again by itself.")
        await expect(page.get_by_role("switch")).to_be_enabled()
        await picture(page, "memory-away")
        api.refusal = ""
        await page.get_by_role("button", name="Try again").click()
        await expect(page.get_by_role("checkbox")).to_have_count(3)
        await expect(page.get_by_role("alert")).to_be_hidden()


async def test_a_refused_correction_keeps_what_was_written(chromium: Browser) -> None:
    api = Api()
    async with memory_page(chromium, api) as page:
        await page.get_by_role("button", name="Edit “The user likes tea.”").click()
        await page.get_by_label("What I should know instead").fill("My card is 4111.")
        api.refusal = "I keep no card numbers."
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert")).to_contain_text("I keep no card numbers.")
        await expect(page.get_by_label("What I should know instead")).to_have_value("My card is 4111.")


async def test_everything_is_taken_along_or_erased_once_the_word_is_typed(chromium: Browser) -> None:
    api = Api()
    async with memory_page(chromium, api) as page:
        link = page.get_by_role("link", name="Take everything along")
        await expect(link).to_have_attribute("href", "/api/export")
        await page.get_by_role("button", name="Erase everything").click()
        dialog = page.get_by_role("dialog", name="Erase everything?")
        await dialog.get_by_role("button", name="Erase everything").click()
        await expect(dialog).to_be_visible()  # the word is missing
        await dialog.get_by_label("Type the word “erase”").fill("erase")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("group", name="Receipt")).to_be_focused()
        await expect(page.get_by_role("group", name="Receipt")).to_have_text(
            re.compile(
                r"Erased for local on .+ 2025, .+:\s+memories: 3\s+"
                r"backups that had them: 0, but not all: the disk is away\s+Something is left. Please ask for it again."
            )
        )
        await api.is_asked(("DELETE user", {"confirm": "erase"}))


async def test_everything_can_be_reached_with_the_keyboard(chromium: Browser) -> None:
    async with memory_page(chromium, Api()) as page:
        seen = await walked(page)
        assert not [name for name in seen if name.startswith("UNSEEN")]
        wanted = ["Skip to the content", "Remember what I say", "Search, by words or by meaning", "Show"]
        wanted += ["Forget all (3)", "The user lives in Oslo.", "Edit “The user lives in Oslo.”"]
        wanted += [
            "Before that: what stood before “The user lives in Oslo.”",
            "Take everything along",
            "Erase everything",
        ]
        assert [name for name in dict.fromkeys(seen) if name in wanted] == wanted


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing(chromium: Browser, theme: str) -> None:
    async with memory_page(chromium, Api(), color_scheme=theme) as page:
        await page.get_by_text("Before that").click()
        await page.get_by_role("button", name="Edit “The user likes tea.”").click()
        assert await violations(page) == []
        await picture(page, f"memory-{theme}")
        await page.get_by_role("button", name="Erase everything").click()
        assert await violations(page) == []
        await page.set_viewport_size(MAGNIFIED)
        assert await violations(page) == []


async def test_it_fits_a_narrow_page_which_is_a_usual_one_at_400_percent(chromium: Browser) -> None:
    narrow = {"width": 320, "height": 256}
    async with memory_page(chromium, Api(), viewport=narrow) as page:
        await page.get_by_text("Before that").click()
        await page.get_by_role("button", name="Edit “The user likes tea.”").click()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        await picture(page, "memory-narrow")
        small = await page.evaluate("""() => [...document.querySelectorAll("a, button, select, input, summary")]
            .filter((e) => e.getClientRects().length && !e.matches(".skip"))
            .filter((e) => e.getBoundingClientRect().height < 24).map((e) => e.textContent)""")
        assert small == []
