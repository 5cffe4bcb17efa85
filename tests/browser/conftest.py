"""What most of the browser's tests start from: a Chromium with a microphone, and our page with no engines behind it."""

from collections.abc import AsyncGenerator, Generator

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import AUTOPLAY, fake_microphone, open_chromium
from tests.browser.page_visit import serve_page_app, write_hum


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """Playwright speaks asyncio; nobody waits for a browser on a clock that jumps."""
    return "asyncio"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of `page_app`."""
    with serve_page_app(tmp_path_factory.mktemp("page")) as address:
        yield address


@pytest.fixture(scope="module")
async def chromium(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Browser]:
    """It may play without being touched, and its microphone, allowed without a question, hums for ever."""
    hum = write_hum(tmp_path_factory.mktemp("audio") / "hum.wav")
    async with open_chromium(AUTOPLAY, *fake_microphone(hum, loop=True)) as browser:
        yield browser
