from dataclasses import replace
from datetime import UTC, datetime

import pytest

from memory import at_hand
from memory.at_hand import AtHand
from memory.keeping import Kept
from memory.types import Memory, MemoryId, Source

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def kept(number: int, thread: str = "t") -> Kept:
    memory = Memory(MemoryId(str(number)), "…", "fact", NOON, Source(thread, "turn"), "", 1.0)
    return Kept(memory, kept_at=number, position=number)


def test_what_stands_is_found_by_its_id_and_by_its_place() -> None:
    here = AtHand()
    here.put("sarah", {1: kept(1), 2: kept(2)})
    assert here.get([1, 3]) == {1: kept(1)}
    assert here.at("sarah", [("t", 2), ("t", 3), ("u", 1)]) == {2: kept(2)}
    assert here.all_of("sarah") == {1: kept(1), 2: kept(2)}


def test_nobody_finds_a_place_or_anything_of_somebody_else_s() -> None:
    here = AtHand()
    here.put("sarah", {1: kept(1)})
    assert here.at("tom", [("t", 1)]) == {}
    assert here.all_of("tom") == {}
    here.take_out_all("tom")
    assert here.all_of("sarah") == {1: kept(1)}


def test_what_was_superseded_is_not_put_in_and_what_is_forgotten_is_taken_out() -> None:
    here = AtHand()
    old = kept(1)
    gone = replace(old, memory=replace(old.memory, superseded_by=MemoryId("2")))
    here.put("sarah", {1: gone, 2: kept(2), 3: kept(3)})
    here.take_out("sarah", [2, 9])
    assert here.all_of("sarah") == here.get([1, 2, 3]) == {3: kept(3)}
    assert here.at("sarah", [("t", 2)]) == {}
    here.take_out_all("sarah")
    assert (len(here), here.get([3])) == (0, {})


def test_when_it_grows_too_much_it_begins_anew_and_says_that_it_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_hand, "MOST", 2)
    here = AtHand()
    here.put("sarah", {1: kept(1), 2: kept(2)})
    here.whole = True
    here.put("sarah", {3: kept(3)})
    assert (here.all_of("sarah"), here.whole) == ({3: kept(3)}, False)
