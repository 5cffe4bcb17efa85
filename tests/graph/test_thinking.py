"""What a model thinks never reaches the user, however its text is torn into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.models.thinking import SpokenPart, left_open


def spoken(*pieces: str, thinking: bool = False) -> str:
    part = SpokenPart(thinking=thinking)
    return "".join(map(part.feed, pieces)) + part.end()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Hello.", "Hello."),
        ("<think>Let me see.</think>\n\nHello.", "Hello."),
        ("<think></think>Hello.", "Hello."),
        ("Well, <thinking>hm</thinking>hello.", "Well, hello."),
        ("<think>one</think>Hello <think>two</think>there.", "Hello there."),
        ("<think>never closed", ""),
        ("1 < 2, and <b>bold</b>", "1 < 2, and <b>bold</b>"),
        ("it ends in <thi", "it ends in <thi"),
        ("", ""),
    ],
)
def test_only_what_is_outside_the_tags_is_spoken(said: str, meant: str) -> None:
    assert spoken(said) == meant
    assert spoken(*said) == meant


def test_thinking_that_the_template_began_is_dropped_too() -> None:
    assert spoken("hm", " hm</think>", " Hello.", thinking=True) == "Hello."


def test_text_is_passed_on_as_soon_as_it_cannot_be_a_tag() -> None:
    part = SpokenPart()
    assert part.feed("Hello ") == "Hello "
    assert part.feed("<") == ""
    assert part.feed("3") == "<3"


@pytest.mark.parametrize(
    ("prompt", "thinking"), [("assistant\n<think>\n", True), ("assistant\n", False), ("<think>\n\n</think>\n\n", False)]
)
def test_a_template_that_opens_thinking_is_noticed(prompt: str, thinking: bool) -> None:
    assert left_open(prompt) is thinking


@given(st.text(alphabet="<>/thinko a", max_size=60), st.lists(st.integers(1, 5), min_size=1, max_size=60))
def test_the_tearing_makes_no_difference(text: str, lengths: list[int]) -> None:
    pieces, rest = [], text
    for length in lengths:
        pieces.append(rest[:length])
        rest = rest[length:]
    assert spoken(*pieces, rest) == spoken(text)
