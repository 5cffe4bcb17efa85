"""When: the days that people name, seen from the day on which they name them.

A period is half open and knows how to be said so that it is still true tomorrow: "next Friday" is told again as "on
Friday, 7 March 2025".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

_MONTHS = "january february march april may june july august september october november december"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_UP_TO_TWELVE = "one two three four five six seven eight nine ten eleven twelve"
_COUNTS = {word: n for n, word in enumerate(_UP_TO_TWELVE.split(), 1)}
_COUNTS |= {"a": 1, "an": 1, "a couple of": 2, "a few": 3}
_FIRST_TO_LAST = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth
sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth twenty-fifth
twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first
"""
_ORDINALS = {word: n for n, word in enumerate(_FIRST_TO_LAST.split(), 1)}

MONTH = rf"(?:{_MONTHS.replace(' ', '|')})"
WEEKDAY = rf"(?:{_DAYS.replace(' ', '|')})"
SEASON = rf"(?:{'|'.join(_SEASONS)})"
_NTH = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{'|'.join(reversed(_ORDINALS)).replace('-', '[ -]')})"
_COUNT = rf"(?:\d{{1,4}}|{'|'.join(sorted(_COUNTS, key=len, reverse=True))})"
_YEAR = r"(?:19|20)\d{2}"


@dataclass(frozen=True, slots=True)
class Period:
    begins: datetime | None
    ends: datetime | None
    """The first moment after it."""
    span: tuple[int, int] = (0, 0)
    """Where in the text it is named."""
    told: str = ""
    """How it can be named at any time; empty where it was named so."""


def period_in(text: str, now: datetime, *, past: bool = False) -> Period | None:
    """The first that is named: a day, a stretch of days, "since …", "until …". `past`: what is named without a year
    has been, as in "what did I say on Friday", and is not to come.
    """
    if (match := _FROM_TO.search(text)) and (period := _from_to(match, now)):
        return period
    return lasting(text, now) or _named(text, now, past)


def lasting(text: str, now: datetime) -> Period | None:
    """Only "since …", "until …", "for three years": how long something holds."""
    for pattern, resolve in _STRETCHES:
        if (match := pattern.search(text)) and (period := resolve(match, now)):
            return period
    return None


def names_a_day(text: str) -> bool:
    return _named(text, datetime(2000, 1, 1), past=False) is not None  # noqa: DTZ001 - of no matter here


def without_day(text: str) -> str:
    """The text without the day that it ends in, where something stands before that."""
    period = _named(text, datetime(2000, 1, 1), past=False)  # noqa: DTZ001 - of no matter here
    return (
        text[: period.span[0]].rstrip(" ,") if period and period.span[0] > 0 and period.span[1] == len(text) else text
    )


def for_ever(text: str, now: datetime, *, past: bool = False) -> str:
    """The text, with days that are named relative to this one named so that they stay true."""
    told, rest = "", text
    while (period := _named(rest, now, past)) is not None:
        start, end = period.span
        new = period.told or rest[start:end]
        if period.told and _LEADS.search(rest[:start]):
            new = new.split(" ", 1)[1]
        told, rest, now = f"{told}{rest[:start]}{new}", rest[end:], period.begins or now
    return told + rest


def tell_day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B %Y}"


def _named(text: str, now: datetime, past: bool) -> Period | None:
    found = [
        Period(_midnight(first, now), _midnight(after, now), match.span(), told)
        for pattern, resolve in _PATTERNS
        if (match := pattern.search(text)) and (days := resolve(match, now.date(), past))
        for first, after, told in (days,)
    ]
    return min(found, key=lambda each: (each.span[0], -each.span[1]), default=None)


_Days = tuple[date, date, str]
"""The first day, the day after the last, and how to tell it."""


def _one(day: date) -> _Days:
    return day, day + timedelta(1), f"on {tell_day(day)}"


def _near(match: re.Match[str], today: date, _past: bool) -> _Days:
    words = " ".join(match[0].casefold().split())
    away = {"the day after tomorrow": 2, "tomorrow": 1, "the day before yesterday": -2, "yesterday": -1}
    days = next((n for start, n in away.items() if words.startswith(start)), -1 if words.startswith("last") else 0)
    first, after, told = _one(today + timedelta(days))
    part = "night" if words in {"tonight", "last night"} else (match["part"] or "").strip()
    return first, after, f"{told}, in the {part}" if part and part != "night" else f"{told}, at night" if part else told


