"""What is known of a tongue in which people tell about themselves."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from graph.types import Language
from memory.types import Kind

Takes = Literal["words", "name", "place", "age", "clause", "whole", "event"]
"""What a rule makes of its match: of the group `v` the words as they are, a name of up to three of them, a place,
or years; or of the clause up to another thought, of the whole of it, or of one that names a day.
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """Matches the whole of a clause in the first person, and keeps it in the second."""

    pattern: re.Pattern[str]
    text: str
    """Of the groups of the pattern by their names; `{my}` is put in the second person, and so is `{do}`. Empty: the
    whole clause is, and kept.
    """
    topic: str
    takes: Takes
    kind: Kind
    many: bool
    confidence: float
    avoid: re.Pattern[str]
    """What `v` may not begin with."""
    subject: str


@dataclass(frozen=True, slots=True)
class Days:
    """How days are named: each pattern with the English words that `graph.dates` knows them by."""

    patterns: tuple[tuple[re.Pattern[str], str], ...]
    words: Mapping[str, str]
    """What the groups of the patterns hold, in English."""
    since: re.Pattern[str]
    """What stands before a day from which something holds."""
    until: re.Pattern[str]
    past: re.Pattern[str]
    """What tells that something has been."""
    began: re.Pattern[str]
    """What tells that something holds from the day that is named."""
    told: Mapping[str, str]
    """How a day, a weekend, a week, a month, a year and about a day are told so that they stay true."""


@dataclass(frozen=True, slots=True)
class Tongue:
    language: Language
    long_forms: tuple[tuple[re.Pattern[str], str], ...]
    """What is short in speech, with how it is written."""
    opening: re.Pattern[str]
    """What speakers put before a clause."""
    correction: re.Pattern[str]
    clause: re.Pattern[str]
    """Between two clauses."""
    dropped: re.Pattern[str] | None
    """A clause without its subject, which is the speaker."""
    subject: str
    day_first: re.Pattern[str]
    """A clause that begins with its day: `day`, and the `rest`, in German after `verb` and `who`."""
    question: re.Pattern[str]
    supposed: re.Pattern[str]
    """What is said, asked, dreamt or translated: nothing after it is told."""
    remember: re.Pattern[str]
    """A request to note what stands in its group `v`."""
    call_me: re.Pattern[str]
    order: re.Pattern[str]
    """Words to the assistant, in what is to be noted."""
    main: Callable[[str], str]
    """A subordinate clause as a main clause."""
    tail: re.Pattern[str]
    """Where another thought begins."""
    article: re.Pattern[str]
    """What is left out of a topic."""
    name_stops: frozenset[str]
    small_words: frozenset[str]
    articled: frozenset[str]
    """Prepositions with an article in them: no name of a place follows."""
    peoples: frozenset[str]
    apposed: re.Pattern[str]
    """Somebody by relation and name, and what is said of them: "meine Schwester Anna wohnt in Oslo"."""
    named: str
    """How that name is kept."""
    introduced: re.Pattern[str]
    introduces: str
    said: str
    """Before the user's own words, where they cannot be put in the second person."""
    second: Callable[[str], str]
    """A clause in the first person, in the second; empty where its verb is not known."""
    yours: Callable[[str], str]
    """What is the speaker's, as the listener's."""
    numbers: Mapping[str, int]
    rules: tuple[Rule, ...]
    days: Days
