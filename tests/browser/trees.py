"""The accessibility tree of every state of the page, as reviewed: `python -m tests.browser.trees` writes them anew."""

import re
import tempfile
from pathlib import Path

import anyio
from playwright.async_api import Browser

from tests.browser.axe import SETTLED, WIDE
from tests.browser.chromium import AUTOPLAY, fake_microphone, open_chromium
from tests.browser.page_visit import nightingale, serve_page_app, write_hum
from tests.browser.states import STATES

CHANCE = re.compile(r"""^ *- button "Scroll to the latest message"\n|^ *- status.*\n""", re.MULTILINE)
"""What stands there or not by how soon the page has scrolled, and which of two announcements came last."""
CORNER = WIDE["width"] - 1, WIDE["height"] - 1
"""Nothing is there: where the pointer was left, what moves under it would show its tip."""
REVIEWED = Path(__file__).parent / "trees"


async def trees(browser: Browser, server: str) -> dict[str, str]:
    """By state; as Playwright writes them."""
    found = {}
    async with nightingale(browser, server, viewport=WIDE, color_scheme="light", reduced_motion="reduce") as page:
        for name, enter in STATES:
            await enter(page)
            await page.mouse.move(*CORNER)
            await page.evaluate(SETTLED)
            tree = await page.locator("body").aria_snapshot()
            found[name] = CHANCE.sub("", re.sub(r"/thread/[0-9a-f-]+", "/thread/ID", tree)) + "\n"
    return found


async def _write_anew() -> None:
    with tempfile.TemporaryDirectory() as folder:
        hum = write_hum(Path(folder) / "hum.wav")
        page_folder = Path(folder) / "page"
        page_folder.mkdir()
        with serve_page_app(page_folder) as server:
            async with open_chromium(AUTOPLAY, *fake_microphone(hum, loop=True)) as browser:
                found = await trees(browser, server)
    REVIEWED.mkdir(exist_ok=True)
    for old in REVIEWED.glob("*.yml"):
        old.unlink()
    for name, tree in found.items():
        (REVIEWED / f"{name}.yml").write_text(tree)


if __name__ == "__main__":
    anyio.run(_write_anew)
