"""Which of the candidates a question is about, and in which order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from memory.in_process import InProcessMemory
from memory.marks import marks_of
from memory.ranking import terms_in
from memory.reading import indexed, neighbours_wanted, recall, vectors_wanted
from memory.types import USER, Candidate, Memory, MemoryId, NewMemory, Recalled, Source, UserId
from memory.weighing import Weights
from tests.memory.embedders import BagOfWords

NOW = datetime(2026, 5, 14, 12, 0, tzinfo=UTC)
SARAH = UserId("sarah")


def candidate(
    text: str,
    *,
    subject: str = USER,
    topic: str = "",
    days_ago: int = 100,
    position: int = 0,
    thread: str = "",
    words_around: float = 0.0,
    meaning: float = 0.0,
    meaning_around: float = 0.0,
) -> Candidate:
    said_at = NOW - timedelta(days=days_ago)
    source = Source(thread or text, "turn")
    memory = Memory(MemoryId(text), text, "fact", said_at, source, topic, 1.0, subject=subject)
    figures = {"meaning": meaning, "words_around": words_around, "meaning_around": meaning_around}
    return Candidate(memory, marks_of(memory), position, **figures)


def recalled(query: str, *candidates: Candidate, gate: bool = True, limit: int = 9) -> tuple[Recalled, ...]:
    asked = vectors_wanted(query, NOW, {each.memory.subject for each in candidates})
    return recall(asked, candidates, now=NOW, limit=limit, gate=gate)


def order(query: str, *candidates: Candidate) -> list[str]:
    """By score alone."""
    return [each.memory.text for each in recalled(query, *candidates, gate=False)]


def passing(query: str, *candidates: Candidate) -> list[str]:
    return [each.memory.text for each in recalled(query, *candidates)]


def test_of_nothing_nothing_is_recalled() -> None:
    assert recalled("what is my name") == ()


def test_there_are_no_more_than_asked_for() -> None:
    assert len(recalled("tea", *(candidate(f"tea {number}") for number in range(5)), limit=2)) == 2


def test_the_rarer_of_the_asked_words_counts_more() -> None:
    gardens = [candidate(f"garden {number}") for number in range(5)]
    assert order("the harbour garden", *gardens, candidate("harbour"))[0] == "harbour"


def test_a_word_said_nearby_in_the_thread_counts_and_less_the_further_away() -> None:
    asked_about = candidate("We saw the harbour.", thread="t", position=3)
    answer = candidate("Gladly.", thread="t", position=4)
    later = candidate("Certainly.", thread="t", position=6)
    elsewhere = candidate("Of course.", thread="other", position=4)
    assert order("the harbour", elsewhere, later, answer, asked_about)[1:] == ["Gladly.", "Certainly.", "Of course."]


@pytest.mark.parametrize(
    "near",
    [
        candidate("that", thread="t", words_around=8.0),
        candidate("that", thread="t", meaning=0.8),
        candidate("that", thread="t", meaning_around=0.8),
    ],
)
def test_what_is_nearer_in_words_or_in_meaning_comes_first(near: Candidate) -> None:
    far = candidate("this", thread="t", position=1, words_around=0.1)
    assert order("why", far, near) == ["that", "this"]


def test_a_thread_that_was_all_about_it_lifts_what_was_said_in_it() -> None:
    about_it = [
        candidate(f"on it {number}", thread="t", position=9 * number, meaning_around=0.6) for number in range(3)
    ]
    in_it, beside = candidate("in it", thread="t", position=90), candidate("beside", thread="other")
    assert order("why", beside, *about_it, in_it)[3:] == ["in it", "beside"]


def test_whose_memory_it_is_counts_when_they_are_named() -> None:
    hers, mine = candidate("Lives in Rome.", subject="Anna"), candidate("Lives in Oslo.")
    assert order("where does Anna live", mine, hers) == ["Lives in Rome.", "Lives in Oslo."]


def test_the_time_that_is_asked_for_counts() -> None:
    early, late = candidate("one walk", days_ago=400), candidate("a walk", days_ago=40)
    assert order("the walk in April 2025", late, early)[0] == "one walk"
    assert order("the walk last month", early, late)[0] == "a walk"


def test_what_happened_is_mostly_told_within_days() -> None:
    in_days, in_weeks, much_later = (candidate(f"walk {days}", days_ago=days) for days in (8, -2, -80))
    assert order("the walk in April 2026", much_later, in_weeks, in_days) == ["walk 8", "walk -2", "walk -80"]


def test_the_kind_of_answer_that_is_asked_for_counts() -> None:
    plain, dated = candidate("a walk in the rain"), candidate("a walk two days ago")
    assert order("when was the walk", plain, dated)[0] == "a walk two days ago"


def test_what_names_somebody_comes_before_small_talk() -> None:
    assert order("the walk", candidate("a walk with him"), candidate("a walk with Tom"))[0] == "a walk with Tom"


def test_what_was_said_lately_counts_a_little_more() -> None:
    old, new = candidate("tea", days_ago=300, meaning=0.42), candidate("the tea", days_ago=3, meaning=0.41)
    assert order("tea", old, new)[0] == "the tea"
    assert order("tea", replace(old, meaning=0.5), new)[0] == "tea"


def test_a_question_answers_none() -> None:
    assert order("the walk", candidate("a walk?"), candidate("one walk."))[0] == "one walk."


def test_of_equals_the_newer_comes_first() -> None:
    assert order("tea", candidate("tea", days_ago=300), candidate("the tea", days_ago=3))[0] == "the tea"


def test_an_ingredient_can_be_left_out() -> None:
    hers, mine = candidate("Lives in Rome.", subject="Anna"), candidate("Lives in Oslo.", words_around=0.1)
    asked = vectors_wanted("where does Anna live", NOW, {"Anna", USER})
    best = recall(asked, [hers, mine], now=NOW, limit=1, gate=False, weights=Weights(subject=0))
    assert best[0].memory == mine.memory


def test_the_gate_lets_through_what_shares_no_word_but_the_meaning_with_a_question_about_the_user() -> None:
    assert passing("what do I do for fun", candidate("The user likes painting.", meaning=0.41)) != []
    assert passing("what do I do for fun", candidate("The user's name is Sarah.", meaning=0.2)) == []
    assert passing("what is there to do for fun", candidate("The user likes painting.", meaning=0.41)) == []


def test_the_gate_does_not_take_the_users_dog_for_their_cat() -> None:
    dog = candidate("The user's dog is called Rex.", topic="dog", meaning=0.46)
    assert passing("what is my cat's name", dog) == []
    assert passing("what are my hobbies", candidate("The user likes painting.", meaning=0.46)) != []


def test_the_gate_lets_through_a_named_persons_memory_for_less() -> None:
    hers = candidate("Sings in a choir.", subject="Anna", meaning=0.25)
    assert passing("what does Anna do", hers) == ["Sings in a choir."]
    assert passing("what does Tom do", hers) == []


def test_the_gate_does_not_answer_for_the_user_what_is_asked_about_another() -> None:
    mine, hers = candidate("Sings in a choir.", meaning=0.5), candidate("Rows.", subject="sister", meaning=0.5)
    assert passing("what is my sister doing", mine, hers) == ["Rows."]


def test_the_gate_does_not_answer_with_what_is_known_of_another() -> None:
    assert passing("what do I do for fun", candidate("Rows.", subject="sister", meaning=0.5)) == []


def test_a_question_for_a_time_alone_gets_what_is_of_that_time() -> None:
    walk, talk = candidate("A walk.", days_ago=1), candidate("A talk.", days_ago=9)
    assert passing("what did I do yesterday?", walk, talk) == ["A walk."]
    assert passing("which film did I see yesterday?", walk, talk) == []


def test_neighbours_are_wanted_of_what_is_likely_and_not_at_hand() -> None:
    likely, beside = candidate("a", thread="t", position=1, meaning=0.5), candidate("b", thread="t", position=2)
    asked = vectors_wanted("why", NOW)
    assert neighbours_wanted(asked, [likely, beside]) == [("t", 0), ("t", 3), ("t", 4)]


def test_neighbours_are_not_wanted_of_everything() -> None:
    asked = vectors_wanted("why", NOW)
    assert len(neighbours_wanted(asked, [candidate(str(n), position=9, meaning=0.1) for n in range(60)])) == 40


def test_a_memory_is_embedded_as_the_user_would_say_it_and_found_by_the_words_around_it() -> None:
    source = Source("thread", "turn")
    look = indexed(NewMemory("The user's dog is called Rex.", "fact", NOW, source, "dog", context="And who is that?"))
    assert look.text == "my dog is called Rex."
    assert look.text_around == "And who is that?\nmy dog is called Rex."
    assert terms_in("14 May 2026, the dog Rex, and who is that?") <= set(look.words_around.indices)


def test_a_memory_about_somebody_says_so_once() -> None:
    source = Source("thread", "turn")
    assert indexed(NewMemory("I sing.", "fact", NOW, source, "", subject="Anna")).text == "Anna: I sing."
    assert indexed(NewMemory("Anna sings.", "fact", NOW, source, "", subject="Anna")).text == "Anna sings."


@pytest.mark.anyio
async def test_with_an_embedder_a_memory_is_found_by_a_word_that_it_does_not_have() -> None:
    news = [
        NewMemory(text, "fact", NOW, Source("thread", text), "", many=True)
        for text in ("The user walks the hound.", "The user paints a garden.")
    ]
    with_one, without = InProcessMemory(BagOfWords()), InProcessMemory()
    for memory in (with_one, without):
        await memory.remember(SARAH, news)
    found = await with_one.search(SARAH, "shall I feed the puppy", now=NOW)
    assert [each.memory.text for each in found] == ["The user walks the hound."]
    assert await without.search(SARAH, "shall I feed the puppy", now=NOW) == ()


@pytest.mark.anyio
async def test_superseded_memories_are_no_candidates_and_their_neighbours_are() -> None:
    memory = InProcessMemory(BagOfWords())
    source = Source("thread", "turn")
    home = NewMemory("The user lives in London.", "fact", NOW, source, "home")
    beside = NewMemory("The user waits.", "fact", NOW, source, "")
    moved = NewMemory("The user lives in Oslo.", "fact", NOW, source, "home")
    await memory.remember(SARAH, [home, beside, moved])
    _, candidates = await memory.candidates(SARAH, "where do I live", NOW)
    assert {each.memory.text for each in candidates} == {"The user waits.", "The user lives in Oslo."}
