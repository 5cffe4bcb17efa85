"""The page's earcons, rendered by Chromium sample by sample: short, soft, and told apart by their melody."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import open_chromium, open_page, serve_public

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

RATE = 24_000
ALL = (
    "listening",
    "heard",
    "thinking",
    "ended",
    "muted",
    "unmuted",
    "asleep",
    "degraded",
    "recovered",
    "error",
)

PAGE = """<!doctype html><title>earcons</title><script type="module">
import { Earcons, MELODIES } from "/public/voice/earcons.js";
import { Player } from "/public/voice/player.js";
window.names = Object.keys(MELODIES);
window.felt = Object.values(MELODIES).map(({ buzz }) => buzz.join(" "));
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
window.atVolume = async (name, volume) => {
  const player = new Still();
  new Earcons(player).play(name, volume);
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


def melody(samples: npt.NDArray[np.float64]) -> list[tuple[float, float]]:
    """Seconds and hertz of each note: between two of them it is still for a moment."""
    window = RATE // 200
    loud = np.array([np.abs(samples[at : at + window]).max() for at in range(0, len(samples), window)])
    sounds = loud > 0.25 * loud.max()
    edges = np.flatnonzero(np.diff(np.concatenate([[0], sounds.astype(int), [0]])))
    notes = [samples[begin * window : end * window] for begin, end in zip(edges[::2], edges[1::2], strict=True)]
    return [(len(note) / RATE, pitch(note)) for note in notes]


async def test_all_of_them_are_looked_at(chromium: Browser) -> None:
    async with earcons_page(chromium) as page:
        assert tuple(await page.evaluate("names")) == ALL


async def test_no_two_of_them_have_the_same_melody(chromium: Browser) -> None:
    """One may be taken for another only where they have as many notes, and each of these sounds much the same."""
    async with earcons_page(chromium) as page:
        melodies = {name: melody(await sound(page, name)) for name in ALL}
    assert {name: len(notes) for name, notes in melodies.items()} == {
        "listening": 3,
        "heard": 1,
        "thinking": 1,
        "ended": 3,
        "muted": 3,
        "unmuted": 3,
        "asleep": 3,
        "degraded": 2,
        "recovered": 2,
        "error": 2,
    }
    for name, other in combinations(ALL, 2):
        if len(melodies[name]) == len(melodies[other]):
            semitones = [
                abs(12 * np.log2(one[1] / two[1])) for one, two in zip(melodies[name], melodies[other], strict=True)
            ]
            assert max(semitones) >= 4, f"{name} and {other}"


async def test_what_is_gone_falls_and_what_is_back_rises(chromium: Browser) -> None:
    async with earcons_page(chromium) as page:
        for name in ("degraded", "asleep", "muted"):
            notes = melody(await sound(page, name))
            assert notes[0][1] > 1.2 * notes[-1][1]
        for name in ("recovered", "listening", "unmuted"):
            notes = melody(await sound(page, name))
            assert notes[-1][1] > 1.2 * notes[0][1]


async def test_they_are_as_loud_as_they_are_wanted(chromium: Browser) -> None:
    async with earcons_page(chromium) as page:
        loud, soft = [np.abs(await page.evaluate(f"atVolume('muted', {volume})")).max() for volume in (1.0, 0.5)]
    assert soft == pytest.approx(loud / 2, rel=0.02)


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


async def test_no_two_of_them_feel_the_same(chromium: Browser) -> None:
    async with earcons_page(chromium) as page:
        felt = await page.evaluate("felt")
    assert len(felt) == len(ALL)
    assert len(set(felt)) == len([each for each in felt if each]) == len(ALL)
