"""The words that can wake, as they are chosen and as they are said. All are English, and said so in any language."""

from dataclasses import dataclass
from typing import Final, Literal

from voice.protocols import WakeWord

WordName = Literal["okay-nabu", "hey-jarvis", "hey-mycroft", "alexa", "hey-rhasspy"]
Sensitivity = Literal["low", "normal", "high"]
USUAL: Final[WordName] = "okay-nabu"
"""Of somebody who goes to sleep without having chosen one."""
GOOD: Final[tuple[WordName, ...]] = ("okay-nabu", "hey-jarvis", "hey-mycroft", "alexa")
"""Those that are offered: the networks that hear them come with the house."""


@dataclass(frozen=True, slots=True)
class Heeded:
    """A word, and who listens for it."""

    name: WordName
    ear: WakeWord
    threshold: float
    """How likely it must be that the word was said."""
    late_seconds: float
    """How long after the end of the word it is noticed, usually: so much of what follows was heard by then. Below zero:
    the word is not over yet.
    """


def said(name: WordName) -> str:
    """As one says it: "okay nabu"."""
    return name.replace("-", " ")


def holds(text: str, name: WordName) -> bool:
    """Whether somebody who reads this aloud says the word."""
    words = "".join(each if each.isalnum() else " " for each in text.lower()).split()
    return f" {said(name)} " in f" {' '.join(words)} "
