"""The rules of keeping and forgetting, against the plainest model of them."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from memory.keeping import Kept, keep, with_superseded
from memory.types import MemoryId, NewMemory, Source

TOPICS = ("name", "home", "likes", "")
news = st.builds(
    lambda topic, value: NewMemory(
        f"{topic or 'saw'} {value}", "fact", datetime(2026, 5, 4, tzinfo=UTC), Source("t", "t"), topic, topic == "likes"
    ),
    st.sampled_from(TOPICS),
    st.integers(0, 3),
)


def store(batches: Sequence[Sequence[NewMemory]]) -> dict[MemoryId, Kept]:
    kept: dict[MemoryId, Kept] = {}
    for batch in batches:
        answers, written = keep([each for each in kept.values() if each.stands], batch)
        kept.update((each.memory.id, each) for each in written)
        assert answers == tuple(kept[each.id].memory for each in answers)
    return kept


@given(st.lists(st.lists(news, max_size=4), max_size=8))
def test_the_newest_value_of_each_topic_stands_and_of_the_rest_all(batches: list[list[NewMemory]]) -> None:
    expected: list[str] = []
    for new in (new for batch in batches for new in batch):
        if new.text in expected:
            continue
        if new.topic in ("name", "home"):
            expected = [text for text in expected if not text.startswith(new.topic)]
        expected.append(new.text)
    standing = sorted((each for each in store(batches).values() if each.stands), key=lambda each: each.age)
    assert [each.memory.text for each in standing] == expected


@given(st.lists(st.lists(news, max_size=4), max_size=8))
def test_every_superseded_memory_leads_to_one_that_stands(batches: list[list[NewMemory]]) -> None:
    kept = store(batches)
    for first in kept.values():
        last, steps = first, 0
        while (successor := last.memory.superseded_by) is not None:
            last, steps = kept[successor], steps + 1
            assert last.memory.topic == first.memory.topic
            assert steps <= len(kept)


@given(st.lists(st.lists(news, max_size=4), max_size=8), st.data())
def test_forgetting_leaves_no_loose_ends(batches: list[list[NewMemory]], data: st.DataObject) -> None:
    kept = store(batches)
    chosen = data.draw(st.lists(st.sampled_from(sorted(kept)), max_size=3) if kept else st.just([]))
    going = with_superseded([*chosen, MemoryId("unknown")], [each.memory for each in kept.values()])
    assert set(chosen) <= going <= set(kept)
    left = [each.memory for key, each in kept.items() if key not in going]
    assert all(memory.superseded_by not in going for memory in left)
