"""How many frames of the microphone the page sends together."""

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import open_page, serve_public

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

FRAME = 512
LONG_QUIET = 94
"""Frames: three seconds."""
PAGE = """<!doctype html><title>gathering</title><script type="module">
import { Gathering } from "/public/voice/gathering.js";
let number = 0;
window.sent = [];
const gathering = new Gathering((frames) => sent.push([...new Int16Array(frames)].filter((_, at) => at % 512 === 0)));
// Each frame begins with its number; the rest of it is as loud as told.
window.hears = (times, level, now = false) => {
  for (let time = 0; time < times; time++) {
    const frame = new Int16Array(512).fill(level);
    frame[0] = number++;
    gathering.take(frame.buffer, now);
  }
  return sent.splice(0);
};
</script>"""
QUIET, LOUD = 10, 1000


@pytest.fixture
async def fresh(chromium: Browser) -> AsyncGenerator[Page]:
    with serve_public({"/": PAGE}) as origin:
        async with open_page(chromium) as page:
            await page.goto(origin)
            await page.wait_for_function("!!window.hears")
            yield page


async def hears(page: Page, times: int, level: int, *, now: bool = False) -> list[list[int]]:
    sent: list[list[int]] = await page.evaluate(
        "([times, level, now]) => hears(times, level, now)", [times, level, now]
    )
    return sent


async def test_a_room_that_is_long_quiet_is_sent_three_frames_at_a_time(fresh: Page) -> None:
    sent = await hears(fresh, LONG_QUIET + 9, QUIET)
    assert [len(each) for each in sent] == [1] * LONG_QUIET + [3, 3, 3]
    assert [number for each in sent for number in each] == list(range(LONG_QUIET + 9))


async def test_what_is_louder_is_sent_at_once_with_all_that_was_before_it(fresh: Page) -> None:
    await hears(fresh, LONG_QUIET, QUIET)
    assert await hears(fresh, 2, QUIET) == []
    assert await hears(fresh, 1, LOUD) == [[94, 95, 96]]
    assert await hears(fresh, 2, QUIET) == [[97], [98]], "the end of what is said is waited for"


async def test_while_something_is_played_no_frame_waits(fresh: Page) -> None:
    await hears(fresh, LONG_QUIET, QUIET)
    assert await hears(fresh, 1, QUIET) == []
    assert await hears(fresh, 2, QUIET, now=True) == [[94, 95], [96]]
