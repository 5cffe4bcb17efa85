"""The points of Qdrant Edge, Qdrant's own engine in the calling process: everything that calls the library.

Its write-ahead log is off: it would keep the words of what was forgotten. Instead each write is flushed before it
is acknowledged, which survives a power cut too, and each erasure rewrites the segments that held it. Segments are kept
small, so that rewriting one is quick. The library holds the interpreter lock for all of that.
"""

import uuid
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
import qdrant_edge as edge

from memory.indexing import KEYWORDS, NUMBERS, WORDS_AROUND, Payload, Point, Vector
from memory.points import Figures, PointId, Wanted, Which
from memory.types import MemoryId
from resilience.errors import EngineFailed, OutOfRoom

ENGINE = "qdrant-edge"
_PAGE = 1_000
_SEGMENT_KILOBYTES = 2_000
"""Of dense vectors: five thousand memories with 384 dimensions, or so."""
_TIDY_AFTER, _TIDY_AT_LAST_AFTER = 5_000, 10_000
"""So many written points are reason enough to close a segment: as soon as nobody asks for anything; and then anyhow."""

P = ParamSpec("P")
T = TypeVar("T")


class EdgePoints:
    """Synchronous, for one thread."""

    name = ENGINE

    def __init__(self, shard: edge.EdgeShard) -> None:
        self._shard = shard
        self._untidy = 0
        self._owners: set[str] | None = None
        """Two of those who have points, or all; None when that is to be asked."""

    def read(self, which: Which) -> Generator[tuple[PointId, Payload]]:
        offset: Any = None
        while True:
            request = edge.ScrollRequest(offset=offset, limit=_PAGE, filter=_filter(which), with_payload=True)
            records, offset = _native(self._shard.scroll, request)
            yield from ((_number(record.id), record.payload or {}) for record in records)
            if offset is None:
                return

    def ids(self, which: Which) -> list[PointId]:
        everyone = self.count(Which())
        request = edge.ScrollRequest(limit=max(everyone, 1), filter=_filter(which))
        return [_number(record.id) for record in _native(self._shard.scroll, request)[0]]

    def last(self, which: Which) -> Payload | None:
        latest = edge.OrderBy("position", edge.Direction.Desc)
        request = edge.QueryRequest(limit=1, query=latest, filter=_filter(which), with_payload=True)
        found = _native(self._shard.query, request)
        return found[0].payload if found else None

    def newest(self, which: Which, limit: int, start: int | None = None) -> list[tuple[PointId, Payload]]:
        latest = edge.OrderBy("kept_at", edge.Direction.Desc, start)
        request = edge.ScrollRequest(limit=limit, filter=_filter(which), with_payload=True, order_by=latest)
        records = _native(self._shard.scroll, request)[0]
        return [(_number(record.id), record.payload or {}) for record in records]

    def id_of(self, id_: MemoryId) -> PointId:
        return uuid.UUID(id_).int

    def memory_id(self, id_: PointId) -> MemoryId:
        return MemoryId(str(_uuid(id_)))

    def count(self, which: Which) -> int:
        number: int = _native(self._shard.count, edge.CountRequest(filter=_filter(which), exact=True))
        return number

    def counts(self, key: str, which: Which) -> dict[str, int]:
        request = edge.FacetRequest(key=key, limit=_PAGE, exact=True, filter=_filter(which))
        facets = _native(self._shard.facet, request)
        return {str(hit.value): hit.count for hit in facets.hits}

    def values(self, key: str, which: Which) -> set[str]:
        return set(self.counts(key, which))

    def nearest(self, wanted: Sequence[Wanted], which: Which, *, corpus: Which) -> Figures:
        if not wanted:
            return {}
        among, rarity = _filter(which), self._rarity(corpus)
        requests = [
            edge.QueryRequest(
                limit=each.limit,
                query=edge.Query.Nearest(_plain(each.vector), using=each.name),
                filter=among,
                params=rarity if isinstance(each.vector, edge.SparseVector) else None,
            )
            for each in wanted
        ]
        answers = _native(self._shard.query_batch, edge.QueryBatchRequest(requests))
        return {
            each.name: {_number(point.id): point.score for point in answer}
            for each, answer in zip(wanted, answers, strict=True)
        }

    def _rarity(self, corpus: Which) -> "edge.SearchParams | None":
        """Counting words in a corpus takes longer than looking them up; in the corpus of all they are counted."""
        if self._owners is None:
            owners = _native(self._shard.facet, edge.FacetRequest(key="standing", limit=2))
            self._owners = {str(hit.value) for hit in owners.hits}
        if self._owners <= {corpus.values["standing"]}:
            return None
        return edge.SearchParams(idf=edge.IdfParams(corpus=_filter(corpus)))

    def write(self, points: Sequence[Point]) -> None:
        self._update(
            edge.UpdateOperation.upsert_points(
                [
                    edge.Point(each.id, {name: _plain(vector) for name, vector in each.vectors.items()}, each.payload)
                    for each in points
                ]
            )
        )
        self._tidy_up_after(len(points))

    def add_vectors(self, vectors: Mapping[MemoryId, Mapping[str, Vector]]) -> None:
        added = [
            edge.PointVectors(id_, {name: _plain(vector) for name, vector in named.items()})
            for id_, named in vectors.items()
        ]
        self._update(edge.UpdateOperation.update_vectors(added))
        self._tidy_up_after(len(added))

    def set_embedding(self, which: Which, label: str) -> None:
        self._update(edge.UpdateOperation.set_payload_by_filter(_filter(which), {"embedding": label}))

    def set_values(self, which: Which, values: Payload) -> None:
        self._update(edge.UpdateOperation.set_payload_by_filter(_filter(which), values))

    def erase(self, which: Which) -> None:
        self._update(edge.UpdateOperation.delete_points_by_filter(_filter(which)))
        self.tidy_up()

    def lay_out(self, keywords: Sequence[str] = KEYWORDS) -> None:
        """What is looked up by its value, or sorted by it, has an index. One that is there is left as it is."""
        indexes: list[tuple[str, Any]] = [
            (key, edge.KeywordIndexParams(is_tenant=key in ("user", "standing"))) for key in keywords
        ]
        for key, index in [*indexes, *((key, edge.IntegerIndexParams(range=True)) for key in NUMBERS)]:
            _native(self._shard.update, edge.UpdateOperation.create_field_index(key, index))

    def add_names(self, names: Sequence[str], dimensions: int) -> None:
        for name in names:
            # Eight bits a dimension: a quarter of the room, and of the time to look through it.
            self._update(
                edge.UpdateOperation.create_dense_vector(
                    name, dimensions, edge.Distance.Cosine, datatype=edge.VectorStorageDatatype.Turbo8
                )
            )

    def drop_names(self, names: Sequence[str]) -> None:
        for name in names:
            self._update(edge.UpdateOperation.delete_vector_name(name))
        self.tidy_up()

    def tidy_up(self) -> None:
        """Rewrite what holds something erased, and close segments that have grown."""
        self._untidy = 0
        _native(self._shard.optimize)
        _native(self._shard.flush)

    @property
    def untidy(self) -> bool:
        """Whether it wants to be tidied up, which nobody can interrupt, when nobody asks for anything."""
        return self._untidy >= _TIDY_AFTER

    def close(self) -> None:
        _native(self._shard.flush)
        _native(self._shard.close)

    def _tidy_up_after(self, written: int) -> None:
        self._untidy += written
        if self._untidy >= _TIDY_AT_LAST_AFTER:
            self.tidy_up()

    def _update(self, operation: "edge.UpdateOperation") -> None:
        self._owners = None
        _native(self._shard.update, operation)
        _native(self._shard.flush)


