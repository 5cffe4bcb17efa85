"""A person who says themselves when their turn ends, a browser, and the whole of Nightingale."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.house import Served, nightingale
from tests.browser.test_conversation import PATIENCE, a_visit, picture, sees, status
from tests.made.speech import silence, speech

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.realtime, pytest.mark.timeout(240)]

LEAD, PAUSE = 1.0, 3.0
SPOKEN = (LEAD, speech("what time", "awb") + silence(PAUSE) + speech("is it", "awb"))
"""Broken off in mid-sentence for longer than any patience but the greatest."""
SECONDS = LEAD + len(SPOKEN[1]) / 32_000


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Served]:
    patient = '[{"engine": "pocketsphinx", "first_output_seconds": 60}]'  # a bound for a busy machine
    async with nightingale(tmp_path_factory.mktemp("house"), VOICE__STT=patient) as served:
        yield served


async def choose(page: Page, label: str, option: str) -> None:
    await page.get_by_role("button", name="How I talk and listen").click()
    await page.get_by_role("combobox", name=label).select_option(option)
    await page.keyboard.press("Escape")


async def all_was_said(page: Page) -> None:
    listened = "(seconds) => performance.now() - window.__tap.listeningSince > 1000 * seconds"
    await page.wait_for_function(listened, arg=SECONDS + 1, timeout=PATIENCE)


async def is_one_turn(page: Page, count: int) -> None:
    """Whatever of it is understood: of a voice that pauses so long the recogniser may take a word for another."""
    await expect(page.get_by_role("article", name="Nightingale")).to_have_count(count, timeout=PATIENCE)
    await sees(page, r"\b(what|time|is it)\b")
    await status(page, "Ready, ")
    await expect(page.get_by_role("article", name="You")).to_have_count(count)


async def test_who_holds_the_button_with_a_key_is_answered_once_and_only_when_they_let_go(
    house: Served, tmp_path: Path
) -> None:
    async with a_visit(house, tmp_path, *SPOKEN) as page:
        await status(page, "Voice: speak and listen")  # what was chosen before is told with it
        await choose(page, "My turn ends", "When I let go (hold to talk)")
        await page.get_by_role("button", name="Hold to talk").focus()
        await page.keyboard.down("Space")  # the microphone opens with it
        await all_was_said(page)
        await status(page, "Hearing you")
        await picture(page, "held")
        await expect(page.get_by_role("article", name="You")).to_have_count(0)
        await page.keyboard.up("Space")
        await is_one_turn(page, 1)


async def test_who_presses_and_presses_again_is_answered_once_and_their_choice_is_kept(
    house: Served, tmp_path: Path
) -> None:
    async with a_visit(house, tmp_path, *SPOKEN) as page:
        await status(page, "Voice: speak and listen")  # what was chosen before is told with it
        await choose(page, "My turn ends", "By itself")  # else there is nothing to be patient in
        await choose(page, "Patience", "Unhurried")
        await choose(page, "My turn ends", "When I press again")
        await page.get_by_role("button", name="Press to talk").press("Enter")
        await all_was_said(page)
        await expect(page.get_by_role("article", name="You")).to_have_count(0)
        await page.get_by_role("button", name="Press to talk").press("Enter")
        await is_one_turn(page, 1)
        await page.goto(house.url)
        await expect(page.get_by_role("button", name="Press to talk")).to_be_visible(timeout=PATIENCE)
        await page.get_by_text("Taking turns").press("Enter")
        await expect(page.get_by_label("My turn ends")).to_have_value("toggle")
        await expect(page.get_by_label("Patience")).to_have_value("unhurried")
