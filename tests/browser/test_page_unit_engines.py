"""The engines page, over a scripted API: what it shows, and what its buttons ask for."""

import copy
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.axe import MAGNIFIED, violations
from tests.browser.chromium import PUBLIC, open_page, serve_public

pytestmark = [pytest.mark.anyio, pytest.mark.browser]


def model(name: str, kind: str, state: str, **more: object) -> dict[str, object]:
    facts = {"size_bytes": 63_000_000, "licence": "MIT", "purpose": "Speaks clearly.", "language": "English"}
    progress = {"received_bytes": 0, "total_bytes": 0, "error": None, "error_code": None}
    return {"id": name.lower(), "kind": kind, "name": name, "state": state} | facts | progress | more


class Api:
    """The models API as the page sees it: a picture, and what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refusal = ""
        self.cache: list[dict[str, Any]] = [{"kind": "speech", "layer": "file", "hits": 1, "misses": 2, "bytes": 3}]
        self.picture: dict[str, Any] = {
            "engines": [
                {"kind": "stt", "name": "whisper", "state": "failed", "detail": "The model is damaged."},
                {
                    "kind": "stt",
                    "name": "pocketsphinx",
                    "state": "in-use",
                    "detail": "Always at hand.",
                    "languages": ["en"],
                },
                {"kind": "tts", "name": "espeak-ng", "state": "in-use", "detail": ""},
                {"kind": "language", "name": "offline", "state": "in-use", "detail": "No model is installed."},
            ],
            "parts": [
                {
                    "kind": "memory",
                    "name": "Long-term memory",
                    "state": "failed",
                    "detail": "Its process ended unexpectedly.",
                    "remedy": "See the log.",
                    "breaker": "open",
                    "next_try_seconds": 3.2,
                },
                {"kind": "history", "name": "Session history", "state": "in-use", "detail": "", "remedy": ""},
            ],
            "models": [
                model("Base", "stt", "damaged", error="The checksum does not match.", error_code="checksum-mismatch"),
                model("Qwen", "language", "pulling", received_bytes=250, total_bytes=1000),
                model("Amy", "tts", "installed"),
                model("Ryan", "tts", "absent"),
            ],
            "free_bytes": 43_000_000_000,
        }

    async def is_asked(self, *requests: str) -> None:
        """These and no others, in a moment."""
        with anyio.move_on_after(30):
            while len(self.asked) < len(requests):
                await anyio.sleep(0.05)
        assert self.asked == [*requests]

    async def ready(self, route: Route) -> None:
        await route.fulfill(body=json.dumps({"cache": self.cache}), content_type="application/json")

    async def answer(self, route: Route) -> None:
        method, path = route.request.method, route.request.url.split("/api/")[1]
        if path == "models/events":
            await route.fulfill(status=404)  # no stream: the page has to ask again and again
        elif method == "GET":
            await route.fulfill(body=json.dumps(self.picture), content_type="application/json")
        else:
            self.asked.append(f"{method} {path}")
            refused = json.dumps({"detail": self.refusal})
            await route.fulfill(status=507 if self.refusal else 202, body=refused, content_type="application/json")


@asynccontextmanager
async def engines_page(browser: Browser, api: Api, **options: Any) -> AsyncGenerator[Page]:
    with serve_public({"/engines": (PUBLIC / "engines.html").read_text()}) as origin:
        async with open_page(browser, **options) as page:
            await page.route("**/api/**", api.answer)
            await page.route("**/health/ready", api.ready)
            await page.goto(f"{origin}/engines")
            await expect(page.get_by_role("heading", name="Amy")).to_be_visible()
            yield page


async def test_it_shows_who_is_in_use_and_why(chromium: Browser) -> None:
    async with engines_page(chromium, Api()) as page:
        failed = page.get_by_role("listitem").filter(has_text="whisper")
        await expect(failed).to_contain_text("Failed")
        await expect(failed).to_contain_text("The model is damaged.")
        await expect(page.get_by_role("listitem").filter(has_text="pocketsphinx")).to_contain_text("In use")
        await expect(page.get_by_text("43 GB of disk space are free.")).to_be_visible()


async def test_how_much_room_there_is_is_told_once_and_as_the_page_speaks(chromium: Browser) -> None:
    api = Api()
    api.picture["parts"] = [
        {"kind": "disk", "name": "Disk", "state": "in-use", "detail": "43 GB are free.", "remedy": ""}
    ]
    async with engines_page(chromium, api, locale="de-DE") as page:
        await expect(page.get_by_text("43 GB Platz sind frei.")).to_be_visible()
        await expect(page.get_by_text("43 GB")).to_have_count(1)


async def test_it_shows_which_part_is_away_and_says_when_it_is_back(chromium: Browser) -> None:
    api = Api()
    async with engines_page(chromium, api) as page:
        memory = page.get_by_role("listitem").filter(has_text="Long-term memory")
        for words in ("Failed", "Its process ended unexpectedly. It is asked again in 4 s.", "See the log."):
            await expect(memory).to_contain_text(words)
        await expect(page.get_by_role("listitem").filter(has_text="Session history")).to_contain_text("In use")
        api.picture["parts"][0] |= {"state": "in-use", "detail": "", "remedy": "", "next_try_seconds": None}
        await expect(memory).to_contain_text("In use")
        await expect(page.get_by_role("status")).to_have_text("Long-term memory is back.")


async def test_it_shows_which_languages_an_engine_knows(chromium: Browser) -> None:
    api = Api()
    api.picture["engines"][1] |= {"languages": ["en"]}
    api.picture["engines"][2] |= {"languages": ["en", "fr", "de", "es", "it", "nl", "pl", "pt", "ru"]}
    async with engines_page(chromium, api) as page:
        recogniser = page.get_by_role("listitem").filter(has_text="pocketsphinx")
        await expect(recogniser).to_contain_text("Understands English")
        await expect(page.get_by_role("listitem").filter(has_text="espeak-ng")).to_contain_text("Speaks 9 languages")


async def test_without_parts_there_is_no_heading_for_them(chromium: Browser) -> None:
    api = Api()
    api.picture["parts"] = []
    async with engines_page(chromium, api) as page:
        await expect(page.get_by_role("heading", name="Parts")).to_be_hidden()


async def test_it_shows_how_much_was_at_hand(chromium: Browser) -> None:
    api = Api()
    api.cache = [
        {"kind": "speech", "layer": "memory", "hits": 3, "misses": 1, "bytes": 1_200_000},
        {"kind": "speech", "layer": "redis", "hits": 0, "misses": 0, "bytes": 0},
    ]
    async with engines_page(chromium, api) as page:
        rows = page.get_by_role("table", name="At hand").get_by_role("row")
        await expect(rows.nth(1)).to_have_text("SpeechMemory3175 %1.2 MB")
        await expect(rows.nth(2)).to_have_text("SpeechRedis00––")


async def test_without_a_cache_there_is_no_table(chromium: Browser) -> None:
    api = Api()
    api.cache = []
    async with engines_page(chromium, api) as page:
        await expect(page.get_by_role("heading", name="At hand")).to_be_hidden()


async def test_a_download_is_asked_for_watched_and_cancelled(chromium: Browser) -> None:
    api = Api()
    async with engines_page(chromium, api) as page:
        await page.get_by_role("button", name="Download Ryan").click()
        api.picture["models"][3] |= {"state": "pulling", "received_bytes": 31_500_000, "total_bytes": 63_000_000}
        bar = page.get_by_role("progressbar", name="Ryan")
        await expect(bar).to_have_attribute("value", "31500000")
        await expect(page.get_by_text("32 MB of 63 MB, 50 %")).to_be_visible()
        await expect(page.get_by_role("status")).to_have_text("Ryan: Downloading.")
        await page.get_by_role("button", name="Cancel Ryan").click()
        await api.is_asked("POST models/ryan/pull", "DELETE models/ryan/pull")


async def test_the_focus_stays_where_it_is_while_the_picture_changes(chromium: Browser) -> None:
    api = Api()
    async with engines_page(chromium, api) as page:
        await page.get_by_role("button", name="Cancel Qwen").focus()
        api.picture["models"][1]["received_bytes"] = 750
        await expect(page.get_by_text("75 %")).to_be_visible()
        await expect(page.get_by_role("button", name="Cancel Qwen")).to_be_focused()
        api.picture["models"][1]["state"] = "installed"
        await expect(page.get_by_role("button", name="Remove Qwen")).to_be_focused()


async def test_removing_is_asked_about_first(chromium: Browser) -> None:
    api = Api()
    async with engines_page(chromium, api) as page:
        await page.get_by_role("button", name="Remove Amy").click()
        await expect(page.get_by_role("dialog")).to_contain_text("Amy (63 MB)")
        await page.keyboard.press("Escape")
        assert api.asked == []
        await page.get_by_role("button", name="Remove Amy").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await api.is_asked("DELETE models/amy")


async def test_a_refusal_is_shown_in_the_servers_words(chromium: Browser) -> None:
    api = Api()
    api.refusal = "There is not enough room: 63 MB are needed."
    async with engines_page(chromium, api) as page:
        await page.get_by_role("button", name="Download Ryan").click()
        await expect(page.get_by_role("alert")).to_have_text(f"Ryan: {api.refusal}")
        api.picture["models"][1]["received_bytes"] = 750
        await expect(page.get_by_text("75 %")).to_be_visible()
        await expect(page.get_by_role("alert")).to_have_text(f"Ryan: {api.refusal}")


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing(chromium: Browser, theme: str) -> None:
    api = Api()
    with serve_public({"/engines": (PUBLIC / "engines.html").read_text()}) as origin:
        async with open_page(chromium, color_scheme=theme) as page:
            await page.route("**/api/**", api.answer)
            await page.route("**/health/ready", api.ready)
            await page.goto(f"{origin}/engines")
            await expect(page.get_by_role("heading", name="Amy")).to_be_visible()
            assert await violations(page) == []
            await page.set_viewport_size(MAGNIFIED)
            assert await violations(page) == []


async def test_a_model_that_left_the_catalogue_leaves_the_page(chromium: Browser) -> None:
    api = Api()
    async with engines_page(chromium, api) as page:
        api.picture = copy.deepcopy(api.picture)
        api.picture["models"].pop()
        await expect(page.get_by_role("heading", name="Ryan")).to_have_count(0)
