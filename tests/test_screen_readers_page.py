"""docs/screen-readers.md quotes what the pages and a screen reader say, and nothing that neither does any more."""

import json
import re
from collections.abc import Iterator

from tests.made import checkout

PAGE = (checkout.TOP / "docs/screen-readers.md").read_text()
OURS = checkout.TOP / "public/strings/en.json"
CHAINLITS = checkout.TOP / ".chainlit/translations/en-US.json"
ROLES = re.compile(
    r"^dialog, | (?:region|navigation)$|"
    r", (?:region|navigation|article|dialog|heading level 1|(?:not )?pressed|unavailable)$"
)
"""What a screen reader says beside a name."""
READERS = {"main", "alert", "on", "pressed", "not pressed", "selected", "expanded", "current page", "Nightingale"}
PERSONS = {
    "what time is it",
    "what is the date",
    "help",
    "skip it all",
    "my dog is called Rex",
    "show numbers",
    "p p p",
}
"""What the person says, types or dictates."""


def texts(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        for each in told.values():
            yield from texts(each)
    elif isinstance(told, str):
        yield told


def test_every_word_that_is_quoted_as_heard_or_pressed_is_there() -> None:
    there = {each for file in (OURS, CHAINLITS) for each in texts(json.loads(file.read_text()))}
    steps = "\n".join(re.findall(r"^\| \d.*$", PAGE, re.MULTILINE))
    quoted = set(re.findall(r'"(?:click )?([^"]+)"', steps)) - set(PERSONS)
    names = {ROLES.sub("", each) for each in quoted} - READERS
    assert len(names) > 25
    assert {each for each in names if not any(text.startswith(each) for text in there)} == set()
