"""The accounts of a chaos run: every turn that was put in, how it ended, and when there was the first sign of life."""

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.notices import tell
from tests.made.client import Seen
from voice.tiers import Tier, TierChange

End = Literal["answered", "no-words", "offered", "silenced", "extended", "told", "never-arrived", "broken-off", "lost"]
"""answered: in words or aloud. no-words: told that there were none in it. offered: given back. silenced: stopped by
whoever asked. extended: they went on, and it was answered with what came next. told: the app said that it failed, and
to ask again. never-arrived: the app was killed before it had shown any sign of having it. broken-off: the run was,
soon after it was put in.
"""
NO_WORDS = "no-words"
FAILED_IN_WORDS = frozenset({"session-failed", "audio-rejected", "message-too-long", "offer-gone", "not-now"})
"""offer-gone: the same user has seen to it at another page. not-now: it stays on offer."""
ANNOUNCEMENTS = tuple(
    " ".join(tell("en", each) for each in news)
    for before in Tier
    for after in Tier
    if (news := TierChange(before, after, ()).news)
)
"""What the assistant says of itself; no answer to anybody."""
GIVEN_BACK = re.compile(r"\S[^.]*\. I kept [^.:]*: it can be answered later, or you say it again, or type it\.")
"""What it says as well when it gives something back."""


@dataclass(slots=True)
class Entry:
    """One turn that was put in."""

    person: int
    how: Literal["typed", "spoken", "taken-up"]
    words: str
    at: float
    """When it ended, on the monotonic clock: the last sound of it was sent, or the message."""
    shown: float | None = None
    """Seconds until anything at all was shown; and below, until something was that is more than "thinking"."""
    sign: float | None = None
    taken: bool = False
    """Whether something was shown that nothing but a turn brings: news of the house itself come at any time."""
    manner: str = ""
    overlaps: bool = False
    """Whether the one before it had not ended."""
    interrupted: bool = False
    """Whether the connection went before its end: what was shown then, nobody saw."""
    end: End | None = None
    found_in: str = ""
    """Where its end was found, when it was not seen at once."""

    def learn(self, seen: Sequence[Seen], earlier: Collection[str] = ()) -> None:
        """From what was shown after it was put in; `earlier`: ids of replies that were under way then."""
        for each in seen:
            after = max(0.0, each.at - self.at)
            is_thinking = each.kind == "state" and each.what == "thinking"
            is_made_out = each.kind == "words" and self.how == "spoken"  # what is typed Chainlit shows by itself
            self.taken |= is_thinking or is_made_out or each.kind in ("reply", "answer", "sound")
            if self.shown is None and (is_sign(each) or is_thinking):
                self.shown = after
            if self.sign is None and is_sign(each):
                self.sign = after
        self.end = self.end or end_of(seen, earlier)


def is_sign(seen: Seen) -> bool:
    """Whether it tells the user something true of their turn. The bare word "thinking" does not."""
    match seen.kind:
        case "words" | "reply" | "answer" | "sound" | "notice" | "offer":
            return True
        case "state":
            return bool(seen.detail)
        case _:
            return False


def end_of(seen: Sequence[Seen], earlier: Collection[str] = ()) -> End | None:
    """How a turn ended, by what was shown since."""
    for each in seen:
        match each.kind:
            case "answer" if is_answer(each.what) and each.detail not in earlier:
                return "answered"
            case "offer":
                return "offered"
            case "notice" if each.what == NO_WORDS:
                return "no-words"
            case "notice" if each.what in FAILED_IN_WORDS:
                return "told"
            case _:
                pass
    return None


def was_told(seen: Sequence[Seen]) -> bool:
    """Whether it was only said, and not shown, that something is given back: not even the log could be written."""
    return any(each.kind == "answer" and GIVEN_BACK.search(each.what) for each in seen)


def is_answer(text: str) -> bool:
    """Whether there is more in it than news of the assistant's own state."""
    text = GIVEN_BACK.sub("", text)
    for each in ANNOUNCEMENTS:
        text = text.replace(each, "")
    return bool(text.strip())


@dataclass(slots=True)
class Books:
    entries: list[Entry] = field(default_factory=list)
    late_seconds: float = 0.0
    """How late, at worst, whoever writes them was woken: the machine was somebody else's for so long."""

    def break_off(self, patience_seconds: float) -> None:
        """The run ends here. What was put in so long ago, and has no end, is lost all the same."""
        for each in self.entries:
            if each.end is None and time.monotonic() - each.at < patience_seconds:
                each.end = "broken-off"

    def put_in(self, person: int, how: Literal["typed", "spoken", "taken-up"], words: str, manner: str = "") -> Entry:
        entry = Entry(person, how, words, time.monotonic(), manner=manner)
        self.entries.append(entry)
        return entry

    def ends(self) -> Counter[str]:
        return Counter(each.end or "lost" for each in self.entries)

    def lost(self) -> Iterator[Entry]:
        return (each for each in self.entries if each.end in (None, "lost"))

    def seconds_to(self, what: Literal["shown", "sign"]) -> list[float]:
        """Of every turn that had one."""
        found = [each.shown if what == "shown" else each.sign for each in self.entries]
        return sorted(each for each in found if each is not None)

    def without_a_sign(self) -> list[Entry]:
        """Those silenced or gone on from by whoever put them in needed none."""
        quiet_by_right = ("silenced", "extended", "never-arrived", "broken-off")
        return [
            each
            for each in self.entries
            if each.sign is None and not each.interrupted and each.end not in quiet_by_right
        ]


@dataclass(frozen=True, slots=True)
class Witness:
    """What the app's own log of turns says."""

    sayings: int
    unsettled: int
    outcomes: dict[str, int]


def has_saying(file: Path, words: str) -> bool:
    """Whether this was ever typed, by the app's log of turns."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as log:
        return log.execute("select 1 from sayings where text = ?", (words,)).fetchone() is not None


def unsettled_threads(file: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as log:
        rows = log.execute("select distinct thread from sayings where outcome is null").fetchall()
    return [thread for (thread,) in rows]


def ask_turn_log(file: Path) -> Witness:
    """Settled means: it has an outcome. As a saying has one row and one outcome, it cannot be settled twice."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as log:
        rows: list[tuple[str | None, int]] = log.execute(
            "select outcome, count(*) from sayings group by outcome"
        ).fetchall()
    outcomes = {outcome: count for outcome, count in rows if outcome is not None}
    return Witness(sum(count for _, count in rows), sum(count for outcome, count in rows if outcome is None), outcomes)
