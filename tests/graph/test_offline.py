from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from graph.models.offline import open_offline
from graph.prompts import SUMMARISE
from graph.settings import OfflineSpec
from graph.strings import said
from graph.types import Language, Message, Prompt

pytestmark = pytest.mark.anyio

PROMPT = Prompt(system="", history=(), memories=(), now=datetime(2025, 3, 3, 9, 5, tzinfo=UTC), question="")


async def answer(question: str, *memories: str, history: tuple[Message, ...] = ()) -> str:
    return await answer_to(replace(PROMPT, question=question, memories=memories, history=history))


async def answer_to(prompt: Prompt) -> str:
    async with open_offline(OfflineSpec()) as model, aclosing(model.generate(prompt)) as pieces:
        return "".join([piece async for piece in pieces])


async def test_it_greets_by_the_time_of_day_and_by_name() -> None:
    assert await answer("hello", "The user's name is Sarah.") == "Good morning, Sarah."


@pytest.mark.parametrize(
    ("language", "greeted", "told"),
    [("en", "Good evening!", "Good evening"), ("de", "guten Abend", "Guten Abend"), ("en", "hi", "Good morning")],
)
async def test_who_greets_by_a_time_of_day_is_greeted_by_the_same(language: Language, greeted: str, told: str) -> None:
    prompt = replace(PROMPT, question=greeted, language=language)
    assert (await answer_to(prompt)).startswith(told)


@pytest.mark.parametrize("word", ["yes", "No.", "okay"])
async def test_yes_and_no_to_nothing_is_no_question_for_a_model(word: str) -> None:
    assert await answer(word) == "All right."


async def test_no_with_more_behind_it_is_more_than_no() -> None:
    assert said("en", "no-model") in await answer("no bananas grow in Norway, why?")


async def test_it_prefers_the_name_the_user_asked_for() -> None:
    assert await answer("hi", "The user's name is Sarah.", "The user wants to be called Sas.") == "Good morning, Sas."


async def test_it_tells_the_time_and_the_date() -> None:
    assert await answer("what time is it") == "It is 09:05."
    assert await answer("what day is it today") == "Today is Monday, 3 March 2025."


async def test_it_answers_a_question_about_the_user_from_its_notes() -> None:
    notes = ("The user is allergic to peanuts.", "The user likes tea.")
    assert await answer("can i eat peanuts", *notes) == "You are allergic to peanuts."


async def test_notes_are_no_answer_to_a_question_about_the_world() -> None:
    assert said("en", "no-model") in await answer("where do peanuts grow", "The user is allergic to peanuts.")


async def test_it_says_what_is_noted() -> None:
    noted = replace(PROMPT, question="i am sarah", noted=("The user's name is Sarah.", "The user likes tea."))
    assert await answer_to(noted) == "Thank you. I will remember that your name is Sarah, and that you like tea."


async def test_off_the_record_it_promises_nothing() -> None:
    told = await answer_to(replace(PROMPT, question="my name is sarah", off_the_record=True))
    assert "off the record" in told
    assert "remember" not in told


async def test_it_says_that_there_is_no_model_and_how_to_get_one() -> None:
    told = await answer("why is the sky blue")
    assert said("en", "no-model") in told
    assert "Engines page" in told
    assert "nightingale models pull" in told
    assert "/" not in told


async def test_it_does_not_lecture_twice() -> None:
    first = await answer("why is the sky blue")
    history = (Message("user", "why is the sky blue"), Message("assistant", first))
    second = await answer("and the sea", history=history)
    assert len(second) < len(first) // 2
    assert "language model" in second


async def test_its_short_answers_vary_but_not_by_chance() -> None:
    told = (Message("user", "why"), Message("assistant", said("en", "no-model")))
    answers = [await answer("why", history=told * n) for n in (1, 2, 3, 1)]
    assert len(set(answers)) == 3
    assert answers[0] == answers[3]


async def test_its_minutes_are_what_the_user_said() -> None:
    said = (
        Message("user", "I am off to Rome. It is far."),
        Message("assistant", "Nice."),
        Message("user", "find a train"),
    )
    prompt = replace(PROMPT, system=SUMMARISE, summary="They met.", history=said)
    async with open_offline(OfflineSpec()) as model, aclosing(model.generate(prompt)) as pieces:
        (digest,) = [piece async for piece in pieces]
    assert digest == 'They met; the user said "I am off to Rome"; the user said "find a train".'


async def test_its_minutes_stay_short_however_long_the_talk() -> None:
    prompt = replace(PROMPT, system=SUMMARISE, summary="S" * 400, history=(Message("user", "word " * 50),) * 200)
    async with open_offline(OfflineSpec()) as model, aclosing(model.generate(prompt)) as pieces:
        (digest,) = [piece async for piece in pieces]
    assert len(digest) <= 1_600
    assert digest.startswith("SSSS")
