"""Any server that embeds the way OpenAI's does: POST {url}/embeddings, a list of texts in, a list of vectors out."""

import base64
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import numpy as np
from pydantic import BaseModel, ValidationError

from memory.embedding.rows import plain, unit_rows
from memory.embedding.settings import OpenAiEmbeddingSpec
from memory.protocols import Embedder
from memory.types import Vectors
from resilience.endpoint import Endpoint, open_endpoint
from resilience.errors import EngineFailed

ENGINE = "openai-compatible"
TEXTS_AT_FAULT = frozenset({400, 413, 422})
HEADERS = {"Content-Type": "application/json"}


class _Row(BaseModel):
    index: int
    embedding: list[float] | str
    """Numbers; or their bytes as 32-bit floats, little-endian, in base64."""


class _Answer(BaseModel):
    data: list[_Row]


class OpenAiEmbedder:
    def __init__(self, server: Endpoint, spec: OpenAiEmbeddingSpec) -> None:
        self._server = server
        self._spec = spec

    @property
    def model(self) -> str:
        return f"{self._spec.model}/{self._spec.dimensions}"

    @property
    def dimensions(self) -> int:
        return self._spec.dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        spec = self._spec
        vectors = np.empty((len(texts), spec.dimensions), np.float32)
        for start in range(0, len(texts), spec.texts_at_once):
            some = texts[start : start + spec.texts_at_once]
            vectors[start : start + len(some)] = await self._ask(some)
        return vectors

    async def _ask(self, texts: Sequence[str]) -> Vectors:
        # An empty text is refused by many.
        sent = [plain(each, self._spec.longest_characters) or " " for each in texts]
        body = {"model": self._spec.model, "input": sent, "encoding_format": "float"}
        async with self._server.post("embeddings", content=json.dumps(body).encode(), headers=HEADERS) as response:
            content = await response.aread()
        try:
            rows = _Answer.model_validate_json(content).data
        except ValidationError as exc:
            raise EngineFailed(ENGINE, "the answer is not a list of embeddings in JSON") from exc
        if sorted(row.index for row in rows) != list(range(len(texts))):
            raise EngineFailed(ENGINE, f"{len(texts)} embeddings were wanted, and others came")
        rows.sort(key=lambda row: row.index)
        return unit_rows(ENGINE, [_numbers(row.embedding) for row in rows], len(texts), self._spec.dimensions)


def _numbers(embedding: list[float] | str) -> Sequence[float] | Vectors:
    if not isinstance(embedding, str):
        return embedding
    try:
        return np.frombuffer(base64.b64decode(embedding, validate=True), np.dtype("<f4"))
    except ValueError as exc:
        raise EngineFailed(ENGINE, "an embedding is not 32-bit floats in base64") from exc


@asynccontextmanager
async def open_openai_embedder(spec: OpenAiEmbeddingSpec) -> AsyncGenerator[Embedder]:
    """See `open_endpoint`."""
    async with open_endpoint(
        ENGINE,
        str(spec.url),
        spec.api_key,
        silence_seconds=spec.silence_seconds,
        input_at_fault=TEXTS_AT_FAULT,
    ) as server:
        yield OpenAiEmbedder(server, spec)
