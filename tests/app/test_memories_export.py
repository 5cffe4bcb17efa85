"""Memories are exported whole, however many pages they fill."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.rights import holders
from app.rights.holders import InMemory
from app.rights.types import Person
from memory.in_process import InProcessMemory
from memory.types import NewMemory, Source, UserId

pytestmark = pytest.mark.anyio

SARAH = UserId("sarah")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def home(number: int) -> NewMemory:
    said_at = NOON + timedelta(days=number)
    return NewMemory(f"The user lives in house {number}.", "fact", said_at, Source("t", str(number)), "home")


async def test_all_that_was_ever_learnt_is_exported_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holders, "MEMORIES_AT_ONCE", 2)
    memory = InProcessMemory()
    for number in range(5):
        await memory.remember(SARAH, [home(number)])
    files = {name: content async for name, content in InMemory(memory).export(Person(SARAH, ()))}
    exported = json.loads(files["memories.json"])
    assert [each["text"] for each in exported] == [home(number).text for number in range(5)]
    assert [bool(each["superseded_by"]) for each in exported] == [True] * 4 + [False]
    assert files["memories.md"].decode().count("no longer") == 4


async def test_of_somebody_of_whom_nothing_is_known_there_is_an_empty_list() -> None:
    files = {name: content async for name, content in InMemory(InProcessMemory()).export(Person(SARAH, ()))}
    assert json.loads(files["memories.json"]) == []
