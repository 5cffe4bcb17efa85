"""A microphone whose person speaks when the test says so: made speech through the browser's own recorder."""

import base64

from playwright.async_api import Page

from tests.made.speech import silence, speech

MOUTH = """(() => {
  let line;
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext({ sampleRate: 16000 });
    const room = context.createConstantSource();
    const out = context.createMediaStreamDestination();
    const faint = new GainNode(context, { gain: 0 });
    room.connect(faint).connect(out);
    room.start();
    line = { context, out };
    return out.stream;
  };
  const isOpen = (track) => track.enabled && track.readyState === "live";
  window.__listens = () => line?.out.stream.getAudioTracks().some(isOpen) ?? false;
  // Resolves when the last sample was said.
  window.__say = (encoded) => {
    const samples = new Int16Array(Uint8Array.from(atob(encoded), (each) => each.charCodeAt(0)).buffer);
    const buffer = line.context.createBuffer(1, samples.length, 16000);
    buffer.copyToChannel(Float32Array.from(samples, (each) => each / 32768), 0);
    const source = new AudioBufferSourceNode(line.context, { buffer });
    source.connect(line.out);
    const said = new Promise((over) => source.addEventListener("ended", () => over(true)));
    source.start();
    return said;
  };
})();
"""
"""To be there before the page. It needs a browser that lets the page play, and a microphone that is allowed."""


async def say(page: Page, text: str, voice: str = "slt") -> None:
    """Returns when it has been said."""
    spoken = silence(0.2) + speech(text, voice) + silence(0.2)
    await page.evaluate("(encoded) => window.__say(encoded)", base64.b64encode(spoken).decode())


async def listens(page: Page) -> bool:
    """Whether the page has the microphone open, and not muted."""
    return bool(await page.evaluate("window.__listens()"))
