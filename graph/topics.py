"""Which of all that is known of a user belongs to a topic that they name."""

import re
from collections.abc import Sequence

from graph.words import content_words
from memory.stems import stem
from memory.types import USER, Memory

_KINDRED = {
    "name": ("name", "preferred name", "surname"),
    "home": ("home", "address"),
    "work": ("work", "studies"),
    "birthday": ("birthday", "birth year"),
    "health": ("health", "allergy", "diet", "medication", "smoking"),
}
_BY_KIND = {"family": ("relation",), "plan": ("event", "task"), "task": ("task", "event")}
_DISLIKED = re.compile(
    r"The user (?:hates|dislikes|detests|does not (?:like|enjoy)) |Du (?:hasst|verabscheust|magst (?:(?:gar |"
    r"überhaupt )?"
    r"kein|.* nicht\.)|liebst .* nicht\.)|Tu (?:n'aimes pas|ne supportes pas|détestes) |No (?:te gustan?|soportas) |"
    r"(?:Odias|Detestas) "
)
_LIKED = re.compile(
    rf"(?!{_DISLIKED.pattern})(?:The user(?:'s favourite| (?:likes|loves|adores|enjoys|prefers|plays)) |"
    rf"Deine? Liebling|"
    r"Du (?:magst|liebst|schätzt|bevorzugst|\w+ gern|spielst)|Tu (?:aimes|adores|apprécies|préfères|joues|es fan)|"
    r"T(?:on|a) .* préférée?|Te (?:gusta|encanta)|Adoras|Prefieres|Tus? .* (?:favorit|preferid)|Juegas|Tocas)"
)


def of_topic(known: Sequence[Memory], topic: str) -> list[Memory]:
    """What is filed under the topic, or about somebody, or else what a note of the user's says of it."""
    if not topic:
        return []
    if kinds := _BY_KIND.get(topic):
        return [each for each in known if each.kind in kinds]
    if topic in {"likes", "dislikes"}:
        wording = _LIKED if topic == "likes" else _DISLIKED
        return [each for each in known if wording.match(each.text)]
    topics = _KINDRED.get(topic, (topic, stem(topic)))
    # A topic of the user's own is not that of somebody else, whose name or home is theirs.
    filed = [each for each in known if each.topic in topics and (each.subject == USER or each.topic == each.subject)]
    about = [each for each in known if each not in filed and each.subject != USER and _is_of(each.subject, topics)]
    return [*filed, *about] or [
        each for each in known if each.topic == "note" and content_words(topic) & content_words(each.text)
    ]


def closest(known: Sequence[Memory], words: str) -> list[Memory]:
    """The memories that have the most of these words, if that is most of the words."""
    wanted = content_words(words)
    shared = [(len(wanted & content_words(each.text)), each) for each in known]
    best = max((count for count, _ in shared), default=0)
    return [each for count, each in shared if count == best] if best and 2 * best >= len(wanted) else []


def _is_of(subject: str, topics: Sequence[str]) -> bool:
    """Is "sister Anna" the "sister" that was asked for?"""
    words = subject.casefold().split()
    return any(topic.split() == words[: len(topic.split())] for topic in topics)
