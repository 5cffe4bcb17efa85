"""A pause that may be the end is looked into: the end is known sooner, and nothing is heard of one that was none."""

import anyio
import pytest

from tests.app.story import story
from tests.fakes import Room, ScriptedStt, Talker
from voice.settings import EndpointingSettings
from voice.turn_detection.lexical import Lexical

pytestmark = pytest.mark.anyio

AUTOMATIC = EndpointingSettings(adapts=False)
ENOUGH = 25
"""Frames of 10 ms without a sound that do for a pause, and not for an end of which nothing is known."""
FINISHED, UNFINISHED = "what time is it", "i would like to go to the"


async def test_words_that_are_finished_end_the_utterance_sooner() -> None:
    asked = {}
    for text in (FINISHED, UNFINISHED):
        talker, stt = Talker("Ok."), ScriptedStt(text)
        async with story(talker, Room(), stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
            await told.say(quiet=ENOUGH)
            await told.say(loud=0, quiet=20)
            asked[text] = [each for _, each in talker.asked]
            assert len(stt.calls) == 1
    assert asked == {FINISHED: [FINISHED], UNFINISHED: []}


async def test_what_was_made_out_in_the_pause_is_not_made_out_again() -> None:
    talker, stt = Talker("Ok."), ScriptedStt(FINISHED, delay=0.05)
    async with story(talker, Room(), stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await told.say(quiet=ENOUGH)
        await told.say(loud=0, quiet=80)
        await anyio.sleep(0.2)
    assert [text for _, text in talker.asked] == [FINISHED]
    assert len(stt.calls) == 1


async def test_a_pause_that_was_none_leaves_no_trace() -> None:
    room, talker, stt = Room(), Talker("Ok."), ScriptedStt("turn on", "turn on the light")
    async with story(talker, room, stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await told.say(quiet=ENOUGH)
        await told.say(quiet=ENOUGH)
        await told.say(loud=0, quiet=300)
    assert [text for _, text in talker.asked] == ["turn on the light"]
    assert [text for _, text in room.users] == ["turn on the light"]


async def test_without_words_in_the_pause_the_whole_is_listened_to_again() -> None:
    talker, stt = Talker("Ok."), ScriptedStt("", "hello")
    async with story(talker, Room(), stt=stt, detector=Lexical("en"), endpointing=AUTOMATIC) as told:
        await told.say(quiet=200)
    assert [text for _, text in talker.asked] == ["hello"]


async def test_who_says_over_has_finished_and_nobody_else() -> None:
    until_over = EndpointingSettings(ending="over")
    talker, stt = Talker("Ok."), ScriptedStt("i want to say", "i want to say something over")
    async with story(talker, Room(), stt=stt, endpointing=until_over) as told:
        await told.say(quiet=500)
        assert talker.asked == []
        await told.say(quiet=ENOUGH)
        await told.say(loud=0, quiet=10)
    assert [text for _, text in talker.asked] == ["i want to say something"]
