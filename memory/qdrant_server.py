"""Memories and documents on a Qdrant server: for several replicas of the house, which share them.

The client is the synchronous one, in worker threads: so it walks the same `Shelf` as the embedded engine, and its
local mode, which tests use, cannot block the loop. What a server keeps of the forgotten, and for how long, is up to
its own tidying.
"""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ParamSpec, TypeVar

import anyio
import httpx
import numpy as np
from anyio import to_thread
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from memory.documents.bookshelf import Bookshelf
from memory.documents.points import KEYWORDS as DOCUMENTS_KEYWORDS
from memory.documents.qdrant_library import QdrantLibrary
from memory.indexing import KEYWORDS, NUMBERS, WORDS_AROUND, Payload, Point, Vector
from memory.points import Figures, PointId, Wanted, Which
from memory.protocols import Embedder
from memory.qdrant_memory import QdrantMemory
from memory.settings import QdrantServerSpec
from memory.shelf import Shelf
from memory.types import MemoryId
from resilience.errors import EngineError, EngineFailed, EngineTimeout, EngineUnavailable

ENGINE = "qdrant-server"
_AT_ONCE = 8
_PAGE = 1_000

P = ParamSpec("P")
T = TypeVar("T")


class ServerPoints:
    name = ENGINE

    def __init__(self, client: QdrantClient, collection: str) -> None:
        self._client = client
        self._collection = collection

    def lay_out(self, keywords: Sequence[str] = KEYWORDS, *, indexed: bool) -> None:
        """Make the collection, and the indexes, where there are none."""
        if not _asked(self._client.collection_exists, self._collection):
            sparse = models.SparseVectorParams(modifier=models.Modifier.IDF)
            graphs = models.HnswConfigDiff(m=0, payload_m=16)  # one for each user, and none over all of them
            _asked(
                self._client.create_collection,
                self._collection,
                vectors_config={},
                sparse_vectors_config={WORDS_AROUND: sparse},
                hnsw_config=graphs,
            )
        if not indexed:
            return
        for key in keywords:
            index = models.KeywordIndexParams(
                type=models.KeywordIndexType.KEYWORD, is_tenant=key in ("user", "standing")
            )
            _asked(self._client.create_payload_index, self._collection, key, index)
        for key in NUMBERS:
            _asked(self._client.create_payload_index, self._collection, key, models.PayloadSchemaType.INTEGER)

    def read(self, which: Which) -> Iterator[tuple[PointId, Payload]]:
        return ((record.id, record.payload or {}) for record in self._scroll(which, payload=True))

    def ids(self, which: Which) -> list[PointId]:
        return [record.id for record in self._scroll(which, payload=False)]

    def last(self, which: Which) -> Payload | None:
        latest = models.OrderBy(key="position", direction=models.Direction.DESC)
        found, _ = _asked(self._client.scroll, self._collection, scroll_filter=_filter(which), limit=1, order_by=latest)
        return found[0].payload if found else None

    def count(self, which: Which) -> int:
        return _asked(self._client.count, self._collection, _filter(which), exact=True).count

    def newest(self, which: Which, limit: int, start: int | None = None) -> list[tuple[PointId, Payload]]:
        latest = models.OrderBy(key="kept_at", direction=models.Direction.DESC, start_from=start)
        found, _ = _asked(
            self._client.scroll, self._collection, scroll_filter=_filter(which), limit=limit, order_by=latest
        )
        return [(record.id, record.payload or {}) for record in found]

    def id_of(self, id_: MemoryId) -> PointId:
        return id_

    def memory_id(self, id_: PointId) -> MemoryId:
        return MemoryId(str(id_))

    def counts(self, key: str, which: Which) -> dict[str, int]:
        facets = _asked(self._client.facet, self._collection, key, facet_filter=_filter(which), limit=_PAGE, exact=True)
        return {str(hit.value): hit.count for hit in facets.hits}

    def values(self, key: str, which: Which) -> set[str]:
        return set(self.counts(key, which))

    def nearest(self, wanted: Sequence[Wanted], which: Which, *, corpus: Which) -> Figures:
        if not wanted:
            return {}
        among, rarity = _filter(which), models.SearchParams(idf=models.IdfCorpusParams(corpus=_filter(corpus)))
        requests = [
            models.QueryRequest(
                query=models.NearestQuery(nearest=_plain(each.vector)),
                using=each.name,
                limit=each.limit,
                filter=among,
                params=None if isinstance(each.vector, np.ndarray) else rarity,
            )
            for each in wanted
        ]
        answers = _asked(self._client.query_batch_points, self._collection, requests)
        return {
            each.name: {point.id: point.score for point in answer.points}
            for each, answer in zip(wanted, answers, strict=True)
        }

    def write(self, points: Sequence[Point]) -> None:
        written = [
            models.PointStruct(
                id=each.id, vector={name: _plain(vector) for name, vector in each.vectors.items()}, payload=each.payload
            )
            for each in points
        ]
        _asked(self._client.upsert, self._collection, written)

    def add_vectors(self, vectors: Mapping[MemoryId, Mapping[str, Vector]]) -> None:
        added = [
            models.PointVectors(id=id_, vector={name: _plain(vector) for name, vector in named.items()})
            for id_, named in vectors.items()
        ]
        _asked(self._client.update_vectors, self._collection, added)

    def set_embedding(self, which: Which, label: str) -> None:
        _asked(self._client.set_payload, self._collection, {"embedding": label}, points=_filter(which))

    def set_values(self, which: Which, values: Payload) -> None:
        _asked(self._client.set_payload, self._collection, values, points=_filter(which))

    def erase(self, which: Which) -> None:
        _asked(self._client.delete, self._collection, models.FilterSelector(filter=_filter(which)))

    def add_names(self, names: Sequence[str], dimensions: int) -> None:
        config = models.DenseVectorNameConfig(
            dense=models.DenseVectorConfig(size=dimensions, distance=models.Distance.COSINE)
        )
        for name in names:
            _asked(self._client.create_vector_name, self._collection, name, config)

    def drop_names(self, names: Sequence[str]) -> None:
        for name in names:
            _asked(self._client.delete_vector_name, self._collection, name)

    def _scroll(self, which: Which, *, payload: bool) -> Iterator[models.Record]:
        offset: Any = None
        while True:
            records, offset = _asked(
                self._client.scroll,
                self._collection,
                scroll_filter=_filter(which),
                limit=_PAGE,
                offset=offset,
                with_payload=payload,
            )
            yield from records
            if offset is None:
                return


