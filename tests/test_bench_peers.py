"""The bench beside the peers measures right: systems whose delays are known give those figures, in virtual time."""

import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import numpy as np
import pytest

from bench.peers.__main__ import as_json, measure
from bench.peers.adapters import floor, nightingale
from bench.peers.clips import RATE, Clip, Recording, Samples, described, read_set, trimmed, write_set
from bench.peers.driving import come_and_go, interrupt, microphone, take_turns
from bench.peers.engines import PROFILES, REAL, Delays
from bench.peers.environments import NotMade, interpreter
from bench.peers.host import Host, System
from bench.peers.job import Job, Result, Usage
from bench.peers.mouths import open_crowd
from bench.peers.rows import Goal, at, crowd_goals, latency_goals
from bench.peers.seen import BargeSeen, TurnSeen
from bench.peers.speaker import Speaker
from bench.peers.suites import FULL, QUICK, jobs
from bench.peers.systems import BY_NAME, CONFIGURATIONS
from bench.peers.tables import tables
from tests.made.speech import speech

GOLDEN = Path(__file__).parent / "made" / "peers.txt"
FRAME = 0.02
USAGE = Usage(
    seconds=60,
    cpu_seconds=3,
    other_cores=0.5,
    kept_waiting=0.25,
    megabytes=100,
    loop_late=(0, 0, 0),
    feed_late=(0.001, 0.002, 0.003),
)
QUIET = TurnSeen("x", lost=True, talked_into=False, stale=False)


def sound(seconds: float, *, level: float = 8000) -> Samples:
    return (level * np.sin(2 * np.pi * 220 * np.arange(round(seconds * RATE)) / RATE)).astype(np.int16)


