"""Documents on the page "My memory", over a scripted API: given, watched, looked into and taken away."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from playwright.async_api import Browser, FilePayload, Page, Route, expect

from tests.browser.axe import MAGNIFIED, violations
from tests.browser.test_memory_page import Api, confirm, memory_page, picture

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

LONG_NAME = "a_very_long_name_of_a_file_that_somebody_has_given_to_a_report_of_theirs_last_year.txt"


def given(name: str, passages: int = 3, title: str = "") -> dict[str, Any]:
    facts = {"id": f"id/{name}", "name": name, "title": title or name, "added_at": "2025-05-05T12:00:00Z"}
    return facts | {"characters": 100 * passages, "passages": passages, "metadata": {}}


class Library(Api):
    """Documents as the page sees them, and what it asked. A file that says "damaged" is refused."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.documents = [given(name) for name in names]
        self.reading: list[dict[str, Any]] = []
        self.away = ""
        self.may_end = anyio.Event()
        """Until then nothing is finished reading."""
        self.may_end.set()

    async def answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        path = url.path.removeprefix("/api/")
        if not path.startswith("documents"):
            await super().answer(route)
            return
        status, answer = 200, await self._answer(route, path, parse_qs(url.query))
        if "detail" in answer:
            status = 503 if self.away else 422
        await route.fulfill(status=status, body=json.dumps(answer), content_type="application/json")

    async def _answer(self, route: Route, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        if self.away:
            return {"detail": self.away, "remedy": "It is tried again by itself."}
        match route.request.method, path.removeprefix("documents/"):
            case "GET", "documents":
                return {"documents": self.documents, "reading": self.reading}
            case "POST", _:
                return await self._take(route.request.post_data_buffer or b"")
            case "DELETE", id_:
                self.asked.append((f"DELETE {path}", None))
                self.documents = [each for each in self.documents if each["id"] != id_.replace("%2F", "/")]
                return {"removed": 1}
            case _, id_:
                found = next(each for each in self.documents if each["id"] == id_.replace("%2F", "/"))
                first, most = int(query["first"][0]), int(query["most"][0])
                every = [{"place": f"page {n}", "position": n, "text": f"Words {n}."} for n in range(found["passages"])]
                return {"document": found, "passages": every[first : first + most]}

    async def _take(self, body: bytes) -> dict[str, Any]:
        match = re.search(rb'filename="([^"]+)"', body)
        assert match is not None
        name = match[1].decode()
        self.asked.append(("POST documents", name))
        await self.may_end.wait()
        self.reading = []
        if b"damaged" in body:
            return {"detail": f"“{name}” cannot be read: it is damaged."}
        self.documents = [given(name), *self.documents]
        return {"added": [self.documents[0]], "refused": []}


def file(name: str, text: str = "Words.") -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


async def give(page: Page, *files: FilePayload) -> None:
    await page.get_by_label("Give me files to read").set_input_files([*files])


def shown(page: Page) -> Any:
    return page.get_by_role("list", name="Documents").locator("strong")


async def test_what_was_given_stands_with_its_date_and_its_extent(chromium: Browser) -> None:
    library = Library("Tea.pdf")
    library.documents[0]["title"] = "All about tea"
    async with memory_page(chromium, library) as page:
        item = page.get_by_role("list", name="Documents").get_by_role("listitem").first
        for words in ("Tea.pdf", "All about tea", "Added on 5 May 2025, 12:00", "3 passages"):
            await expect(item).to_contain_text(words)
        await expect(page.get_by_text("1 document, the newest first.")).to_be_visible()


async def test_who_has_given_nothing_reads_so(chromium: Browser) -> None:
    async with memory_page(chromium, Library()) as page:
        await expect(page.locator("#documents")).to_have_text("I have read none yet.")


async def test_files_are_read_one_after_the_other_and_how_far_each_is_can_be_seen(chromium: Browser) -> None:
    library = Library()
    library.may_end = anyio.Event()
    async with memory_page(chromium, library) as page:
        await give(page, file("Tea.pdf"), file("Coffee.md"))
        bar = page.get_by_role("progressbar", name="Tea.pdf")
        library.reading = [{"name": "Tea.pdf", "done": 0, "all": 0}]
        await expect(page.get_by_role("list", name="Being read")).to_contain_text("Reading…")
        library.reading = [{"name": "Tea.pdf", "done": 1, "all": 4}]
        await expect(page.get_by_text("1 of 4 passages")).to_be_visible()
        assert await bar.evaluate("(bar) => bar.value") == 0.25
        await picture(page, "documents-reading")
        library.may_end.set()
        await expect(shown(page)).to_have_text(["Coffee.md", "Tea.pdf"])
        await expect(page.get_by_role("status")).to_have_text("I have read Coffee.md.")
        await expect(page.get_by_role("progressbar")).to_have_count(0)
        await library.is_asked(("POST documents", "Tea.pdf"), ("POST documents", "Coffee.md"))


async def test_a_bad_file_is_told_of_in_its_place_and_the_others_are_read(chromium: Browser) -> None:
    async with memory_page(chromium, Library()) as page:
        await give(page, file("bad.pdf", "damaged"), file("good.txt"))
        await expect(shown(page)).to_have_text(["good.txt"])
        told = page.get_by_role("list", name="Being read")
        await expect(told).to_contain_text("“bad.pdf” cannot be read: it is damaged.")
        await page.get_by_role("button", name="Dismiss what is said of “bad.pdf”").click()
        await expect(told.get_by_role("listitem")).to_have_count(0)
        await expect(page.get_by_role("heading", name="Documents")).to_be_focused()


async def test_a_file_that_is_too_big_is_not_sent(chromium: Browser) -> None:
    library = Library()
    async with memory_page(chromium, library) as page:
        dropped = await page.evaluate_handle("""() => {
            const data = new DataTransfer();
            data.items.add(new File([new ArrayBuffer(50_000_001)], "Big.txt"));
            return data;
        }""")
        await page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
        await expect(page.get_by_role("list", name="Being read")).to_contain_text("“Big.txt” is too big")
        assert library.asked == []


async def test_files_can_be_dropped(chromium: Browser) -> None:
    async with memory_page(chromium, Library()) as page:
        dropped = await page.evaluate_handle("""() => {
            const data = new DataTransfer();
            data.items.add(new File(["Words."], "Dropped.txt"));
            return data;
        }""")
        await page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
        await expect(shown(page)).to_have_text(["Dropped.txt"])


async def test_a_document_is_taken_away_only_after_a_question(chromium: Browser) -> None:
    library = Library("Tea.pdf", "Coffee.md")
    async with memory_page(chromium, library) as page:
        await page.get_by_role("button", name="Remove “Tea.pdf”").click()
        await confirm(page, "Remove “Tea.pdf”?", "Keep")
        assert library.asked == []
        await page.get_by_role("button", name="Remove “Tea.pdf”").click()
        await confirm(page, "Remove “Tea.pdf”?", "Remove")
        await expect(shown(page)).to_have_text(["Coffee.md"])
        await expect(page.get_by_role("heading", name="Documents")).to_be_focused()
        await expect(page.get_by_role("status")).to_have_text("Removed.")
        await library.is_asked(("DELETE documents/id%2FTea.pdf", None))


async def test_what_was_read_is_shown_with_its_places_and_more_of_it_when_asked_for(chromium: Browser) -> None:
    library = Library()
    library.documents = [given("Tea.pdf", 60)]
    async with memory_page(chromium, library) as page:
        await page.get_by_text("What I read").click()
        passages = page.get_by_role("list", name="Passages of “Tea.pdf”").get_by_role("listitem")
        await expect(passages).to_have_count(50)
        await expect(passages.first).to_have_text("page 0Words 0.")
        await page.get_by_role("button", name="Show more (10) of “Tea.pdf”").click()
        await expect(passages).to_have_count(60)
        await expect(passages.nth(50)).to_be_focused()
        await expect(page.get_by_role("button", name="Show more")).to_have_count(0)


async def test_a_library_that_is_away_says_so_and_is_looked_for_again(chromium: Browser) -> None:
    library = Library("Tea.pdf")
    library.away = "Your documents cannot be read just now: the disk is gone."
    async with memory_page(chromium, library) as page:
        await expect(page.locator("#documents")).to_contain_text(f"{library.away} It is tried again by itself.")
        await give(page, file("Coffee.md"))
        await expect(page.get_by_role("list", name="Being read")).to_contain_text("the disk is gone")
        library.away = ""
        await page.get_by_role("button", name="Look again for my documents").click()
        await expect(shown(page)).to_have_text(["Tea.pdf"])


async def test_all_of_it_is_done_with_the_keyboard(chromium: Browser) -> None:
    async with memory_page(chromium, Library("Tea.pdf")) as page:
        page.on("filechooser", lambda _: None)  # Playwright begins to heed them a moment after the first listener came
        await expect(shown(page)).to_have_text(["Tea.pdf"])
        await page.get_by_label("Give me files to read").focus()
        async with page.expect_file_chooser():
            await page.keyboard.press("Space")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Remove “Tea.pdf”")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Words 0.")).to_be_visible()