def _weekday(match: re.Match[str], today: date, past: bool) -> _Days:
    which = (match["which"] or "").casefold().strip()
    ahead = (_DAYS.split().index(match["day"].casefold()) - today.weekday() - 1) % 7 + 1
    if which == "last" or (past and not which):
        ahead -= 7 if ahead < 7 else 14
    if which == "this" and ahead == 7:
        ahead = 0
    if match["week"]:
        ahead = ahead if ahead + today.weekday() >= 7 else ahead + 7
    first, after, told = _one(today + timedelta(ahead))
    return first, after, f"{told}, in the {part}" if (part := (match["part"] or "").strip()) else told


def _calendar(match: re.Match[str], today: date, past: bool) -> _Days:
    """The present, the next or the last week, weekend, month, year or season."""
    which = (match["which"] or "").casefold()
    step = 1 if which.endswith(("next", "coming")) else -1 if which.endswith(("last", "past")) else 0
    match match["unit"].casefold():
        case "week":
            first = today - timedelta(today.weekday()) + timedelta(weeks=step)
            return first, first + timedelta(7), f"in the week of {first.day} {first:%B %Y}"
        case "weekend":
            first = today - timedelta(today.weekday()) + timedelta(5) + timedelta(weeks=step)
            return first, first + timedelta(2), f"on the weekend of {first.day} {first:%B %Y}"
        case "month":
            first = _months_on(today.replace(day=1), step)
            return first, _months_on(first, 1), f"in {first:%B %Y}"
        case "year":
            first = date(today.year + step, 1, 1)
            return first, date(first.year + 1, 1, 1), f"in {first.year}"
        case season:
            first = date(today.year, _SEASONS[season], 1)
            if (step > 0 and first <= today) or (step == 0 and not past and _months_on(first, 3) <= today):
                first = first.replace(year=today.year + 1)
            if (step < 0 and _months_on(first, 3) > today) or (past and not which and first > today):
                first = first.replace(year=today.year - 1)
            return first, _months_on(first, 3), f"in the {season} of {first.year}"


def _away(match: re.Match[str], today: date, _past: bool) -> _Days | None:
    """In two weeks, three days ago."""
    count = _count(match["count"])
    count = -count if match["ago"] else count
    match match["unit"].casefold().rstrip("s"):
        case "day":
            return _one(today + timedelta(count))
        case "week":
            first = today + timedelta(weeks=count)
            return first - timedelta(1), first + timedelta(2), f"around {first.day} {first:%B %Y}"
        case "month":
            first = _months_on(today, count)
            return first - timedelta(7), first + timedelta(8), f"around {first.day} {first:%B %Y}"
        case "year":
            first = date(today.year + count, 1, 1)
            return first, date(first.year + 1, 1, 1), f"in {first.year}"
        case _:
            return _one(today)


def _day_of_month(match: re.Match[str], today: date, past: bool) -> _Days | None:
    number = match["n"].casefold().replace(" ", "-")
    day = _ORDINALS.get(number) or int(re.sub(r"\D", "", number) or 0)
    month = _MONTHS.split().index(match["month"].casefold()) + 1
    years = [int(match["year"])] if match["year"] else [today.year + n for n in ((0, -1) if past else (0, 1))]
    for year in years:
        try:
            first = date(year, month, day)
        except ValueError:
            continue
        if match["year"] or (first <= today if past else first >= today):
            return first, first + timedelta(1), "" if match["year"] else f"on {tell_day(first)}"
    return None


def _month(match: re.Match[str], today: date, past: bool) -> _Days:
    month = _MONTHS.split().index(match["month"].casefold()) + 1
    if match["year"]:
        first = date(int(match["year"]), month, 1)
        return first, _months_on(first, 1), ""
    first = date(today.year, month, 1)
    if past and first > today:
        first = first.replace(year=today.year - 1)
    elif not past and _months_on(first, 1) <= today:
        first = first.replace(year=today.year + 1)
    if (match["which"] or "").casefold() == "last" and first >= today.replace(day=1):
        first = first.replace(year=first.year - 1)
    return first, _months_on(first, 1), f"in {first:%B %Y}"


def _year(match: re.Match[str], _today: date, _past: bool) -> _Days:
    first = date(int(match["year"]), 1, 1)
    return first, date(first.year + 1, 1, 1), ""


def _written(match: re.Match[str], _today: date, _past: bool) -> _Days | None:
    try:
        first = date.fromisoformat(match[0])
    except ValueError:
        return None
    return first, first + timedelta(1), ""


