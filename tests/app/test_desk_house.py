"""What is asked of the house by word, typed to a running Nightingale: it is done, and to nobody else's things."""

from collections.abc import AsyncGenerator
from pathlib import Path

import anyio
import pytest

from tests.app.test_isolation_routes import House
from tests.browser.house import nightingale
from tests.made.client import PATIENCE_SECONDS

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    data: Path = tmp_path_factory.mktemp("house")
    nothing = {"VOICE__STT": "[]", "VOICE__TTS": "[]", "GRAPH__MODELS": "[]"}
    async with nightingale(data, **nothing) as served:
        yield House(served, (data / "secret").read_text().strip())


async def titles(house: House, user: str) -> list[str]:
    _, page = await house.ask(user, "GET", "/api/threads")
    return sorted(each["title"] for each in page["threads"])


async def becomes(house: House, user: str, expected: list[str]) -> None:
    """What is done at the user's word is done a moment after the answer."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while await titles(house, user) != expected:
            await anyio.sleep(0.05)


async def test_a_talk_with_searching_opening_renaming_deleting_and_thinking_better_of_it(house: House) -> None:
    async with house.a_tab_of("ben") as ben:
        await ben.ask("what do you know of steam trains")
    async with house.a_tab_of("anna") as anna:
        await anna.ask("what do you know of steam trains")
        trains = anna.thread
    async with house.a_tab_of("anna") as anna:
        assert (await anna.ask("which conversation is this")).startswith("This is")
        found = await anna.ask("search my conversations for steam trains")
        assert found.startswith("I found one conversation with “steam trains”. Number 1: “what do you know of steam")
        await anna.ask("open the first one")
        await anna.until(lambda: anna.went == [trains])
        await anna.ask("rename this conversation to garden plans")
        await becomes(house, "anna", ["Garden plans", "what do you know of steam trains"])
        asked = await anna.ask("delete the conversation about steam trains")
        assert asked.endswith("deleted for good. Shall I? Yes or no?")
        await anna.ask("no")
        assert len(await titles(house, "anna")) == 2
        await anna.ask("delete the conversation about steam trains")
        before = len(anna.answers)
        await anna.type("yes")
        await anna.until(lambda: len(anna.answers) > before + 1)
        assert "is deleted for good, 2 messages" in anna.answers[-1]
        assert await titles(house, "anna") == ["Garden plans"]
        assert (await anna.ask("undo")).startswith("What was deleted is gone for good")
        await anna.ask("rename this conversation to lawn")
        await becomes(house, "anna", ["Lawn"])
        await anna.ask("undo")
        await becomes(house, "anna", ["Garden plans"])
    assert await titles(house, "ben") == ["what do you know of steam trains"]


async def test_this_conversation_is_deleted_with_a_receipt_and_a_new_one_begun(house: House) -> None:
    async with house.a_tab_of("carol") as carol:
        await carol.ask("what do you know of steam trains")
        await carol.ask("delete this conversation")
        await carol.ask("yes")
        await carol.until(lambda: carol.went == [""])
        assert "“what do you know of steam trains” is deleted for good" in await carol.notice("deleted")
    assert await titles(house, "carol") == []


async def test_what_was_meant_stands_in_the_thread_and_what_was_told_by_mistake_is_forgotten(house: House) -> None:
    async with house.a_tab_of("dora") as dora:
        await dora.ask("my sister is called emma")
        assert "forget that again" in await dora.ask("undo")
        await dora.ask("what do you know of roam")
        assert (await dora.ask("no, i meant what is the date today")).startswith("Today is ")
        with anyio.fail_after(PATIENCE_SECONDS):
            while (await house.ask("dora", "GET", "/api/memories"))[1].get("memories") != []:
                await anyio.sleep(0.05)
        thread = (await house.ask("dora", "GET", f"/api/threads/{dora.thread}"))[1]
        assert [each["said"][0]["text"] for each in thread["turns"]][-1] == "no, i meant what is the date today"


async def test_what_was_forgotten_is_known_again_and_who_was_taken_elsewhere_is_taken_back(house: House) -> None:
    async with house.a_tab_of("finn") as finn:
        await finn.ask("my dog is called rex")
        assert "I forget that your dog is called Rex" in await finn.ask("forget my dog")
        assert "I know that again: Your dog is called Rex" in await finn.ask("undo")
        with anyio.fail_after(PATIENCE_SECONDS):
            while not (await house.ask("finn", "GET", "/api/memories"))[1].get("memories"):
                await anyio.sleep(0.05)
        assert await finn.ask("what is my dog called") == "Your dog is called Rex."
        await finn.ask("new conversation")
        await finn.until(lambda: finn.went == [""])
        left = finn.thread
    async with house.a_tab_of("finn") as finn:
        assert (await finn.ask("undo")).startswith("All right, back to “my dog is called rex”")
        await finn.until(lambda: finn.went == [left])


async def test_the_house_says_how_it_is(house: House) -> None:
    async with house.a_tab_of("emil") as emil:
        assert "please type" in await emil.ask("which engines do you use")
        assert "You can type and read now." in await emil.ask("what went wrong")
