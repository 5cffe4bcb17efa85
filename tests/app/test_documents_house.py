"""Documents through a running Nightingale: attached to a message, asked about, and nobody else's."""

from collections.abc import AsyncGenerator
from pathlib import Path

import aiohttp
import pytest

from app.api.documents import PATH
from tests.app.test_isolation_routes import House
from tests.browser.house import nightingale

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]

KETTLE = b"# Kettle\n\n## Descaling\n\nDescale the kettle every month, with vinegar and water.\n"
QUESTION = "What does my manual say about descaling the kettle?"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    data: Path = tmp_path_factory.mktemp("house")
    nothing = {"VOICE__STT": "[]", "VOICE__TTS": "[]", "GRAPH__MODELS": "[]"}
    async with nightingale(data, **nothing) as served:
        yield House(served, (data / "secret").read_text().strip())


async def test_an_attached_file_is_read_before_its_message_is_answered(house: House) -> None:
    async with house.a_tab_of("anna") as anna:
        await anna.type(QUESTION, await anna.attach("Kettle.md", KETTLE), await anna.attach("bad.pdf", b"no pdf"))
        await anna.until(lambda: len(anna.answers) > 1)
        assert anna.answers[0].startswith("I have read Kettle.md, ")
        assert "“bad.pdf” cannot be read" in anna.answers[0]
        assert "vinegar and water" in anna.answers[1]
        assert anna.answers[1].endswith("That is from “Kettle”, section Descaling.")


async def test_another_user_has_nothing_of_it(house: House) -> None:
    _, annas = await house.ask("anna", "GET", PATH)
    (kettle,) = annas["documents"]
    assert await house.ask("ben", "GET", PATH) == (200, {"documents": [], "reading": []})
    for method in ("GET", "DELETE"):
        status, _ = await house.ask("ben", method, f"{PATH}/{kettle['id']}")
        assert status == 404
    async with house.a_tab_of("ben") as ben:
        assert "vinegar" not in await ben.ask(QUESTION)
        assert (await ben.ask("which documents do you have")).startswith("You have given me no documents yet.")
    assert (await house.ask("anna", "GET", PATH))[1] == annas


async def test_a_file_of_another_kind_is_not_taken_at_the_door(house: House) -> None:
    async with house.a_tab_of("anna") as anna:
        with pytest.raises(aiohttp.ClientResponseError, match="400"):
            await anna.attach("photo.exe", b"MZ")


async def test_what_was_attached_is_handed_out_as_a_file_and_never_as_a_page(house: House) -> None:
    async with house.a_tab_of("anna") as anna, house.as_user("anna") as http:
        id_ = await anna.attach("page.html", b"<script>alert(1)</script>")
        async with http.get(f"{house.url}/project/file/{id_}?session_id={anna.session}") as answer:
            assert (answer.status, answer.headers["Content-Disposition"]) == (200, "attachment")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
