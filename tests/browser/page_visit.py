"""A visit to `page_app`, for the tests that share it: starting it, opening the page, and both ends of its wire."""

import socket
import subprocess
import sys
import time
import wave
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from app import wire
from tests.browser.chromium import open_page

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def serve_page_app(folder: Path) -> Generator[str]:
    """Chainlit with our page, `page_app`; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "tests.browser.page_app", str(port), str(folder)]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log) as process,
    ):
        address = f"http://127.0.0.1:{port}"
        while True:
            assert process.poll() is None, (folder / "log").read_text()
            try:
                httpx.get(f"{address}/seen")
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        try:
            yield address
        finally:
            process.terminate()


def write_hum(path: Path) -> Path:
    """Two seconds for a microphone to play over and over."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(b"\x00\x10\x00\xf0" * 48_000)
    return path


async def arrive(page: Page, server: str) -> None:
    """Past Chainlit's log-in, which loads the page once more, and connected."""
    await page.goto(server)
    await expect(page.get_by_role("button", name="Start voice")).to_be_visible()
    await expect(page.locator("#chat-settings-open-modal")).to_be_enabled()


@asynccontextmanager
async def nightingale(browser: Browser, server: str, **options: Any) -> AsyncGenerator[Page]:
    async with open_page(browser, **options) as page:
        await arrive(page, server)
        yield page


async def seen(server: str) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        result: dict[str, Any] = (await client.get(f"{server}/seen")).json()
        return result


async def seen_when(server: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What the page has sent as soon as this holds of it, or in the end: what is on its way needs a moment."""
    record = await seen(server)
    with anyio.move_on_after(30):
        while not holds(record):
            await anyio.sleep(0.05)
            record = await seen(server)
    return record


def messages(record: dict[str, Any]) -> list[wire.FromPage]:
    return [wire.read(message) for message in record["window"]]


def reports(record: dict[str, Any], state: str) -> list[wire.Playing]:
    return [each for each in messages(record) if isinstance(each, wire.Playing) and each.state == state]


async def say_as_server(page: Page, message: wire.FromServer) -> None:
    await page.evaluate("(message) => window.postMessage(message, '*')", message.model_dump())


async def send(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.get_by_role("button", name="Send message").click()


def status(page: Page) -> Any:
    return page.locator("#nightingale-status")


async def grave(page: Page) -> list[str]:
    """What axe finds that is serious or critical, once the page has settled."""
    await page.wait_for_timeout(600)
    found = (await Axe().run(page)).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