_LEADS = re.compile(r"\b(?:since|until|till|from|to|by|before|after) $", re.IGNORECASE)
_NO_YEAR = r"(?P<year>(?!))?"
_PART = r"(?P<part> (?:morning|afternoon|evening|night))?"
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date, bool], _Days | None]], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), resolve)
    for pattern, resolve in (
        (r"\d{4}-\d{2}-\d{2}", _written),
        (
            (
                rf"(?:the day after tomorrow|the day before yesterday|tomorrow|yesterday|today|tonight|last night|"
                rf"this(?= (?:morning|afternoon|evening))){_PART}"
            ),
            _near,
        ),
        (
            rf"(?:on )?(?:(?P<which>next|this|coming|last|the coming) )?(?P<day>{WEEKDAY}){_PART}(?P<week> next week)?",
            _weekday,
        ),
        (
            (
                rf"(?:(?:in|on|over|at) )?(?P<which>next|this|last|the coming|the past) "
                rf"(?P<unit>weekend|week|month|year|{SEASON})"
            ),
            _calendar,
        ),
        (rf"(?:in )(?P<count>{_COUNT}) (?P<unit>minutes?|hours?|days?|weeks?|months?|years?)(?P<ago>(?!))?", _away),
        (rf"(?P<count>{_COUNT}) (?P<unit>minutes?|hours?|days?|weeks?|months?|years?)(?P<ago> ago)", _away),
        (
            (
                rf"(?:on )?(?:the )?(?:(?:{WEEKDAY}),? (?:the )?)?(?P<n>{_NTH}) (?:of )?(?P<month>{MONTH})"
                rf"(?:,? (?P<year>{_YEAR}))?"
            ),
            _day_of_month,
        ),
        (
            rf"(?:on )?(?:(?:{WEEKDAY}),? )?(?P<month>{MONTH}) (?:the )?(?P<n>{_NTH})(?!\d)(?:,? (?P<year>{_YEAR}))?",
            _day_of_month,
        ),
        (
            (
                rf"(?:in|during|by|of|early|late) (?:(?P<which>next|last|this) )?(?P<month>{MONTH})"
                rf"(?:,? (?P<year>{_YEAR}))?"
            ),
            _month,
        ),
        (rf"(?P<which>next|last|this) (?P<month>{MONTH}){_NO_YEAR}", _month),
        (rf"(?P<month>{MONTH}),? (?P<year>{_YEAR})(?P<which>(?!))?", _month),
        (rf"(?:in|during) (?:the )?(?P<unit>{SEASON})(?P<which>(?!))?", _calendar),
        (rf"(?:in|since|until|till|by|from|to) (?P<year>{_YEAR})(?! \w+s\b)", _year),
    )
)


def _since(match: re.Match[str], now: datetime) -> Period | None:
    period = _named(match["rest"], now, past=True) or _named(f"in {match['rest']}", now, past=True)
    return Period(period.begins, None) if period and _starts(period) else None


def _until(match: re.Match[str], now: datetime) -> Period | None:
    period = _named(match["rest"], now, past=False) or _named(f"in {match['rest']}", now, past=False)
    return Period(None, period.ends) if period and _starts(period) else None


def _from_to(match: re.Match[str], now: datetime) -> Period | None:
    first = _named(match["one"], now, past=False) or _named(f"in {match['one']}", now, past=False)
    if first is None or first.begins is None or not _starts(first):
        return None
    last = _named(match["two"], first.begins, past=False) or _named(f"in {match['two']}", first.begins, past=False)
    return Period(first.begins, last.ends) if last else None


def _for(match: re.Match[str], now: datetime) -> Period | None:
    count, unit = _count(match["count"]), match["unit"].casefold().rstrip("s")
    days = {"day": 1, "week": 7}.get(unit)
    if days:
        first = now.date() - timedelta(days * count)
    else:
        first = _months_on(now.date(), -count * (12 if unit == "year" else 1))
    return Period(_midnight(first, now), None)


_FROM_TO = re.compile(r"\bfrom (?P<one>[\w ,-]{3,30}?) (?:to|until|till|through) (?P<two>[\w ,-]{3,40})", re.IGNORECASE)
_STRETCHES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], datetime], Period | None]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), resolve)
    for pattern, resolve in (
        (r"\bsince (?P<rest>[\w ,-]{3,40})", _since),
        (r"\b(?:until|till|up to) (?P<rest>[\w ,-]{3,40})", _until),
        (
            (
                r"\b(?:have|has|been)\b.*\bfor (?:(?:about|over|almost|nearly|the last|the past) )?"
                rf"(?P<count>{_COUNT}) (?P<unit>days?|weeks?|months?|years?)\b"
            ),
            _for,
        ),
    )
)


def _starts(period: Period) -> bool:
    """Is the period what its text begins with, or nearly so?"""
    return period.span[0] <= len("in the ")


def _count(words: str) -> int:
    return int(words) if words.isdigit() else _COUNTS[words.casefold()]


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(1)).day
    return date(year, month + 1, min(day.day, last))


def _midnight(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), tzinfo=now.tzinfo)
