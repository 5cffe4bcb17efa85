"""axe over a page: all rules for WCAG 2.2 A and AA and for best practice, none excepted."""

from collections.abc import Mapping
from typing import Any, Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize

WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 320, "height": 640}
MAGNIFIED: ViewportSize = {"width": 320, "height": 256}
"""What is left of 1280 x 1024 at 400 %."""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]

SETTLED = """() => new Promise((resolve) => {
    const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(rest, 120); });
    const rest = () => { clearTimeout(limit); observer.disconnect(); resolve(); };
    let timer = setTimeout(rest, 120);
    const limit = setTimeout(rest, 3000);
    // Not `style`: the level of the microphone is never at rest.
    const attributeFilter = ["class", "hidden", "inert", "role", "aria-hidden", "aria-label", "data-state"];
    observer.observe(document.documentElement, { subtree: true, childList: true, attributeFilter });
})"""
"""Until nothing has changed for a moment: the page is mended after each burst of changes."""


async def violations(page: Page, *, colours_only: bool = False) -> list[str]:
    """Those still there at a second look: half way from one colour to another the contrast is nobody's fault."""
    await page.evaluate(SETTLED)
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(Axe().axe_script)
    rules = {"type": "rule", "values": ["color-contrast"]} if colours_only else {"type": "tag", "values": TAGS}
    if not await _found(page, rules):
        return []
    await page.wait_for_timeout(500)
    return await _found(page, rules)


async def _found(page: Page, rules: Mapping[str, object]) -> list[str]:
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = (await page.evaluate("(options) => axe.run(options)", options))["violations"]
    return [f"{one['id']} at {node['target']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


THEME = """(theme) => {
  localStorage.setItem("vite-ui-theme", theme);
  dispatchEvent(new StorageEvent("storage", { key: "vite-ui-theme" }));
}"""
"""As when it is chosen in another tab: without a window Chromium is slow to tell of another system's theme."""


async def show(page: Page, theme: Literal["light", "dark"], size: ViewportSize) -> None:
    await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    await page.evaluate(THEME, theme)
    await page.wait_for_selector(f"html[data-theme={theme}]", state="attached")
    await page.set_viewport_size(size)