class QdrantServer(QdrantMemory):
    def __init__(self, shelf: Shelf, bookshelf: Bookshelf, embedder: Embedder | None, *, at_once: int) -> None:
        super().__init__(embedder)
        self.library = QdrantLibrary(self._ask_library, embedder)
        self._shelf = shelf
        self._bookshelf = bookshelf
        self._threads = anyio.CapacityLimiter(at_once)
        self._writing = anyio.Lock()

    async def _ask(self, verb: str, *arguments: Any, seconds: float | None = None) -> Any:
        if verb in ("search", "subjects", "everything", "page", "counts", "behind"):
            return await self._in_thread(getattr(self._shelf, verb), arguments)
        async with self._writing:  # what is written rests on what was just read
            return await self._in_thread(getattr(self._shelf, verb), arguments)

    async def _ask_library(self, verb: str, *arguments: Any, seconds: float | None = None) -> Any:
        """Editions keep writers apart."""
        return await self._in_thread(getattr(self._bookshelf, verb), arguments)

    async def _in_thread(self, call: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        return await to_thread.run_sync(call, *arguments, limiter=self._threads, abandon_on_cancel=True)


@asynccontextmanager
async def open_qdrant_server(spec: QdrantServerSpec, embedder: Embedder | None = None) -> AsyncGenerator[QdrantServer]:
    """Raises `EngineError` when the server is not there or does not let us in."""
    client = QdrantClient(
        url=str(spec.url),
        api_key=None if spec.api_key is None else spec.api_key.get_secret_value(),
        timeout=spec.answer_seconds,
        check_compatibility=False,  # it would ask, and only warn
        trust_env=False,
    )
    async with _opened(client, spec.collection, embedder, at_once=_AT_ONCE, indexed=True) as memory:
        yield memory


@asynccontextmanager
async def open_qdrant_local(embedder: Embedder | None = None) -> AsyncGenerator[QdrantServer]:
    """The client's own stand-in for a server: as slow as it is simple, and gone when it is closed."""
    client = QdrantClient(":memory:")
    async with _opened(client, "memories", embedder, at_once=1, indexed=False) as memory:
        yield memory


@asynccontextmanager
async def _opened(
    client: QdrantClient, collection: str, embedder: Embedder | None, *, at_once: int, indexed: bool
) -> AsyncGenerator[QdrantServer]:
    points, documents = ServerPoints(client, collection), ServerPoints(client, f"{collection}-documents")
    bookshelf = Bookshelf(documents, lambda: documents, alone=False)
    memory = QdrantServer(Shelf(points, alone=False), bookshelf, embedder, at_once=at_once)
    try:
        await to_thread.run_sync(partial(points.lay_out, indexed=indexed), abandon_on_cancel=True)
        lay_out = partial(documents.lay_out, DOCUMENTS_KEYWORDS, indexed=indexed)
        await to_thread.run_sync(lay_out, abandon_on_cancel=True)
        await memory.prepare()
        await memory.library.prepare()
        yield memory
    finally:
        client.close()


def _filter(which: Which) -> models.Filter:
    must: list[Any] = [
        models.FieldCondition(key=key, match=models.MatchValue(value=value)) for key, value in which.values.items()
    ]
    if which.any_of:
        should: list[Any] = [
            models.FieldCondition(key=key, match=models.MatchAny(any=[*some])) for key, some in which.any_of.items()
        ]
        must.append(models.Filter(should=should))
    if which.ids is not None:
        must.append(models.HasIdCondition(has_id=[*which.ids]))
    return models.Filter(must=must)


def _plain(vector: Vector) -> Any:
    if isinstance(vector, np.ndarray):
        return vector.tolist()
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))


def _asked(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """A reason has no word of the server's: it might repeat the memory, or the key."""
    try:
        return call(*args, **kwargs)
    except ResponseHandlingException as exc:
        raise _failure(exc.source) from exc
    except UnexpectedResponse as exc:
        raise _refusal(exc.status_code) from exc
    except ApiException as exc:
        raise EngineFailed(ENGINE, f"the exchange broke off ({type(exc).__name__})") from exc


def _failure(error: Exception) -> EngineError:
    match error:
        case httpx.ConnectTimeout() | httpx.ConnectError():
            return EngineUnavailable(ENGINE, "cannot connect to the server")
        case httpx.TimeoutException():
            return EngineTimeout(ENGINE, "the server was silent for too long")
        case _:
            return EngineFailed(ENGINE, f"the exchange broke off ({type(error).__name__})")


def _refusal(status: int | None) -> EngineError:
    if status in (401, 403):
        return EngineUnavailable(ENGINE, f"the server turns us away (status {status}); is the API key right?")
    return EngineFailed(ENGINE, f"status {status}")
