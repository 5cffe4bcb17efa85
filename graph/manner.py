"""What is answered to whoever wants to be talked with otherwise, what the session is told of it, and help.

What is fixed stands in tables: an intent, with what it is about, to a text of the catalogue and to directives.
"""

from collections.abc import Mapping
from typing import Final

from graph.intent_words import Intent
from graph.state import State
from graph.strings import said
from graph.types import Directive, Language, Loudness, Pitch, Prefers, Quiet, SpeakingRate, TurnEnd, Waiting

FASTER, SLOWER = 1.2, 1 / 1.2
LOUDER, QUIETER = 1.25, 0.8
HIGHER, LOWER = 1.12, 1 / 1.12
"""Two semitones."""
LONGEST_WORD = 60
"""Characters, as `app.manner.Word`."""
LANGUAGES: Final[Mapping[str, Language]] = {"en": "en", "fr": "fr", "de": "de", "es": "es"}
USUAL_WAKE_WORD: Final = "okay-nabu"
"""Where any will do, as `voice.wake.words.USUAL`."""
SECTIONS: Final = ("talking", "voice", "listening", "conversations", "memory")
"""Of help, in the order in which they are read."""

Table = Mapping[tuple[Intent, str], tuple[str, tuple[Directive, ...]]]

_FIXED: Final[Table] = {
    ("stop", ""): ("", (Quiet(),)),
    ("wait", ""): ("", (Quiet(),)),
    ("slower", ""): ("slower", (SpeakingRate(SLOWER),)),
    ("faster", ""): ("faster", (SpeakingRate(FASTER),)),
    ("normal-speed", ""): ("normal-speed", (SpeakingRate(1.0, relative=False),)),
    ("louder", ""): ("louder", (Loudness(LOUDER),)),
    ("quieter", ""): ("quieter", (Loudness(QUIETER),)),
    ("normal-loudness", ""): ("normal-loudness", (Loudness(1.0, relative=False),)),
    ("higher", ""): ("higher", (Pitch(HIGHER),)),
    ("lower", ""): ("lower", (Pitch(LOWER),)),
    ("normal-pitch", ""): ("normal-pitch", (Pitch(1.0, relative=False),)),
    ("brief", ""): ("brief", (Prefers("length", "brief"),)),
    ("full", ""): ("full", (Prefers("length", "full"),)),
    ("normal-length", ""): ("normal-length", (Prefers("length", None),)),
    ("signals", "off"): ("signals-off", (Prefers("earcons", 0.0),)),
    ("signals", "on"): ("signals-on", (Prefers("earcons", None),)),
    ("signals", "louder"): ("signals-louder", (Prefers("earcons", LOUDER, "times"),)),
    ("signals", "quieter"): ("signals-quieter", (Prefers("earcons", QUIETER, "times"),)),
    ("tier", "full"): ("tier-full", (Prefers("tier", "full"),)),
    ("tier", "stt-only"): ("tier-stt-only", (Prefers("tier", "stt-only"),)),
    ("tier", "tts-only"): ("tier-tts-only", (Prefers("tier", "tts-only"),)),
    ("tier", "text"): ("tier-text", (Prefers("tier", "text"),)),
    ("hands-free", "on"): ("hands-free-on", (Prefers("hands_free", True),)),
    ("hands-free", "off"): ("hands-free-off", (Prefers("hands_free", False),)),
    ("wake-word", "off"): ("wake-word-off", (Prefers("wake_word", "none"),)),
    ("read-back", "on"): ("read-back-on", (Prefers("reads_back", True),)),
    ("read-back", "off"): ("read-back-off", (Prefers("reads_back", False),)),
    ("more-patient", ""): ("more-patient", (Waiting(1),)),
    ("less-patient", ""): ("less-patient", (Waiting(-1),)),
    ("patience", "brisk"): ("patience-brisk", (Prefers("patience", "brisk"),)),
    ("patience", "unhurried"): ("patience-unhurried", (Prefers("patience", "unhurried"),)),
    ("patience", "very-patient"): ("patience-very-patient", (Prefers("patience", "very-patient"),)),
    ("say-over", ""): ("say-over", (TurnEnd("over"),)),
    ("normal-waiting", ""): ("normal-waiting", (Waiting(relative=False), TurnEnd("silence"))),
    ("normal-manner", ""): (
        "normal-manner",
        (
            SpeakingRate(1.0, relative=False),
            Loudness(1.0, relative=False),
            Pitch(1.0, relative=False),
            Waiting(relative=False),
            TurnEnd("silence"),
        ),
    ),
}
FIXED: Final = (
    "empty",
    "off-record",
    "models",
    "help",
    *(f"help-{each}" for each in SECTIONS),
    *dict.fromkeys(key for key, _ in _FIXED.values() if key),
)
"""Texts that are said in these very words."""


def manner(intent: Intent, about: str, language: Language) -> tuple[str, tuple[Directive, ...]] | None:
    """What is said, and what is told; None: this is not about manner."""
    if fixed := _FIXED.get((intent, about)):
        key, directives = fixed
        return (said(language, key) if key else "", directives)
    match intent:
        case "language":
            return said(LANGUAGES[about], "language"), (Prefers("language", about),)
        case "wake-word":
            name = USUAL_WAKE_WORD if about == "on" else about
            return said(language, "wake-word-set", word=_spoken(name)), (Prefers("wake_word", name),)
        case "learn-word":
            return said(language, intent, word=about), (Prefers("vocabulary", (about[:LONGEST_WORD],), "with"),)
        case "unlearn-word":
            return said(language, intent, word=about), (Prefers("vocabulary", (about[:LONGEST_WORD],), "without"),)
        case "pronounce":
            written, _, spoken = about.partition("|")
            list_of_one = {written[:LONGEST_WORD]: spoken[:LONGEST_WORD]}
            return said(language, intent, word=written), (Prefers("pronunciations", list_of_one, "with"),)
        case _:
            return None


def leafed(state: State, language: Language) -> tuple[str, str]:
    """The help that was asked for, or what comes next of it, and the new place in it, as `State.leafing`; nothing
    where no help was being read.
    """
    if state.intent == "help" and state.about:
        return said(language, f"help-{state.about}"), f"help:{state.about}"
    if state.intent == "help":
        return said(language, "help"), "help:"
    if not state.leafing.startswith("help:"):
        return "", ""
    following = ("", *SECTIONS, None)[("", *SECTIONS).index(state.leafing.removeprefix("help:")) + 1]
    return (
        (said(language, f"help-{following}"), f"help:{following}") if following else (said(language, "help-over"), "")
    )


def _spoken(name: str) -> str:
    return name.replace("-", " ")
