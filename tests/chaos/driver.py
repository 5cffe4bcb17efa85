"""One chaos run: the app with all that it leans on, people who use it, and everything that breaks meanwhile."""

import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import anyio

from tests.chaos.accounts import Books, Witness, ask_turn_log, unsettled_threads
from tests.chaos.endpoint import endpoint
from tests.chaos.faults import Switches
from tests.chaos.journal import Complaint, complaints
from tests.chaos.lanes import Clock, Happened, World, small_disk
from tests.chaos.person import LOST_SECONDS, NETWORK, OFFERING_SECONDS, Person
from tests.chaos.plan import breakages, engine_faults, turns
from tests.chaos.proxy import proxy
from tests.chaos.running import App, open_app
from tests.chaos.watch import Watch, Wrong
from tests.made.client import a_tab
from tests.made.gguf import make_gguf
from tests.made.piper import make_piper
from tests.made.redis import redis_server
from tests.made.servers import serving
from tests.made.whisper import make_whisper

CHOICES: Final = ("full", "full", "tts-only", "full", "stt-only", "full")
"""How the people want to talk, in turn; whoever chose tts-only only types."""
REPLY: Final = "Yes, quite so."
SETTLING_SECONDS: Final = 20.0
"""After the last turn has ended, its record may still be on the way."""


@dataclass(frozen=True, slots=True)
class Story:
    """What is to be done."""

    seed: int
    turns: int
    people: int
    pace: float = 1.0
    """How long faults and the peace between them are, 1 being usual."""
    limit_seconds: float = 1800.0
    ends_in_peace: bool = True
    """Whether it is waited for until all works again."""


@dataclass(slots=True)
class Outcome:
    """What came of it."""

    story: Story
    began: float
    """On the monotonic clock."""
    seconds: float
    books: Books
    witness: Witness
    left_by_the_last: Witness
    """The turn log after the app was stopped, started again, and the threads opened on which something was left."""
    happened: list[Happened]
    skipped: set[str]
    wrong_tiers: list[Wrong]
    harmed: list[tuple[str, str]]
    complaints: list[Complaint]
    troubles: dict[str, int]
    refused: list[str]
    """Threads that could not be opened again."""
    exit_status: int
    starts: int
    megabytes: float
    finished: bool
    """False when it had to be broken off."""


@asynccontextmanager
async def open_world(folder: Path) -> AsyncGenerator[World]:
    async with AsyncExitStack() as stack:
        data = folder / "data"
        own_disk = stack.enter_context(small_disk(data))
        redis = stack.enter_context(redis_server())
        model_server = await stack.enter_async_context(serving(endpoint()))
        redis_line = await stack.enter_async_context(proxy(redis.port))
        endpoint_line = await stack.enter_async_context(proxy(urlsplit(model_server).port or 0))
        switches = Switches(folder / "faults.json")
        clock = Clock(folder)
        clock.prepare()
        environment = clock.environment | {
            "CHAOS_FAULTS": str(switches.file),
            "NIGHTINGALE_RESILIENCE__REDIS_URL": f"redis://127.0.0.1:{redis_line.port}/0",
            **_ladders(folder, endpoint_line.port),
        }
        app = await stack.enter_async_context(open_app(folder, data, environment))
        yield World(app, switches, redis, redis_line, endpoint_line, clock, own_disk, Watch(app))


def _ladders(folder: Path, endpoint_port: int) -> dict[str, str]:
    """Two real rungs each, on made models; shorter limits than usual, so that more happens in less time."""
    make_whisper(folder / "whisper", "tell me about the garden")
    make_piper(folder / "voice.onnx")
    make_gguf(folder / "language.gguf", reply=REPLY)
    limits = {"first_output_seconds": 4.0, "stall_seconds": 3.0}
    whisper = {"engine": "faster-whisper", "model": str(folder / "whisper"), "device": "cpu", "threads": 1}
    url = f"http://127.0.0.1:{endpoint_port}/v1"
    ladders: dict[str, list[dict[str, Any]]] = {
        "VOICE__STT": [whisper, {"engine": "pocketsphinx"}],
        "VOICE__TTS": [{"engine": "piper", "model": str(folder / "voice.onnx")}, {"engine": "espeak"}],
        "GRAPH__MODELS": [
            {"engine": "llama-cpp", "model": str(folder / "language.gguf"), "context_tokens": 1024, "threads": 1},
            {"engine": "openai-compatible", "url": url, "model": "made"},
        ],
    }
    return {f"NIGHTINGALE_{name}": json.dumps([rung | limits for rung in rungs]) for name, rungs in ladders.items()}


