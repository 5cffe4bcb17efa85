"""A session over the real graph: what was begun in a pause is in the thread when it stands, and not when it falls."""

import anyio
import pytest

from tests.app.story import story
from tests.fakes import LOUD, QUIET, Room, ScriptedStt, ScriptedTts
from tests.graph.fakes import ListedMemory, ScriptedModel
from tests.graph.talking import SARAH, house
from voice.settings import EndpointingSettings
from voice.turn_detection.lexical import Lexical
from voice.types import AudioFrame

pytestmark = pytest.mark.anyio

FIRST, WHOLE = "my name is bob", "my name is bob dylan i think"
PAUSE = 25
"""Frames of 10 ms: a soft end, and no end."""


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # LangGraph's savers know no other


async def test_what_was_begun_is_in_the_thread_when_it_stands_and_not_when_it_falls() -> None:
    model, memory, room, tts = ScriptedModel("Nice name."), ListedMemory(), Room(), ScriptedTts()
    async with house(model, memory) as conversations:
        talk, stt = conversations.of("t", SARAH), ScriptedStt(FIRST, WHOLE)
        endpointing = EndpointingSettings(adapts=False)
        async with story(talk, room, stt=stt, tts=tts, detector=Lexical("en"), endpointing=endpointing) as told:
            for loud, quiet in ((50, PAUSE), (50, PAUSE)):
                for pcm, count in ((LOUD, loud), (QUIET, quiet)):
                    for _ in range(count):
                        await told.ends.microphone.send(AudioFrame(pcm))
                while len(model.prompts) < len(stt.calls) or not stt.calls:
                    await anyio.sleep(0.01)
                await anyio.sleep(0.05)
                assert (room.users, room.captions, await conversations.history("t", SARAH)) == ([], [], ())
            for _ in range(60):
                await told.ends.microphone.send(AudioFrame(QUIET))
            while not told.log.outcomes:
                await anyio.sleep(0.01)
        assert [each.text for each in await conversations.history("t", SARAH)] == [WHOLE, "Nice name."]
    assert [text for _, text in room.users] == [WHOLE]
    assert room.captions == ["Nice name."]
    assert told.meters.fates == [False, True]
    assert len(model.prompts) == 2
    assert not any("Bob." in each for each in memory.texts("sarah"))
