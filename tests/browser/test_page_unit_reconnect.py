"""What is spoken while the network breaks for a moment reaches the server whole, once and in order."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chromium import open_page
from tests.browser.page_visit import arrive, seen_when, status

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

NUMBERED = """(() => {
  // Each frame of the microphone begins with its number, and the page's sockets can be closed under its feet.
  let number = 0;
  window.__sockets = [];
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      __sockets.push(this);
    }
  };
  window.AudioWorkletNode = class extends AudioWorkletNode {
    constructor(context, name, options) {
      super(context, name, options);
      const { port } = this;
      if (name !== "nightingale-capture") return;
      const told = (take) => (port.onmessage = ({ data }) => {
        new Int16Array(data)[0] = ++number;
        take({ data });
      });
      const numbered = { postMessage: (message) => port.postMessage(message), set onmessage(take) { told(take); } };
      Object.defineProperty(this, "port", { value: numbered });
    }
  };
})();"""


BREAK = """(() => {
  const socket = __sockets.at(-1);
  const { onclose } = socket;
  socket.onclose = null;
  socket.close();
  onclose.call(socket, new CloseEvent("close", { code: 1006 }));
})()"""
"""Told of at once: what is written into a socket that is still closing is nobody's any more."""


async def numbers_seen(server: str, enough: int) -> list[int]:
    numbers: list[int] = (await seen_when(server, lambda told: len(told["numbers"]) >= enough))["numbers"]
    return numbers


async def test_no_frame_is_lost_or_doubled_when_the_connection_breaks_and_comes_back(
    chromium: Browser, server: str
) -> None:
    async with open_page(chromium, permissions=["microphone"]) as page:
        await page.add_init_script(NUMBERED)
        await arrive(page, server)
        await page.get_by_role("button", name="Start voice").click()
        await expect(status(page)).to_have_text("Listening")
        for enough in (90, 180):
            await page.evaluate(BREAK)
            numbers = await numbers_seen(server, enough)
        assert await page.evaluate("__sockets.length") >= 3
    assert len(numbers) >= 180
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
