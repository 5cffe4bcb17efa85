"""What somebody with a keyboard and no pointer finds: where the focus is, whether it is seen, and the way to it."""

from dataclasses import dataclass
from typing import Literal

import anyio
import pytest
from playwright.async_api import Page, expect

LEAST_CONTRAST = 3.0
"""Of what marks the focus, to what it stands on: WCAG 2.2, 1.4.11."""

HERE = """() => {
    const here = document.activeElement;
    if (!here || here === document.body) return null;
    const label = here.labels?.[0]?.textContent ?? "";
    const name = here.getAttribute("aria-label") || label || here.textContent || here.getAttribute("title") || here.id;
    const box = here.getBoundingClientRect();
    const inSight = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;

    const parse = (colour) => {
        const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
        return { rgb: [r, g, b], a };
    };
    const over = ({ rgb, a }, ground) => rgb.map((each, at) => each * a + ground[at] * (1 - a));
    const ground = (element) => {
        if (!element) return [255, 255, 255];
        const colour = parse(getComputedStyle(element).backgroundColor);
        return colour.a === 1 ? colour.rgb : over(colour, ground(element.parentElement));
    };
    const light = (rgb) => {
        const linear = (each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
        const [r, g, b] = rgb.map((each) => linear(each / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    const contrast = (colour, under) => {
        const [one, other] = [light(over(parse(colour), under)), light(under)];
        return Math.max(one, other) / Math.min(one, other);
    };
    const marks = (element) => {
        const style = getComputedStyle(element);
        const inside = parseFloat(style.outlineOffset) < 0;
        const rings = style.boxShadow.matchAll(/(rgba?\\([^)]*\\)) 0px 0px 0px [1-9][\\d.]*px/g);
        const thick = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        return [
            ...(thick ? [contrast(style.outlineColor, ground(inside ? element : element.parentElement))] : []),
            ...[...rings].map(([, colour]) => contrast(colour, ground(element.parentElement))),
        ];
    };
    // The field for messages fills its frame, which is marked in its place.
    const marked = here.id === "chat-input" ? here.closest("#message-composer") : here;
    return { name: name.trim().replace(/\\s+/g, " "), inSight, contrast: Math.max(0, ...marks(marked)) };
}"""


@dataclass(frozen=True, slots=True)
class Stop:
    """On the way with the Tab key."""

    name: str
    in_sight: bool
    contrast: float
    """Of what marks the focus: 1 is nothing, 21 black on white."""


async def here(page: Page) -> Stop | None:
    """What has the focus; None: nothing has."""
    found = await page.evaluate(HERE)
    return found and Stop(found["name"], found["inSight"], found["contrast"])


async def focused(page: Page) -> str:
    stop = await here(page)
    return "" if stop is None else stop.name


def check(stop: Stop) -> None:
    assert stop.in_sight, f"{stop.name} has the focus and is not on the screen"
    assert stop.contrast >= LEAST_CONTRAST, f"that {stop.name} has the focus is hardly seen: {stop.contrast:.2f}"


async def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """With the Tab key alone, to a name or, with …, to the beginning of one; at each stop the focus is seen."""
    passed = []
    for _ in range(80):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        stop = await here(page)
        passed.append(stop.name if stop else "")
        if stop is None:
            continue
        check(stop)
        if stop.name == name or (name.endswith("…") and stop.name.startswith(name[:-1])):
            return
    pytest.fail(f"{name} is not reached, only {passed}")


async def round_trip(page: Page, *, back: bool = False) -> list[str]:
    """With the Tab key, from what has the focus through all of the page and the end of it, back to where it began."""
    first = await here(page)
    assert first is not None, "nothing has the focus"
    names = [first.name]
    for _ in range(80):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        stop = await here(page)
        if stop is None:  # between the end and the beginning there is the browser itself
            continue
        check(stop)
        if stop.name == first.name:
            return names
        names.append(stop.name)
    pytest.fail(f"there is no way back: {names}")


WALKED = """() => {
    const here = document.activeElement;
    if (here === document.body) return "";
    const rim = getComputedStyle(here);
    const shown = rim.outlineStyle !== "none" && parseFloat(rim.outlineWidth) > 0;
    const name = here.getAttribute("aria-label") ?? here.labels?.[0]?.textContent ?? here.textContent;
    return shown || here.tagName === "AUDIO" ? name.trim() : `UNSEEN ${name}`;
}"""


async def walked(page: Page) -> list[str]:
    """With the Tab key, from the top of a page beside the conversation to its end: what had the focus, and `UNSEEN`
    before it where that was not shown.
    """
    names: list[str] = []
    for _ in range(80):
        await page.keyboard.press("Tab")
        name = await page.evaluate(WALKED)
        if name:
            names.append(name)
        elif names:  # before the first there may be the browser itself
            return names
    pytest.fail(f"there is no end: {names}")


async def opens_and_closes(page: Page, opener: str, role: Literal["dialog", "menu"]) -> None:
    """What is named has the focus, and opens with Enter; Escape closes it, and the focus is where it was."""
    await page.keyboard.press("Enter")
    layer = page.get_by_role(role)
    await expect(layer).to_be_visible()
    await expect(layer.locator(":focus")).to_have_count(1)
    stop = await here(page)
    assert stop is not None
    check(stop)
    await page.keyboard.press("Escape")
    await expect(layer).to_have_count(0)
    await has_focus(page, opener)


async def has_focus(page: Page, name: str) -> None:
    """Soon: what is lost is given back with the next mending of the page."""
    with anyio.move_on_after(30):
        while await focused(page) != name:
            await anyio.sleep(0.05)
    found = await focused(page)
    assert found == name, f"{name} has not got the focus, but {found or 'nothing'}"
