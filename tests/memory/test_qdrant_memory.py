"""This side of a store that is elsewhere: what it asks, and what it knows without asking."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from memory.qdrant_memory import QdrantMemory
from memory.types import MemoryId, NewMemory, Source, UserId
from resilience.errors import EngineFailed
from tests.memory.embedders import BagOfWords

pytestmark = pytest.mark.anyio

SARAH, TOM = UserId("sarah"), UserId("tom")
NEW = NewMemory("Anna lives in Oslo.", "fact", datetime(2026, 5, 4, tzinfo=UTC), Source("t", "1"), "home")


class Elsewhere(QdrantMemory):
    """Writes down what is asked of it."""

    def __init__(self, *, alone: bool) -> None:
        super().__init__(BagOfWords(), alone=alone)
        self.asked: list[str] = []
        self.fails = False

    async def _ask(self, verb: str, *arguments: Any, seconds: float | None = None) -> Any:
        self.asked.append(verb)
        if self.fails:
            raise EngineFailed("elsewhere", "it is gone")
        answers: dict[str, Callable[[], Any]] = {"subjects": lambda: frozenset({"user"}), "search": tuple}
        return answers.get(verb, lambda: ())()


async def test_whom_memories_are_about_is_asked_once_of_a_store_that_nobody_else_writes_to() -> None:
    store = Elsewhere(alone=True)
    for user in (SARAH, SARAH, TOM):
        await store.search(user, "where is Anna")
    assert store.asked == ["subjects", "search", "search", "subjects", "search"]


async def test_whom_memories_are_about_is_asked_each_time_where_others_write() -> None:
    store = Elsewhere(alone=False)
    for _ in range(2):
        await store.search(SARAH, "where is Anna")
    assert store.asked == ["subjects", "search"] * 2


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.remember(SARAH, [NEW]),
        lambda store: store.correct(SARAH, MemoryId("1"), NEW),
        lambda store: store.forget(SARAH, [MemoryId("1")]),
        lambda store: store.forget_all(SARAH),
    ],
)
async def test_after_a_change_it_is_asked_anew_also_when_the_change_failed(
    change: Callable[[Elsewhere], Any], fails: bool
) -> None:
    store = Elsewhere(alone=True)
    await store.search(SARAH, "where is Anna")
    store.fails = fails
    try:
        await change(store)
    except EngineFailed:
        assert fails
    store.fails = False
    store.asked.clear()
    await store.search(SARAH, "where is Anna")
    assert store.asked == ["subjects", "search"]
