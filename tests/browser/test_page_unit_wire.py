"""The page's half of the protocol: it agrees with the server's half, and nobody else gets a word in."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, get_args

import pytest
from playwright.async_api import Browser, Page

from app import wire
from app.manner import Manner
from tests.browser.chromium import open_page, serve_public

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

PAGE = """<!doctype html><title>wire</title><script type="module">
import { isFromPage, isFromServer, openWire } from "/public/voice/wire.js";
Object.assign(window, { isFromPage, isFromServer });
window.heard = [];
window.forwarded = [];
window.tell = openWire((message) => heard.push(message));
// As Chainlit does: what is posted to the window goes to the server.
window.addEventListener("message", (event) => forwarded.push(event.data));
window.ready = true;
</script>"""

FROM_SERVER: list[wire.FromServer] = [
    wire.Status(state="hearing"),
    wire.Player(do="ending", track="r.1"),
    wire.Player(do="flush"),
    wire.Interim(text=""),
    wire.Interim(text="what time", tentative="is it"),
    wire.Caption(text="Good morning."),
    wire.Notice(level="warning", code="tier", text="I can not hear you just now."),
    wire.Status(state="thinking", detail="still working out what you said"),
    wire.Preferences(manner=Manner(tier="stt-only")),
    wire.Preferences(manner=Manner(tier="full", patience="very-patient", ending="hold", barge_in="keyword")),
    wire.Tier(tier="tts-only", why="No recognizer answers.", change="down"),
    wire.Tier(tier="full"),
    wire.Offer(saying="7f3a", text="good morning", seconds=1.5, reason="It was cut off."),
    wire.Offer(saying="7f3a", reason="It was cut off."),
    wire.OfferGone(saying="7f3a"),
    wire.Preferences(manner=Manner(pronunciations={"Siobhan": "shivawn"}, vocabulary=("Ystrad",), rate=3.0)),
    wire.Caption(text="Good morning.", speaker="user"),
    wire.Status(state="asleep"),
    wire.Go(thread=""),
    wire.Muted(),
]

FROM_PAGE: list[dict[str, Any]] = [
    {"type": "hello", "secure": True, "microphone": "prompt", "output": "unknown"},
    {"type": "hello", "secure": True, "microphone": "prompt", "output": "unknown", "language": "de"},
    {"type": "microphone", "state": "on", "rate": 16_000},
    {"type": "microphone", "state": "denied", "detail": "NotAllowedError: Permission denied"},
    {"type": "playing", "track": "r.1", "samples": 2_432, "state": "paused"},
    {"type": "playing", "track": "r.1", "samples": 128, "state": "playing", "ago": -0.012},
    {"type": "output", "state": "blocked"},
    {"type": "choose", "manner": {"tier": "tts-only"}},
    {"type": "choose", "manner": {"patience": "brisk", "ending": "toggle", "barge_in": "off"}},
    {"type": "choose", "manner": {"rate": 2.5, "voice": None, "vocabulary": ["Ystrad"], "spacing": True}},
    {"type": "talk", "state": "began"},
    {"type": "on-offer", "saying": "7f3a", "do": "answer"},
    {"type": "command", "name": "listen"},
    {"type": "command", "name": "stop"},
]

FAULTY_FROM_PAGE: list[dict[str, Any]] = [
    {"type": "hello", "secure": True},
    {"type": "hello", "secure": True, "microphone": "prompt"},
    {"type": "hello", "secure": True, "microphone": "prompt", "output": "unknown", "language": "nl"},
    {"type": "choose", "manner": {"tier": "best"}},
    {"type": "choose", "manner": {"patience": "endless"}},
    {"type": "choose", "manner": {"ending": "push-to-talk"}},
    {"type": "choose", "manner": {"rate": 9}},
    {"type": "choose", "manner": {"mood": "merry"}},
    {"type": "choose", "manner": {"vocabulary": "Ystrad"}},
    {"type": "choose"},
    {"type": "talk", "state": "held"},
    {"type": "on-offer", "saying": "7f3a", "do": "play"},
    {"type": "on-offer", "saying": "x" * 81, "do": "answer"},
    {"type": "command", "name": "speak-replies-on"},
    {"type": "microphone", "state": "on", "rate": "fast"},
    {"type": "microphone", "state": "denied", "detail": "x" * 301},
    {"type": "playing", "track": "x" * 81, "samples": 1, "state": "ended"},
    {"type": "playing", "track": "r.1", "samples": -1, "state": "ended"},
    {"type": "playing", "track": "r.1", "samples": 128, "state": "playing", "ago": "soon"},
    {"type": "command", "name": "shutdown"},
    {"type": "command", "name": "stop", "more": 1},
    {"type": "unheard of"},
]


@asynccontextmanager
async def wire_page(browser: Browser) -> AsyncGenerator[Page]:
    with serve_public({"/": PAGE}) as origin:
        async with open_page(browser) as page:
            await page.goto(origin)
            await page.wait_for_function("window.ready")
            yield page


def from_page(message: dict[str, Any]) -> dict[str, Any]:
    return {"nightingale": wire.VERSION, "sender": "page", **message}


async def test_the_page_understands_whatever_the_server_says(chromium: Browser) -> None:
    messages = [message.model_dump() for message in FROM_SERVER]
    async with wire_page(chromium) as page:
        assert await page.evaluate("(messages) => messages.map(isFromServer)", messages) == [True] * len(messages)


async def test_the_examples_leave_out_nothing_that_either_side_may_say() -> None:
    def kinds(union: Any) -> set[type]:
        members: tuple[Any, ...] = get_args(union)
        return set(members)

    assert {type(message) for message in FROM_SERVER} == kinds(wire.FromServer)
    assert {type(wire.read(from_page(message))) for message in FROM_PAGE} == kinds(get_args(wire.FromPage)[0])


async def test_what_a_server_of_another_version_says_is_not_understood(chromium: Browser) -> None:
    message = wire.Caption(text="Good morning.").model_dump()
    strange = [message | {"nightingale": 2}, message | {"sender": "page"}, message | {"more": 1}, message | {"text": 1}]
    async with wire_page(chromium) as page:
        assert await page.evaluate("(messages) => messages.map(isFromServer)", [*strange, [], "", None]) == [False] * 7


async def test_both_sides_agree_on_what_the_page_may_say(chromium: Browser) -> None:
    good, bad = [from_page(message) for message in FROM_PAGE], [from_page(message) for message in FAULTY_FROM_PAGE]
    for message in good:
        wire.read(message)
    for message in bad:
        with pytest.raises(wire.NotForUs):
            wire.read(message)
    async with wire_page(chromium) as page:
        assert await page.evaluate("(messages) => messages.map(isFromPage)", good) == [True] * len(good)
        assert await page.evaluate("(messages) => messages.map(isFromPage)", bad) == [False] * len(bad)


async def test_what_the_page_says_reaches_the_server(chromium: Browser) -> None:
    async with wire_page(chromium) as page:
        await page.evaluate("tell({ type: 'command', name: 'stop' })")
        await page.wait_for_function("forwarded.length")
        (message,) = await page.evaluate("forwarded")
    assert wire.read(message) == wire.Command(sender="page", type="command", name="stop")


async def test_what_the_server_says_is_heard_at_once_and_not_sent_back(chromium: Browser) -> None:
    messages = [message.model_dump(mode="json") for message in FROM_SERVER]
    async with wire_page(chromium) as page:
        # Chainlit hands on what it receives by posting it to the window.
        at_once = await page.evaluate(
            "(messages) => { for (const message of messages) window.postMessage(message, '*'); return heard.length; }",
            messages,
        )
        await page.wait_for_timeout(100)
        assert await page.evaluate("forwarded") == []
        assert await page.evaluate("heard") == messages
    assert at_once == len(messages)


@pytest.mark.parametrize("kind", ["page", "server", "junk"])
async def test_a_page_around_ours_reaches_neither_us_nor_the_server(chromium: Browser, kind: str) -> None:
    message: object = {
        "page": from_page(FROM_PAGE[-1]),
        "server": wire.Player(do="flush").model_dump(),
        "junk": {"hello": "there"},
    }[kind]
    with serve_public({"/": PAGE}) as origin, serve_public({"/": f"<iframe src='{origin}'></iframe>"}) as stranger:
        async with open_page(chromium) as page:
            await page.goto(stranger)
            ours = page.frames[1]
            await ours.wait_for_function("window.ready")
            await page.evaluate("(message) => frames[0].postMessage(message, '*')", message)
            await page.wait_for_timeout(200)
            assert await ours.evaluate("[heard, forwarded]") == [[], []]
            await ours.evaluate("tell({ type: 'command', name: 'stop' })")
            await ours.wait_for_function("forwarded.length === 1")
