"""What all embedders do alike: which texts go together, and what a row of numbers must be."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from memory.types import Vectors
from resilience.errors import EngineFailed

BATCH_CHARACTERS = 1000
"""Of one run, padding included. It takes some 50 ms then; more gains nothing, and lets somebody's question wait."""


def batches(texts: Sequence[str]) -> Iterator[list[int]]:
    """The numbers of texts about as long as each other, so that little is computed for padding."""
    batch: list[int] = []
    for number in sorted(range(len(texts)), key=lambda number: len(texts[number])):
        if batch and (len(batch) + 1) * len(texts[number]) > BATCH_CHARACTERS:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def plain(text: str, longest: int) -> str:
    """Cut, and without lone surrogates, which no tokenizer takes."""
    return text[:longest].encode("utf-8", "replace").decode()


def unit_rows(engine: str, rows: npt.ArrayLike | Sequence[npt.ArrayLike], count: int, dimensions: int) -> Vectors:
    """`rows`, once it is made sure that they are what was asked for. Raises `EngineFailed`."""
    with np.errstate(over="ignore"):
        try:
            vectors = np.asarray(rows, np.float32)
        except (TypeError, ValueError) as exc:  # rows of different lengths, or no numbers
            raise EngineFailed(engine, "its vectors are not alike") from exc
        if vectors.shape != (count, dimensions):
            raise EngineFailed(engine, f"vectors of {(count, dimensions)} were wanted, and {vectors.shape} came")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
        raise EngineFailed(engine, "a vector has no direction")
    return np.asarray(vectors / lengths, np.float32)
