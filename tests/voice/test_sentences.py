import re
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import voice.sentences
from voice.plain import spoken
from voice.sentences import sentences

pytestmark = pytest.mark.anyio


async def streamed(deltas: Sequence[str], **limits: int) -> list[str]:
    async def stream() -> AsyncGenerator[str, None]:
        for delta in deltas:
            yield delta

    async with aclosing(stream()) as source, aclosing(sentences(source, **limits)) as said:
        return [sentence async for sentence in said]


@pytest.mark.parametrize(
    "expected",
    [
        ["Dr. Smith met Mrs. Jones on St. James Street.", "They talked."],
        ["Take fruit, e.g. Pears or i.e. Apples.", "Then wash it."],
        ["Pi is 3.14159, about 3.", "It costs $2.50."],
        ["He lives in the U.S. Army base.", "She left the U.S.", "It was cold."],
        ["J. R. R. Tolkien wrote it.", "George W. Bush read it."],
        ["We met at 5 p.m. Paris time.", "It was late."],
        ["Pens, paper, etc.", "They were all there."],
        ["Wait... what?!", "Really?", "Yes!"],
        ["Well…", "I do not know."],
        ["“Go home.”", "(He did.)", "Then it rained."],
        ["“Stop!” he cried.", "Yahoo! is a name."],
        ["See No. 5 and Fig. 3.", "No.", "I will not."],
        ["你好！", "我是助手。", "今天天气很好，我们去吧。"],
        ["「はい。」", "そうです。", "いい天気ですね！"],
        ["नमस्ते।", "आप कैसे हैं?"],
        ["Use version 3.11.", "Then run main.py now."],
        ["So do I.", "Then we agree."],
    ],
)
async def test_a_sentence_ends_where_a_reader_would_end_it(expected: list[str]) -> None:
    text = ("" if re.search(r"[\u3040-\u9fff]", expected[0]) else " ").join(expected)
    assert await streamed(list(text)) == expected


async def test_each_line_of_a_list_is_a_sentence_and_a_wrapped_line_is_not() -> None:
    text = "You need:\n\n- eggs\n- two cups of\nflour\n\n1. Whisk. Then wait.\n2. Bake\n\n# The end\nof it"
    assert await streamed([text]) == [
        "You need:", "eggs", "two cups of flour", "1. Whisk.", "Then wait.", "2. Bake", "The end", "of it",
    ]  # fmt: skip


async def test_marks_that_span_deltas_and_sentences_are_gone() -> None:
    deltas = [
        "Some *",
        "*bold",
        ". And more.*",
        "* See [the",
        " docs](http",
        "://x.org/a.b ",
        '"One. ',
        'Two") now',
        ". `x",
        "`.",
    ]
    assert await streamed(deltas) == ["Some bold.", "And more.", "See the docs now.", "x."]


async def test_what_has_no_words_is_not_a_sentence() -> None:
    assert await streamed(["\n\n---\n\n", "Hi! 👍 ", "😀\n```", "\n\n"]) == ["Hi!"]
    assert await streamed([]) == []


async def test_the_first_clause_goes_out_before_its_sentence_is_over() -> None:
    text = "Anna, I have thought about this for a long while, and I think that we should go, you and I. Yes, we, too."
    assert await streamed([text]) == [
        "Anna, I have thought about this for a long while,",
        "and I think that we should go, you and I.",
        "Yes, we, too.",
    ]
    assert (await streamed([text], first_clause=3))[0] == "Anna,"


async def test_what_one_says_before_a_sentence_goes_out_by_itself_and_once() -> None:
    assert await streamed(["Of course, the store opens at nine. Sure, it does."]) == [
        "Of course,",
        "the store opens at nine.",
        "Sure, it does.",
    ]
    assert (await streamed(["Yes, well, I have thought about this for a long while, and we go."]))[:3] == [
        "Yes,",
        "well,",
        "I have thought about this for a long while,",
    ]
    assert await streamed(["Sure thing, my friend."]) == ["Sure thing, my friend."]


