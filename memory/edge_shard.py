"""Memories in Qdrant Edge, Qdrant's own engine in the calling process: everything that touches the library.

Its write-ahead log is off: it would keep the words of what was forgotten. Instead each write is flushed before it
is acknowledged, which survives a power cut too, and each erasure rewrites the segments that held it. The library
holds the interpreter lock for all of that (0.4 s at ten thousand memories), so `qdrant_edge` runs this class in a
process of its own.

A second opener of the same folder is refused by a lock of ours, before the library sees it: its own refusal comes
after it has removed files under the first one's feet, whose next flush then fails.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import qdrant_edge as edge

from memory.keeping import Kept, keep, kin_of, with_superseded
from memory.ranking import document_vector, question_of
from memory.types import Memory, MemoryId, NewMemory, Recalled, Source, UserId
from resilience.errors import EngineFailed, EngineUnavailable

ENGINE = "qdrant-edge"
_WORDS = "words"
_PAGE = 1_000
_CANDIDATES = 50
_LOCK_SECONDS = 3.0
"""How long to wait for a predecessor that is just closing."""

P = ParamSpec("P")
T = TypeVar("T")


class EdgeShard:
    """Synchronous, for one thread. Methods raise `EngineError` and nothing else for what the disk may do."""

    def __init__(self, shard: edge.EdgeShard) -> None:
        self._shard = shard

    def remember(self, user: UserId, news: Sequence[NewMemory]) -> tuple[Memory, ...]:
        kin = [kin_of(new.text, new.topic) for new in news]
        likely = edge.Filter(
            should=[
                edge.FieldCondition(key="fingerprint", match=edge.MatchAny([each.fingerprint for each in kin])),
                edge.FieldCondition(key="topic_key", match=edge.MatchAny([each.topic for each in kin])),
            ]
        )
        answers, written = keep(self._read(_of(user, _STANDS, likely)), news)
        if written:
            # One operation, so that no crash can leave two values of one topic standing.
            points = [_point(user, each) for each in written]
            self._write(edge.UpdateOperation.upsert_points(points))
        return answers

    def search(self, user: UserId, query: str, limit: int) -> tuple[Recalled, ...]:
        question = question_of(query)
        if question is None or limit < 1:
            return ()
        mine = _of(user, _STANDS)
        request = edge.QueryRequest(
            limit=max(_CANDIDATES, 4 * limit),
            query=edge.Query.Nearest(question.vector, using=_WORDS),
            filter=mine,
            params=edge.SearchParams(idf=edge.IdfParams(corpus=mine)),
            with_payload=True,
        )
        found = [(point.score, _kept(point)) for point in _native(self._shard.query, request)]
        found.sort(key=lambda pair: (pair[0], pair[1].age), reverse=True)
        return tuple(
            Recalled(each.memory, score)
            for score, each in found
            if question.concerns(each.memory.text, each.memory.topic)
        )[:limit]

    def everything(self, user: UserId) -> tuple[Memory, ...]:
        standing = sorted(self._read(_of(user, _STANDS)), key=lambda each: each.age)
        return tuple(each.memory for each in standing)

    def forget(self, user: UserId, ids: Sequence[MemoryId]) -> int:
        going = with_superseded(ids, (each.memory for each in self._read(_of(user))))
        if going:
            self._write(edge.UpdateOperation.delete_points(sorted(going)))
            _native(self._shard.optimize)
            _native(self._shard.flush)
        return len(going)

    def check(self) -> None:
        """Read all there is once: damage shows at start rather than in a conversation."""
        self._read(None)

    def _read(self, which: "edge.Filter | None") -> list[Kept]:
        kept: list[Kept] = []
        offset: Any = None
        while True:
            request = edge.ScrollRequest(offset=offset, limit=_PAGE, filter=which, with_payload=True)
            records, offset = _native(self._shard.scroll, request)
            kept += map(_kept, records)
            if offset is None:
                return kept

    def _write(self, operation: "edge.UpdateOperation") -> None:
        _native(self._shard.update, operation)
        _native(self._shard.flush)


@contextmanager
def open_edge_shard(folder: Path) -> Generator[EdgeShard]:
    """Raises `EngineUnavailable` when the folder cannot be used: damaged, not ours to write, or in use."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise EngineUnavailable(ENGINE, f"the memory folder {folder} cannot be used: {exc.strerror}") from exc
    try:
        _lock(lock, folder)
        try:
            shard = _open(folder)
            EdgeShard(shard).check()
        except (EngineFailed, OSError) as exc:
            raise EngineUnavailable(
                ENGINE, f"the memories in {folder} cannot be opened: they are damaged, or the disk is full"
            ) from exc
        try:
            yield EdgeShard(shard)
        finally:
            _native(shard.close)
    finally:
        os.close(lock)


