"""The points of Qdrant Edge: tidied up at once, or when nobody asks; sorted; and what a failure leaves."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from memory import edge_points
from memory.edge_points import EdgePoints, create
from memory.edge_shard import EdgeShelf, open_edge_shelf
from memory.indexing import Point
from memory.points import Which
from memory.shelf import Shelf
from memory.types import NewMemory, Part, Source, UserId
from resilience.errors import EngineFailed

SARAH = UserId("sarah")
TEA = NewMemory("The user likes tea.", "preference", datetime(2026, 5, 4, tzinfo=UTC), Source("t", "1"), "tea")
IDS = [f"8d1b4f6e-0000-4000-8000-{number:012d}" for number in range(12)]


@pytest.fixture
def points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgePoints]:
    monkeypatch.setattr(edge_points, "_TIDY_AFTER", 4)
    monkeypatch.setattr(edge_points, "_TIDY_AT_LAST_AFTER", 8)
    points = create(tmp_path / "shard")
    points.lay_out()
    yield points
    points.close()


def untidy(points: EdgePoints | EdgeShelf) -> bool:
    return points.untidy


def write(points: EdgePoints, start: int, end: int) -> None:
    points.write([Point(id_, {}, {"user": "sarah", "kept_at": number}) for number, id_ in enumerate(IDS)][start:end])


def test_what_has_grown_waits_until_nobody_asks_but_not_for_ever(points: EdgePoints) -> None:
    write(points, 0, 3)
    assert not untidy(points)
    write(points, 3, 7)
    assert untidy(points)
    write(points, 7, 9)
    assert not untidy(points)


def test_an_erasure_does_not_wait(points: EdgePoints) -> None:
    write(points, 0, 5)
    points.erase(Which(ids=frozenset(IDS[:1])))
    assert not untidy(points)


def test_what_is_sorted_by_a_number_comes_the_highest_first_from_where_it_is_wanted(points: EdgePoints) -> None:
    write(points, 0, 12)
    assert [payload["kept_at"] for _, payload in points.newest(Which({"user": "sarah"}), 3, 10)] == [10, 9, 8]


class Torn(EdgePoints):
    """Whose disk fails just after it has written."""

    def write(self, points: Sequence[Point]) -> None:
        super().write(points)
        raise EngineFailed("torn", "the disk is gone")


def test_what_a_failed_write_left_is_not_overlooked(tmp_path: Path) -> None:
    points = create(tmp_path / "shard")
    points.lay_out()
    shelf = Shelf(Torn(points._shard), alone=True)
    assert shelf.count() == 0
    with pytest.raises(EngineFailed):
        shelf.remember(SARAH, [TEA], None)
    (left,) = shelf.everything(SARAH, False)
    assert left.text == TEA.text
    assert shelf.page(SARAH, Part(words="tea"), None, 5).memories == (left,)
    points.close()


def test_a_shelf_tidies_up_each_of_its_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_points, "_TIDY_AFTER", 1)
    with open_edge_shelf(tmp_path) as shelf:
        assert not untidy(shelf)
        shelf._points.write([Point(IDS[0], {}, {"user": "sarah"})])
        assert untidy(shelf)
        shelf.tidy_up()
        assert not untidy(shelf)
