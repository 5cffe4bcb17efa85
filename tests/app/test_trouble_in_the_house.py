"""The running app while something breaks, by its stories; `tests/chaos` tells them by the thousand."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest

from tests.chaos.faults import Switches
from tests.chaos.running import App, open_app
from tests.made.client import Client, a_tab
from tests.made.speech import silence, speech

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]

LONG = 600.0
QUESTION = silence(0.5) + speech("what time is it", "rms") + silence(1.5)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def a_house(folder: Path) -> AsyncGenerator[tuple[App, Switches]]:
    switches = Switches(folder / "faults.json")
    (folder / "data").mkdir()
    async with open_app(folder, folder / "data", {"CHAOS_FAULTS": str(switches.file)}) as app:
        yield app, switches


async def has_recorded(app: App) -> None:
    with anyio.fail_after(30):
        while not [*app.data.glob("recordings/*/*.wav")]:
            await anyio.sleep(0.05)


async def offered(tab: Client) -> dict[str, object]:
    return await tab.until(lambda: next(iter(tab.offers.values()), {}))


async def test_what_was_being_understood_when_the_app_was_killed_is_offered_back_and_answered(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (app, switches):
        async with a_tab(app.url) as tab:
            await tab.ask("hello")
            thread = tab.thread
            switches.on("stt/*", "hang", LONG)
            await tab.microphone_on()
            await tab.speak(QUESTION)
            await has_recorded(app)
            app.kill()
        switches.off("stt/*")
        await app.start()
        await app.answers("/health/startup")
        async with a_tab(app.url, thread=thread) as tab:
            offer = await offered(tab)
            assert offer["reason"] == "Nightingale was stopped before it could answer."
            async with httpx.AsyncClient() as http:
                await http.post(f"{app.url}/auth/header")
                recording = await http.get(f"{app.url}/api/recordings/{offer['saying']}")
            assert recording.content[:4] in (b"RIFF", b"fLaC"), recording.text
            await tab.take(str(offer["saying"]), "answer")
            await tab.heard("what time")
            await tab.until(lambda: any(answer.startswith("It is") for answer in tab.answers))
            await tab.until(lambda: not tab.offers)


async def test_a_question_that_was_typed_when_the_app_was_killed_is_offered_back_once(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (app, switches):
        async with a_tab(app.url) as tab:
            await tab.ask("hello")
            thread = tab.thread
            switches.on("tts/*", "hang", LONG)
            await tab.choose("full")
            await tab.type("help")
            await tab.until(lambda: any("You can" in each.what for each in tab.seen if each.kind == "reply"))
            app.kill()
        switches.off("tts/*")
        await app.start()
        await app.answers("/health/startup")
        async with a_tab(app.url, thread=thread) as tab:
            offer = await offered(tab)
            assert offer["text"] == "help"
            await tab.take(str(offer["saying"]), "dismiss")
            await tab.until(lambda: not tab.offers)
        async with a_tab(app.url, thread=thread) as tab:
            await tab.ask("hello")
            assert tab.offers == {}


async def test_the_tier_falls_with_the_ear_and_climbs_back_by_itself(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (app, switches), a_tab(app.url, spoken=True) as tab:
        await tab.ask("hello")
        switches.on("stt/*", "refuse", LONG)
        await tab.microphone_on()
        await tab.speak(QUESTION)
        await offered(tab)
        await tab.until(lambda: tab.tiers[-1]["tier"] == "tts-only")
        assert tab.tiers[-1]["change"] == "down"
        assert tab.tiers[-1]["why"].startswith("No speech recogniser is working")
        async with httpx.AsyncClient(base_url=app.url) as http:
            ready = (await http.get("/health/ready")).json()
        assert (ready["status"], ready["tier"]) == ("ready", "tts-only")
        sounded = len(tab.sounded)
        await tab.type("what time is it")
        await tab.until(lambda: any(answer.startswith("It is") for answer in tab.answers))
        await tab.until(lambda: len(tab.sounded) > sounded)
        switches.off("stt/*")
        await tab.until(lambda: tab.tiers[-1]["tier"] == "full")
        assert tab.tiers[-1]["change"] == "up"
        await tab.until(lambda: "I can hear you again." in tab.answers)
        assert "I cannot hear you just now, so please type." in tab.answers
        with anyio.fail_after(30):
            while "I can hear you again." not in await tab.kept():
                await anyio.sleep(0.1)


async def test_an_operator_switches_a_part_off_and_on_again(tmp_path: Path) -> None:
    async with a_house(tmp_path) as (app, _), a_tab(app.url) as tab, httpx.AsyncClient(base_url=app.url) as http:
        await tab.choose("full")
        forced = await http.put("/api/breakers/tts/espeak", json={"force": "open"})
        assert forced.json()["state"] == "forced-open"
        await tab.until(lambda: tab.tiers[-1]["tier"] == "stt-only")
        await http.put("/api/breakers/tts/espeak", json={"force": None})
        await tab.until(lambda: tab.tiers[-1]["tier"] == "full")
