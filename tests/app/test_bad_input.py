"""What goes wrong between a page and the running house: told in clear words, and nothing is lost.

Real server, real engines, the wire as a page speaks it. Every story ends with the same session answering.
"""

from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from bench.saying import OURS
from tests.browser.house import Served, nightingale
from tests.made.client import PATIENCE_SECONDS, Client, a_tab
from tests.made.speech import louder, noise, resampled, silence, speech

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]

QUESTION = "what time is it"
SPOKEN = silence(0.5) + speech(QUESTION, "awb") + silence(1.2)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Served]:
    async with nightingale(tmp_path_factory.mktemp("house")) as served:
        yield served


@pytest.fixture
async def tab(house: Served) -> AsyncGenerator[Client]:
    async with a_tab(house.url) as client:
        yield client


async def kept(tab: Client, *messages: str, thread: str | None = None) -> None:
    """Wait until the history has these, in this order."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while not _in_order([each.lower() for each in await tab.kept(thread)], messages):
            await anyio.sleep(0.1)


def _in_order(there: list[str], wanted: tuple[str, ...]) -> bool:
    rest = iter(there)
    return all(any(want.lower() in each for each in rest) for want in wanted)


async def goes_on(tab: Client, *before: str) -> None:
    """The same session answers a typed question, and the history has that, and what came before."""
    await tab.quiet()  # what is typed before an answer is heard belongs to the same turn
    assert (await tab.ask("what is the date today?")).startswith("Today is")
    await kept(tab, *before, "what is the date today?", "Today is")


def resident_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


# -- chunks -------------------------------------------------------------------------------------------------


async def test_empty_chunks_among_speech_do_no_harm(tab: Client) -> None:
    await tab.microphone_on()
    for at in range(0, len(SPOKEN), 1024):
        await tab.chunk(b"")
        await tab.chunk(SPOKEN[at : at + 1024])
    await tab.heard(QUESTION)
    await goes_on(tab, QUESTION, "It is")
    assert tab.notices == []


async def test_speech_chopped_at_odd_offsets_is_understood(tab: Client) -> None:
    await tab.microphone_on()
    await tab.speak(SPOKEN, size=1001)
    await tab.heard(QUESTION)
    await goes_on(tab, QUESTION, "It is")


async def test_nothing_is_invented_from_silence_and_faint_noise(tab: Client) -> None:
    await tab.microphone_on()
    await tab.speak(silence(5.0) + noise(5.0, level=0.0005))
    await tab.microphone_off()
    await goes_on(tab)
    assert (tab.said, len(tab.answers)) == ({}, 1)


async def test_clipped_speech_is_answered_or_its_fault_is_told(tab: Client) -> None:
    await tab.microphone_on()
    await tab.speak(louder(SPOKEN, 40.0))
    await tab.microphone_off()
    await tab.until(lambda: tab.answers or tab.notices)
    await goes_on(tab, *tab.said.values())


@pytest.mark.parametrize("rate", [8_000, 48_000])
async def test_another_rate_is_understood_when_it_is_announced(tab: Client, rate: int) -> None:
    await tab.microphone_on(rate)
    await tab.speak(resampled(SPOKEN, 16_000, rate))
    await tab.microphone_off()
    await tab.until(lambda: tab.said or tab.notices)
    await goes_on(tab, *tab.said.values())
    assert rate < 16_000 or QUESTION in next(iter(tab.said.values())).lower()


async def test_speech_at_another_rate_than_was_announced_ends_nothing(tab: Client) -> None:
    await tab.microphone_on(16_000)
    await tab.speak(resampled(SPOKEN, 16_000, 48_000))
    await tab.microphone_off()
    await tab.until(lambda: tab.said or tab.notices or tab.answers)  # whatever is made of it
    await goes_on(tab, *tab.said.values())


@pytest.mark.parametrize("rate", [-1, 0, 4_000, 192_000, 10**12])
async def test_a_rate_that_no_microphone_has_is_refused_and_the_right_ones_are_named(tab: Client, rate: int) -> None:
    await tab.microphone_on(rate)
    assert "8000 to 96000 Hz" in await tab.notice("audio-rejected")
    await tab.until(lambda: "off" in tab.audio)
    await tab.speak(SPOKEN)  # the page may have had more on its way
    await goes_on(tab)
    assert tab.said == {}
    await tab.microphone_on()
    await tab.speak(SPOKEN)
    await tab.heard(QUESTION)


@pytest.mark.parametrize(
    "junk",
    [
        {"isStart": False, "mimeType": "audio/webm", "elapsedTime": 0, "data": b"\x1aE\xdf\xa3webm"},
        {"isStart": False, "mimeType": "pcm16", "elapsedTime": 0, "data": "text"},
        {"isStart": False, "mimeType": "pcm16", "elapsedTime": 0, "data": None},
        {"mimeType": "pcm16", "data": {"a": [1]}},
        {"data": b"\0\0"},
        {},
        None,
        7,
    ],
    ids=["webm", "text", "no data", "an object", "no type", "nothing in it", "nothing", "a number"],
)
async def test_what_is_no_audio_is_refused_and_what_was_said_before_it_is_heard(tab: Client, junk: object) -> None:
    await tab.microphone_on()
    await tab.speak(SPOKEN[: -len(silence(1.2))])  # the sentence is over, and nobody can know it yet
    for _ in range(20):
        await tab.raw_chunk(junk)
    assert "pcm16" in await tab.notice("audio-rejected")
    await tab.until(lambda: "off" in tab.audio)
    await tab.heard(QUESTION)
    await goes_on(tab, QUESTION)
    assert len(tab.notices) == 1


# -- more than a person can say --------------------------------------------------------------------------------


async def test_ten_minutes_faster_than_real_time_are_heard_to_the_end_in_bounded_memory(
    house: Served, tab: Client
) -> None:
    before = resident_bytes(house.process.pid)
    await tab.microphone_on()
    await tab.speak(SPOKEN + silence(600.0) + speech("my name is john", "awb") + silence(1.2), size=31_999)
    await tab.heard(QUESTION)
    await tab.heard("my name is john")
    await goes_on(tab, QUESTION)
    assert resident_bytes(house.process.pid) - before < 100_000_000
    assert tab.notices == []


async def test_ten_minutes_in_one_chunk_cost_the_connection_and_the_session_lives(house: Served) -> None:
    async with a_tab(house.url) as tab:
        await tab.ask("hello")
        await tab.microphone_on()
        await tab.chunk(silence(600.0))
        await tab.lost()
        async with a_tab(house.url, session=tab.session, thread=tab.thread) as again:
            await goes_on(again, "hello")


async def test_a_message_that_is_too_long_is_kept_and_the_limit_is_named(tab: Client) -> None:
    long = "all work and no play " * 2_500
    await tab.type(long)
    notice = await tab.notice("message-too-long")
    assert "52,500" in notice
    assert "20,000" in notice
    await kept(tab, long)
    await goes_on(tab)


async def test_messages_faster_than_they_can_be_answered_are_all_kept_and_answered(tab: Client) -> None:
    for number in range(30):
        await tab.type(f"remember the number {number}")
    await tab.until(lambda: tab.answers)
    await kept(tab, *(f"the number {number}" for number in range(30)))
    await goes_on(tab)


@pytest.mark.parametrize(
    "junk",
    [
        None,
        7,
        "text" * 1000,
        [],
        {},
        {**OURS},
        {**OURS, "type": {"a": 1}},
        {**OURS, "type": "microphone", "state": "on", "rate": "fast"},
        {**OURS, "type": "playing", "track": "nobody's", "samples": 10**300, "state": "ended"},
        {**OURS, "type": "command", "name": "erase-everything"},
        {**OURS, "nightingale": 99, "type": "command", "name": "stop"},
    ],
)
async def test_window_messages_that_are_none_of_ours_are_passed_over(tab: Client, junk: object) -> None:
    await tab.window(junk)
    await goes_on(tab)
    assert tab.notices == []


# -- tabs ------------------------------------------------------------------------------------------------------


async def test_two_tabs_have_their_own_conversations(house: Served) -> None:
    async with a_tab(house.url) as one, a_tab(house.url) as two:
        await one.type(QUESTION)
        await two.type("what is the date today?")
        await one.until(lambda: one.answers)
        await two.until(lambda: two.answers)
        assert one.answers[0].startswith("It is")
        assert two.answers[0].startswith("Today is")
        await goes_on(one, QUESTION, "It is")
        await goes_on(two)
        assert one.thread != two.thread


async def test_one_thread_in_two_tabs_answers_each_where_it_was_asked(house: Served) -> None:
    async with a_tab(house.url) as first:
        await first.ask(QUESTION)
        await kept(first, QUESTION, "It is")
        async with a_tab(house.url, thread=first.thread) as second:
            await second.until(lambda: second.resumed)
            assert QUESTION in [step["output"] for step in second.resumed]
            assert (await second.ask("what is the date today?")).startswith("Today is")
            assert len(first.answers) == 1
            await goes_on(first, QUESTION)
            await goes_on(second)


async def test_what_was_said_when_the_tab_was_closed_is_heard_and_kept(house: Served) -> None:
    async with a_tab(house.url) as tab:
        await tab.ask("hello")
        await tab.microphone_on()
        await tab.speak(SPOKEN[: -len(silence(1.2))])
        await tab.until(lambda: "hearing" in tab.states)
    async with a_tab(house.url, thread=tab.thread) as again:
        await kept(again, "hello", QUESTION, "It is")
    async with a_tab(house.url, thread=tab.thread) as reopened:
        await reopened.until(lambda: reopened.resumed)
        assert _in_order([step["output"].lower() for step in reopened.resumed], (QUESTION, "It is"))
        await goes_on(reopened, QUESTION)


async def test_a_first_sentence_cut_off_by_closing_the_tab_makes_a_thread_of_its_own(house: Served) -> None:
    async with a_tab(house.url) as tab:
        await tab.microphone_on()
        await tab.speak(silence(0.5) + speech("my name is john", "awb"))
        await tab.until(lambda: "hearing" in tab.states)
    async with a_tab(house.url) as another:
        with anyio.fail_after(PATIENCE_SECONDS):
            while "name is john" not in str((await another.threads())[0]["name"]).lower():
                await anyio.sleep(0.1)
        await goes_on(another)


async def test_a_thread_that_is_not_there_begins_anew(house: Served) -> None:
    async with a_tab(house.url, thread=str(uuid4())) as tab:
        await goes_on(tab)
