"""From a sentence to what is kept, and what a later sentence does to it."""

from datetime import UTC, datetime, timedelta

import pytest

from graph.noting import news_in, words_of
from memory.gate import Telling, pass_on
from memory.keeping import Kept, keep
from memory.types import NewMemory, Source

NOON = datetime(2025, 3, 3, 12, 5, tzinfo=UTC)


def told(words: str, *, turn: int = 1, answers: str = "") -> tuple[NewMemory, ...]:
    telling = Telling(Source("t", str(turn)), NOON + timedelta(minutes=turn), words, answers)
    return pass_on(news_in(telling), telling).passed


def stands_after(*said: str) -> list[str]:
    standing: dict[str, Kept] = {}
    for turn, words in enumerate(said):
        _, written = keep(standing.values(), told(words, turn=turn))
        for each in written:
            standing[each.memory.id] = each
        standing = {key: each for key, each in standing.items() if each.stands}
    return [each.memory.text for each in standing.values()]


CONTRADICTIONS = [
    (["I live in Lyon", "I moved to Oslo"], ["The user lives in Oslo."]),
    (["I've lived in Lyon since 2019.", "we have just moved to Oslo"], ["The user lives in Oslo."]),
    (["I'm vegetarian", "I eat meat again"], ["The user eats meat."]),
    (["i don't eat meat", "i eat meat again"], ["The user eats meat."]),
    (["i am vegan", "i'm no longer vegan"], ["The user is not vegan any more."]),
    (["i'm vegetarian", "I'm vegan now"], ["The user is vegan."]),
    (["i don't eat pork", "i started eating pork again"], ["The user eats pork."]),
    (["my sister is called Anna", "my sister is called Emma"], ["The user's sister is called Emma."]),
    (
        ["my sister Anna lives in Oslo", "my sister is called Emma"],
        ["The user's sister Anna lives in Oslo.", "The user's sister is called Emma."],
    ),
    (["i have a dog called rex", "my dog is called max"], ["The user's dog is called Max."]),
    (["my dog's name is rex", "no, my dog's name is max"], ["The user's dog is called Max."]),
    (["my name is sarah", "actually my name is now anna"], ["The user's name is Anna."]),
    (["i'm 34", "i am thirty five now"], ["The user is 35 years old."]),
    (["i work at google", "i got a new job at siemens"], ["The user works at Siemens."]),
    (["i work at google", "i quit my job"], ["The user has left their job."]),
    (["i work as a nurse", "i retired last year"], ["The user is retired."]),
    (["i work at google", "i no longer work at google"], ["The user no longer works at Google."]),
    (["i like tea", "i don't like tea anymore"], ["The user does not like tea."]),
    (["i hate jazz", "i love jazz"], ["The user loves jazz."]),
    (["my favourite colour is blue", "my favourite colour is green"], ["The user's favourite colour is green."]),
    (["i'm single", "i got married"], ["The user is married."]),
    (["i am married to tom", "i'm divorced"], ["The user is divorced."]),
    (["i smoke", "i quit smoking"], ["The user does not smoke."]),
    (["my mum lives in oslo", "my mum moved to rome"], ["The user's mum lives in Rome."]),
    (["my brother works at ikea", "my brother works for volvo now"], ["The user's brother works for Volvo."]),
    (["my address is 5 Elm Road", "my address is 7 Oak Road"], ["The user's address is 7 Oak Road."]),
    (
        ["my flight is on friday", "my flight is on saturday"],
        ["The user's flight is on Saturday, 8 March 2025."],
    ),
    (["my birthday is on 3 May", "my birthday is on 4 May"], ["The user's birthday is 4 May."]),
    (["call me sas", "call me sarah please"], ["The user wants to be called Sarah."]),
]
NO_CONTRADICTIONS = [
    (["i like tea", "i like jam"], 2),
    (["i like tea", "i don't like jam"], 2),
    (["i don't eat pork", "i don't eat fish"], 2),
    (["i'm allergic to nuts", "i'm allergic to bees"], 2),
    (["my mum lives in oslo", "i live in rome"], 2),
    (["my mum lives in oslo", "my dad lives in rome"], 2),
    (["my sister Anna lives in Oslo", "my sister Emma lives in Rome"], 4),
    (["i have a sister called anna", "i have a sister called emma"], 2),
    (["i have a sister called anna", "i have a sister called emma", "my sister is called eva"], 3),
    (["i have two sisters", "my sister is called anna", "my sister is called emma"], 3),
    (["my sister is called anna", "my other sister is called emma"], 2),
    (["my sister Anna lives in Oslo", "my sister's birthday is on 3 May"], 3),
    (["my friend is called tom", "my friend is called bob"], 2),
    (["my name is sarah", "my dog is called rex"], 2),
    (["i speak french", "i speak german"], 2),
    (["my flight is on friday", "my exam is on saturday"], 2),
    (["i like tea", "i like tea"], 1),
]