def recording(*parts: float) -> Recording:
    """A tenth of a second of silence, then by turns so many seconds of sound and of silence."""
    pieces = [np.zeros(RATE // 10, np.int16)]
    pieces += [np.zeros(round(s * RATE), np.int16) if n % 2 else sound(s) for n, s in enumerate(parts)]
    samples = np.concatenate(pieces)
    return Recording(described("made", samples), samples)


@asynccontextmanager
async def the_floor(delays: Delays) -> AsyncGenerator[tuple[Host, floor.FloorTalk]]:
    host = Host(delays, anyio.current_time)
    async with floor.open_system({"silence_seconds": 0.2}) as system, system.open_talk(host) as talk:
        yield host, talk


class Speechless:
    """A system that hears, now and then, and never answers."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._fed = 0

    async def feed(self, pcm: bytes) -> None:
        self._fed += 1
        if self._fed % 50 == 0:
            await self._host.engines.stt(pcm)


# -- what is seen ------------------------------------------------------------------------------------------------


@pytest.mark.anyio
@pytest.mark.usefixtures("virtual_time")
async def test_known_delays_come_out_as_they_went_in() -> None:
    async with the_floor(REAL) as (host, talk), microphone(host, talk) as mic:
        turns = await take_turns(mic, [recording(1.0)], turns=2)
    assert [turn.lost or turn.talked_into or turn.stale for turn in turns] == [False, False]
    for turn in turns:
        assert turn.stt_asked == pytest.approx(0.2, abs=FRAME)
        assert turn.stt_asked is not None
        assert turn.stt_done == pytest.approx(turn.stt_asked + 0.15)
        assert turn.first_sentence == pytest.approx(turn.stt_asked + 0.15 + 0.10 + 5 * 0.02)
        assert turn.first_sound == pytest.approx(turn.stt_asked + 0.15 + 0.20 + 0.05)
        assert turn.overhead == pytest.approx(turn.stt_asked)
        assert turn.after_stt == pytest.approx(0.0)
        assert turn.late_chunks == 0


@pytest.mark.anyio
@pytest.mark.usefixtures("virtual_time")
async def test_the_wait_that_makes_sure_is_none_for_engines_that_were_asked_before() -> None:
    async with the_floor(REAL) as (host, talk), microphone(host, talk) as mic:
        [turn] = await take_turns(mic, [recording(1.0)], turns=1, warm=0)
    assert turn.first_sound is not None
    waited = replace(turn, certain=turn.first_sound + 0.2, first_sound=turn.first_sound + 0.21)
    assert waited.overhead == pytest.approx((turn.overhead or 0) + 0.21)
    assert waited.after_stt == pytest.approx(0.01)


@pytest.mark.anyio
@pytest.mark.usefixtures("virtual_time")
async def test_who_answers_in_a_pause_talks_into_the_speech_and_its_answer_is_stale() -> None:
    long_pause = recording(0.5, 0.9, 1.0)
    async with the_floor(REAL) as (host, talk), microphone(host, talk) as mic:
        [turn] = await take_turns(mic, [long_pause], turns=1, warm=0)
    assert turn.talked_into
    assert not turn.lost
    assert turn.first_sound == pytest.approx(0.6, abs=FRAME)


@pytest.mark.anyio
@pytest.mark.usefixtures("virtual_time")
async def test_an_interrupted_reply_is_silent_after_the_speech_that_the_system_wants() -> None:
    async with the_floor(PROFILES["talkative"]) as (host, talk), microphone(host, talk) as mic:
        [barge] = await interrupt(mic, recording(1.0), recording(2.0), times=1)
    assert barge.noticed == pytest.approx(10 * FRAME, abs=FRAME)
    assert barge.silent == barge.noticed
    assert barge.answered


@pytest.mark.anyio
@pytest.mark.usefixtures("virtual_time")
async def test_a_turn_without_an_answer_is_lost() -> None:
    host = Host(Delays(), anyio.current_time)
    async with microphone(host, Speechless(host)) as mic:
        [turn] = await take_turns(mic, [recording(1.0)], turns=1, warm=0)
        [barge] = await interrupt(mic, recording(1.0), recording(1.0), times=1)
    assert turn == TurnSeen("made", lost=True, talked_into=False, stale=False)
    assert turn.overhead is None
    assert barge == BargeSeen(None, None, answered=False)


@pytest.mark.anyio
@pytest.mark.usefixtures("virtual_time")
async def test_one_of_a_crowd_speaks_every_seven_and_a_half_seconds() -> None:
    async with the_floor(REAL) as (host, talk), microphone(host, talk, seed=3) as mic:
        turns = await come_and_go(mic, [recording(1.0)], seconds=20)
    assert [turn.lost for turn in turns] == [False, False, False]


@pytest.mark.anyio
@pytest.mark.usefixtures("virtual_time")
async def test_frames_come_in_real_time_and_hold_all_of_a_clip() -> None:
    fed: list[tuple[float, bytes]] = []

    class Ear:
        async def feed(self, pcm: bytes) -> None:
            fed.append((anyio.current_time(), pcm))

    said = recording(0.333)
    async with microphone(Host(REAL, anyio.current_time), Ear()) as mic:
        await mic.say(said)
        await anyio.sleep(1)
    times = np.diff([when for when, _ in fed])
    assert times == pytest.approx(np.full(len(times), FRAME))
    heard = np.frombuffer(b"".join(pcm for _, pcm in fed), np.int16)
    assert len(trimmed(heard)) == pytest.approx(0.333 * RATE, abs=320)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_crowd_speaks_from_a_process_of_its_own_and_not_a_sample_is_lost(tmp_path: Path) -> None:
    made = recording(0.3)
    said = Recording(replace(made.clip, name="first"), made.samples)
    write_set(tmp_path, {"clean": [said], "single": [], "synth": [], "barge": []})

    class Ear:
        def __init__(self) -> None:
            self.pcm = b""

        async def feed(self, pcm: bytes) -> None:
            self.pcm += pcm

    ears = [Ear(), Ear()]
    talks = [(Host(REAL), ear) for ear in ears]
    async with open_crowd(talks, tmp_path, "clean") as crowd:
        await anyio.sleep(0.2)
        began = await crowd.mouths[1].say(said)
        while crowd.mouths[1].heard_until < began + 0.5:
            await anyio.sleep(FRAME)
        assert crowd.pid != os.getpid()
        assert min(late for mouth in crowd.mouths for late in mouth.late) >= 0, "nobody is heard before they spoke"
    silent, heard = (np.frombuffer(ear.pcm, np.int16) for ear in ears)
    at = round((began - crowd.mouths[1].began) * RATE)
    assert np.abs(heard[at : at + len(said.samples)] - said.samples).max() < 100  # the room is faint
    assert np.abs(heard[:at]).max() < 100
    assert np.abs(silent).max() < 100


def test_a_loudspeaker_plays_pauses_and_is_cut() -> None:
    now = 0.0
    speaker = Speaker(lambda: now)
    speaker.play(b"\1\0" * 24_000, 24_000)
    speaker.play(b"\1\0" * 24_000, 24_000)
    now = 0.5
    assert (speaker.sounding, speaker.left) == (True, 1.5)
    speaker.pause()
    now = 5.0
    assert (speaker.sounding, speaker.left, speaker.end) == (False, 1.5, 0.5)
    speaker.resume()
    now = 5.5
    assert (speaker.sounding, speaker.left) == (True, 1.0)
    speaker.clear()
    assert (speaker.sounding, speaker.end) == (False, 5.5)
    heard = [(starts, stops) for _, starts, stops in speaker.audible(0)]
    assert heard == [(0.0, 0.5), (1.0, 1.0)]  # what came after the pause is not counted


def test_the_pauses_of_a_clip_are_read_off_its_waveform() -> None:
    samples = np.concatenate([sound(0.5), np.zeros(RATE // 10, np.int16), sound(0.4), np.zeros(RATE, np.int16)])
    clip = described("made", np.concatenate([np.zeros(RATE // 5, np.int16), samples, sound(0.3)]))
    assert clip == Clip("made", onset=0.2, ends=2.5, pauses=(1.0,))


def test_clips_that_were_kept_are_read_again(tmp_path: Path) -> None:
    made = recording(0.5, 0.4, 0.5)
    write_set(tmp_path, {"clean": [made], "single": [], "synth": [], "barge": []})
    [kept] = read_set(tmp_path, "clean")
    assert kept.clip == made.clip
    assert (kept.samples == made.samples).all()


# -- our own session ---------------------------------------------------------------------------------------------


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_our_own_session_hears_a_clip_and_answers_with_every_sentence() -> None:
    samples = trimmed(np.frombuffer(speech("change the address on my order"), np.int16))
    said = Recording(described("said", samples), samples)
    host = Host(Delays())
    async with nightingale.open_system({"endpointing": {"silence_seconds": 0.3}}) as system:
        ours: System = system
        async with ours.open_talk(host) as talk, microphone(host, talk) as mic:
            [turn] = await take_turns(mic, [said], turns=1, warm=0)
    assert not turn.lost
    assert turn.chunks >= 3
    assert turn.first_sound is not None
    assert turn.stt_asked is not None
    assert turn.certain is not None
    assert turn.first_sound > turn.certain > 0.25  # the silence that it was told to wait for
    assert turn.stt_asked < turn.certain - 0.1  # and did not wait for with its work


# -- what is run ---------------------------------------------------------------------------------------------------


def test_systems_take_turns_within_a_round() -> None:
    full = [*jobs(FULL)]
    assert len({job.name for job in full}) == len(full)
    latency = [job for job in full if job.scenario == "turns"]
    rounds = [job.round for job in latency]
    assert rounds == sorted(rounds)
    assert {job.system for job in latency if job.clips == "clean"} == {
        each.name for each in CONFIGURATIONS if each.pauses and each.peer != "socket"
    }
    assert max(job.sessions for job in full) == 80


def test_a_quick_run_asks_each_system_as_it_comes() -> None:
    quick = {job.system for job in jobs(QUICK)}
    assert quick == {"floor", "nightingale", "pipecat-default", "livekit-default", "fastrtc-default"}
    assert {job.system for job in jobs(QUICK, names=["pipecat-tuned"])} == {"pipecat-tuned"}


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_peer_that_cannot_be_installed_is_left_out_and_the_others_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = recording(0.5)
    write_set(tmp_path, {"clean": [made], "single": [made], "synth": [], "barge": [made]})

    async def no_network(peer: str) -> Path:
        if peer == "pipecat":
            raise NotMade("no such package")
        return await interpreter(peer)

    wanted = [Job(system=name, scenario="idle", seconds=0.1) for name in ("pipecat-default", "floor")]
    [result] = await measure(wanted, tmp_path, tmp_path, nice=0, interpreter=no_network)
    assert result.job == wanted[1]
    assert result.usage.cpu_seconds > 0
    assert "pipecat is left out, its environment cannot be made: no such package" in capsys.readouterr().err
    before = (tmp_path / "floor.idle.0.json").stat().st_mtime_ns
    assert await measure(wanted, tmp_path, tmp_path, nice=0, interpreter=no_network) == [result]
    assert (tmp_path / "floor.idle.0.json").stat().st_mtime_ns == before  # what is kept is not measured again


# -- what is told --------------------------------------------------------------------------------------------------


def answered(seconds: float, *, talked_into: bool = False, after_stt: float = 0.0) -> TurnSeen:
    """With engines that take no time; all of it is waiting, and `after_stt` is what came then."""
    stt = seconds - after_stt
    return TurnSeen("x", False, talked_into, False, stt, stt, stt, stt, stt, stt, seconds, 10, 1)


def results() -> list[Result]:
    def turns(system: str, *seen: TurnSeen) -> Result:
        return Result(job=Job(system=system, scenario="turns"), usage=USAGE, versions={}, turns=seen)

    def crowd(sessions: int, seconds: float, megabytes: float) -> Result:
        usage = replace(USAGE, megabytes=megabytes)
        job = Job(system="nightingale", scenario="crowd", sessions=sessions)
        return Result(job=job, usage=usage, versions={}, turns=(answered(seconds), QUIET))

    def idle(system: str, cpu: float) -> Result:
        usage = replace(USAGE, cpu_seconds=cpu)
        return Result(job=Job(system=system, scenario="idle"), usage=usage, versions={})

    def barge(system: str, *silent: float | None) -> Result:
        seen = tuple(BargeSeen(each, each, answered=each is not None) for each in silent)
        return Result(job=Job(system=system, scenario="barge"), usage=USAGE, versions={}, barges=seen)

    return [
        turns("nightingale", answered(0.40, after_stt=0.02), answered(0.48, talked_into=True)),
        turns("pipecat-default", answered(0.7), answered(0.8), QUIET),
        turns("livekit-tuned", answered(0.6), answered(1.6)),
        barge("nightingale", 0.10, 0.15),
        barge("pipecat-default", 0.3, None),
        barge("livekit-tuned", 0.4, 0.5),
        idle("floor", 0.7),
        idle("nightingale", 3.0),
        idle("pipecat-default", 4.7),
        crowd(1, 0.50, 100),
        crowd(50, 0.54, 300),
        crowd(80, 0.60, 416),
    ]


def test_the_tables_say_it_plainly() -> None:
    printed = tables(results())
    assert printed == GOLDEN.read_text()


def test_the_measure_is_the_peer_with_the_lowest_p95_of_the_same_run() -> None:
    goals = {goal.what: goal for goal in latency_goals(results())}
    first = goals["end of speech → first sound, p95"]
    assert first.against == "pipecat-default"
    assert first.limit == pytest.approx(0.7 * 0.795)
    assert first.hit
    assert goals["overhead after the transcript, p95"].hit is False
    assert goals["turns with sound before the end of speech"].hit is False


def test_a_crowd_counts_while_its_p50_is_as_that_of_one() -> None:
    held, memory, lost = crowd_goals(results())
    assert (held.value, held.hit) == (50.0, False)
    assert (memory.value, memory.hit) == (4.0, True)
    assert (lost.value, lost.hit) == (3.0, False)


def test_nothing_is_hit_that_was_not_measured() -> None:
    assert Goal("x", 1.0, "at most", None).hit is None
    alone = [each for each in results() if each.job.system == "nightingale"]
    assert [goal.hit for goal in latency_goals(alone)][:2] == [None, None]
    assert latency_goals([]) == crowd_goals([]) == []


def test_a_percentile_lies_between_its_neighbours() -> None:
    assert at(0.5, [3.0, None, 1.0]) == 2.0
    assert at(0.95, []) is None


def test_a_result_survives_its_file() -> None:
    for each in results():
        assert Result.from_json(json.loads(json.dumps(each.as_json()))) == each


def test_what_is_printed_is_kept() -> None:
    kept = json.loads(json.dumps(as_json(results())))
    assert [row["system"] for row in kept["turns"]] == ["nightingale", "pipecat-default", "livekit-tuned"]
    assert kept["goals"]["barge"][0]["hit"] is True
    assert [crowd["sessions"] for crowd in kept["crowds"]] == [1, 50, 80]


def test_every_configuration_has_an_adapter() -> None:
    folder = Path(floor.__file__).parent
    assert all((folder / f"{each.peer}.py").is_file() for each in BY_NAME.values())
