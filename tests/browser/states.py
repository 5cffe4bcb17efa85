"""Every state of the conversation page, one after another in one visit: what axe looks at, and whose accessibility
tree is kept beside this file.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from playwright.async_api import Locator, Page, expect

from app import wire
from app.manner import Manner, TierWord
from tests.browser.page_visit import say_as_server, send, status

USUAL = Manner(hands_free=False)
ALL_LOOKS = {
    "text_size": "largest",
    "contrast": "high",
    "spacing": True,
    "font": "dyslexic",
    "motion": "reduced",
    "captions": True,
}

State = tuple[str, Callable[[Page], Awaitable[None]]]


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


async def prefer(page: Page, **wishes: object) -> None:
    await say_as_server(page, wire.Preferences(manner=Manner.model_validate(USUAL.model_dump() | wishes)))


async def tier(page: Page, word: TierWord, why: str = "", *, up: bool = False) -> None:
    await say_as_server(page, wire.Tier(tier=word, why=why, change="up" if up else "down"))


async def _start(page: Page) -> None:
    await prefer(page)
    await expect(page.get_by_role("region", name="Announcements").get_by_role("status").first).to_have_text("Ready")


async def _listening(page: Page) -> None:
    await button(page, "Start voice").click()
    await expect(button(page, "End voice")).to_be_visible()
    await say_as_server(page, wire.Status(state="listening"))
    await expect(status(page)).to_have_text("Listening")


async def _hearing(page: Page) -> None:
    await say_as_server(page, wire.Status(state="hearing"))
    await say_as_server(page, wire.Interim(text="what", tentative="is the time"))
    await expect(status(page)).to_have_text("Hearing you")


async def _thinking(page: Page) -> None:
    await say_as_server(page, wire.Interim(text=""))
    await say_as_server(page, wire.Status(state="thinking", detail="still working out what you said"))
    await expect(status(page)).to_contain_text("still working out what you said")


async def _speaking(page: Page) -> None:
    await say_as_server(page, wire.Status(state="speaking"))
    await say_as_server(page, wire.Caption(text="It is noon."))
    await expect(status(page)).to_have_text("Speaking")


async def _captions(page: Page) -> None:
    await prefer(page, captions=True)
    await say_as_server(page, wire.Caption(text="What is the time?", speaker="user"))
    await say_as_server(page, wire.Caption(text="It is noon."))
    await say_as_server(page, wire.Interim(text="and", tentative="the date"))


async def _muted(page: Page) -> None:
    await prefer(page)
    await say_as_server(page, wire.Interim(text=""))
    await say_as_server(page, wire.Status(state="listening"))
    await button(page, "Mute").click()
    await expect(status(page)).to_have_text("Muted")


async def _asleep(page: Page) -> None:
    await button(page, "Mute").click()
    await say_as_server(page, wire.Status(state="asleep"))
    await expect(status(page)).to_have_text("Asleep")


async def _hold_to_talk(page: Page) -> None:
    await say_as_server(page, wire.Status(state="listening"))
    await prefer(page, ending="hold")
    await expect(button(page, "Hold to talk")).to_be_visible()


async def _speak_and_read(page: Page) -> None:
    await prefer(page)
    await tier(page, "stt-only", "No voice answers.")


async def _type_and_hear(page: Page) -> None:
    await tier(page, "tts-only", "No recognizer answers.")


async def _type_and_read(page: Page) -> None:
    await tier(page, "text", "No recognizer answers. No voice answers.")


async def _whole_again(page: Page) -> None:
    await tier(page, "full", up=True)
    await expect(page.get_by_text("I can hear you and speak again.").first).to_be_visible()


async def _notices(page: Page) -> None:
    for level in ("info", "warning", "error"):
        await say_as_server(page, wire.Notice(level=level, code=level, text=f"Something of the kind {level}."))


async def _offers(page: Page) -> None:
    for _ in range(3):
        await page.get_by_role("button", name="Dismiss").first.click()
    await say_as_server(page, wire.Offer(saying="s1", text="what time is it", reason="I was restarted."))
    await say_as_server(page, wire.Offer(saying="s2", seconds=2.0, reason="I could not make it out."))
    await button(page, "Answer now").first.click()


async def _conversation(page: Page) -> None:
    for saying in ("s1", "s2"):
        await say_as_server(page, wire.OfferGone(saying=saying))
    await button(page, "End voice").click()
    await send(page, "hello")
    await expect(page.get_by_role("article", name="Nightingale")).to_contain_text("hello")
    await expect(button(page, "Stop reply")).to_be_enabled()
    await say_as_server(page, wire.Status(state="ready"))
    await expect(status(page)).to_have_text("Ready")
    await expect(button(page, "Stop reply")).to_be_disabled()


async def _manner(page: Page) -> None:
    await button(page, "How I talk and listen").click()
    await expect(page.get_by_role("dialog", name="How I talk and listen")).to_be_visible()


async def _settings(page: Page) -> None:
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.locator("#chat-settings-open-modal").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def _account(page: Page) -> None:
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await button(page, "Account").click()
    await expect(page.get_by_role("menu")).to_be_visible()


async def _themes(page: Page) -> None:
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    await button(page, "Toggle theme").click()
    await expect(page.get_by_role("menu")).to_be_visible()


async def _history(page: Page) -> None:
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    options = page.get_by_role("button", name="Options for").last
    if not await options.is_visible():
        await button(page, "History sidebar").first.click()
    await expect(options).to_be_visible()


async def _conversation_options(page: Page) -> None:
    await page.get_by_role("button", name="Options for").last.press("Enter")
    await expect(page.get_by_role("menu")).to_be_visible()


async def _renaming(page: Page) -> None:
    await page.get_by_role("menuitem", name="Rename").click()
    await expect(page.get_by_role("dialog").last).to_be_visible()


async def _deleting(page: Page) -> None:
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Options for").last.press("Enter")
    await page.get_by_role("menuitem", name="Delete").click()
    await expect(page.get_by_role("alertdialog")).to_be_visible()


async def _searching(page: Page) -> None:
    await page.get_by_role("alertdialog").get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("alertdialog")).to_have_count(0)
    await button(page, "Search conversations").first.click()
    await expect(page.get_by_role("dialog").last).to_be_visible()


async def _every_look(page: Page) -> None:
    for _ in range(2):  # on a phone the search lies upon the list of conversations, which is left next
        await page.keyboard.press("Escape")
        with suppress(AssertionError):
            await expect(page.get_by_role("dialog")).to_have_count(0, timeout=4_000)
            break
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("textbox", name="Message").focus()  # what has the focus may show a tip
    await prefer(page, **ALL_LOOKS)
    await say_as_server(page, wire.Caption(text="And the date?", speaker="user"))
    await say_as_server(page, wire.Notice(level="warning", code="w", text="Something to know."))
    await tier(page, "stt-only", "No voice answers.")


async def _welcome_asks(page: Page) -> None:
    await prefer(page)
    await tier(page, "full")
    await send(page, "set up")
    await expect(page.get_by_role("article", name="Nightingale").last).to_contain_text("loud")
    await say_as_server(page, wire.Status(state="ready"))


async def _welcome_is_answered(page: Page) -> None:
    await send(page, "fine")
    await expect(page.get_by_role("article", name="Nightingale").last).to_contain_text("speed")
    await say_as_server(page, wire.Status(state="ready"))


STATES: Sequence[State] = (
    ("start", _start),
    ("listening", _listening),
    ("hearing", _hearing),
    ("thinking", _thinking),
    ("speaking", _speaking),
    ("captions", _captions),
    ("muted", _muted),
    ("asleep", _asleep),
    ("hold-to-talk", _hold_to_talk),
    ("speak-and-read", _speak_and_read),
    ("type-and-hear", _type_and_hear),
    ("type-and-read", _type_and_read),
    ("whole-again", _whole_again),
    ("notices", _notices),
    ("offers", _offers),
    ("conversation", _conversation),
    ("how-i-talk-and-listen", _manner),
    ("settings", _settings),
    ("account", _account),
    ("themes", _themes),
    ("history", _history),
    ("conversation-options", _conversation_options),
    ("renaming", _renaming),
    ("deleting", _deleting),
    ("searching", _searching),
    ("every-look", _every_look),
    ("welcome-asks", _welcome_asks),
    ("welcome-is-answered", _welcome_is_answered),
)
"""In this order: each begins where the one before it ended."""
