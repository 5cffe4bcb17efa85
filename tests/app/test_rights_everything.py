"""Two people, and every part of the house that keeps something of them: taken along, and erased to the last byte.

Long-term memory, turn log, history, checkpoints, notebook and cache are the real ones, and stay open throughout.
"""

import io
import json
import wave
import zipfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from langgraph.checkpoint.base import empty_checkpoint

from app.archive.records import Records
from app.history import open_history
from app.manner import Manner
from app.manners import Manners, open_manners
from app.rights.desk import Rights
from app.rights.exporting import Threads
from app.rights.holders import InCache, InCheckpoints, InHistory, InManners, InMemory, InNotebook, InTurnLog
from app.rights.restore import restore
from app.rights.settings import BackupSettings
from app.turn import new_saying
from app.turns import Turns, open_turns
from graph.types import TurnId
from memory.cache import Cache, open_cache
from memory.cache_layer import Key
from memory.cache_settings import CacheSettings
from memory.checkpoints import Checkpoints, open_checkpoints, thread_key
from memory.notebook import Notebook, open_notebook
from memory.qdrant_edge import QdrantEdge
from memory.types import NewMemory, Source, UserId
from tests.made.sayer import KEEP_ALL, PATIENCE_SECONDS
from tests.made.speech import tone, utterance
from voice.types import Transcript

pytestmark = pytest.mark.anyio

ANNA, BERT = UserId("anna"), UserId("bert")
WORDS = {ANNA: "Xylophonkrokodil", BERT: "Quittenmarmelade"}
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"  # SQLAlchemy's asynchronous engine knows no other


class Mind:
    """Over the file of the checkpoints, without a graph."""

    def __init__(self, saver: Checkpoints) -> None:
        self._saver = saver

    async def keep(self, thread: str, user: UserId, words: str) -> None:
        checkpoint = empty_checkpoint() | {"channel_values": {"messages": [Source(thread, words)]}}
        await self._saver.aput(_place(thread, user), checkpoint, {}, {})

    async def history(self, thread: str, user: UserId) -> Sequence[Any]:
        found = await self._saver.aget_tuple(_place(thread, user))
        return () if found is None else found.checkpoint["channel_values"]["messages"]

    async def forget_thread(self, thread: str, user: UserId) -> None:
        await self._saver.adelete_thread(thread_key(user, thread))


def _place(thread: str, user: UserId) -> Any:
    return {"configurable": {"thread_id": thread_key(user, thread), "checkpoint_ns": ""}}


@dataclass
class House:
    data: Path
    turns: Turns
    records: Records
    mind: Mind
    memory: QdrantEdge
    notebook: Notebook
    cache: Cache
    manners: Manners
    rights: Rights

    async def lives(self, user: UserId) -> str:
        """Something of everything, and the thread."""
        thread, turn, word = str(uuid4()), TurnId(str(uuid4())), WORDS[user]
        log, saying = self.turns.of(thread, user), new_saying()
        await log.recorded(saying, utterance(tone(0.2)))
        await log.understood(saying, Transcript(f"I like {word}", "whisper", "en", 0.9))
        await log.settle([saying], "answered", turn=turn, record={"heard": [[f"So {word} it is.", 1.0]]})
        await log.typed(new_saying(), f"{word}?")
        await self.records.keep_person(user, {})
        await self.records.keep_thread(user, thread, title=f"On {word}")
        for kind, text in (("user_message", f"I like {word}"), ("assistant_message", f"So {word} it is.")):
            step: dict[str, Any] = {"id": str(uuid4()), "threadId": thread, "name": user, "type": kind, "output": text}
            now = datetime.now(UTC).isoformat()
            await self.records.keep_step(
                user, step | {"createdAt": now, "metadata": {"turn": turn}, "streaming": False}
            )
        await self.mind.keep(thread, user, word)
        for number in (1, 2):  # the second takes the place of the first
            news = NewMemory(
                f"{user} likes {word} {number}.", "fact", NOON, Source(thread, turn), "taste", context=word
            )
            await (self.memory.remember(user, [news]) if number == 1 else self.notebook.note(user, [news]))
        (await self.manners.of(user)).choose(
            patience="brisk", rate=2.5, voice="espeak:de", pronunciations={"Ystrad": "us-trad"}, of_a_newer_version=word
        )
        await self.manners.write()
        await self.cache.get([Key.of("speech", "voice", word)], _made)
        return thread


async def _made(keys: Sequence[Key]) -> list[bytes]:
    return [b"a sound" for _ in keys]


@asynccontextmanager
async def a_house(data: Path) -> AsyncGenerator[House]:
    data.mkdir(exist_ok=True)
    memory = QdrantEdge(data / "memories")
    await memory.open()
    try:
        async with (
            open_turns(data, KEEP_ALL, answer_seconds=PATIENCE_SECONDS) as turns,
            open_history(data / "history.sqlite", lambda _: None) as history,
            open_checkpoints(data / "checkpoints.sqlite", kept=(Source,)) as saver,
            open_notebook(data / "notebook.sqlite", memory) as notebook,
            open_cache(CacheSettings(), data / "cache.sqlite") as cache,
            open_manners(data / "manners", Manner()) as manners,
        ):
            mind, shown, log = Mind(saver), InHistory(history.records), InTurnLog(turns)
            in_mind, in_notebook, in_memory = InCheckpoints(mind), InNotebook(notebook), InMemory(memory)
            in_manners = InManners(manners)
            rights = Rights(
                data=data,
                settings=BackupSettings(),
                registers=(shown, log, in_manners),
                exporters=(Threads(shown, log), in_notebook, in_memory, in_mind, in_manners),
                erasers=(
                    InCheckpoints(mind),
                    InNotebook(notebook),
                    InMemory(memory),
                    InCache(cache.forget),
                    in_manners,
                    log,
                    shown,
                ),
                copy_memories=memory.copy_to,
                count_memories=count_memories,
            )
            yield House(data, turns, history.records, mind, memory, notebook, cache, manners, rights)
    finally:
        await memory.aclose()