def create(home: Path) -> EdgePoints:
    """Raises `EngineFailed`."""
    return EdgePoints(_native(edge.EdgeShard.create, str(home), _config()))


def load(home: Path) -> EdgePoints:
    return EdgePoints(_native(edge.EdgeShard.load, str(home), _config()))


def load_as_it_is(home: Path) -> EdgePoints:
    """With the layout that it was made with."""
    return EdgePoints(_native(edge.EdgeShard.load, str(home)))


def _config() -> "edge.EdgeConfig":
    sparse = edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)
    return edge.EdgeConfig(
        sparse_vectors={WORDS_AROUND: sparse},
        # No graph: it would take longer to build than it could ever save in segments so small.
        hnsw_config=edge.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=10_000),
        optimizers=edge.EdgeOptimizersConfig(
            # A single deleted memory is reason enough to rewrite what held it.
            deleted_threshold=0.0,
            vacuum_min_vector_number=1,
            indexing_threshold=_SEGMENT_KILOBYTES,
            max_segment_size=_SEGMENT_KILOBYTES,
        ),
        wal_enabled=False,
    )


def _filter(which: Which) -> "edge.Filter":
    must: list[Any] = [
        edge.FieldCondition(key=key, match=edge.MatchValue(value)) for key, value in which.values.items()
    ]
    if which.any_of:
        should: list[Any] = [
            edge.FieldCondition(key=key, match=edge.MatchAny([*some])) for key, some in which.any_of.items()
        ]
        must.append(edge.Filter(should=should))
    if which.ids is not None:
        must.append(edge.HasIdCondition({*map(_uuid, which.ids)}))
    return edge.Filter(must=must)


def _number(id_: Any) -> int:
    """A `UUID` takes ten times as long to be looked up."""
    number: int = id_.int
    return number


def _uuid(id_: PointId) -> uuid.UUID:
    return uuid.UUID(int=id_) if isinstance(id_, int) else uuid.UUID(str(id_))


def _plain(vector: Vector) -> "edge.SparseVector | list[float]":
    return vector.tolist() if isinstance(vector, np.ndarray) else vector


def _native(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The library raises bare `Exception` for every failure, and a `BaseException` of its own when it panics."""
    try:
        return call(*args, **kwargs)
    except Exception as exc:
        if "os error 28" in str(exc):
            raise OutOfRoom(ENGINE, "the disk is full") from exc
        raise EngineFailed(ENGINE, str(exc)) from exc
    except BaseException as exc:
        if type(exc).__name__ == "PanicException":
            raise EngineFailed(ENGINE, f"the store broke down: {exc}") from exc
        raise
