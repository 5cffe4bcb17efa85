"""How documents are cut, whatever is in them."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from memory.documents.passages import MOST, cut, sentences_in, whole_text
from memory.documents.types import DocumentId, Part, Passage

SOME = st.text(
    alphabet=st.sampled_from("abcXYZ äß文。.!?,;:-•|() \n\t1234567890"),
    max_size=400,
)
WORDY = st.lists(st.sampled_from(["word", "Dr.", "end.", "Why?", "\n\n", "- point", "x" * 30, "It"]), max_size=600).map(
    " ".join
)
PARTS = st.lists(
    st.builds(Part, place=st.sampled_from(["", "page 1", "page 2", "section A"]), text=SOME | WORDY), max_size=5
)


def sentence(number: int, words: int = 10) -> str:
    return " ".join([f"Number{number}", *["word"] * (words - 2), "end."])


def as_passages(pieces: Sequence[Part]) -> list[Passage]:
    return [
        Passage(DocumentId("d"), "d.txt", "d", piece.place, position, piece.text)
        for position, piece in enumerate(pieces)
    ]


@given(PARTS)
def test_every_word_is_in_some_passage_in_order(parts: list[Part]) -> None:
    words = [word for part in parts for word in part.text.split()]
    reached = {0}
    for piece in cut(parts):
        its = piece.text.split()
        starts = {end - back for end in reached for back in range(min(end, len(its)) + 1)}
        reached = {start + len(its) for start in starts if words[start : start + len(its)] == its}
        assert reached
    assert len(words) in reached


@given(PARTS)
def test_no_passage_is_longer_than_it_may_be_and_none_is_empty(parts: list[Part]) -> None:
    for piece in cut(parts):
        assert 0 < len(piece.text.split()) <= MOST
        assert piece.text == piece.text.strip() != ""


@given(PARTS)
def test_the_same_document_is_always_cut_the_same_way(parts: list[Part]) -> None:
    assert cut(parts) == cut(parts)


def test_sentences_stay_whole_and_each_passage_repeats_the_last_of_the_one_before() -> None:
    text = " ".join(sentence(number) for number in range(40))
    pieces = cut([Part("", text)])
    assert len(pieces) > 2
    for before, after in pairwise(pieces):
        assert sentences_in(before.text)[-1] == sentences_in(after.text)[0]
    assert {each for piece in pieces for each in sentences_in(piece.text)} == {sentence(number) for number in range(40)}
    assert all(80 <= len(piece.text.split()) <= MOST for piece in pieces[:-1])
    assert whole_text(as_passages(pieces)) == text


def test_a_passage_ends_where_its_place_does() -> None:
    parts = [Part("page 1", sentence(1)), Part("page 2", sentence(2)), Part("page 2", sentence(3))]
    assert cut(parts) == (Part("page 1", sentence(1)), Part("page 2", f"{sentence(2)}\n\n{sentence(3)}"))


def test_a_heading_without_a_text_goes_with_what_follows() -> None:
    parts = [Part("section Loans", "Loans"), Part("section Paying back", f"Paying back\n\n{sentence(1)}")]
    assert cut(parts) == (Part("section Paying back", f"Loans\n\nPaying back\n\n{sentence(1)}"),)
    assert cut([Part("section Loans", "Loans")]) == (Part("section Loans", "Loans"),)


def test_a_sentence_without_end_is_cut_between_words_and_a_word_without_end_anywhere() -> None:
    endless = cut([Part("", "word " * 1_000)])
    assert [len(piece.text.split()) for piece in endless] == [MOST] * 6 + [100]
    letters = cut([Part("", "x" * 10_000)])
    assert "".join(piece.text for piece in letters) == "x" * 10_000
    assert max(len(piece.text) for piece in letters) < 2_000


def test_what_ends_a_sentence_and_what_does_not() -> None:
    assert sentences_in('Dr. Smith met J. Doe. He said: "No!" Was it 3.5 km?\nYes\n\nNew paragraph') == [
        "Dr. Smith met J. Doe.",
        'He said: "No!"',
        "Was it 3.5 km?",
        "Yes",
        "New paragraph",
    ]
    assert sentences_in("To buy:\n- tea\n- jam\n1. first") == ["To buy:", "- tea", "- jam", "1. first"]
    assert sentences_in("图书馆在哪里？在山上。") == ["图书馆在哪里？", "在山上。"]
