"""What somebody meant to say is found among hesitations and repeated sounds, and nothing else is touched."""

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.voice.dysfluencies import DYSFLUENT, DYSFLUENT_ELSEWHERE, MEANT_SO
from voice.dysfluency import fluent
from voice.dysfluency_words import HABITS

PAIRS = [("en", *pair) for pair in DYSFLUENT.items()] + [
    (language, *pair) for language, pairs in DYSFLUENT_ELSEWHERE.items() for pair in pairs.items()
]
KEPT = [(language, text) for language, texts in MEANT_SO.items() for text in texts]
LANGUAGES = st.sampled_from([*HABITS, None])
PLAIN = ["call", "doctor", "light", "kitchen", "tomorrow", "remind", "weather", "music", "house", "garden"]
SINGLE = ["the", "my", "I", "can", "what", "we"]


def test_of_the_set_nearly_all_is_cleaned_and_nearly_nothing_else_is_touched() -> None:
    right = [each for each in PAIRS if fluent(each[1], each[0]) == each[2]]
    touched = [each for each in KEPT if fluent(each[1], each[0]) != each[1]]
    wrongly = [each for each in PAIRS if fluent(each[1], each[0]) not in each[1:]]
    precision, recall = len(right) / (len(right) + len(touched) + len(wrongly)), len(right) / len(PAIRS)
    print(f"{len(PAIRS)} with dysfluencies, {len(KEPT)} without: precision {precision:.1%}, recall {recall:.1%}")
    for language, said, meant in PAIRS:
        if (got := fluent(said, language)) != meant:
            print(f"  {said!r} became {got!r}, not {meant!r}")
    for language, said in touched:
        print(f"  {said!r} became {fluent(said, language)!r}")
    assert len(PAIRS) + len(KEPT) >= 150
    assert precision >= 0.98
    assert recall >= 0.97


@settings(deadline=None)
@given(st.text(max_size=80), LANGUAGES)
def test_any_text_bears_it_and_what_is_clean_stays_clean(text: str, language: str | None) -> None:
    once = fluent(text, language)
    assert fluent(once, language) == once


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from([*PLAIN, *SINGLE, "um", "very", "no", "seven", "w-", "I-I", "sssso", "can you"]), max_size=9
    ),
    LANGUAGES,
)
def test_words_are_only_ever_taken_away(words: list[str], language: str | None) -> None:
    said = " ".join(words)
    left = iter(said.replace("I-I", "I I").replace("sssso", "so").split())
    assert all(any(word == other for other in left) for word in fluent(said, language).replace("I-I", "I I").split())


@settings(deadline=None)
@given(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=8, unique=True), st.data())
def test_a_repeated_beginning_leaves_no_trace(words: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(words) - 1))
    letters = words[at][: data.draw(st.integers(1, 2))]
    times = data.draw(st.integers(2, 4))
    broken = [*words[:at], "-".join([letters] * times + [words[at]]), *words[at + 1 :]]
    assert fluent(" ".join(broken), "en") == " ".join(words)


@settings(deadline=None)
@given(st.sampled_from(SINGLE), st.integers(2, 5), st.sampled_from(PLAIN))
def test_a_word_that_nobody_says_twice_is_said_once(word: str, times: int, then: str) -> None:
    assert fluent(" ".join([word] * times + [then]), "en") == f"{word} {then}"


@settings(deadline=None)
@given(st.lists(st.sampled_from([*"0123456789", "one", "two", "seven", "oh", "zero"]), min_size=1, max_size=12))
def test_numbers_stay_as_they_were_said(digits: list[str]) -> None:
    said = "my number is " + " ".join(digits)
    assert fluent(said, "en") == said


@pytest.mark.parametrize("text", ["", "  ", "...", "um", "Uh.", "- -", "¿?", "I"])
def test_what_would_leave_nothing_is_left_alone(text: str) -> None:
    assert fluent(text, "en") == text


def test_in_an_unknown_language_only_what_is_no_word_anywhere_goes() -> None:
    assert fluent("wecke mich um acht") == "wecke mich um acht"
    assert fluent("euh what time is it", None) == "what time is it"


def test_each_language_has_its_own() -> None:
    assert {*chain(DYSFLUENT_ELSEWHERE, ["en"])} == {*HABITS} == {*MEANT_SO}
