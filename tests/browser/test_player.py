"""The page's player in a real Chromium: what is written is what is heard, sample by sample."""

import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import open_chromium, open_page, serve_public

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

RAMP = 128
"""Samples of a fade: one block of the audio thread."""

PAGE = """<!doctype html><title>player</title><body>a page to click on<script type="module">
import { takeOverAudio } from "/public/voice/chainlit.js";
import { Player } from "/public/voice/player.js";
window.reports = [];
window.outputs = [];
window.player = new Player({
  playing: (position) => reports.push(position),
  output: (state) => outputs.push(state),
  idle: () => reports.push({ idle: true }),
});
takeOverAudio({ microphone: {}, player, toDeliver: (frame) => [frame] });
globalThis.WavStreamPlayer = class { add16BitPCM() { throw new Error("Chainlit's own player was used"); } };
window.stream = new WavStreamPlayer();
window.write = (track, samples) => stream.add16BitPCM(new Int16Array(samples).buffer, track);
</script>"""


@asynccontextmanager
async def player_page(browser: Browser) -> AsyncGenerator[Page]:
    with serve_public({"/": PAGE}) as origin:
        async with open_page(browser, tap=True) as page:
            await page.goto(origin)
            await page.wait_for_function("window.stream")
            yield page


async def listen(page: Page) -> None:
    """Start the output and wait until the tap hears it."""
    await page.evaluate("player.prepare()")
    await page.wait_for_function("window.__tap.ready")


def sound(length: int, seed: int = 1) -> list[int]:
    """Samples of which none is zero, so that silence between them shows."""
    dice = random.Random(seed)
    return [dice.choice((-1, 1)) * dice.randint(200, 20_000) for _ in range(length)]


async def write(page: Page, track: str, samples: list[int]) -> None:
    await page.evaluate("([track, samples]) => write(track, samples)", [track, samples])


async def wait_for_report(page: Page, track: str, state: str) -> int:
    """The samples of the first such report."""
    arguments = [track, state]
    find = "([track, state]) => reports.find((report) => report.track === track && report.state === state)"
    await page.wait_for_function(find, arg=arguments)
    report: dict[str, Any] = await page.evaluate(find, arguments)
    return int(report["samples"])


async def heard(page: Page) -> list[int]:
    """What has reached the loudspeaker; the tap is given the time that its last blocks need."""
    await page.wait_for_timeout(150)
    samples: list[int] = await page.evaluate("__heard()")
    return samples


async def test_a_track_that_arrives_unevenly_loses_no_sample(chromium: Browser) -> None:
    samples = sound(24_000)
    async with player_page(chromium) as page:
        await listen(page)
        await page.evaluate(
            """async ([samples, gaps]) => {
                for (const gap of gaps) {
                    write("r.0", samples.splice(0, 1200));
                    await new Promise((resolve) => setTimeout(resolve, gap));
                }
                player.ending("r.0");
            }""",
            [samples, [0, 90, 10, 60, 120, 0, 0, 70, 40, 110, 5, 50, 50, 130, 0, 0, 80, 20, 60, 0]],
        )
        assert await wait_for_report(page, "r.0", "ended") == len(samples)
        assert [sample for sample in await heard(page) if sample] == samples


async def test_a_track_that_runs_dry_waits_and_goes_on_where_it_was(chromium: Browser) -> None:
    first, second = sound(4_800, 1), sound(4_800, 2)
    async with player_page(chromium) as page:
        await listen(page)
        await write(page, "r.0", first)
        await page.wait_for_function(f"__heard().length >= {len(first)}")
        await write(page, "r.0", second)
        await page.evaluate("player.ending('r.0')")
        assert await wait_for_report(page, "r.0", "ended") == 9_600
        result = await heard(page)
    assert [sample for sample in result if sample] == first + second
    assert len(result) > 9_600  # there was silence in between


async def test_tracks_follow_each_other_without_a_gap(chromium: Browser) -> None:
    first, second = sound(5_001, 1), sound(4_777, 2)
    async with player_page(chromium) as page:
        await listen(page)
        await page.evaluate(
            "([a, b]) => { write('r.0', a); player.ending('r.0'); write('r.1', b); player.ending('r.1'); }",
            [first, second],
        )
        assert await wait_for_report(page, "r.1", "ended") == len(second)
        assert await wait_for_report(page, "r.0", "ended") == len(first)
        assert await heard(page) == first + second


async def test_a_track_shorter_than_the_prebuffer_is_heard_whole(chromium: Browser) -> None:
    samples = sound(300)
    async with player_page(chromium) as page:
        await listen(page)
        await write(page, "r.0", samples)
        await page.evaluate("player.ending('r.0')")
        assert await wait_for_report(page, "r.0", "ended") == 300
        assert await heard(page) == samples


async def test_a_track_without_sound_ends_too(chromium: Browser) -> None:
    async with player_page(chromium) as page:
        await page.evaluate("player.ending('r.0')")
        assert await wait_for_report(page, "r.0", "ended") == 0


