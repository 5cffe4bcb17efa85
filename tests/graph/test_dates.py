from datetime import UTC, date, datetime

import pytest

from graph.dates import for_ever, lasting, names_a_day, period_in, without_day

MONDAY = datetime(2025, 3, 3, 12, 5, tzinfo=UTC)

NAMED = [
    ("today", "2025-03-03", "2025-03-04"),
    ("tomorrow at three", "2025-03-04", "2025-03-05"),
    ("the day after tomorrow", "2025-03-05", "2025-03-06"),
    ("yesterday", "2025-03-02", "2025-03-03"),
    ("last night", "2025-03-02", "2025-03-03"),
    ("on friday", "2025-03-07", "2025-03-08"),
    ("next Friday", "2025-03-07", "2025-03-08"),
    ("on friday next week", "2025-03-14", "2025-03-15"),
    ("on monday", "2025-03-10", "2025-03-11"),
    ("last friday", "2025-02-28", "2025-03-01"),
    ("this weekend", "2025-03-08", "2025-03-10"),
    ("next week", "2025-03-10", "2025-03-17"),
    ("last month", "2025-02-01", "2025-03-01"),
    ("next year", "2026-01-01", "2027-01-01"),
    ("last spring", "2024-03-01", "2024-06-01"),
    ("next summer", "2025-06-01", "2025-09-01"),
    ("in three days", "2025-03-06", "2025-03-07"),
    ("two days ago", "2025-03-01", "2025-03-02"),
    ("in two weeks", "2025-03-16", "2025-03-19"),
    ("on 3 May", "2025-05-03", "2025-05-04"),
    ("on the third of may", "2025-05-03", "2025-05-04"),
    ("on May 3rd", "2025-05-03", "2025-05-04"),
    ("on 1 March", "2026-03-01", "2026-03-02"),
    ("on 3 May 2031", "2031-05-03", "2031-05-04"),
    ("on the twenty-first of june", "2025-06-21", "2025-06-22"),
    ("in june", "2025-06-01", "2025-07-01"),
    ("in February", "2026-02-01", "2026-03-01"),
    ("june 2023", "2023-06-01", "2023-07-01"),
    ("in 2019", "2019-01-01", "2020-01-01"),
    ("2025-04-01", "2025-04-01", "2025-04-02"),
    ("from monday to friday", "2025-03-10", "2025-03-15"),
    ("from 3 may until 9 may", "2025-05-03", "2025-05-10"),
    ("since 2019", "2019-01-01", None),
    ("since last summer", "2024-06-01", None),
    ("since march 2020", "2020-03-01", None),
    ("until friday", None, "2025-03-08"),
    ("until june", None, "2025-07-01"),
    ("have lived there for three years", "2022-03-03", None),
]


@pytest.mark.parametrize(("said", "begins", "ends"), NAMED)
def test_a_day_is_understood_from_the_day_it_is_named_on(said: str, begins: str | None, ends: str | None) -> None:
    period = period_in(said, MONDAY)
    assert period is not None
    assert (_day(period.begins), _day(period.ends)) == (begins, ends)


@pytest.mark.parametrize(
    ("said", "begins"),
    [
        ("on friday", "2025-02-28"),
        ("on monday", "2025-02-24"),
        ("in december", "2024-12-01"),
        ("on 1 may", "2024-05-01"),
    ],
)
def test_what_has_been_is_looked_for_in_the_past(said: str, begins: str) -> None:
    period = period_in(said, MONDAY, past=True)
    assert period is not None
    assert _day(period.begins) == begins


@pytest.mark.parametrize(
    "said", ["i may go", "march on", "a day", "the sun", "31 june", "in 5", "once a week", "second place", ""]
)
def test_what_only_sounds_like_a_day_is_none(said: str) -> None:
    assert not names_a_day(said)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I go to Rome tomorrow.", "I go to Rome on Tuesday, 4 March 2025."),
        ("The exam is next Friday at noon.", "The exam is on Friday, 7 March 2025 at noon."),
        ("We are away next week.", "We are away in the week of 10 March 2025."),
        ("We are away until Friday.", "We are away until Friday, 7 March 2025."),
        ("It is on 3 May.", "It is on Saturday, 3 May 2025."),
        ("It was on 3 May 2019.", "It was on 3 May 2019."),
        ("No day at all.", "No day at all."),
    ],
)
def test_a_day_is_told_so_that_it_stays_true(said: str, told: str) -> None:
    assert for_ever(said, MONDAY) == told


def test_how_long_something_holds_is_told_from_when_something_happens() -> None:
    assert lasting("i live in rome since 2019", MONDAY) is not None
    assert lasting("i fly to rome on friday", MONDAY) is None


def test_a_place_is_found_without_the_day_after_it() -> None:
    assert without_day("Oslo in March") == "Oslo"
    assert without_day("tomorrow") == "tomorrow"
    assert without_day("April House") == "April House"


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2025, 12, 31), date(2025, 1, 1), date(2026, 5, 31)])
def test_no_day_of_the_year_is_a_bad_day_to_ask(day: date) -> None:
    now = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
    for said, *_ in NAMED:
        period_in(said, now)
        period_in(said, now, past=True)
        for_ever(said, now)


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None
