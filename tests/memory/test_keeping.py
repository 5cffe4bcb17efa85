"""The rules of keeping and forgetting, against the plainest model of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from memory.keeping import Kept, correct, keep, with_superseded
from memory.types import USER, MemoryId, NewMemory, Source

TOPICS = ("name", "home", "likes", "")


def told(topic: str, value: int, subject: str = USER, thread: str = "t") -> NewMemory:
    text = f"{topic or 'saw'} {value}"
    return NewMemory(
        text, "fact", datetime(2026, 5, 4, tzinfo=UTC), Source(thread, "t"), topic, topic == "likes", subject=subject
    )


news = st.builds(told, st.sampled_from(TOPICS), st.integers(0, 3), thread=st.sampled_from(["t", "u"]))


def store(batches: Sequence[Sequence[NewMemory]]) -> dict[MemoryId, Kept]:
    kept: dict[MemoryId, Kept] = {}
    ends: dict[str, int] = {}
    for batch in batches:
        answers, written = keep([each for each in kept.values() if each.stands], batch, ends)
        for each in written:
            thread = each.memory.source.thread
            ends[thread] = max(each.position, ends.get(thread, -1))
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


@given(st.lists(st.lists(news, max_size=4), max_size=8))
def test_the_memories_of_a_thread_are_counted_without_a_gap(batches: list[list[NewMemory]]) -> None:
    kept = store(batches).values()
    for thread in ("t", "u"):
        told_there = sorted((each for each in kept if each.memory.source.thread == thread), key=lambda each: each.age)
        assert [each.position for each in told_there] == [*range(len(told_there))]


def test_a_topic_has_one_value_for_each_subject() -> None:
    kept = store([[told("home", 1), told("home", 2, "Anna"), told("home", 2, "my  sister"), told("home", 3, "anna ")]])
    standing = [(each.memory.subject, each.memory.text) for each in kept.values() if each.stands]
    assert standing == [(USER, "home 1"), ("my  sister", "home 2"), ("anna", "home 3")]


def test_the_same_words_about_two_subjects_are_two_memories() -> None:
    kept = store([[told("likes", 1), told("likes", 1, "Anna"), told("likes", 1, "anna")]])
    assert [each.memory.subject for each in kept.values()] == [USER, "Anna"]


def test_what_corrects_takes_the_place_of_what_was_wrong_whatever_their_topics() -> None:
    (wrong,) = store([[told("likes", 1)]]).values()
    right, written = correct(wrong, [wrong], told("home", 1), {"t": 0})
    assert [(each.memory.text, each.memory.superseded_by, each.position) for each in written] == [
        ("home 1", None, 1),
        ("likes 1", right.id, 0),
    ]


def test_a_correction_that_is_known_already_adds_nothing() -> None:
    wrong, known = store([[told("likes", 1), told("likes", 2)]]).values()
    right, written = correct(wrong, [wrong, known], told("likes", 2))
    assert right == known.memory
    assert [(each.memory.id, each.memory.superseded_by) for each in written] == [(wrong.memory.id, right.id)]


def test_a_correction_may_have_the_same_words() -> None:
    (wrong,) = store([[told("likes", 1)]]).values()
    right, written = correct(wrong, [wrong], told("likes", 1))
    assert right.id != wrong.memory.id
    assert len(written) == 2


def test_a_correction_stands_beside_others_as_the_wrong_one_did() -> None:
    wrong, other = store([[told("likes", 1), told("likes", 2)]]).values()
    _, written = correct(wrong, [wrong, other], replace(told("likes", 3), many=False))
    assert [(each.memory.text, each.memory.many, each.stands) for each in written] == [
        ("likes 3", True, True),
        ("likes 1", True, False),
    ]
