"""Words: what two texts have in common, and when that is more than a coincidence."""

import pytest

from memory.ranking import bm25_scores, document_vector, fingerprint, question_of, terms_in


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("where do I live", "the user's home"),
        ("What's my dog called?", "the name of the dog"),
        ("I painted", "painting"),
        ("cafés", "cafe"),
        ("the boys’ bicycles", "a boy's bicycle"),
    ],
)
def test_what_means_the_same_has_the_same_terms(one: str, other: str) -> None:
    assert terms_in(one) == terms_in(other) != frozenset()


def test_little_words_are_nothing_to_look_for() -> None:
    assert question_of("And what about you?") is None
    assert question_of("") is None


def test_a_rare_word_speaks_louder_than_a_common_one() -> None:
    question = question_of("the harbour garden")
    assert question is not None
    texts = ["the garden", "a garden", "our garden", "the harbour"]
    scores = bm25_scores(question, [document_vector(text) for text in texts])
    assert scores.index(max(scores)) == 3


def test_a_word_weighs_more_in_a_short_text_than_in_a_long_one() -> None:
    question = question_of("harbour")
    assert question is not None
    long = "harbour " + " ".join(f"word{number}" for number in range(40))
    short_one, long_one = bm25_scores(question, [document_vector("harbour"), document_vector(long)])
    assert short_one > long_one > 0


def test_one_shared_word_is_a_coincidence_unless_it_is_the_users_own_or_a_name() -> None:
    def concerns(query: str, text: str, topic: str = "") -> bool:
        question = question_of(query)
        assert question is not None
        return question.concerns(terms_in(f"{text} {topic}"), text)

    assert not concerns("the name of the longest river", "The user's name is Sarah.", "name")
    assert concerns("what does my dog eat in winter", "The user's dog is called Rex.")
    assert concerns("Rex was in the park all morning long", "The user's dog is called Rex.")
    assert concerns("which bicycle", "The user owns a red bicycle.")


def test_anothers_name_only_stands_to_somebody_as_is_asked() -> None:
    question = question_of("what is my cat's name")
    assert question is not None
    assert question.stands_to(terms_in("The user's dog is called Rex."))
    assert not question.stands_to(terms_in("The user's cat sleeps all day."))


def test_the_same_words_have_one_fingerprint_however_they_are_written() -> None:
    assert fingerprint("The user likes  GREEN tea!") == fingerprint("the user likes green tea")
    assert fingerprint("🦊") != fingerprint("🐻")
