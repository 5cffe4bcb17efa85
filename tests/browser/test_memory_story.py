"""One person and the whole of Nightingale: told by voice, known later, forgotten, gone back to, taken along, erased."""

import io
import json
import re
import zipfile
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import AUTOPLAY, fake_microphone, open_chromium, open_page
from tests.browser.house import Served, nightingale
from tests.browser.test_conversation import PATIENCE, picture, sees, start_voice, status, type_
from tests.made.speech import silence, speech, wav_bytes

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.realtime, pytest.mark.timeout(420)]

FACTS = ("my name is thomas", "i live in london", "i am allergic to nuts")
LEARNT = ("your name is Thomas", "you live in London", "you are allergic to nuts")
TELLTALES = (b"thomas", b"london", b"allergic", b"nuts")
"""Words that stand in no file of ours, only in what was said."""

PLAYED_TO_ITS_END = """audio => new Promise((over, failed) => {
    audio.addEventListener("ended", over);
    audio.addEventListener("error", () => failed(audio.error.message));
    audio.play().catch(failed);
})"""


@asynccontextmanager
async def a_visit(house: Served, folder: Path, *spoken: str) -> AsyncGenerator[Page]:
    """The page is opened anew. Its microphone hears these sentences, eight seconds apart, and then nothing."""
    wav = folder / "microphone.wav"
    said = [silence(2.0), *(part for text in spoken for part in (speech(text, "awb"), silence(8.0)))]
    wav.write_bytes(wav_bytes(b"".join([*said, silence(60.0)])))
    async with open_chromium(AUTOPLAY, *fake_microphone(wav)) as browser:
        async with open_page(browser, permissions=["microphone"], accept_downloads=True) as page:
            page.set_default_timeout(PATIENCE)
            await page.goto(house.url)
            await expect(page.get_by_role("button", name="Start voice")).to_be_enabled(timeout=PATIENCE)
            yield page


async def test_what_is_told_once_is_known_and_shown_until_it_is_forgotten_or_erased(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with nightingale(data, RECORDINGS__KEEP="all") as house:
        async with a_visit(house, tmp_path, *FACTS) as page:
            await start_voice(page)
            await sees(page, *LEARNT)
            await status(page, "Listening")
        async with a_visit(house, tmp_path) as page:
            await _is_told(page, "what do you know about me", *LEARNT)
            await _is_told(page, "forget where i live", "I forget that you live in London")
            await _london_is_forgotten(page, house, data)
            await picture(page, "forgotten")
    async with nightingale(data, RECORDINGS__KEEP="all") as house, a_visit(house, tmp_path) as page:
        await _goes_back_to_the_first_conversation(page)
        await _listens_to_it_again(page, house)
        await _takes_everything_along(page, house)
        assert set(_found_in(data, TELLTALES)) >= {b"thomas", b"allergic"}, "the search below would find nothing"
        await _erases_everything(page, house)
        await _nothing_is_left(data, "while it runs")
    await _nothing_is_left(data, "when it has ended")


async def _is_told(page: Page, question: str, *answers: str) -> None:
    """Asked again while the memory does not answer in time: this machine is shared."""
    for _ in range(4):
        await type_(page, question)
        await status(page, "Speaking")
        await status(page, "Ready")
        if "I cannot reach my memory" not in await page.get_by_role("article", name="Nightingale").last.inner_text():
            break
    await sees(page, *answers)


async def _london_is_forgotten(page: Page, house: Served, data: Path) -> None:
    """From answers, page and store; in the conversations it stands until they are deleted."""
    await page.goto(house.url)
    await expect(page.get_by_role("button", name="Start voice")).to_be_enabled(timeout=PATIENCE)
    await _is_told(page, "where do i live", "I do not know that yet")
    await page.goto(f"{house.url}/memory")
    await expect(page.locator("#memories")).to_contain_text("allergic to nuts")
    await expect(page.locator("#memories")).not_to_contain_text(re.compile("London", re.IGNORECASE))
    answer = await page.request.get(f"{house.url}/api/memories?query=london")
    assert "london" not in (await answer.text()).casefold()
    assert _found_in(data / "memories", [b"london"]) == {}


async def _goes_back_to_the_first_conversation(page: Page) -> None:
    await page.get_by_role("link", name=re.compile("my name is thomas", re.IGNORECASE)).first.click()
    await sees(page, *LEARNT)
    plays = page.get_by_role("button", name="Play what you said")
    await expect(plays).to_have_count(3)
    async with page.expect_response(re.compile("/api/recordings/")) as sound:
        await plays.first.click()
    assert (await sound.value).ok
    await expect(page.get_by_role("button", name="Stop what you said")).to_be_visible()
    await expect(plays).to_have_count(3)  # it has been heard to its end
    await type_(page, "say that again")
    await expect(page.locator(".message-content").filter(has_text="allergic to nuts")).to_have_count(
        3, timeout=PATIENCE
    )
    await status(page, "Ready")


async def _listens_to_it_again(page: Page, house: Served) -> None:
    await page.goto(f"{house.url}/review")
    await page.get_by_role("link", name=re.compile("my name is thomas", re.IGNORECASE)).first.click()
    recording = page.locator("audio").first
    await expect(recording).to_be_visible()
    await recording.evaluate(PLAYED_TO_ITS_END)
    assert await recording.evaluate("audio => audio.currentTime") > 1
    await picture(page, "review-of-a-story")


async def _takes_everything_along(page: Page, house: Served) -> None:
    await page.goto(f"{house.url}/memory")
    async with page.expect_download(timeout=PATIENCE) as begun:
        await page.get_by_role("link", name="Take everything along").click()
    file = await (await begun.value).path()
    with zipfile.ZipFile(io.BytesIO(await anyio.Path(file).read_bytes())) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        memories = json.loads(archive.read("memories.json"))
        threads = b"".join(archive.read(name) for name in names if name.endswith((".json", ".md", ".vtt")))
    texts = [each["text"] for each in memories]
    assert [text for text in texts if "Thomas" in text]
    assert not [text for text in texts if "London" in text]
    assert b"allergic to nuts" in threads
    for kind in (".json", ".md", ".vtt", ".flac"):
        assert any(name.endswith(kind) for name in names), f"no {kind} among {names}"


async def _erases_everything(page: Page, house: Served) -> None:
    await page.get_by_role("button", name="Erase everything").click()
    dialog = page.get_by_role("dialog", name="Erase everything?")
    await dialog.get_by_label("Type the word “erase”").fill("erase")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("group", name="Receipt")).to_contain_text("memories")
    await picture(page, "erased")
    await page.goto(house.url)
    await expect(page.get_by_role("button", name="Start voice")).to_be_enabled(timeout=PATIENCE)
    await expect(page.get_by_role("link", name=re.compile("my name is thomas", re.IGNORECASE))).to_have_count(0)
    await _is_told(page, "what do you know about me", "Nothing yet")


async def _nothing_is_left(data: Path, when: str) -> None:
    assert _found_in(data, TELLTALES) == {}, when


def _found_in(folder: Path, words: Iterable[bytes]) -> dict[bytes, list[str]]:
    """Which of the words stand in which files, however they are spelt."""
    found: dict[bytes, list[str]] = {}
    for file in folder.rglob("*"):
        if file.is_file() and "models" not in file.relative_to(folder).parts:
            content = file.read_bytes().lower()
            for word in words:
                if word in content or word.decode().encode("utf-16-le") in content:
                    found.setdefault(word, []).append(str(file.relative_to(folder)))
    return found
