"""What every store of documents promises, asked of each."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import anyio
import pytest

from memory.documents.in_process import InProcessLibrary
from memory.documents.passages import whole_text
from memory.documents.protocols import Library
from memory.documents.types import Document, DocumentId, Found, NewDocument, Part, Passage, Progress
from memory.qdrant_edge import open_qdrant_edge
from memory.qdrant_server import open_qdrant_local
from memory.types import UserId
from resilience.errors import InputRejected
from tests.memory.embedders import BagOfWords

pytestmark = pytest.mark.anyio

SARAH, TOM = UserId("sarah"), UserId("tom")
NOWHERE = DocumentId("8d1b4f6e-0000-4000-8000-000000000000")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """A real clock: one of the stores is a process."""
    return "asyncio"


@pytest.fixture(scope="module", params=["in process", "qdrant edge", "qdrant server"])
async def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Library]:
    match request.param:
        case "in process":
            yield InProcessLibrary(BagOfWords())
        case "qdrant edge":
            async with open_qdrant_edge(tmp_path_factory.mktemp("documents") / "memory", BagOfWords()) as edge:
                yield edge.library
        case _:
            async with open_qdrant_local(BagOfWords()) as server:
                yield server.library


class Apart:
    """A store that many tests share, each with users of its own."""

    def __init__(self, store: Library, test: str) -> None:
        self._store = store
        self._test = test

    def _its(self, user: UserId) -> UserId:
        return UserId(f"{self._test}/{user}")

    async def add(self, user: UserId, new: NewDocument, *, progress: Progress = lambda _done, _all: None) -> Document:
        return await self._store.add(self._its(user), new, progress=progress)

    async def documents(self, user: UserId) -> tuple[Document, ...]:
        return await self._store.documents(self._its(user))

    async def passages(self, user: UserId, id_: DocumentId) -> tuple[Passage, ...]:
        return await self._store.passages(self._its(user), id_)

    async def search(self, user: UserId, query: str, *, limit: int = 3) -> tuple[Found, ...]:
        return await self._store.search(self._its(user), query, limit=limit)

    async def remove(self, user: UserId, ids: Sequence[DocumentId]) -> int:
        return await self._store.remove(self._its(user), ids)

    async def remove_all(self, user: UserId) -> int:
        return await self._store.remove_all(self._its(user))


@pytest.fixture
def library(store: Library, request: pytest.FixtureRequest) -> Library:
    return Apart(store, request.node.name)


MANUAL = NewDocument(
    "manual.pdf",
    "The Boiler Manual",
    (
        Part("page 1", "The boiler is lit with the red button. Hold it for ten seconds until the flame burns."),
        Part("page 2", "Every autumn the filter must be rinsed with cold water. Close the tap before that."),
    ),
    {"author": "Ada Lovelace", "date": "2024-01-02"},
)
LEASE = NewDocument(
    "lease.docx",
    "The lease",
    (Part("section Deposit", "Deposit\n\nThe landlord returns the deposit three months after the tenant moved out."),),
)
LONG = NewDocument(
    "long.txt", "long.txt", (Part("", " ".join(f"In the year {year} nothing happened at all." for year in range(400))),)
)


async def found(library: Library, query: str, user: UserId = SARAH) -> list[tuple[str, str]]:
    return [(each.passage.name, each.passage.place) for each in await library.search(user, query)]


async def test_a_document_is_kept_whole_with_what_it_says_about_itself(library: Library) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    added = await library.add(SARAH, MANUAL)
    assert (added.name, added.title, added.metadata) == ("manual.pdf", "The Boiler Manual", MANUAL.metadata)
    assert (added.passages, added.characters) == (2, sum(len(part.text) for part in MANUAL.parts))
    assert before < added.added_at <= datetime.now(UTC)
    assert await library.documents(SARAH) == (added,)
    assert await library.passages(SARAH, added.id) == tuple(
        Passage(added.id, "manual.pdf", "The Boiler Manual", part.place, position, part.text)
        for position, part in enumerate(MANUAL.parts)
    )


async def test_of_a_long_one_no_word_is_lost(library: Library) -> None:
    told: list[tuple[int, int]] = []
    added = await library.add(SARAH, LONG, progress=lambda done, all_: told.append((done, all_)))
    passages = await library.passages(SARAH, added.id)
    assert [each.position for each in passages] == [*range(added.passages)]
    assert whole_text(passages) == LONG.parts[0].text
    assert told[0] == (0, added.passages)
    assert told[-1] == (added.passages, added.passages)
    assert told == sorted(told)


async def test_a_new_library_holds_nothing(library: Library) -> None:
    assert await library.documents(SARAH) == ()
    assert await library.passages(SARAH, NOWHERE) == ()
    assert await library.search(SARAH, "how is the boiler lit") == ()
    assert await library.remove(SARAH, [NOWHERE]) == 0
    assert await library.remove_all(SARAH) == 0


async def test_a_question_finds_the_passage_it_is_about(library: Library) -> None:
    for each in (MANUAL, LEASE, LONG):
        await library.add(SARAH, each)
    for question, name, place in (
        ("How is the boiler lit?", "manual.pdf", "page 1"),
        ("when must the filter be rinsed", "manual.pdf", "page 2"),
        ("When does the landlord return the deposit?", "lease.docx", "section Deposit"),
    ):
        assert (await found(library, question))[0] == (name, place)


async def test_an_unrelated_question_finds_nothing(library: Library) -> None:
    for each in (MANUAL, LEASE):
        await library.add(SARAH, each)
    for question in (
        "what is the capital of France",
        "tell me a joke",
        "who wrote that lovely song",
        "how are you?",
        "?!",
        " ",
    ):
        assert await found(library, question) == []


async def test_the_best_stands_first_and_there_are_no_more_than_asked_for(library: Library) -> None:
    await library.add(SARAH, LONG)
    best = await library.search(SARAH, "what happened in the year 250", limit=2)
    assert "250" in best[0].passage.text
    assert len(best) == 2
    assert best[0].score > best[1].score
    assert await library.search(SARAH, "what happened in the year 250", limit=0) == ()


async def test_nobody_sees_what_another_user_added(library: Library) -> None:
    hers = await library.add(SARAH, MANUAL)
    his = await library.add(TOM, replace(MANUAL, title="Tom's own"))
    assert await library.documents(TOM) == (his,)
    assert hers.id != his.id
    assert await library.passages(TOM, hers.id) == ()
    assert {each.passage.document for each in await library.search(TOM, "how is the boiler lit")} == {his.id}
    assert await library.remove(TOM, [hers.id]) == 0
    assert await library.remove_all(TOM) == 1
    assert await found(library, "how is the boiler lit", TOM) == []
    assert await library.documents(SARAH) == (hers,)
    assert await found(library, "how is the boiler lit") != []


async def test_what_others_added_does_not_change_a_score(library: Library) -> None:
    await library.add(SARAH, MANUAL)
    before = await library.search(SARAH, "how is the boiler lit")
    await library.add(TOM, replace(LONG, parts=(Part("", "The boiler. " * 300),)))
    after = await library.search(SARAH, "how is the boiler lit")
    assert [each.passage for each in after] == [each.passage for each in before]
    assert [each.score for each in after] == pytest.approx([each.score for each in before], rel=1e-6)


async def test_one_of_the_same_name_takes_the_place_of_the_one_before(library: Library) -> None:
    await library.add(SARAH, MANUAL)
    newer = await library.add(SARAH, replace(LONG, name=MANUAL.name))
    assert await library.documents(SARAH) == (newer,)
    assert await found(library, "how is the boiler lit") == []
    assert len(await library.passages(SARAH, newer.id)) == newer.passages
    shorter = await library.add(SARAH, MANUAL)
    assert await library.documents(SARAH) == (shorter,)
    assert len(await library.passages(SARAH, shorter.id)) == 2


async def test_one_that_is_the_same_is_left_as_it_stands(library: Library) -> None:
    told: list[tuple[int, int]] = []
    first = await library.add(SARAH, MANUAL)
    assert await library.add(SARAH, MANUAL, progress=lambda done, all_: told.append((done, all_))) == first
    assert told == [(2, 2)]
    assert (await library.add(SARAH, replace(MANUAL, title="Another"))).title == "Another"


async def test_the_newest_stands_first(library: Library) -> None:
    for each in (MANUAL, LEASE, replace(MANUAL, name="copy.pdf"), replace(LEASE, title="The new lease")):
        await library.add(SARAH, each)
    assert [each.title for each in await library.documents(SARAH)] == [
        "The new lease",
        "The Boiler Manual",
        "The Boiler Manual",
    ]


async def test_one_without_words_is_rejected(library: Library) -> None:
    with pytest.raises(InputRejected, match="no words"):
        await library.add(SARAH, replace(MANUAL, parts=(Part("page 1", " \n "), Part("page 2", ""))))
    assert await library.documents(SARAH) == ()


async def test_what_is_removed_is_gone_and_the_rest_stays(library: Library) -> None:
    manual, lease = await library.add(SARAH, MANUAL), await library.add(SARAH, LEASE)
    assert await library.remove(SARAH, [manual.id, manual.id, NOWHERE, DocumentId("' OR 1=1")]) == 1
    assert await library.documents(SARAH) == (lease,)
    assert await library.passages(SARAH, manual.id) == ()
    assert await found(library, "how is the boiler lit") == []
    assert await library.remove_all(SARAH) == 1
    assert await library.documents(SARAH) == ()


async def test_an_adding_that_was_given_up_leaves_what_was_there(library: Library) -> None:
    before = await library.add(SARAH, MANUAL)
    with anyio.CancelScope() as scope:

        def stop_midway(done: int, _all: int) -> None:
            if done == 0:
                scope.cancel()

        await library.add(SARAH, replace(LONG, name=MANUAL.name), progress=stop_midway)
    assert scope.cancelled_caught
    assert await library.documents(SARAH) == (before,)
    assert await found(library, "what happened in the year 250") == []
    assert (await found(library, "how is the boiler lit"))[0] == ("manual.pdf", "page 1")


async def test_whatever_characters_there_are_they_are_kept(library: Library) -> None:
    odd = NewDocument("Üß \ud800 文.txt", "", (Part("", "Zażółć gęślą jaźń. 图书馆在哪里？ 🦜 lone \udfff surrogate"),))
    added = await library.add(SARAH, odd)
    (passage,) = await library.passages(SARAH, added.id)
    assert "🦜 lone ? surrogate" in passage.text
    assert await found(library, "图书馆在哪里") != []
    assert await library.remove(SARAH, [added.id]) == 1
