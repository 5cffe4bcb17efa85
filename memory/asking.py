"""What a question asks for besides its words: whose memories, and of which time.

Times are understood in English, relative to the moment at which it is asked: "yesterday", "two weeks ago", "last
spring", "in March 2023", "on 3 May".
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from memory.types import USER, Answer, Memory

_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905 -- as in a calendar
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()  # noqa: SIM905 -- as in a calendar
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The month that each begins with, north of the equator."""
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "couple of": 2, "a couple of": 2, "three": 3, "a few": 3, "four": 4}
_NUMBERS |= {"five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}
_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}

_ASKED: tuple[tuple[re.Pattern[str], Answer], ...] = (
    (re.compile(r"\bwhen\b|\bhow (?:long|often|recently)\b|\b(?:what|which) (?:year|month|week|date|day)\b"), "time"),
    (re.compile(r"\bhow (?:many|much|old|far)\b"), "number"),
    (re.compile(r"\bwho(?:m|se)?\b|\bwhere\b|\bwhich\b|\b(?:name|title)s?\b|\bcalled\b"), "name"),
)
_WORD = re.compile(r"\w+")
_TIMES: Final = {
    *"yesterday today tonight tomorrow ago last next recently since week weekend month year years".split(),  # noqa: SIM905 -- to be read
    *_DAYS,
    *({*_MONTHS} - {"march", "may"}),
}
_TIMES_IN_CAPITALS: Final = {"March", "May"}
_YEAR_ALONE = re.compile(r"\b(?:19|20)\d\d\b")
_COUNTS: Final = set("two three four five six seven eight nine ten dozen couple several once twice".split())  # noqa: SIM905 -- to be read
_NAME = re.compile(r"(?<![.!?:] )(?<!^)\b[A-Z][a-z]{2,}")
"""Something that has a name of its own: a capital where no sentence begins."""

