"""A BERT for sentences at work: its published files, verified, as an onnxruntime session."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import onnxruntime
from anyio import to_thread
from onnxruntime.capi import onnxruntime_pybind11_state as ort
from tokenizers import Tokenizer

from memory.embedding.bert_graph import INPUTS, bert_graph
from memory.embedding.rows import batches, plain, unit_rows
from memory.types import Vectors
from resilience.errors import EngineFailed, EngineUnavailable

ENGINE = "minilm"
LONGEST_TOKENS = 256
"""What the model was trained to read; the rest of a text is left out."""
LONGEST_CHARACTERS = 10_000
"""More than any so many tokens have; a tokenizer need not see the rest."""
RUNS_AT_ONCE = 2
"""A question does not wait for a long list that is being embedded."""

WEIGHTS, TOKENIZER, CONFIG = "model.safetensors", "tokenizer.json", "config.json"

_FAULTS = (ort.EPFail, ort.Fail, ort.InvalidArgument, ort.InvalidGraph, ort.NotImplemented, ort.RuntimeException)


@dataclass(frozen=True, slots=True)
class SentenceModel:
    """A BERT's files as published, and how they are known again."""

    name: str
    folder: Path
    digests: Mapping[str, str]
    """SHA-256 of each file that is used."""

    @property
    def version(self) -> str:
        return f"{self.name}/{self.digests[WEIGHTS][:8]}"


class SentenceBert:
    def __init__(self, model: SentenceModel, tokenizer: Any, session: Any) -> None:
        self._version = model.version
        self._tokenizer = tokenizer
        self._session = session
        self._dimensions: int = session.get_outputs()[0].shape[1]
        self._threads = anyio.CapacityLimiter(RUNS_AT_ONCE)

    @property
    def model(self) -> str:
        return self._version

    @property
    def dimensions(self) -> int:
        return self._dimensions

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """A call that is cancelled is left at once; its thread ends with the batch that it is at."""
        vectors = np.empty((len(texts), self._dimensions), np.float32)
        for batch in batches(texts):
            few = [texts[number] for number in batch]
            vectors[batch] = await to_thread.run_sync(self.run, few, abandon_on_cancel=True, limiter=self._threads)
        return vectors

    def run(self, texts: Sequence[str]) -> Vectors:
        """All in one batch. Blocks. Raises `EngineFailed`."""
        encoded = self._tokenizer.encode_batch_fast([plain(each, LONGEST_CHARACTERS) for each in texts])
        mask = np.zeros((len(encoded), max(len(each.ids) for each in encoded)), np.int64)
        ids = np.zeros_like(mask)
        for number, each in enumerate(encoded):
            ids[number, : len(each.ids)] = each.ids
            mask[number, : len(each.ids)] = 1
        try:
            (rows,) = self._session.run(None, dict(zip(INPUTS, (ids, mask), strict=True)))
        except (*_FAULTS, MemoryError) as exc:
            raise EngineFailed(ENGINE, f"it could not embed ({type(exc).__name__})") from exc
        return unit_rows(ENGINE, rows, len(texts), self._dimensions)


def load(model: SentenceModel, threads: int) -> SentenceBert:
    """Blocks. Raises `EngineUnavailable`."""
    folder = model.folder
    for name, digest in model.digests.items():
        _check(folder / name, digest)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong comes as an exception
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.enable_truncation(LONGEST_TOKENS)
    tokenizer.no_padding()
    try:
        graph = bert_graph(folder / WEIGHTS, json.loads((folder / CONFIG).read_bytes()))
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        engine = SentenceBert(model, tokenizer, session)
        engine.run(["Good morning."])
    except (*_FAULTS, EngineFailed, OSError, MemoryError) as exc:
        raise EngineUnavailable(ENGINE, f"{model.name} cannot be loaded: {type(exc).__name__}") from exc
    return engine


def _check(file: Path, digest: str) -> None:
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as exc:
        raise EngineUnavailable(ENGINE, f"{file} cannot be read: {exc.strerror}") from exc
    if found != digest:
        raise EngineUnavailable(ENGINE, f"{file} is damaged, or not the file that was published")
