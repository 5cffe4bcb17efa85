"""What a question asks for besides its words: a time, a person, the kind of an answer."""

from datetime import UTC, datetime

import pytest

from memory.asking import Window, answer_to, answers_in, subjects_in, windows_in, without_subjects
from memory.types import Memory, MemoryId, Source

THURSDAY = datetime(2026, 5, 14, 15, 30, tzinfo=UTC)


def days(*stretches: str) -> tuple[Window, ...]:
    """Each "first day .. day after the last"."""
    found = []
    for stretch in stretches:
        start, _, end = stretch.partition(" .. ")
        found.append(Window(datetime.fromisoformat(f"{start}T00:00Z"), datetime.fromisoformat(f"{end}T00:00Z")))
    return tuple(found)


@pytest.mark.parametrize(
    ("query", "windows"),
    [
        ("what did I do yesterday?", days("2026-05-13 .. 2026-05-14")),
        ("the day before yesterday", days("2026-05-12 .. 2026-05-13")),
        ("What is on tomorrow", days("2026-05-15 .. 2026-05-16")),
        ("this morning", days("2026-05-14 .. 2026-05-15")),
        ("last week", days("2026-05-04 .. 2026-05-11")),
        ("next weekend", days("2026-05-23 .. 2026-05-25")),
        ("last month", days("2026-04-01 .. 2026-05-01")),
        ("this year", days("2026-01-01 .. 2027-01-01")),
        ("last Friday", days("2026-05-08 .. 2026-05-09")),
        ("this Friday", days("2026-05-15 .. 2026-05-16")),
        ("on Monday", days("2026-05-11 .. 2026-05-12", "2026-05-18 .. 2026-05-19")),
        ("two weeks ago", days("2026-04-27 .. 2026-05-04")),
        ("3 days ago", days("2026-05-11 .. 2026-05-12")),
        ("last spring", days("2025-03-01 .. 2025-06-01")),
        ("next winter", days("2026-12-01 .. 2027-03-01")),
        ("in the summer of 2024", days("2024-06-01 .. 2024-09-01")),
        ("in March 2023", days("2023-03-01 .. 2023-04-01")),
        ("in June", days("2025-06-01 .. 2025-07-01", "2026-06-01 .. 2026-07-01")),
        ("on 3 May 2023", days("2023-05-03 .. 2023-05-04")),
        ("on May 3rd, 2023", days("2023-05-03 .. 2023-05-04")),
        ("on 2023-05-03", days("2023-05-03 .. 2023-05-04")),
        ("in 2022", days("2022-01-01 .. 2023-01-01")),
    ],
)
def test_a_time_is_understood(query: str, windows: tuple[Window, ...]) -> None:
    assert windows_in(query, THURSDAY)[0] == windows


@pytest.mark.parametrize(
    "query",
    ["may I ask", "they march on", "31 February", "I fall ill", "at 2023 Main Street", "999999999 years ago", ""],
)
def test_what_is_no_time_is_none(query: str) -> None:
    assert windows_in(query, THURSDAY)[0] == ()


def test_what_is_asked_besides_the_time_is_left_over() -> None:
    assert windows_in("What did I paint last spring?", THURSDAY)[1].split() == ["what", "did", "i", "paint", "?"]


def test_a_memory_is_of_the_time_when_it_holds_or_else_of_that_when_it_was_said() -> None:
    def memory(valid_from: datetime | None = None, valid_until: datetime | None = None) -> Memory:
        source = Source("thread", "turn")
        return Memory(
            MemoryId("1"), "…", "event", THURSDAY, source, "", 1.0, valid_from=valid_from, valid_until=valid_until
        )

    (may,), (june,) = days("2026-05-01 .. 2026-06-01"), days("2026-06-01 .. 2026-07-01")
    assert may.holds(memory())
    assert not june.holds(memory())
    assert june.holds(memory(datetime(2026, 6, 3, tzinfo=UTC)))
    assert not may.holds(memory(datetime(2026, 6, 3, tzinfo=UTC)))
    assert june.holds(memory(datetime(2026, 5, 20, tzinfo=UTC), datetime(2026, 6, 3, tzinfo=UTC)))


def test_whom_a_question_names_is_found_among_those_who_are_known() -> None:
    known = {"user", "sister", "Anna", "Jo", ""}
    assert subjects_in("Where does my sister's friend anna live?", known) == {"sister", "Anna"}
    assert subjects_in("What does the user want with Joanna?", known) == frozenset()


def test_a_question_about_somebody_is_put_as_if_they_asked_it_themselves() -> None:
    assert without_subjects("Where does my sister live?", {"sister"}) == "Where does I live?"
    assert without_subjects("What is Anna's job?", {"Anna"}) == "What is my job?"
    assert without_subjects("Who knows?", ()) == "Who knows?"


@pytest.mark.parametrize(
    ("query", "holds", "lacks"),
    [
        ("When did we meet?", "we met last May", "we met at the lake, as you may know"),
        ("How many dogs do I have?", "I have two dogs", "I have dogs"),
        ("Where do I live?", "I live in Oslo", "Indeed. Yes, near the sea"),
    ],
)
def test_a_kind_of_question_has_a_kind_of_answer(query: str, holds: str, lacks: str) -> None:
    answer = answer_to(query)
    assert answer in answers_in(holds)
    assert answer not in answers_in(lacks)


@pytest.mark.parametrize("text", ["in 1999", "two Years ago", "on MONDAY", "in March", "in april", "since then"])
def test_times_are_told_in_words_and_years(text: str) -> None:
    assert "time" in answers_in(text)


@pytest.mark.parametrize("text", ["room 19991", "I may march", "a yearling", "the weekender"])
def test_what_only_looks_like_a_time_tells_of_none(text: str) -> None:
    assert "time" not in answers_in(text)


def test_words_may_tell_of_several_things_or_of_nothing() -> None:
    assert answers_in("I met Anna 3 weeks ago") == ("time", "number", "name")
    assert answers_in("tea, please") == ()


def test_another_question_may_have_any_answer() -> None:
    assert answer_to("Why do I like it?") is None