async def test_progress_is_reported_about_ten_times_a_second(chromium: Browser) -> None:
    async with player_page(chromium) as page:
        await listen(page)
        await write(page, "r.0", sound(24_000))
        await page.evaluate("player.ending('r.0')")
        await wait_for_report(page, "r.0", "ended")
        first, *reports = await page.evaluate("reports.filter((report) => report.state === 'playing')")
    assert "ago" in first, "when it began to be heard"
    assert not any("ago" in report for report in reports)
    positions = [report["samples"] for report in reports]
    steps = [after - before for before, after in pairwise(positions)]
    assert len(positions) == 9
    assert all(2_400 <= step <= 2_400 + RAMP for step in steps)


async def test_a_paused_track_goes_on_with_the_next_sample(chromium: Browser) -> None:
    samples = sound(24_000)
    async with player_page(chromium) as page:
        await listen(page)
        await write(page, "r.0", samples)
        await page.evaluate("player.ending('r.0')")
        await wait_for_report(page, "r.0", "playing")
        await page.evaluate("player.pause()")
        position = await wait_for_report(page, "r.0", "paused")
        before = len(await heard(page))
        assert position - RAMP <= before <= position  # the last samples of a fade may round to nothing
        await page.evaluate("player.resume()")
        assert await wait_for_report(page, "r.0", "ended") == len(samples)
        result = await heard(page)
    assert result[: position - RAMP] == samples[: position - RAMP]
    rest = samples[position + RAMP :]
    assert result[-len(rest) :] == rest


async def test_what_is_flushed_is_not_heard_and_how_far_it_was_heard_is_told(chromium: Browser) -> None:
    samples, next_one = sound(24_000, 1), sound(6_000, 2)
    async with player_page(chromium) as page:
        await listen(page)
        await write(page, "r.0", samples)
        await write(page, "r.1", samples)
        await wait_for_report(page, "r.0", "playing")
        await page.evaluate("player.flush()")
        position = await wait_for_report(page, "r.0", "flushed")
        assert await wait_for_report(page, "r.1", "flushed") == 0
        flushed = await heard(page)
        assert flushed[: position - RAMP] == samples[: position - RAMP]
        assert len(flushed) <= position
        await write(page, "s.0", next_one)
        await page.evaluate("player.ending('s.0')")
        assert await wait_for_report(page, "s.0", "ended") == len(next_one)
        assert (await heard(page))[-len(next_one) :] == next_one


async def test_a_flush_ends_a_pause(chromium: Browser) -> None:
    samples = sound(3_000, 2)
    async with player_page(chromium) as page:
        await listen(page)
        await write(page, "r.0", sound(24_000))
        await wait_for_report(page, "r.0", "playing")
        await page.evaluate("player.pause(); player.flush()")
        await write(page, "s.0", samples)
        await page.evaluate("player.ending('s.0')")
        assert await wait_for_report(page, "s.0", "ended") == len(samples)


async def test_a_reply_that_the_user_stopped_stays_silent_whatever_still_arrives(chromium: Browser) -> None:
    next_one = sound(3_000, 2)
    async with player_page(chromium) as page:
        await listen(page)
        await write(page, "r.0", sound(24_000))
        await wait_for_report(page, "r.0", "playing")
        await page.evaluate("player.silence()")
        await wait_for_report(page, "r.0", "flushed")
        before = len(await heard(page))
        await write(page, "r.1", sound(6_000))
        assert await wait_for_report(page, "r.1", "flushed") == 0
        assert len(await heard(page)) == before
        await write(page, "s.0", next_one)
        await page.evaluate("player.ending('s.0')")
        assert await wait_for_report(page, "s.0", "ended") == len(next_one)


async def test_chainlits_own_interruption_mutes_nothing(chromium: Browser) -> None:
    samples = sound(6_000)
    async with player_page(chromium) as page:
        await listen(page)
        await write(page, "r.0", samples[:3_000])
        await page.evaluate("stream.interrupt()")
        await write(page, "r.0", samples[3_000:])
        await page.evaluate("player.ending('r.0')")
        assert await wait_for_report(page, "r.0", "ended") == len(samples)


async def test_a_torn_last_byte_is_dropped(chromium: Browser) -> None:
    async with player_page(chromium) as page:
        await page.evaluate("stream.add16BitPCM(new Uint8Array(2001).fill(7).buffer, 'r.0'); player.ending('r.0')")
        assert await wait_for_report(page, "r.0", "ended") == 1_000


async def test_what_the_browser_blocks_is_heard_whole_after_the_first_gesture() -> None:
    samples = sound(6_000)
    # The page writes by itself: a script that the test evaluates counts as a gesture.
    eager = f"{PAGE}<script type='module'>write('r.0', {samples}); player.ending('r.0');</script>"
    with serve_public({"/": eager}) as origin:
        async with (
            open_chromium("--autoplay-policy=document-user-activation-required") as browser,
            open_page(browser, tap=True) as page,
        ):
            await page.goto(origin)
            await page.wait_for_function("window.outputs?.length && window.__tap.ready")
            assert await page.evaluate("outputs") == ["blocked"]
            await page.mouse.click(20, 20)
            assert await wait_for_report(page, "r.0", "ended") == len(samples)
            assert await page.evaluate("outputs") == ["blocked", "running"]
            assert await heard(page) == samples
