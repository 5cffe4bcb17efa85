"""Documents among what is a person's own: taken along as text, and erased."""

import pytest

from app.rights.holders import InDocuments
from app.rights.types import Person
from memory.documents.types import NewDocument, Part
from tests.app.test_documents_api import ANNA, BEN
from tests.graph.fakes import ListedLibrary

pytestmark = pytest.mark.anyio


async def exported(library: ListedLibrary) -> dict[str, str]:
    return {path: content.decode() async for path, content in InDocuments(library).export(Person(ANNA))}


async def test_the_text_of_each_is_taken_along_with_what_is_known_of_it() -> None:
    library = ListedLibrary()
    parts = (Part("page 1", "Green tea."), Part("page 1", "Black tea."), Part("page 2", "No milk."))
    await library.add(ANNA, NewDocument("Tea.pdf", "All about “tea”", parts, {"author": "Zoë"}))
    assert await exported(library) == {
        "documents/Tea.md": "---\n"
        'name: "Tea.pdf"\ntitle: "All about “tea”"\nadded: "2025-03-01T09:00:00+00:00"\nabout:\n  "author": "Zoë"\n'
        "---\n\n## page 1\n\nGreen tea.\n\nBlack tea.\n\n## page 2\n\nNo milk.\n"
    }


async def test_names_that_a_disk_would_take_for_one_are_told_apart_and_lead_nowhere_else() -> None:
    library = ListedLibrary()
    for name in ("Tea.pdf", "tea.txt", "../../etc/tea.md", "con.txt"):
        library.put(ANNA, name, page_1="Words.")
    library.put(BEN, "bens.txt", page_1="Ben's.")
    paths = [*await exported(library)]
    assert len({path.casefold() for path in paths}) == len(paths) == 4
    assert all(path.count("/") == 1 and ".." not in path for path in paths)


async def test_all_of_one_user_s_are_erased() -> None:
    library = ListedLibrary()
    library.put(ANNA, "Tea.pdf", page_1="Words.")
    library.put(BEN, "Tea.pdf", page_1="Words.")
    holder = InDocuments(library)
    assert await holder.erase(Person(ANNA)) == 1
    assert await holder.erase(Person(ANNA)) == 0
    assert library.names(BEN) == ["Tea.pdf"]