async def tell(story: Story, folder: Path, told: "Telling | None" = None, keep: Path | None = None) -> Outcome:
    """Run it from beginning to end. `keep`: a folder for what the app has written, to be looked into."""
    books = Books()
    began = time.monotonic()
    async with open_world(folder) as world:
        people = [_person(story, number, world.app, books) for number in range(story.people)]
        world.watch.people = people
        log = world.app.data / "turns.sqlite"
        finished = await _live(story, world, people, books, told)
        witness = await _settled(log)
        exit_status = await world.app.stop()
        if ask_turn_log(log).unsettled:
            await _open_again(world.app, log)
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            for file in (world.app.log, *world.app.data.glob("*.sqlite")):
                shutil.copy(file, keep)
        last = ask_turn_log(log)
        troubles = sum((person.troubles for person in people), Counter[str]())
        return Outcome(
            story=story,
            began=world.began,
            seconds=time.monotonic() - began,
            books=books,
            witness=witness,
            left_by_the_last=last,
            happened=world.happened,
            skipped=world.skipped,
            wrong_tiers=world.watch.wrong,
            harmed=world.switches.harmed(),
            complaints=complaints(world.app.log),
            troubles=dict(troubles),
            refused=[thread for person in people for thread in person.refused],
            exit_status=exit_status,
            starts=world.app.started,
            megabytes=world.app.most_megabytes,
            finished=finished,
        )


class Telling:
    """Says how far it is, to whoever waits."""

    def say(self, seconds: float, books: Books, happened: list[Happened]) -> None:
        newest = happened[-1].what if happened else "nothing yet"
        print(f"{seconds:6.0f} s  {len(books.entries):5} turns in  {dict(books.ends())}  last: {newest}", flush=True)


async def _live(story: Story, world: World, people: list[Person], books: Books, told: Telling | None) -> bool:
    """Until everybody has said everything; True unless that took too long."""
    finished = False
    with anyio.move_on_after(story.limit_seconds):
        async with anyio.create_task_group() as breaking:
            seed, pace = story.seed, story.pace
            breaking.start_soon(world.watch.look)
            breaking.start_soon(_look_at_the_clock, books)
            breaking.start_soon(world.break_engines, engine_faults(seed, "stt", pace=pace), "hears")
            breaking.start_soon(world.break_engines, engine_faults(seed, "tts", pace=pace), "speaks")
            breaking.start_soon(world.break_engines, engine_faults(seed, "language", pace=pace), None)
            breaking.start_soon(world.break_things, breakages(seed, pace=pace))
            if told is not None:
                breaking.start_soon(_report, world, books, told)
            async with anyio.create_task_group() as living:
                for person in people:
                    living.start_soon(person.live)
            finished = True
            breaking.cancel_scope.cancel()
        if story.ends_in_peace:
            await world.peace()
    if not finished:
        books.break_off(LOST_SECONDS)
    return finished


async def _look_at_the_clock(books: Books) -> None:
    while True:
        due = anyio.current_time() + 0.1
        await anyio.sleep_until(due)
        books.late_seconds = max(books.late_seconds, anyio.current_time() - due)


async def _report(world: World, books: Books, told: Telling) -> None:
    while True:
        await anyio.sleep(10)
        told.say(time.monotonic() - world.began, books, world.happened)


async def _settled(log: Path) -> Witness:
    """The turn log, when all is settled, or has had time to be."""
    witness = ask_turn_log(log)
    with anyio.move_on_after(SETTLING_SECONDS):
        while witness.unsettled:
            await anyio.sleep(0.5)
            witness = ask_turn_log(log)
    return witness


async def _open_again(app: App, log: Path) -> None:
    """What was left by the app that was stopped must be on offer when its thread is opened again."""
    await app.start()
    for thread in unsettled_threads(log):
        with anyio.move_on_after(OFFERING_SECONDS), suppress(*NETWORK):
            async with a_tab(app.url, thread=thread, spoken=True) as tab:
                await tab.until(lambda: tab.offers)
    await app.stop()


def _person(story: Story, number: int, app: App, books: Books) -> Person:
    choice = CHOICES[number % len(CHOICES)]
    count = story.turns // story.people + (number < story.turns % story.people)
    said = turns(story.seed, number, count, speaks=choice != "tts-only", pace=story.pace)
    return Person(number, app, books, said, choice)


def new_folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix=f"nightingale-chaos-{os.getpid()}-", ignore_cleanup_errors=True)