def _lock(lock: int, folder: Path) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if time.monotonic() > deadline:
                reason = f"the memory folder {folder} is in use by another Nightingale; close that one first"
                raise EngineUnavailable(ENGINE, reason) from exc
            time.sleep(0.05)
        else:
            return


def _open(folder: Path) -> "edge.EdgeShard":
    config = edge.EdgeConfig(
        sparse_vectors={_WORDS: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        # A single deleted memory is reason enough to rewrite what held it.
        optimizers=edge.EdgeOptimizersConfig(deleted_threshold=0.0, vacuum_min_vector_number=1),
        wal_enabled=False,
    )
    home, being_made = folder / "shard", folder / "shard.new"
    if not home.exists():
        shutil.rmtree(being_made, ignore_errors=True)
        shard = _native(edge.EdgeShard.create, str(being_made), config)
        for field in ("user", "topic_key", "fingerprint"):
            index = edge.KeywordIndexParams(is_tenant=field == "user")
            _native(shard.update, edge.UpdateOperation.create_field_index(field, index))
        _native(shard.flush)
        _native(shard.close)
        being_made.rename(home)
    return _native(edge.EdgeShard.load, str(home), config)


def _native(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The library raises bare `Exception` for every failure, and a `BaseException` of its own when it panics."""
    try:
        return call(*args, **kwargs)
    except Exception as exc:
        raise EngineFailed(ENGINE, str(exc)) from exc
    except BaseException as exc:
        if type(exc).__name__ == "PanicException":
            raise EngineFailed(ENGINE, f"the store broke down: {exc}") from exc
        raise


_STANDS = edge.IsEmptyCondition(key="superseded_by")


def _of(user: UserId, *conditions: Any) -> "edge.Filter":
    """The one place where memories are told apart by user: every read goes through it."""
    return edge.Filter(must=[edge.FieldCondition(key="user", match=edge.MatchValue(value=user)), *conditions])


def _point(user: UserId, kept: Kept) -> "edge.Point":
    memory = kept.memory
    kin = kin_of(memory.text, memory.topic)
    payload = {
        "user": user,
        "text": memory.text,
        "kind": memory.kind,
        "said_at": memory.said_at.isoformat(),
        "thread": memory.source.thread,
        "turn": memory.source.turn,
        "topic": memory.topic,
        "topic_key": kin.topic,
        "fingerprint": kin.fingerprint,
        "many": kept.many,
        "kept_at": kept.kept_at,
        "confidence": memory.confidence,
    }
    if memory.superseded_by is not None:
        payload["superseded_by"] = memory.superseded_by
    return edge.Point(id=memory.id, vector={_WORDS: document_vector(memory.text, memory.topic)}, payload=payload)


def _kept(point: "edge.Record | edge.ScoredPoint") -> Kept:
    payload = point.payload or {}
    try:
        memory = Memory(
            id=MemoryId(str(point.id)),
            text=payload["text"],
            kind=payload["kind"],
            said_at=datetime.fromisoformat(payload["said_at"]),
            source=Source(payload["thread"], payload["turn"]),
            topic=payload["topic"],
            confidence=payload["confidence"],
            superseded_by=payload.get("superseded_by"),
        )
        return Kept(memory, payload["many"], payload["kept_at"])
    except (KeyError, TypeError, ValueError) as exc:
        raise EngineFailed(ENGINE, f"a stored memory is damaged: {type(exc).__name__}") from exc