async def test_it_does_not_wait_for_what_comes_after_it() -> None:
    given = 0

    async def stream() -> AsyncGenerator[str, None]:
        nonlocal given
        for delta in ("All right", ",", " then", " we go."):
            given += 1
            yield delta

    async with aclosing(stream()) as source, aclosing(sentences(source)) as clauses:
        said = [f"{clause} {given}" async for clause in clauses]
    assert said == ["All right, 2", "then we go. 4"]


async def test_a_sentence_goes_out_with_the_first_letter_of_the_next() -> None:
    taken: list[str] = []

    async def stream() -> AsyncGenerator[str, None]:
        for delta in ("It", " is", " so", ".", " N", "ow", " more"):
            taken.append(delta)
            yield delta

    async with aclosing(stream()) as source, aclosing(sentences(source)) as said:
        assert await anext(said) == "It is so."
        assert taken[-1] == " N"


async def test_a_sentence_without_end_is_cut_at_a_clause_or_a_space() -> None:
    clauses = "we went on and on through the wet dark wood, " * 8
    said = await streamed([clauses], first_clause=1000)
    assert all(sentence.endswith("wood,") and len(sentence) <= 250 for sentence in said)
    words = "word " * 200
    assert " ".join(await streamed([words])) == words.strip()
    assert all(len(sentence) <= 250 for sentence in await streamed([words]))


async def test_fifty_thousand_characters_without_a_space_come_out_in_bounded_parts() -> None:
    said = await streamed(["x" * 50_000])
    assert "".join(said) == "x" * 50_000
    assert all(len(sentence) <= 250 for sentence in said)


async def test_a_long_address_is_never_read_out() -> None:
    address = "https://example.org/" + "a/b.c?d=e," * 100
    assert await streamed(list(f"Look at {address} now.")) == ["Look at", "example.org,", "now."]


ALPHABET = [
    *'aB .,;:!?\n…。，「」()"*_`[]<>-#1你',
    "Dr. ",
    "e.g. ",
    "U.S. ",
    "The ",
    "Sure, ",
    "](http://x.y/z ",
    "3.5",
    " — ",
]
TEXTS = st.lists(st.sampled_from(ALPHABET), max_size=60).map("".join)


@settings(deadline=None, max_examples=60)
@given(text=st.one_of(TEXTS, st.text(max_size=200)), data=st.data())
async def test_where_the_stream_is_cut_makes_no_difference(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    deltas = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    limits = {"first_clause": 10, "longest": 40}
    assert await streamed(deltas, **limits) == await streamed(list(text), **limits)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from([*"aBc .,;:!?…。，你\n", "Dr. ", "e.g. ", "U.S. ", "3.5", " — ", "word", "Of course, "]),
        max_size=200,
    )
)
async def test_no_word_is_lost_or_said_twice(parts: list[str]) -> None:
    text = "".join(parts)
    said = await streamed(parts, first_clause=10, longest=40)
    assert "".join("".join(said).split()) == "".join(text.split())
    assert all(sentence and len(sentence) <= 40 and spoken(sentence) == sentence for sentence in said)


@pytest.mark.parametrize("unit", ["word ", "x", "One. ", "<b ", "](", "https://", "Dr. ", "\n ", "你好，"])
async def test_work_grows_with_the_text_and_no_faster(unit: str) -> None:
    short, long = [await lines_run(unit * count) for count in (2_000, 8_000)]
    assert long < 4.5 * short


async def lines_run(text: str) -> int:
    """Lines of the splitter that are run for `text`, a character at a time."""
    count = 0

    def tracer(frame: FrameType, event: str, _arg: Any) -> Any:
        nonlocal count
        if frame.f_code.co_filename != voice.sentences.__file__:
            return None
        count += event == "line"
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        await streamed(list(text))
    finally:
        sys.settrace(before)
    return count
