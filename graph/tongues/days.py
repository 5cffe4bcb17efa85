"""When, in other tongues: the days that are named are put into English, and `graph.dates` knows the rest."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from graph.dates import Period, period_in
from graph.strings import all_of
from graph.tongues.types import Days, Tongue
from memory.types import NewMemory

_SOME_DAY = datetime(2000, 1, 5)  # noqa: DTZ001 - only to see whether one is named
_ALWAYS_NAMED = frozenset({"event", "task", "relation"})
_EVERY_YEAR = frozenset({"birthday", "birth year"})


@dataclass(frozen=True, slots=True)
class Named:
    span: tuple[int, int]
    english: str


def names_a_day(text: str, days: Days) -> bool:
    return next(named_in(text, days), None) is not None


def without_day(text: str, days: Days) -> str:
    """Without the day that it ends in, where something stands before that."""
    for day in named_in(text, days):
        if day.span[0] > 0 and day.span[1] == len(text):
            before = text[: day.span[0]].rstrip(" ,")
            return re.sub(rf"(?:{days.since.pattern}|{days.until.pattern})$", "", before).rstrip(" ,") or text
    return text


def dated(new: NewMemory, words: str, tongue: Tongue) -> NewMemory:
    """As `graph.noting.dated`."""
    if new.topic in _EVERY_YEAR:
        return new
    now, days = new.said_at, tongue.days
    past = days.past.search(words) is not None
    if new.kind in _ALWAYS_NAMED or new.topic == "note":
        found = [(day, _period(day, new.text, now, days, past=past)) for day in named_in(new.text, days)]
        begins = next((each.begins for _, each in found if each and each.begins), None)
        ends = next((each.ends for _, each in found if each and each.ends), None)
        return replace(new, text=_for_ever(new.text, found, now, tongue, past), valid_from=begins, valid_until=ends)
    for day in named_in(words, days):
        period = _period(day, words, now, days, past=True)
        stretch = days.since.search(words[: day.span[0]]) or days.until.search(words[: day.span[0]])
        if period and stretch:
            return replace(new, valid_from=period.begins, valid_until=period.ends)
        if period and days.began.search(words):
            return replace(new, valid_from=period.begins)
    return new


def _period(day: Named, text: str, now: datetime, days: Days, *, past: bool) -> Period | None:
    before = text[: day.span[0]]
    if days.since.search(before):
        period = period_in(day.english, now, past=True)
        return replace(period, ends=None) if period else None
    period = period_in(day.english, now, past=past)
    return replace(period, begins=None) if period and days.until.search(before) else period


def named_in(text: str, days: Days) -> Iterator[Named]:
    """From left to right; of those that begin together the longest."""
    found: list[Named] = []
    for pattern, english in days.patterns:
        for match in pattern.finditer(text):
            parts = {key: _english(value, days) for key, value in match.groupdict().items()} | {"all": match[0]}
            named = Named(match.span(), " ".join(english.format_map(parts).split()))
            if period_in(named.english, _SOME_DAY) is not None:
                found.append(named)
    end = -1
    for each in sorted(found, key=lambda named: (named.span[0], -named.span[1])):
        if each.span[0] >= end:
            yield each
            end = each.span[1]


def _english(words: str | None, days: Days) -> str:
    words = (words or "").strip().casefold()
    return days.words.get(words, words)


def _for_ever(text: str, found: list[tuple[Named, Period | None]], now: datetime, tongue: Tongue, past: bool) -> str:
    for day, _ in reversed(found):
        period = period_in(day.english, now, past=past)
        lead = tongue.days.since.search(text[: day.span[0]]) or tongue.days.until.search(text[: day.span[0]])
        if period and period.told and not lead:
            start, end = day.span
            text = f"{text[:start]}{_tell(period, tongue)}{text[end:]}"
    return text


def _tell(period: Period, tongue: Tongue) -> str:
    assert period.begins is not None, "what is told has a first day"
    assert period.ends is not None, "what is told has a last day"
    day, length = period.begins, period.ends - period.begins
    match length.days:
        case 1:
            how = "day"
        case 2:
            how = "weekend"
        case 7:
            how = "week"
        case many if 28 <= many <= 31:
            how = "month"
        case many if many >= 365:
            how = "year"
        case many if many > 80:
            how = f"season-{day.month}"
        case _:
            how, day = "about", day + timedelta(length.days // 2)
    month = all_of(tongue.language, "months")[day.month - 1]
    return tongue.days.told[how].format(day=day.day, month=month, year=day.year)
