"""Keeping a model's thinking to itself: what stands between <think> and </think> is not for the user."""

import re

_OPENING = ("<think>", "<thinking>", "<thought>")
_CLOSING = ("</think>", "</thinking>", "</thought>")
_OPEN = re.compile("|".join(_OPENING))
_CLOSE = re.compile("|".join(_CLOSING))

TAGS = frozenset((*_OPENING, *_CLOSING))


class SpokenPart:
    """What is left of a stream of text once the thinking is out, and the blank space around it.

    Tags may be torn across pieces; whatever could yet become a tag is held back.
    """

    def __init__(self, *, thinking: bool = False) -> None:
        self._thinking = thinking
        self._begun = False
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be said after this piece; often nothing."""
        text, self._held = self._held + piece, ""
        said = ""
        while text:
            tag = (_CLOSE if self._thinking else _OPEN).search(text)
            if tag is not None:
                said += "" if self._thinking else text[: tag.start()]
                text = text[tag.end() :]
                self._thinking = not self._thinking
                continue
            keep = _torn_tag(text, _CLOSING if self._thinking else _OPENING)
            said += "" if self._thinking else text[: len(text) - keep]
            self._held = text[len(text) - keep :]
            break
        return self._from_the_first_word(said)

    def end(self) -> str:
        """What was held back and turned out to be no tag."""
        held, self._held = self._held, ""
        return "" if self._thinking else self._from_the_first_word(held)

    def _from_the_first_word(self, text: str) -> str:
        if not self._begun:
            text = text.lstrip()
            self._begun = bool(text)
        return text


def left_open(prompt: str) -> bool:
    """Does a rendered prompt end in the middle of thinking, as some models' templates have it?"""
    return prompt.rstrip().endswith(_OPENING)


def _torn_tag(text: str, tags: tuple[str, ...]) -> int:
    """How many characters at the end may be the beginning of a tag."""
    longest = max(map(len, tags)) - 1
    return next(
        (n for n in range(min(longest, len(text)), 0, -1) if any(tag.startswith(text[-n:]) for tag in tags)),
        0,
    )
