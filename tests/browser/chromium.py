"""A real Chromium, driven: launching, microphones, serving `public/`, and a tap on the loudspeaker."""

import shutil
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

PUBLIC = Path(__file__).parents[2] / "public"

expect.set_options(timeout=30_000)  # milliseconds: a bound for a busy machine, where the default of 5 s is none

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AUTOPLAY = "--autoplay-policy=no-user-gesture-required"


def executable() -> str:
    """Where Chromium is; the test that needs it is skipped where it is not."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine")


def fake_microphone(wav: Path, *, loop: bool = False) -> list[str]:
    """Flags for a microphone that plays a file from the moment it is opened, and is allowed without a question."""
    tail = "" if loop else "%noloop"
    return [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}{tail}",
    ]


DENIED_MICROPHONE = ["--use-fake-device-for-media-stream", "--deny-permission-prompts"]
NO_MICROPHONE = ["--use-fake-ui-for-media-stream", "--disable-audio-input"]


@asynccontextmanager
async def open_chromium(*flags: str) -> AsyncGenerator[Browser]:
    """Autoplay is the browser's default unless `AUTOPLAY` is among the flags."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_page(browser: Browser, *, tap: bool = False, **context_options: Any) -> AsyncGenerator[Page]:
    """A page in a context of its own. With `tap`, `window.__tap` keeps what reaches the loudspeaker: see `TAP`; its
    worklet comes from a blob, which our content policy forbids, so that policy is not in force then.
    """
    context: BrowserContext = await browser.new_context(bypass_csp=tap, **context_options)
    try:
        if tap:
            await context.add_init_script(TAP)
        yield await context.new_page()
    finally:
        await context.close()


@contextmanager
def serve_public(documents: Mapping[str, str]) -> Generator[str]:
    """An origin that answers with the given HTML documents by path, and with our `public/` below /public."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            file = PUBLIC / path.removeprefix("/public/")
            if path in documents:
                self._answer(200, "text/html; charset=utf-8", documents[path].encode())
            elif path.startswith("/public/") and file.is_file():
                self._answer(200, guess_type(file.name)[0] or "text/plain", file.read_bytes())
            else:
                self._answer(404, "text/plain", b"")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Say nothing: the output is the tests'."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


TAP = """
// Every node that is connected to a destination is recorded there, block by block, with silence kept.
(() => {
  const tap = (window.__tap = { rate: 0, blocks: [], times: [] });
  const source = `registerProcessor("tap", class extends AudioWorkletProcessor {
    process([input]) { if (input[0]) this.port.postMessage(input[0].slice()); return true; }
  })`;
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (target, ...rest) {
    const result = connect.call(this, target, ...rest);
    if (target !== this.context.destination) return result;
    const context = this.context;
    tap.rate = context.sampleRate;
    const code = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    context.audioWorklet.addModule(code).then(() => {
      const recorder = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0, channelCount: 1 });
      recorder.port.onmessage = ({ data }) => {
        tap.blocks.push(data);
        tap.times.push(performance.now());
      };
      connect.call(this, recorder);
      tap.ready = true;
    });
    return result;
  };
  if (navigator.mediaDevices) {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      const stream = await ask(wish);
      tap.listeningSince = performance.now();
      return stream;
    };
  }
  // When, in seconds since the microphone was opened, sound was on its way to the loudspeaker.
  window.__sounding = () =>
    tap.times
      .filter((_, at) => tap.blocks[at].some((sample) => Math.abs(sample) > 0.001))
      .map((time) => (time - tap.listeningSince) / 1000);
  // All of it from the first sound to the last, as PCM16.
  window.__heard = () => {
    const all = tap.blocks.flatMap((block) => [...block]).map((sample) => Math.round(sample * 32768));
    const first = all.findIndex((sample) => sample !== 0);
    return first < 0 ? [] : all.slice(first, all.findLastIndex((sample) => sample !== 0) + 1);
  };
})();
"""
