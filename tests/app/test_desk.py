"""What a user can ask of the house by word, over a real history: found, read out and said, and nothing is done yet."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from app.reading_out import PORTION
from app.standing import Standing
from app.turn import Turn
from graph.types import Delete, Errand, GoTo, Mute, Prefers, Rename, TakeBack
from resilience.errors import EngineFailed
from tests.app.desks import BEN, Office, an_office
from voice.tiers import Tier
from voice.types import KnownVoice, Reason

pytestmark = pytest.mark.anyio

VOICES = (
    KnownVoice("piper:thorsten", "Thorsten, German", "de"),
    KnownVoice("espeak:m", "American English, a man", "en"),
    KnownVoice("espeak:f", "American English, a woman", "en"),
    *(KnownVoice(f"piper:{n}", f"Voice {n}, English", "en") for n in range(8)),
)
ROME = (("user", "Which flights to Rome are there in May?"), ("assistant", "There are three, on Mondays."))
BREAD = (("user", "How long does sourdough bread rest?"), ("assistant", "Overnight. In Rome they let it rest longer."))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # SQLAlchemy's asynchronous engine knows no other


@pytest.fixture
async def office(tmp_path: Path) -> AsyncGenerator[Office]:
    async with an_office(tmp_path) as opened:
        yield opened


async def test_a_search_tells_title_day_and_words_and_leaves_out_this_conversation(office: Office) -> None:
    await office.add("Trip to Italy", *ROME, days=1)
    await office.add("Baking", *BREAD, days=40)
    await office.add("Here", ("user", "search my conversations for rome"), id_=office.thread)
    seen = await office.ask("search-conversations", "rome")
    assert seen.text == (
        "I found 2 conversations with “rome”. "
        "Number 1: “Trip to Italy”, yesterday. There it says: “Which flights to Rome are there in May?”. "
        "Number 2: “Baking”, on 26 March. There it says: “Overnight. In Rome they let it rest longer.”. "
        "Say, for example: open the second one."
    )


async def test_who_looks_for_nothing_is_told_the_latest(office: Office) -> None:
    assert (await office.ask("search-conversations")).text == "You have no other conversations yet."
    for number in range(1, 5):
        await office.add(f"Talk {number}", *ROME, days=number)
    text = (await office.ask("search-conversations")).text
    assert text.startswith("Your latest conversations. Number 1: “Talk 1”, yesterday. Number 2: “Talk 2”, on 3 May.")
    assert text.endswith("Say next for more, or: open the second one.")


async def test_somebody_else_s_conversations_are_not_found_read_or_deleted(office: Office) -> None:
    theirs = await office.add("Trip to Rome", *ROME, user=BEN)
    for name in ("search-conversations", "open-conversation", "read-conversation", "delete-conversation"):
        seen = await office.ask(name, "rome")
        assert seen.text.startswith("I found no ")
        assert seen.directives == ()
    assert theirs


async def test_hits_are_leafed_through_three_at_a_time(office: Office) -> None:
    for number in range(1, 6):
        await office.add(f"Rome {number}", *ROME, days=number)
    told = [(await office.ask("search-conversations", "rome")).text]
    told += [(await office.ask(step)).text for step in ("next", "next", "previous", "previous")]
    assert [[n for n in range(1, 6) if f"“Rome {n}”" in text] for text in told] == [
        [1, 2, 3],
        [4, 5],
        [],
        [1, 2, 3],
        [],
    ]
    assert "Say next for more" in told[0]
    assert told[2].startswith("That was the last.")
    assert told[4] == "That is the beginning."


async def test_a_hit_is_opened_by_its_place_among_those_that_were_told_last(office: Office) -> None:
    threads = [await office.add(f"Rome {number}", *ROME, days=number) for number in range(1, 6)]
    await office.ask("search-conversations", "rome")
    assert (await office.ask("open-conversation", "#2")).directives == (GoTo(threads[1]),)
    await office.ask("next")
    assert (await office.ask("open-conversation", "#2")).directives == (GoTo(threads[4]),)
    assert (await office.ask("open-conversation", "#3")).text == "I have told you of 2 just now."


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("baking", "Baking"),
        ("rome", "Trip to Rome"),
        ("the trip to rome", "Trip to Rome"),
        ("sourdough", "Baking"),
        ("bakin", "Baking"),
    ],
)
async def test_a_conversation_is_found_by_its_name_before_what_was_said_in_others(
    office: Office, said: str, title: str
) -> None:
    threads = {"Baking": await office.add("Baking", *BREAD), "Trip to Rome": await office.add("Trip to Rome", *ROME)}
    seen = await office.ask("open-conversation", said)
    assert (seen.text, seen.directives) == (f"All right, I open “{title}”.", (GoTo(threads[title]),))


async def test_where_several_answer_as_well_the_user_is_asked_which(office: Office) -> None:
    await office.add("Rome in May", *ROME, days=1)
    june = await office.add("Rome in June", *ROME, days=2)
    asked = await office.ask("open-conversation", "rome")
    assert asked.text.startswith("I found 2 that fit. Number 1: “Rome in May”")
    assert not any(isinstance(each, GoTo) for each in asked.directives)
    assert (await office.ask("open-conversation", "#2")).directives == (GoTo(june),)


async def test_nothing_named_is_the_last_conversation_and_never_this_one(office: Office) -> None:
    assert (await office.ask("open-conversation")).text == "You have no other conversations yet."
    last = await office.add("Before", *ROME, days=1)
    await office.add("Long ago", *BREAD, days=300)
    await office.add("Here", *BREAD, id_=office.thread)
    assert (await office.ask("open-conversation")).directives == (GoTo(last),)
    assert (await office.ask("open-conversation", "#-1")).directives == (GoTo(last),)
    assert (await office.ask("open-conversation", "#0")).text == "We are in that conversation already: “Here”."


async def test_the_last_conversation_is_read_in_portions_that_leave_nothing_out(office: Office) -> None:
    said = [("user" if n % 2 == 0 else "assistant", f"Sentence number {n} of it. " * 12) for n in range(6)]
    await office.add("Long talk", *said, days=1)
    texts = [(await office.ask("read-conversation")).text]
    while not texts[-1].endswith("That was all of it."):
        texts.append((await office.ask("next")).text)
    assert texts[0].startswith(
        f"“Long talk”, yesterday, 6 messages. Part 1 of {len(texts)}. You said: Sentence number 0"
    )
    assert all(len(each) < PORTION + 100 for each in texts)
    assert [" ".join(texts).count(f"number {n} of it.") for n in range(6)] == 6 * [12]
    assert (await office.ask("next")).text == "That was all of it."
    assert (await office.ask("previous")).text == texts[-2]


async def test_what_was_read_out_and_never_heard_does_not_move_the_mark(office: Office) -> None:
    await office.add("Long talk", *((("user", "A sentence of it. " * 40),) * 3), days=1)
    await office.ask("read-conversation")
    provisional = [(await office.desk.see_to(Errand("next"))).text for _ in range(3)]
    assert len({*provisional}) == 1


async def test_a_word_alone_leafs_through_nothing(office: Office) -> None:
    assert (await office.ask("next")).text.startswith("There is nothing to leaf through.")


async def test_a_conversation_is_renamed_with_a_capital_and_never_to_nothing(office: Office) -> None:
    assert (await office.ask("rename-conversation", "  trip to  rome ")).directives == (
        Rename(office.thread, "Trip to rome"),
    )
    assert (await office.ask("rename-conversation", " ")).directives == ()


async def test_a_deletion_is_read_back_first_and_yes_means_just_that_one(office: Office) -> None:
    rome = await office.add("Trip to Rome", *ROME, days=3)
    asked = await office.ask("delete-conversation", "rome")
    assert (asked.confirm, asked.text) == (
        True,
        "“Trip to Rome”, on 2 May, 2 messages: deleted for good. Shall I? Yes or no?",
    )
    assert not any(isinstance(each, Delete) for each in asked.directives)
    await office.add("Rome", *ROME)  # it fits better, and was not asked about
    assert (await office.ask("delete-conversation", "rome", confirmed=True)).directives == (Delete(rome),)


async def test_a_yes_to_a_question_that_was_not_asked_here_is_asked(office: Office) -> None:
    await office.add("Trip to Rome", *ROME)
    seen = await office.ask("delete-conversation", "rome", confirmed=True)
    assert seen.confirm
    assert not any(isinstance(each, Delete) for each in seen.directives)


async def test_this_conversation_says_what_it_is(office: Office) -> None:
    assert (await office.ask("which-conversation")).text.startswith("This is a new conversation.")
    assert (await office.ask("delete-conversation")).text == "This conversation is new: there is nothing to delete."
    await office.add("Baking", *BREAD, id_=office.thread)
    assert (await office.ask("which-conversation")).text == "This is “Baking”, begun today, with 2 messages."
    assert (await office.ask("delete-conversation", "#0")).text.startswith("This conversation, “Baking”")


async def test_what_went_wrong_names_the_last_turn_s_troubles_what_is_down_and_what_is_left(office: Office) -> None:
    assert (await office.ask("what-went-wrong")).text.endswith("and everything works.")
    office.here.last = Turn(record={"troubles": ["memory:engine-timeout"]})
    office.here.tier = lambda: (Tier.TTS_ONLY, (Reason("microphone-missing"),))
    office.standing += [
        Standing("stt", "whisper", "failed", "it failed several times"),
        Standing("tts", "espeak", "in-use"),
        Standing("gpu", "card 0", "failed", "too hot"),
    ]
    assert (await office.ask("what-went-wrong")).text == (
        "With your last turn: Long-term memory took too long. "
        "What does not work now: Speech recognition whisper. It failed several times. "
        "You can type, and be spoken to now. There is no microphone."
    )


async def test_which_engines_says_who_answers_and_what_it_means_where_none_does(office: Office) -> None:
    office.standing += [
        Standing("stt", "typed", "in-use"),
        Standing("tts", "piper (alba)", "in-use"),
        Standing("tts", "espeak", "standby"),
        Standing("tts", "captions", "standby"),
        Standing("language", "offline", "in-use"),
    ]
    text = (await office.ask("which-engines")).text
    assert text.startswith("No speech recogniser is working, so please type. I speak with piper (alba). No language")
    assert text.endswith("Should one fail, there are also espeak. You can speak and be spoken to now.")


async def test_the_wake_word_that_is_chosen_is_told_before_those_that_may_be(office: Office) -> None:
    assert (await office.ask("which-wake-word")).text.startswith(
        "I need no wake word just now. I can wake to: okay nabu,"
    )
    office.manner.choose(wake_word="alexa")
    assert (await office.ask("which-wake-word")).text.startswith(
        "My wake word is “alexa”. I can wake to: okay nabu, hey jarvis, hey mycroft. Say: "
    )


async def test_the_voices_of_one_s_language_are_told_first_and_not_all_of_many(office: Office) -> None:
    assert (await office.ask("which-voices")).text == "No voice is working just now."
    office.manner.voices = lambda: VOICES[:1]
    assert (await office.ask("which-voices")).text == "I have one voice: Thorsten, German."
    office.manner.voices = lambda: VOICES
    told = (await office.ask("which-voices")).text
    assert told.startswith("I can speak with: American English, a man; American English, a woman; Voice 0, English; ")
    assert told.endswith("Voice 3, English. And 5 more, which the settings show.")


@pytest.mark.parametrize(
    ("language", "about", "text", "voice"),
    [
        ("auto", "American woman", "All right, from now on I speak like this: American English, a woman.", "espeak:f"),
        ("de", "deutsche", "In Ordnung, ab jetzt spreche ich so: Thorsten, German.", "piper:thorsten"),
        ("es", "una mujer", "De acuerdo, desde ahora hablo así: American English, a woman.", "espeak:f"),
        ("fr", "normale", "D'accord, je reprends ma voix habituelle.", None),
    ],
)
async def test_a_voice_is_chosen_by_what_one_says_of_it(
    office: Office, language: str, about: str, text: str, voice: str | None
) -> None:
    office.manner.voices = lambda: VOICES
    office.manner.choose(language=language)
    seen = await office.desk.see_to(Errand("which-voices", about))
    assert (seen.text, seen.directives) == (text, (Prefers("voice", voice),))


async def test_for_a_voice_that_is_not_there_others_are_named(office: Office) -> None:
    office.manner.voices = lambda: VOICES[:1]
    seen = await office.desk.see_to(Errand("which-voices", "Pavarotti"))
    assert seen.text == "I have no voice that is called Pavarotti. I have one voice: Thorsten, German."
    assert seen.directives == ()


async def test_to_mute_and_to_begin_anew_are_deeds(office: Office) -> None:
    muted = await office.ask("mute")
    assert (muted.directives, "To open it again" in muted.text) == ((Mute(),), True)
    assert (await office.ask("new-conversation")).directives == (GoTo(""),)


async def test_there_is_nothing_to_undo_of_a_turn_that_did_nothing_and_of_a_deletion(office: Office) -> None:
    assert (await office.ask("undo")).directives == ()
    office.here.last = Turn(deeds=[Delete("x")])
    gone = await office.desk.see_to(Errand("undo"))
    assert (gone.text, gone.directives) == ("What was deleted is gone for good: that is why I asked.", ())
    office.here.last = Turn(before={"rate": None})
    undone = await office.desk.see_to(Errand("undo"))
    assert (undone.text, undone.directives) == ("All right, as it was before: how fast I speak.", (TakeBack(),))


async def test_what_can_be_undone_is_although_memory_is_away(office: Office) -> None:
    office.memory.fails = EngineFailed("memory", "it is away")
    office.here.last = Turn(before={"rate": None})
    assert (await office.desk.see_to(Errand("undo"))).directives == (TakeBack(),)
    office.here.last = Turn()
    with pytest.raises(EngineFailed):
        await office.desk.see_to(Errand("undo"))


async def test_a_history_that_is_away_is_an_engine_error(office: Office) -> None:
    await office.history.close()
    with pytest.raises(EngineFailed):
        await office.ask("search-conversations", "rome")