@pytest.mark.parametrize(("said", "stands"), CONTRADICTIONS)
def test_what_contradicts_takes_the_place_of_what_was_told(said: list[str], stands: list[str]) -> None:
    assert stands_after(*said) == stands


@pytest.mark.parametrize(("said", "count"), NO_CONTRADICTIONS)
def test_what_does_not_contradict_stands_beside_it(said: list[str], count: int) -> None:
    assert len(stands_after(*said)) == count


PLAIN = [
    ("my sister anna lives in oslo", "The user's sister Anna lives in Oslo.", "sister Anna", "home"),
    ("My brother Tom works as a cook.", "The user's brother Tom works as a cook.", "brother Tom", "work"),
    ("my mum's birthday is on 4 june", "The user's mum's birthday is 4 June.", "mum", "birthday"),
    ("my son likes trains", "The user's son likes trains.", "son", "taste: trains"),
    ("i take aspirin every morning", "The user takes aspirin every morning.", "user", "medication"),
    ("i wear hearing aids", "The user uses hearing aids.", "user", "health"),
    ("i'm learning spanish", "The user is learning spanish.", "user", "hobby"),
    ("i'm sad because my dog died", "The user is sad because their dog died.", "user", "feelings"),
    ("remember that the spare key is under the mat", "The spare key is under the mat.", "user", "note"),
]


@pytest.mark.parametrize(("words", "text", "subject", "topic"), PLAIN)
def test_a_memory_says_whom_it_is_about(words: str, text: str, subject: str, topic: str) -> None:
    assert (text, subject, topic) in [(each.text, each.subject, each.topic) for each in told(words)]


DATED = [
    ("i have a dentist appointment tomorrow", "The user has a dentist appointment on Tuesday, 4 March 2025.", 4, 5),
    ("next friday we're going to the theatre", "The user is going to the theatre on Friday, 7 March 2025.", 7, 8),
    ("the concert is on friday", "The concert is on Friday, 7 March 2025.", 7, 8),
    ("i need to call my mum tomorrow", "The user needs to call their mum on Tuesday, 4 March 2025.", 4, 5),
    ("remind me to buy milk tomorrow", "The user wants to be reminded to buy milk on Tuesday, 4 March 2025.", 4, 5),
]


@pytest.mark.parametrize(("words", "text", "begins", "ends"), DATED)
def test_what_is_to_come_has_its_day(words: str, text: str, begins: int, ends: int) -> None:
    (plan,) = told(words)
    assert plan.text == text
    assert (plan.valid_from, plan.valid_until) == (
        datetime(2025, 3, begins, tzinfo=UTC), datetime(2025, 3, ends, tzinfo=UTC),
    )  # fmt: skip


def test_what_holds_since_a_day_says_so() -> None:
    (home,) = told("i've lived in lyon since 2019")
    assert (home.text, home.valid_from, home.valid_until) == (
        "The user lives in Lyon.", datetime(2019, 1, 1, tzinfo=UTC), None,
    )  # fmt: skip


def test_what_holds_for_good_has_no_day() -> None:
    for words in ("i live in lyon", "my birthday is on 3 may", "i was born in 1980", "i like friday nights"):
        (memory,) = told(words)
        assert (memory.valid_from, memory.valid_until) == (None, None)


def test_the_context_is_what_was_answered_and_the_sentence_itself() -> None:
    name, like = told("Well, I'm called Anna. I like tea!", answers="Who are\nyou?")
    assert name.context == "Who are you?\nWell, I'm called Anna"
    assert words_of(like.context) == "I like tea"


def test_the_context_keeps_no_secret() -> None:
    (like,) = told("i like tea and my pin is 4711", answers="Your pin is 4711, right?")
    assert "4711" not in like.context
