"""Interim text while somebody speaks: what stands and what may change, and when nothing is looked into."""

import anyio
import pytest

from app.interims import Interims
from resilience.errors import EngineFailed
from tests.app.story import story
from tests.fakes import Room, ScriptedStt, Talker
from voice.types import SAMPLE_RATE, AudioFrame, Look, Settled, Transcript, Utterance

pytestmark = pytest.mark.anyio


class Looker:
    """A recogniser that sees these words in the looks it is given, one after the other."""

    def __init__(self, *looks: str | EngineFailed | None) -> None:
        self._looks = list(looks)
        self.settled: list[Settled] = []

    async def transcribe(self, utterance: Utterance) -> Transcript:
        return Transcript("all of it", "looker")

    async def interim(self, so_far: Utterance, settled: Settled) -> Look | None:
        self.settled.append(settled)
        look = self._looks.pop(0)
        if isinstance(look, EngineFailed):
            raise look
        return None if look is None else Look(tuple(look.split()), settled.until)


def spoken(seconds: float, *, started_at: float = 1.0, pause: float = 0.0) -> Utterance:
    audio = AudioFrame(bytes(2 * round(seconds * SAMPLE_RATE)))
    return Utterance(audio, started_at, started_at + seconds, pause)


async def shown(*looks: str | EngineFailed | None) -> list[str]:
    room = Room()
    interims = Interims(Looker(*looks), room, busy=lambda: False)
    for number in range(len(looks)):
        so_far = spoken(1.0 + number)
        assert interims.grows(so_far)
        await interims.show(so_far)
    return room.interims


async def test_what_two_looks_agree_on_is_shown_apart_from_what_may_change() -> None:
    assert await shown("what time", "what time is", "what time is it") == [
        "|what time",
        "what time|is",
        "what time is|it",
    ]


async def test_a_look_that_fails_or_is_left_out_leaves_the_screen_as_it_is() -> None:
    assert await shown("what", None, EngineFailed("x", "boom"), "what time") == ["|what", "what|time"]


async def test_each_utterance_is_agreed_upon_by_itself() -> None:
    room = Room()
    interims = Interims(Looker("what", "what"), room, busy=lambda: False)
    for so_far in (spoken(1.0), spoken(1.0, started_at=5.0)):
        assert interims.grows(so_far)
        await interims.show(so_far)
        interims.ended()
    assert room.interims == ["|what", "|what"]


async def test_of_a_long_utterance_the_beginning_is_settled() -> None:
    words = " ".join(f"w{number}" for number in range(40))
    looker = Looker(words, words, words)
    interims = Interims(looker, Room(), busy=lambda: False)
    for _ in range(3):
        interims.grows(spoken(18.0))
        await interims.show(spoken(18.0))
    assert looker.settled[1] == Settled()
    assert 10.0 < looker.settled[2].until < 14.0
    assert words.startswith(looker.settled[2].text)


def test_nothing_is_looked_into_in_a_pause_while_the_house_is_busy_or_without_a_recogniser_that_can() -> None:
    busy = False
    interims = Interims(Looker(), Room(), busy=lambda: busy)
    assert interims.grows(spoken(1.0))
    assert interims.grows(spoken(1.5, pause=0.064))
    assert not interims.grows(spoken(2.0, pause=0.128))
    busy = True
    assert not interims.grows(spoken(2.5))

    class Plain:
        async def transcribe(self, utterance: Utterance) -> Transcript:
            return Transcript("")

    assert not Interims(Plain(), Room(), busy=lambda: False).grows(spoken(1.0))


@pytest.mark.usefixtures("virtual_time")
async def test_while_words_are_being_made_out_the_next_utterance_is_not_looked_into() -> None:
    room, stt = Room(), ScriptedStt("turn on", "the light", delay=3, interim="turn")
    async with story(Talker("Ok."), room, stt=stt) as told:
        await told.say(loud=90)
        looks = stt.interims
        await told.say(loud=200, quiet=0)
        assert (looks, stt.interims) == (1, 1)
        await anyio.sleep(5)
        await told.say(loud=100)
        assert stt.interims > 1
