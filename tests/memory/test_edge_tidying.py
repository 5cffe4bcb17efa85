"""When the points of Qdrant Edge are tidied up: what is erased at once, what has grown when nobody asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from memory import edge_points
from memory.edge_points import EdgePoints, create
from memory.edge_shard import EdgeShelf, open_edge_shelf
from memory.indexing import Point
from memory.points import Which

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


def test_a_shelf_tidies_up_each_of_its_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_points, "_TIDY_AFTER", 1)
    with open_edge_shelf(tmp_path) as shelf:
        assert not untidy(shelf)
        shelf._points.write([Point(IDS[0], {}, {"user": "sarah"})])
        assert untidy(shelf)
        shelf.tidy_up()
        assert not untidy(shelf)
