"""Files and folders given to read from a terminal."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.documents.cli import files_in, ingest, read_all, remove_all
from app.documents.desk import ReadingDesk
from app.documents.reach import Here
from app.folder import own_data_folder
from resilience.errors import EngineUnavailable
from tests.app.test_documents_api import ANNA, BEN, read
from tests.graph.fakes import ListedLibrary


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # files are read in threads: no jumping clock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two notes, a damaged file, one of no kind that can be read, and what nobody should find."""
    papers = tmp_path / "papers"
    for place, text in {
        "notes.txt": "Tea.",
        "old/notes.txt": "Coffee.",
        "old/Bad.PDF": "\0",
        "photo.raw": "no words",
        ".hidden.txt": "hidden",
        ".git/description.txt": "hidden",
    }.items():
        (papers / place).parent.mkdir(parents=True, exist_ok=True)
        (papers / place).write_text(text)
    return papers


@asynccontextmanager
async def desk(library: ListedLibrary) -> AsyncGenerator[Here]:
    yield Here(ReadingDesk(library, read))


def test_a_folder_stands_for_whatever_can_be_read_in_it(folder: Path) -> None:
    wanted, missing = files_in([folder])
    assert [each.file.relative_to(folder).as_posix() for each in wanted] == [
        "notes.txt",
        "old/Bad.PDF",
        "old/notes.txt",
    ]
    assert missing == {}


def test_no_two_files_of_one_command_have_one_name(folder: Path) -> None:
    wanted, _ = files_in([folder, folder / "notes.txt"])
    assert [each.name for each in wanted] == ["notes (papers).txt", "Bad.PDF", "notes (papers old).txt"]


def test_what_is_not_there_or_holds_nothing_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    wanted, missing = files_in([tmp_path / "gone.txt", tmp_path / "empty"])
    assert wanted == []
    assert [reason.removeprefix(str(tmp_path)) for reason in missing.values()] == [
        "/gone.txt: there is no such file",
        "/empty: there is nothing in it that can be read",
    ]


@pytest.mark.anyio
async def test_what_fails_is_told_of_and_the_others_are_kept(folder: Path) -> None:
    library = ListedLibrary()
    wanted, _ = files_in([folder])
    async with desk(library) as house:
        failed = await read_all(house, ANNA, wanted)
    assert failed == {"Bad.PDF": "“Bad.PDF” is damaged"}
    assert sorted(library.names(ANNA)) == ["notes (papers old).txt", "notes (papers).txt"]
    assert library.names(BEN) == []


@pytest.mark.anyio
async def test_a_library_that_is_away_fails_each_file(folder: Path) -> None:
    wanted, _ = files_in([folder / "notes.txt"])
    async with desk(ListedLibrary(fails=EngineUnavailable("documents", "its disk is gone"))) as house:
        assert await read_all(house, ANNA, wanted) == {"notes.txt": "its disk is gone"}


@pytest.mark.anyio
async def test_a_document_is_removed_by_its_name() -> None:
    library = ListedLibrary()
    for user in (ANNA, BEN):
        library.put(user, "tea.txt", page_1="Tea.")
    async with desk(library) as house:
        failed = await remove_all(house, ANNA, ["tea.txt", "other.txt"])
    assert failed == {"other.txt": "other.txt: there is no document of that name"}
    assert (library.names(ANNA), library.names(BEN)) == ([], ["tea.txt"])


def test_it_says_what_to_name(tmp_path: Path) -> None:
    result = CliRunner(env={"NIGHTINGALE_DATA_DIR": str(tmp_path)}).invoke(ingest, [])
    assert result.exit_code == 2
    assert "name a file or a folder" in result.output


def test_a_server_that_does_not_answer_for_its_folder_is_named(tmp_path: Path) -> None:
    env = {"NIGHTINGALE_DATA_DIR": str(tmp_path), "NIGHTINGALE_PORT": "1"}
    (tmp_path / "secret").write_text("a secret")
    with own_data_folder(tmp_path):
        result = CliRunner(env=env).invoke(ingest, ["--list"])
    assert result.exit_code == 1
    assert "in use by a Nightingale that does not answer" in result.output