async def count_memories(folder: Path) -> int:
    memory = QdrantEdge(folder)
    await memory.open()
    try:
        return await memory.count()
    finally:
        await memory.aclose()


def files_with(data: Path, *words: str) -> list[str]:
    """Every file in which one of these stands, in any of the ways that our stores write text."""
    spelt = [word.lower().encode(encoding) for word in words for encoding in ("utf-8", "utf-16-le")]
    found = []
    for file in data.rglob("*"):
        if file.is_file():
            content = file.read_bytes().lower()
            if any(each in content for each in spelt) or any(word in file.name for word in words):
                found.append(str(file.relative_to(data)))
    return sorted(found)


async def test_of_who_was_erased_no_byte_is_left_in_any_file_and_everything_of_the_other_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with a_house(data) as house:
        hers, his = await house.lives(ANNA), await house.lives(BERT)
        assert len(files_with(data, WORDS[ANNA])) >= 4
        receipt = await house.rights.erase(ANNA)
        assert receipt.complete, receipt.as_text()
        assert files_with(data, WORDS[ANNA], ANNA, hers) == []
        assert not (data / "recordings" / hers).exists()
        assert len(await house.memory.everything(BERT, superseded=True)) == 2
        assert await house.records.thread(BERT, his) is not None
        assert await house.mind.history(his, BERT)
    assert files_with(data, WORDS[ANNA], ANNA, hers) == []
    assert files_with(data, WORDS[BERT]) != []


async def test_the_receipt_counts_what_there_was(tmp_path: Path) -> None:
    async with a_house(tmp_path / "data") as house:
        await house.lives(ANNA)
        await house.notebook.caught_up(ANNA, 10)
        counts = {part.what: part.count for part in (await house.rights.erase(ANNA)).parts}
        assert counts["memories"] == 2
        assert counts["in-mind"] == 1
        assert counts["sayings"] == 3
        assert counts["caches"] == 1
        assert counts["manner"] == 1
        assert all(part.count == 0 for part in (await house.rights.erase(ANNA)).parts)


async def test_an_export_has_what_is_theirs_and_nothing_of_anybody_else_s(tmp_path: Path) -> None:
    async with a_house(tmp_path / "data") as house:
        await house.lives(ANNA)
        await house.lives(BERT)
        with zipfile.ZipFile(await house.rights.export(ANNA)) as packed:
            content = {name: packed.read(name) for name in packed.namelist()}
    assert not any(WORDS[BERT].encode() in each for each in content.values())
    memories = json.loads(content["memories.json"])
    assert [each["superseded_by"] is None for each in memories] == [False, True]
    chosen = json.loads(content["manner.json"])["chosen"]
    assert (chosen["patience"], chosen["rate"], chosen["voice"]) == ("brisk", 2.5, "espeak:de")
    assert chosen["pronunciations"] == {"Ystrad": "us-trad"}
    (folder,) = {name.rsplit("/", 1)[0] for name in content if name.endswith("thread.json")}
    assert folder.endswith(json.loads(content[f"{folder}/thread.json"])["id"][:8])
    assert "So Xylophonkrokodil it is." in content[f"{folder}/thread.md"].decode()
    assert content[f"{folder}/thread.vtt"].startswith(b"WEBVTT")
    (sound,) = [each for name, each in content.items() if name.startswith(f"{folder}/recordings/")]
    with wave.open(io.BytesIO(sound)) as recording:
        assert recording.getnframes() == 3200


async def test_a_backup_made_while_it_runs_brings_back_who_was_not_erased_since(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with a_house(data) as house:
        hers, his = await house.lives(ANNA), await house.lives(BERT)
        await house.notebook.caught_up(ANNA, 10)
        await house.notebook.caught_up(BERT, 10)
        backup = await house.rights.back_up(tmp_path / "b.zip")
        assert backup.manifest.memories == 4
        await house.rights.erase(ANNA)
        await house.memory.forget_all(BERT)

    @asynccontextmanager
    async def opened(folder: Path) -> AsyncGenerator[Rights]:
        async with a_house(folder) as coming:
            yield coming.rights

    await restore(data, tmp_path / "b.zip", open_house=opened, count_memories=count_memories)
    async with a_house(data) as house:
        assert len(await house.memory.everything(BERT, superseded=True)) == 2
        assert await house.records.thread(BERT, his) is not None
        assert await house.rights.users() == {BERT}
        assert (await house.manners.of(BERT)).now.patience == "brisk"
        assert (await house.manners.of(ANNA)).now.patience == "standard"
    assert files_with(data, WORDS[ANNA], ANNA, hers) == []
