"""The same turns through the real page in Chromium: a microphone that plays a file, and a watch on both its ends.

End of speech is when its last loud block came out of the microphone into the page; the answer's first sound, when its
first loud block went into the audio output, and what the browser says that it takes from there. Both are told by one
clock, in the audio threads themselves. What happens between is told by the house, from the last word as it heard it.
"""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, expect

from bench.true_size.talking import OUTPUT, Served, Taken, laid_out
from bench.usage import cpu_seconds
from tests.browser.chromium import AUTOPLAY, fake_microphone, open_chromium
from tests.made.speech import silence, wav_bytes

LEAD_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 40.0
QUIET_SECONDS: Final = 120.0
ANSWERED: Final = "window.__marks.heard && window.__marks.sounded.some((at) => at > window.__marks.heard)"
WATCH: Final = """
(() => {
  const marks = (window.__marks = { heard: 0, sounded: [] });
  const source = `registerProcessor("watch", class extends AudioWorkletProcessor {
    process([input]) {
      if (input[0] && input[0].some((sample) => Math.abs(sample) > 0.02)) this.port.postMessage(Date.now());
      return true;
    }
  })`;
  const connect = AudioNode.prototype.connect;
  const watch = async (context, node, mark) => {
    await context.audioWorklet.addModule(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    const watcher = new AudioWorkletNode(context, "watch", { numberOfOutputs: 0, channelCount: 1 });
    watcher.port.onmessage = ({ data }) => mark(data);
    connect.call(node, watcher);
  };
  AudioNode.prototype.connect = function (target, ...rest) {
    const result = connect.call(this, target, ...rest);
    const context = this.context;
    if (target === context.destination && this instanceof AudioWorkletNode)
      void watch(context, this, (at) => marks.sounded.push(at + 1000 * (context.outputLatency || 0)));
    return result;
  };
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish);
    const context = new AudioContext();
    await watch(context, context.createMediaStreamSource(stream), (at) => (marks.heard = at));
    for (const track of stream.getTracks()) {
      const stop = track.stop.bind(track);
      track.stop = () => (stop(), void context.close());
    }
    return stream;
  };
})();
"""


def is_there() -> bool:
    return any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))


class Visit:
    """Talks to one house through its page."""

    def __init__(self, house: Served, page: Page) -> None:
        self._house = house
        self._page = page
        self._turns = 0

    async def take_turn(self) -> Taken:
        """The microphone is opened anew, so that its file begins anew."""
        page, began = self._page, cpu_seconds(self._house.pid)
        await page.bring_to_front()
        await page.evaluate("Object.assign(window.__marks, { heard: 0, sounded: [] })")
        await page.get_by_role("button", name="Start voice").click()
        await page.wait_for_function(ANSWERED)
        heard, sounded = await page.evaluate("[window.__marks.heard, Math.min(...window.__marks.sounded)]")
        record = await self._house.record_after(self._turns)
        self._turns += 1
        await page.get_by_role("button", name="End voice").click()
        spent = 1000 * (cpu_seconds(self._house.pid) - began)
        return Taken(laid_out(record) | {OUTPUT: sounded - heard}, spent, record.foreseen)


@asynccontextmanager
async def open_visits(
    houses: tuple[Served, Served], spoken: bytes, folder: Path
) -> AsyncGenerator[tuple[Visit, Visit]]:
    """In one browser, a page for each."""
    wav = folder / "microphone.wav"
    wav.write_bytes(wav_bytes(silence(LEAD_SECONDS) + spoken + silence(QUIET_SECONDS)))
    async with open_chromium(AUTOPLAY, *fake_microphone(wav)) as browser:
        first, second = [await _visit(house, browser) for house in houses]
        yield first, second


async def _visit(house: Served, browser: Browser) -> Visit:
    """Our content policy forbids a worklet from a blob, as the watch is, so it is not in force."""
    context = await browser.new_context(bypass_csp=True, permissions=["microphone"])
    await context.add_init_script(WATCH)
    context.set_default_timeout(1000 * PATIENCE_SECONDS)
    page = await context.new_page()
    await page.goto(house.url)
    await expect(page.get_by_role("button", name="Start voice")).to_be_enabled()  # until then it logs in
    return Visit(house, page)
