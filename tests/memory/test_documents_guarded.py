"""Documents that fail or hang cost a turn its passages, and not its time."""

from collections.abc import Sequence

import anyio
import pytest

from memory.documents.guarded import GuardedLibrary
from memory.documents.in_process import InProcessLibrary
from memory.documents.types import Document, DocumentId, Found, NewDocument, Part, Passage, Progress
from memory.guarded import ERASE_SECONDS, READ_SECONDS
from memory.types import UserId
from resilience.breaker import BreakerState, CircuitBreaker
from resilience.errors import CircuitOpen, EngineError, EngineFailed, EngineTimeout, InputRejected
from resilience.settings import BreakerSettings

pytestmark = pytest.mark.anyio

SARAH = UserId("sarah")
NOTE = NewDocument("note.txt", "Note", (Part("", "The boiler is lit with the red button."),))
WRONG = NewDocument("none.txt", "None", ())


class MoodyLibrary:
    """As a plain one; fails, or is slow, when told to."""

    def __init__(self) -> None:
        self.error: EngineError | None = None
        self.seconds = 0.0
        self.adding_seconds = 0.0
        self._plain = InProcessLibrary()

    async def _asked(self) -> None:
        await anyio.sleep(self.seconds)
        if self.error is not None:
            raise self.error

    async def add(self, user: UserId, new: NewDocument, *, progress: Progress = lambda _done, _all: None) -> Document:
        await anyio.sleep(self.adding_seconds)
        return await self._plain.add(user, new, progress=progress)

    async def documents(self, user: UserId) -> tuple[Document, ...]:
        await self._asked()
        return await self._plain.documents(user)

    async def passages(self, user: UserId, id_: DocumentId) -> tuple[Passage, ...]:
        await self._asked()
        return await self._plain.passages(user, id_)

    async def search(self, user: UserId, query: str, *, limit: int = 3) -> tuple[Found, ...]:
        await self._asked()
        return await self._plain.search(user, query, limit=limit)

    async def remove(self, user: UserId, ids: Sequence[DocumentId]) -> int:
        await self._asked()
        return await self._plain.remove(user, ids)

    async def remove_all(self, user: UserId) -> int:
        await self._asked()
        return await self._plain.remove_all(user)


@pytest.fixture
def inner() -> MoodyLibrary:
    return MoodyLibrary()


@pytest.fixture
def breaker() -> CircuitBreaker:
    return CircuitBreaker("memory", BreakerSettings(consecutive_failures=2))


@pytest.fixture
def library(inner: MoodyLibrary, breaker: CircuitBreaker) -> GuardedLibrary:
    return GuardedLibrary(inner, breaker)


async def test_a_library_that_is_well_is_only_passed_on_to(library: GuardedLibrary) -> None:
    added = await library.add(SARAH, NOTE)
    assert await library.documents(SARAH) == (added,)
    (passage,) = await library.passages(SARAH, added.id)
    assert [each.passage for each in await library.search(SARAH, "the red button")] == [passage]
    assert await library.remove(SARAH, [added.id]) == 1
    assert await library.remove_all(SARAH) == 0


@pytest.mark.usefixtures("virtual_time")
async def test_one_that_hangs_is_left_after_a_moment(inner: MoodyLibrary, library: GuardedLibrary) -> None:
    inner.seconds = 1_000
    before = anyio.current_time()
    with pytest.raises(EngineTimeout):
        await library.search(SARAH, "the red button")
    assert anyio.current_time() - before == pytest.approx(READ_SECONDS)


async def test_one_that_keeps_failing_is_not_asked_any_more(
    inner: MoodyLibrary, library: GuardedLibrary, breaker: CircuitBreaker
) -> None:
    inner.error = EngineFailed("qdrant", "it fails")
    for _ in range(2):
        with pytest.raises(EngineFailed):
            await library.search(SARAH, "the red button")
    assert breaker.state is BreakerState.OPEN
    inner.error = None
    with pytest.raises(CircuitOpen):
        await library.add(SARAH, NOTE)


@pytest.mark.usefixtures("virtual_time")
async def test_a_long_document_takes_its_time_and_that_is_nothing_against_the_store(
    inner: MoodyLibrary, library: GuardedLibrary, breaker: CircuitBreaker
) -> None:
    inner.adding_seconds = 10 * ERASE_SECONDS
    for number in range(3):
        await library.add(SARAH, NewDocument(f"{number}.txt", "", NOTE.parts))
    assert breaker.state is BreakerState.CLOSED


async def test_a_document_without_words_is_nothing_against_the_store_either(
    library: GuardedLibrary, breaker: CircuitBreaker
) -> None:
    for _ in range(3):
        with pytest.raises(InputRejected):
            await library.add(SARAH, WRONG)
    assert breaker.state is BreakerState.CLOSED
