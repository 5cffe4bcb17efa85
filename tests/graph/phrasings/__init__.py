"""What people say, and what is meant by it: a file a language, and one that was held out; see `read`.

A line `[intent]` or `[intent: about]` stands over its phrasings; `[]` over what is no command.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.intent_words import CONTROLS
from graph.intents import Wish, wish_of
from graph.types import Language
from graph.words import plain

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Phrasing:
    text: str
    wish: Wish | None
    """None: no command."""
    language: Language

    def understood(self, text: str | None = None) -> Wish | None:
        """As which command it is taken; `text`: what was made out of it."""
        wish = wish_of(self.text if text is None else text, language=self.language)
        return wish if wish.intent in COMMANDS else None


COMMANDS = CONTROLS | {"off-record", "on-record", "forget-last", "forget-everything", "time", "date"}


def read(name: str) -> Iterator[Phrasing]:
    """Of a file without its ending. Its first two letters are its language."""
    language: Language = {"en": "en", "fr": "fr", "de": "de", "es": "es"}[name[:2]]  # type: ignore[assignment]  # a dict of literals is one of str
    wish: Wish | None = None
    for line in (HERE / f"{name}.txt").read_text().splitlines():
        if line.startswith("["):
            intent, _, about = line.strip("[]").partition(": ")
            wish = Wish(intent, about) if intent else None  # type: ignore[arg-type]  # a test sees that it is an intent
        elif line and not line.startswith("#"):
            yield Phrasing(line, wish, language)


@dataclass(frozen=True, slots=True)
class Score:
    """Of one set."""

    commands: int
    others: int
    taken: int
    """For commands."""
    right: int
    """Of those, with the right intent and about."""
    mistaken: int
    """Others that were taken for commands."""
    wrong: tuple[str, ...]

    @property
    def precision(self) -> float:
        return self.right / self.taken if self.taken else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.commands if self.commands else 1.0


def score(heard: Iterator[tuple[Phrasing, str]], *, spelling: bool = True) -> Score:
    """Of phrasings, each with what was made out of it. `spelling`: what it is about must be spelt as it was written."""
    commands = others = taken = right = mistaken = 0
    wrong: list[str] = []
    for each, text in heard:
        wish = each.understood(text)
        commands += each.wish is not None
        others += each.wish is None
        taken += wish is not None
        same = wish == each.wish or (not spelling and _plainly(wish) == _plainly(each.wish))
        right += wish is not None and same
        mistaken += wish is not None and each.wish is None
        if not same:
            wrong.append(f"{text!r}: {_named(each.wish)} was taken for {_named(wish)}")
    return Score(commands, others, taken, right, mistaken, tuple(wrong))


def _plainly(wish: Wish | None) -> tuple[str, str] | None:
    return (wish.intent, plain(wish.about)) if wish else None


def _named(wish: Wish | None) -> str:
    return f"{wish.intent}:{wish.about}" if wish else "no command"
