"""What may be wanted of a turn, by its words alone; how it is worded stands in `graph.wordings`."""

from typing import Final, Literal, TypeAlias, get_args

from graph.types import ErrandName

Manner = Literal[
    "stop",
    "wait",
    "go-on",
    "repeat",
    "spell",
    "slower",
    "faster",
    "normal-speed",
    "louder",
    "quieter",
    "normal-loudness",
    "higher",
    "lower",
    "normal-pitch",
    "brief",
    "full",
    "normal-length",
    "signals",
    "tier",
    "wake-word",
    "hands-free",
    "read-back",
    "language",
    "learn-word",
    "unlearn-word",
    "pronounce",
    "more-patient",
    "less-patient",
    "patience",
    "say-over",
    "normal-waiting",
    "normal-manner",
    "help",
]
"""What is wanted of the way in which somebody is talked with."""
Intent = (
    Manner
    | ErrandName
    | Literal[
        "empty",
        "nevermind",
        "models",
        "remember",
        "forget",
        "forget-last",
        "forget-everything",
        "confirm",
        "decline",
        "recall",
        "recall-everything",
        "recall-when",
        "why",
        "documents",
        "remove-document",
        "confirm-removal",
        "confirm-errand",
        "off-record",
        "on-record",
        "greeting",
        "thanks",
        "goodbye",
        "time",
        "date",
        "chat",
    ]
)

ERRANDS: Final[frozenset[str]] = frozenset(get_args(ErrandName))
CONTROLS: Final[frozenset[str]] = frozenset(get_args(Manner)) | ERRANDS | {"confirm-errand", "nevermind", "models"}
"""What tells nothing about the user, whatever words are in it: no memory is made of it."""

ASIDES: Final[frozenset[str]] = frozenset(get_args(Manner)) - {"go-on", "help"}
"""What does not count where the last answer is meant: "slower", and then "repeat that"."""

Asks = Literal["", "forget-everything", "remove-document", "errand"]
"""A question of ours that waits for the user's yes or no."""

Wording: TypeAlias = tuple[Intent, str, str]
"""What is wanted; what it is about, where that is not among the words; and a pattern over all that is said, in plain
words (`graph.words.plain`). What stands in its group `about` is what it is about; a second group, `how`, follows after
a bar.
"""
