"""What the desk says: texts of the catalogue, and how messages are counted and days are told in them."""

from datetime import datetime
from typing import Final

from graph.strings import catalogue, said
from graph.types import Language

DESK: Final = "desk"
"""Its section of the catalogue."""


def say(language: Language, key: str, **values: object) -> str:
    return said(language, key, DESK, **values)


def count_messages(language: Language, count: int) -> str:
    return say(language, "one-message") if count == 1 else say(language, "messages", count=count)


def name_of(language: Language, field: str) -> str:
    """What a field of `app.manner.Manner` is about."""
    key = f"manner-{field.replace('_', '-')}"
    return say(language, key if key in catalogue("en")[DESK] else "manner-other")


def tell_when(language: Language, at: datetime, now: datetime) -> str:
    """The day of it, as one says it on the day of `now`."""
    at = at.astimezone(now.tzinfo)
    match (now.date() - at.date()).days:
        case 0:
            return say(language, "today")
        case 1:
            return say(language, "yesterday")
        case _:
            month = say(language, "months").split(", ")[at.month - 1]
            key = "date" if at.year == now.year else "date-and-year"
            return say(language, "on-day", day=say(language, key, day=at.day, month=month, year=at.year))
