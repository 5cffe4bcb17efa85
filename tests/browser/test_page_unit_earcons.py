"""The page's earcons, rendered by Chromium sample by sample: short, soft, and told apart by their melody."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import numpy as np
import numpy.typing as npt
import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import open_chromium, open_page, serve_public

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

RATE = 24_000
ALL = ("degraded", "recovered", "thinking", "error")

PAGE = """<!doctype html><title>earcons</title><script type="module">
import { Earcons } from "/public/voice/earcons.js";
import { Player } from "/public/voice/player.js";
// What earcons ask of a player, over a context whose time stands still until it is rendered.
class Still {
  context = new OfflineAudioContext(1, RATE, RATE);
  prepare() {}
}
window.rendered = async (...names) => {
  const player = new Still();
  const earcons = new Earcons(player);
  for (const name of names) earcons.play(name);
  return [...(await player.context.startRendering()).getChannelData(0)];
};
// One that can be heard only after a while.
window.caughtUp = async (name) => {
  const player = new Still();
  const { context } = player;
  player.context = null;
  const earcons = new Earcons(player);
  earcons.play(name);
  player.context = context;
  earcons.catchUp();
  earcons.catchUp();
  return [...(await context.startRendering()).getChannelData(0)];
};
window.begun = 0;
window.AudioContext = class extends AudioContext {
  constructor(options) {
    super(options);
    begun++;
  }
};
new Earcons(new Player({ playing: () => {}, idle: () => {}, output: () => {} })).play("error");
window.ready = true;
</script>""".replace("RATE", str(RATE))


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def chromium() -> AsyncGenerator[Browser]:
    async with open_chromium("--autoplay-policy=document-user-activation-required") as browser:
        yield browser


@asynccontextmanager
async def earcons_page(browser: Browser) -> AsyncGenerator[Page]:
    with serve_public({"/": PAGE}) as origin:
        async with open_page(browser) as page:
            await page.goto(origin)
            await page.wait_for_function("window.ready")
            yield page


async def sound(page: Page, *names: str) -> npt.NDArray[np.float64]:
    """From its first sample that is not silent to its last."""
    samples = np.array(await page.evaluate("(names) => rendered(...names)", names))
    audible = np.flatnonzero(np.abs(samples) > 1e-4)
    return samples[audible[0] : audible[-1] + 1]


def pitch(samples: npt.NDArray[np.float64]) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 15))
    return float(np.argmax(spectrum)) * RATE / (1 << 15)


async def test_every_earcon_is_short_and_softer_than_speech(chromium: Browser) -> None:
    async with earcons_page(chromium) as page:
        for name in ALL:
            samples = await sound(page, name)
            assert len(samples) <= 0.25 * RATE
            assert 0.02 < np.abs(samples).max() <= 0.12
            assert np.abs(np.diff(samples)).max() < 0.02  # no click


async def test_they_are_told_apart_by_their_melody(chromium: Browser) -> None:
    async with earcons_page(chromium) as page:
        melodies = {}
        for name in ALL:
            samples = await sound(page, name)
            third = len(samples) // 3
            melodies[name] = (pitch(samples[:third]), pitch(samples[-third:]))
    assert melodies["degraded"][0] > 1.2 * melodies["degraded"][1]
    assert melodies["recovered"][1] > 1.2 * melodies["recovered"][0]
    for name in ("thinking", "error"):
        assert melodies[name][0] == pytest.approx(melodies[name][1], rel=0.05)
    assert melodies["thinking"][0] > 2 * melodies["error"][0]


async def test_a_sign_of_life_does_not_nag(chromium: Browser) -> None:
    async with earcons_page(chromium) as page:
        once, at_once_again = await sound(page, "thinking"), await sound(page, "thinking", "thinking")
        assert np.array_equal(once, at_once_again)


async def test_what_could_not_sound_yet_sounds_once_when_it_can(chromium: Browser) -> None:
    async with earcons_page(chromium) as page:
        caught_up = np.array(await page.evaluate("caughtUp('degraded')"))
        assert np.array_equal(caught_up, np.array(await page.evaluate("rendered('degraded')")))


async def test_a_page_that_nobody_has_touched_stays_silent_and_starts_no_output(chromium: Browser) -> None:
    async with earcons_page(chromium) as page:
        assert await page.evaluate("begun") == 0
