"""What was given to read, over HTTP: added, listed, looked into and taken away by its owner, and by nobody else."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request

from app.api.documents import BODY_BYTES, PATH, documents_router
from app.documents.desk import ReadingDesk
from app.documents.reach import There
from app.documents.uploads import Attached, read_attached
from app.rights.asking import whose_request
from app.rights.calling import Running
from app.security.headers import BodyLimit
from memory.documents.types import DocumentId, NewDocument, Part
from memory.types import UserId
from resilience.errors import EngineFailed, EngineUnavailable, InputRejected
from tests.graph.fakes import ListedLibrary

pytestmark = pytest.mark.anyio

ANNA, BEN = UserId("anna"), UserId("ben")
SECRET = "the secret of this house"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # files are read and looked at in threads: no jumping clock


async def read(source: Path | bytes, name: str) -> NewDocument:
    """Each line is a page. What begins with a zero byte is damaged."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    if data.startswith(b"\0"):
        raise InputRejected("documents", f"“{name}” is damaged")
    lines = data.decode().splitlines()
    return NewDocument(name, name, tuple(Part(f"page {n}", line) for n, line in enumerate(lines, 1)))


@dataclass
class Counter:
    client: httpx.AsyncClient
    library: ListedLibrary
    desk: ReadingDesk
    secret: Path
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str = "", user: str = ANNA, **content: Any) -> httpx.Response:
        return await self.client.request(method, f"{PATH}{path}", headers={"X-User": user}, **content)

    async def give(self, *files: tuple[str, bytes], user: str = ANNA) -> httpx.Response:
        return await self.ask("POST", user=user, files=[("files", each) for each in files])

    async def names(self, user: str = ANNA) -> list[str]:
        return [each["name"] for each in (await self.ask("GET", user=user)).json()["documents"]]


def user_of(request: Request) -> UserId:
    if "X-User" not in request.headers:
        raise HTTPException(401, "Please open the page first: it logs you in.")
    return UserId(request.headers["X-User"])


@asynccontextmanager
async def counter(folder: Path, *, closed: bool = False) -> AsyncGenerator[Counter]:
    library = ListedLibrary()
    desk = ReadingDesk(library, read)
    secret = folder / "secret"
    secret.write_text(SECRET)
    app = FastAPI()
    app.include_router(documents_router(lambda: None if closed else desk, whose_request(user_of, secret)))
    guarded = BodyLimit(app, wider={PATH: BODY_BYTES})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guarded), base_url="http://localhost") as client:
        yield Counter(client, library, desk, secret)