async def everything_shown(page: Page, library: Library) -> None:
    await give(page, file("bad.pdf", "damaged"))
    await expect(page.get_by_role("list", name="Being read")).to_contain_text("it is damaged.")
    library.may_end = anyio.Event()
    library.reading = [{"name": LONG_NAME, "done": 30, "all": 120}]
    await give(page, file(LONG_NAME), file("Next.txt"))
    await expect(page.get_by_text("30 of 120 passages")).to_be_visible()
    await page.get_by_text("What I read").first.click()
    await expect(page.get_by_text("Words 0.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing(chromium: Browser, theme: str) -> None:
    library = Library("Tea.pdf", "Coffee.md")
    library.documents[0]["passages"] = 60
    async with memory_page(chromium, library, color_scheme=theme, viewport={"width": 1280, "height": 900}) as page:
        await everything_shown(page, library)
        assert await violations(page) == []
        await picture(page, f"documents-{theme}")
        await page.get_by_role("button", name="Remove “Tea.pdf”").click()
        assert await violations(page) == []
        await page.set_viewport_size(MAGNIFIED)
        assert await violations(page) == []
        library.may_end.set()


async def test_it_fits_a_narrow_page_which_is_a_usual_one_at_400_percent(chromium: Browser) -> None:
    library = Library("Tea.pdf", LONG_NAME)
    async with memory_page(chromium, library, viewport={"width": 320, "height": 256}) as page:
        await everything_shown(page, library)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        await picture(page, "documents-narrow")
        library.may_end.set()
