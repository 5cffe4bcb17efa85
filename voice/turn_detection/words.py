"""What the words at the edges of an utterance say about its end. The lists themselves: a file for each language."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).with_name("lists")

Phrases = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Of one language; lower case."""

    answers: frozenset[str]
    """An utterance of these words only is a whole answer or command."""
    whole: Phrases
    """All that is said: an answer or a command after which nobody goes on."""
    hesitations: Phrases
    """At the end: the speaker looks for words."""
    leading: Phrases
    """At the end, or alone: something must follow."""
    bound: frozenset[str]
    """Words that need another after them: articles, conjunctions, prepositions, helping verbs, subjects."""
    loose: frozenset[str]
    """Words that mostly do."""
    openers: frozenset[str]
    """Before the utterance proper; they say nothing."""
    asking: frozenset[str]
    """At the beginning: a question."""
    subordinate: frozenset[str]
    """At the beginning: a clause that waits for its main clause."""
    main: frozenset[str]
    """In such an utterance: here is the main clause."""
    subjects: frozenset[str]
    """Two of them in such an utterance: there are two clauses."""
    closing: frozenset[str]
    """At the end: done."""
    first: frozenset[str]
    """At the beginning: a list of several things."""
    further: frozenset[str]
    """Later in such an utterance: the list goes on, or ends."""
    digits: frozenset[str]
    numbered: frozenset[str]
    """Before digits: there will be many."""
    codes: frozenset[str]
    """The same, but four are enough."""
    spelling: Phrases
    """After a letter: a word that begins with it comes next."""
    finished: re.Pattern[str]
    """Whole utterances that are finished although their last word looks otherwise."""


def languages() -> frozenset[str]:
    return frozenset(each.stem for each in _FOLDER.glob("*.toml"))


@cache
def words_of(language: str) -> Words:
    """Those of English, where there are none of that language."""
    file = _FOLDER / f"{language if language in languages() else 'en'}.toml"
    read: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    parts: dict[str, str] = read.pop("parts", {})
    patterns = [f"(?:{each})" for each in read.pop("finished")]
    words: dict[str, Any] = {name: frozenset(text.split()) for name, text in read.items()}
    words |= {name: _phrases(read[name]) for name in ("whole", "hesitations", "leading", "spelling")}
    finished = re.compile(re.sub("[A-Z]{2,}", lambda found: parts[found[0]], "|".join(patterns)))
    return Words(finished=finished, **words)


def _phrases(text: str) -> Phrases:
    return frozenset(tuple(each.split()) for each in text.split(","))