async def test_a_file_is_taken_in_and_shown(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        answer = await at.give(("Tea.txt", b"Green tea.\nBlack tea."))
        (added,) = answer.json()["added"]
        assert answer.status_code == 200
        assert (added["name"], added["passages"], added["characters"]) == ("Tea.txt", 2, 20)
        shelf = (await at.ask("GET")).json()
        assert shelf == {"documents": [added], "reading": []}
        opened = (await at.ask("GET", f"/{added['id']}")).json()
        assert opened["document"] == added
        assert opened["passages"] == [
            {"place": "page 1", "position": 0, "text": "Green tea."},
            {"place": "page 2", "position": 1, "text": "Black tea."},
        ]


async def test_of_several_files_the_bad_ones_are_told_of_and_the_others_are_kept(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        answer = await at.give(("a.txt", b"Words."), ("b.pdf", b"\0"), ("c.txt", b"More."))
        assert answer.status_code == 200
        assert [each["name"] for each in answer.json()["added"]] == ["a.txt", "c.txt"]
        refused = {"name": "b.pdf", "code": "input-rejected", "detail": "“b.pdf” is damaged."}
        assert answer.json()["refused"] == [refused]
        assert await at.names() == ["c.txt", "a.txt"]


async def test_where_nothing_could_be_taken_in_the_answer_says_why(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        bad = await at.give(("b.pdf", b"\0"))
        assert (bad.status_code, bad.json()["detail"]) == (422, "“b.pdf” is damaged.")
        at.library.fails = EngineUnavailable("documents", "its disk is gone")
        away = await at.give(("a.txt", b"Words."))
        assert (away.status_code, away.json()["code"]) == (503, "engine-unavailable")
        assert away.json()["detail"] == "a.txt could not be kept just now: its disk is gone."


async def test_what_is_being_read_is_shown_to_its_owner_only(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        at.library.hangs = True
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(at.give, ("a.txt", b"Words."))
            while not at.library.hung:
                await anyio.sleep(0.01)
            at.library.hangs = False
            assert (await at.ask("GET")).json()["reading"] == [{"name": "a.txt", "done": 0, "all": 0}]
            assert (await at.ask("GET", user=BEN)).json()["reading"] == []
            tasks.cancel_scope.cancel()
        assert at.desk.under_way(ANNA) == ()


async def test_a_document_is_removed_for_good(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        (added,) = (await at.give(("a.txt", b"Words."))).json()["added"]
        assert (await at.ask("DELETE", f"/{added['id']}")).json() == {"removed": 1}
        assert await at.names() == []
        assert (await at.ask("DELETE", f"/{added['id']}")).status_code == 404


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_nobody_reaches_another_s_document_by_its_id(method: str, tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        (added,) = (await at.give(("diary.txt", b"Private."))).json()["added"]
        await at.give(("bens.txt", b"Ben's own."), user=BEN)
        for crafted in (added["id"], f"{added['id']}%00", f"..%2F{added['id']}", "*", "' OR 1=1 --"):
            answer = await at.ask(method, f"/{crafted}", user=BEN)
            assert answer.status_code == 404
            assert "Private" not in answer.text
        assert await at.names(BEN) == ["bens.txt"]
        assert await at.names() == ["diary.txt"]


async def test_one_name_is_two_documents_of_two_users(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        await at.give(("a.txt", b"Anna's."))
        await at.give(("a.txt", b"Ben's."), user=BEN)
        (mine,) = (await at.ask("GET")).json()["documents"]
        assert "Anna" in (await at.ask("GET", f"/{mine['id']}")).text


async def test_who_is_not_logged_in_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:

        async def endless() -> AsyncGenerator[bytes]:
            yield b"--x"
            raise AssertionError("somebody reads on")

        kind = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await at.client.post(PATH, content=endless(), headers=kind)
        assert answer.status_code == 401


async def test_too_much_at_once_is_refused_before_it_is_in_memory(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        announced = {"X-User": ANNA, "Content-Length": str(BODY_BYTES + 1)}
        assert (await at.client.post(PATH, content=b"", headers=announced)).status_code == 413
        elsewhere = {"X-User": ANNA, "Content-Length": str(BODY_BYTES - 1)}
        assert (await at.client.post(f"{PATH}/x", content=b"", headers=elsewhere)).status_code == 413
        assert (await at.give(("big.txt", b"word " * 500_000))).status_code == 200


@pytest.mark.parametrize(
    "content", [{}, {"data": {"files": "no file"}}, {"json": {"files": []}}, {"files": [("files", ("", b"nameless"))]}]
)
async def test_what_is_no_file_is_refused_in_words(content: dict[str, Any], tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        answer = await at.ask("POST", **content)
        assert (answer.status_code, answer.json()["detail"]) == (422, "Send files as multipart form data.")


async def test_too_many_files_at_once_are_refused(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        answer = await at.give(*((f"{n}.txt", b"Words.") for n in range(30)))
        assert answer.status_code == 400
        assert await at.names() == []


async def test_a_library_that_is_away_is_told_of_with_a_remedy(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        at.library.fails = EngineUnavailable("documents", "its disk is gone")
        for method, path in (("GET", ""), ("GET", "/x"), ("DELETE", "/x")):
            answer = await at.ask(method, path)
            assert answer.status_code == 503
            assert "its disk is gone" in answer.json()["detail"]
            assert answer.json()["remedy"]


async def test_before_the_house_is_open_it_says_so(tmp_path: Path) -> None:
    async with counter(tmp_path, closed=True) as at:
        assert (await at.ask("GET")).status_code == 503


async def test_the_passages_of_a_long_document_come_in_parts(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        (added,) = (await at.give(("long.txt", b"\n".join(b"%d" % n for n in range(500))))).json()["added"]
        first = (await at.ask("GET", f"/{added['id']}?most=10000")).json()["passages"]
        rest = (await at.ask("GET", f"/{added['id']}?first=495")).json()["passages"]
        assert (len(first), [each["text"] for each in rest]) == (200, ["495", "496", "497", "498", "499"])


# -- asked by whoever runs the house ---------------------------------------------------------------------------------


async def test_a_terminal_reads_lists_and_removes_in_anybody_s_name_by_its_pass(tmp_path: Path) -> None:
    (tmp_path / "tea.txt").write_text("Green tea.")
    async with counter(tmp_path) as at:
        server = There(Running(tmp_path, 1, SECRET, at.client))
        await server.take_in(ANNA, tmp_path / "tea.txt", "tea.txt")
        (listed,) = await server.documents(ANNA)
        assert (listed.name, await server.under_way(ANNA), await server.documents(BEN)) == ("tea.txt", (), ())
        await server.remove(ANNA, listed.id)
        assert await server.documents(ANNA) == ()


async def test_a_terminal_hears_why_in_the_server_s_words(tmp_path: Path) -> None:
    (tmp_path / "b.pdf").write_bytes(b"\0")
    async with counter(tmp_path) as at:
        server = There(Running(tmp_path, 1, SECRET, at.client))
        with pytest.raises(InputRejected, match=r"“b\.pdf” is damaged$"):
            await server.take_in(ANNA, tmp_path / "b.pdf", "b.pdf")
        with pytest.raises(InputRejected, match="cannot be opened"):
            await server.take_in(ANNA, tmp_path / "gone.txt", "gone.txt")
        with pytest.raises(EngineFailed, match="no such document"):
            await server.remove(ANNA, DocumentId("gone"))


async def test_a_pass_of_another_secret_opens_nothing(tmp_path: Path) -> None:
    async with counter(tmp_path) as at:
        with pytest.raises(EngineFailed, match="pass is not valid"):
            await There(Running(tmp_path, 1, "another secret", at.client)).documents(ANNA)


# -- with a message --------------------------------------------------------------------------------------------------


async def test_what_came_with_a_message_is_read_and_told_of(tmp_path: Path) -> None:
    for name, content in (("1", b"Green tea.\nBlack tea."), ("2", b"\0")):
        (tmp_path / name).write_bytes(content)
    async with counter(tmp_path) as at:
        files = [Attached("Tea.pdf", tmp_path / "1"), Attached("b.pdf", tmp_path / "2")]
        assert await read_attached(at.desk, ANNA, files, "en") == "I have read Tea.pdf, 2 pages. “b.pdf” is damaged."
        assert at.library.names(ANNA) == ["Tea.pdf"]
        at.library.fails = EngineUnavailable("documents", "its disk is gone")
        assert await read_attached(at.desk, ANNA, files[:1], "en") == (
            "I could not keep Tea.pdf: its disk is gone. Please give it to me again in a moment."
        )
