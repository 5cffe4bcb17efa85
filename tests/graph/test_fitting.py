"""What goes first when a prompt is too long for its model, and what never goes."""

import pytest

from graph.models.fitting import fitted
from graph.types import Prompt
from resilience.errors import InputRejected
from tests.graph.prompts import asking

LONG_TALK = tuple(f"said {i:02d}" for i in range(20))


def size(prompt: Prompt) -> int:
    parts = [prompt.system, prompt.summary, prompt.question, *prompt.memories, *(each.text for each in prompt.history)]
    return sum(map(len, parts))


def fit(prompt: Prompt, most: int) -> Prompt:
    return fitted(prompt, lambda each: size(each) <= most, engine="test")


def test_what_fits_is_left_alone() -> None:
    prompt = asking("Who?", *LONG_TALK)
    assert fit(prompt, size(prompt)) is prompt


def test_the_oldest_history_goes_first_and_no_more_of_it_than_must() -> None:
    prompt = asking("Who?", *LONG_TALK, memories=("a note",), summary="earlier")
    shorter = fit(prompt, size(prompt) - 10)
    assert [each.text for each in shorter.history] == list(LONG_TALK[2:])
    assert (shorter.memories, shorter.summary, shorter.question) == (("a note",), "earlier", "Who?")


def test_history_always_begins_with_the_user() -> None:
    prompt = asking("Who?", *LONG_TALK)
    for most in range(size(prompt) - 1, 60, -5):
        history = fit(prompt, most).history
        assert not history or history[0].role == "user"


def test_the_summary_and_then_the_notes_go_before_the_question_is_touched() -> None:
    prompt = asking("Who am I?", memories=("n" * 50,), summary="s" * 50)
    assert fit(prompt, 100).summary == ""
    assert fit(prompt, 100).memories == ("n" * 50,)
    assert fit(prompt, 40).memories == ()
    assert fit(prompt, 40).question == "Who am I?"


def test_a_question_too_long_by_itself_keeps_its_beginning_and_its_end() -> None:
    prompt = asking("begin " + "x" * 5_000 + " end")
    question = fit(prompt, 200).question
    assert question.startswith("begin ")
    assert question.endswith(" end")
    assert 170 < len(question) < 200


def test_a_window_too_small_for_anything_is_said_to_be_so() -> None:
    with pytest.raises(InputRejected, match="does not fit"):
        fit(asking("x" * 100), 20)