_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_NTH = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_NUMBER = rf"(?P<number>\d+|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_WHICH = r"(?P<which>last|this|next|past)"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?P<iso>(?:19|20)\d\d-[01]\d-[0-3]\d)\b",
        rf"\b{_NTH} (?:of )?{_MONTH}\b(?:,? {_YEAR})?",
        rf"\b{_MONTH} (?:the )?{_NTH}\b(?:,? {_YEAR})?",
        rf"\b(?:in|of|during|last|this|since|early|late|mid) {_MONTH}\b(?:,? {_YEAR})?",
        rf"\b{_MONTH},? {_YEAR}\b",
        rf"\b(?:{_WHICH}|in|of|during) (?:the )?(?P<season>{'|'.join(_SEASONS)})\b(?:,? (?:of )?{_YEAR})?",
        r"\b(?P<near>day before yesterday|yesterday|last night|today|tonight|tomorrow)\b",
        r"\b(?P<near>this (?:morning|afternoon|evening))\b",
        rf"\b{_WHICH} (?P<unit>week|weekend|month|year)\b",
        rf"\b{_WHICH} (?P<weekday>{'|'.join(_DAYS)})\b",
        rf"\bon (?P<weekday>{'|'.join(_DAYS)})\b",
        rf"\b{_NUMBER} (?P<ago>{'|'.join(_UNITS)})s? (?:ago|back)\b",
        rf"\b(?:in|during|of|year) {_YEAR}\b",
    )
)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time that a question is about: from `start` up to, and without, `end`."""

    start: datetime
    end: datetime

    def holds(self, memory: Memory) -> bool:
        """Is it of that time, as far as that is known; or else, was it said then?"""
        begins = memory.valid_from or memory.valid_until
        if begins is None:
            return self.start <= memory.said_at < self.end
        return begins < self.end and (memory.valid_until or begins) >= self.start


def windows_in(query: str, now: datetime) -> tuple[tuple[Window, ...], str]:
    """The times that are named, and the question without them. What may be past or to come ("on Monday") is both."""
    plain = " ".join(query.casefold().split())
    windows: dict[Window, None] = {}
    for pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            try:
                found = _windows({key: value for key, value in match.groupdict().items() if value}, now)
            except (ValueError, OverflowError):
                continue  # no such day
            windows |= dict.fromkeys(found)
            plain = plain.replace(match.group(), " ")
    return tuple(windows), plain


def answer_to(query: str) -> Answer | None:
    """What the words of an answer tell of, where the question says so."""
    plain = query.casefold()
    return next((answer for question, answer in _ASKED if question.search(plain)), None)


def answers_in(text: str) -> tuple[Answer, ...]:
    """What its words tell of."""
    words = set(_WORD.findall(text))
    plain = {word.lower() for word in words}
    time = not (plain.isdisjoint(_TIMES) and words.isdisjoint(_TIMES_IN_CAPITALS)) or _YEAR_ALONE.search(text)
    number = not plain.isdisjoint(_COUNTS) or any(map(str.isdecimal, words))
    told: dict[Answer, object] = {"time": time, "number": number, "name": _NAME.search(text)}
    return tuple(answer for answer, found in told.items() if found)


def subjects_in(query: str, subjects: Collection[str]) -> frozenset[str]:
    """Those of the subjects, other than the user, that the question names."""
    plain = query.casefold()
    return frozenset(
        each
        for each in subjects
        if each != USER and (name := each.strip()) and name.casefold() in plain and _naming(name).search(query)
    )


def without_subjects(query: str, named: Collection[str], who: str = "I", whose: str = "my") -> str:
    """The question put as if each of them asked it of themselves: a name outweighs in a vector what is asked about
    it, and whose memories are wanted is known apart from that.
    """
    for each in sorted(named, key=len, reverse=True):
        query = _naming(each).sub(lambda match: whose if match["owns"] else who, query)
    return query


def _naming(subject: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:my |our )?{re.escape(subject.strip())}\b(?P<owns>['’]s?(?!\w))?", re.IGNORECASE)


def _windows(said: dict[str, str], now: datetime) -> list[Window]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match said:
        case {"iso": iso}:
            return [_days(datetime.fromisoformat(iso).replace(tzinfo=now.tzinfo), 1)]
        case {"season": season}:
            return _seasons(today, _SEASONS[season], said)
        case {"month": month, "day": day}:
            return [_days(each, 1) for each in _dates(today, _MONTHS.index(month) + 1, int(day), said)]
        case {"month": month}:
            return [_months(each, 1) for each in _dates(today, _MONTHS.index(month) + 1, 1, said)]
        case {"near": near}:
            offset = {"day before yesterday": -2, "yesterday": -1, "last night": -1, "tomorrow": 1}.get(near, 0)
            return [_days(today + timedelta(days=offset), 1)]
        case {"unit": unit, "which": which}:
            return [_unit(unit, {"last": -1, "past": -1, "next": 1}.get(which, 0), today)]
        case {"weekday": weekday}:
            back = (today.weekday() - _DAYS.index(weekday)) % 7 or 7
            last, next_ = (_days(today - timedelta(days=each), 1) for each in (back, back - 7))
            return {"last": [last], "past": [last], "this": [next_], "next": [next_]}.get(
                said.get("which", ""), [last, next_]
            )
        case {"number": number, "ago": unit}:
            return [_ago(int(_NUMBERS.get(number, 0) or number), unit, today)]
        case {"year": year}:
            return [_months(today.replace(year=int(year), month=1, day=1), 12)]
        case _:
            return []


def _unit(unit: str, step: int, today: datetime) -> Window:
    monday = today - timedelta(days=today.weekday())
    match unit:
        case "week":
            return _days(monday + timedelta(weeks=step), 7)
        case "weekend":
            return _days(monday + timedelta(weeks=step, days=5), 2)
        case "month":
            return _months(_months(today.replace(day=1), step).end, 1)
        case _:
            return _months(today.replace(year=today.year + step, month=1, day=1), 12)


def _ago(number: int, unit: str, today: datetime) -> Window:
    """The further back, the less exactly it is meant."""
    width = _UNITS[unit]
    middle = today - timedelta(days=number * width)
    return Window(middle - timedelta(days=width // 2), middle + timedelta(days=width // 2 + 1))


def _seasons(today: datetime, month: int, said: dict[str, str]) -> list[Window]:
    if "year" in said:
        return [_months(each, 3) for each in _dates(today, month, 1, said)]
    first = today.replace(month=month, day=1)
    years = [_months(first.replace(year=today.year + step), 3) for step in (-2, -1, 0, 1)]
    match said.get("which"):
        case "last" | "past":
            return [each for each in years if each.end <= today][-1:]
        case "next":
            return [each for each in years if each.start > today][:1]
        case _:
            return [each for each in years if each.start <= today][-1:]


def _dates(today: datetime, month: int, day: int, said: dict[str, str]) -> list[datetime]:
    """That day of the year that is named; or else the last one, and the next."""
    if "year" in said:
        return [today.replace(year=int(said["year"]), month=month, day=day)]
    past = today.year if (month, day) <= (today.month, today.day) else today.year - 1
    return [today.replace(year=year, month=month, day=day) for year in (past, past + 1)]


def _months(start: datetime, months: int) -> Window:
    years, month = divmod(start.month - 1 + months, 12)
    return Window(start, start.replace(year=start.year + years, month=month + 1))


def _days(start: datetime, days: int) -> Window:
    return Window(start, start + timedelta(days=days))
