"""docs/accessibility.md leaves nothing out, and names only tests that are there."""

import re

from tests.made import checkout

PAGE = (checkout.TOP / "docs/accessibility.md").read_text()
CRITERIA = """
1.1.1 1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.3.3 1.3.4 1.3.5 1.4.1 1.4.2 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12
1.4.13 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2 2.4.3 2.4.4 2.4.5 2.4.6 2.4.7 2.4.11 2.5.1 2.5.2 2.5.3 2.5.4
2.5.7 2.5.8 3.1.1 3.1.2 3.2.1 3.2.2 3.2.3 3.2.4 3.2.6 3.3.1 3.3.2 3.3.3 3.3.4 3.3.7 3.3.8 4.1.2 4.1.3
"""
"""Of WCAG 2.2, levels A and AA."""


def test_every_criterion_is_answered_in_order() -> None:
    assert re.findall(r"^\| (\d\.\d\.\d+) ", PAGE, re.MULTILINE) == CRITERIA.split()


def test_each_of_the_seventeen_needs_is_answered() -> None:
    assert re.findall(r"^\| (\d+) \| ", PAGE, re.MULTILINE) == [str(number) for number in range(1, 18)]


def test_every_test_that_is_named_is_there() -> None:
    tests = "\n".join(path.read_text() for path in (checkout.TOP / "tests").rglob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)", tests))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert named
    assert named - there == set()
