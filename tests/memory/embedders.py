"""What turns texts into vectors in tests: a bag of words, so that texts with common words are near each other."""

import zlib
from collections.abc import Sequence

import numpy as np

from memory.types import Vectors
from resilience.errors import EngineError, InputRejected

ALIKE = {"hound": "dog", "puppy": "dog", "physician": "doctor"}


class BagOfWords:
    def __init__(self, model: str = "bag/1", dimensions: int = 64) -> None:
        self.model = model
        self.dimensions = dimensions
        self.error: EngineError | None = None
        self.refuses = ""
        """A word that it will not have."""
        self.texts: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Vectors:
        if self.error is not None:
            raise self.error
        if self.refuses and any(self.refuses in text for text in texts):
            raise InputRejected(self.model, "it will not have that word")
        self.texts += texts
        rows = np.array([self._row(text) for text in texts], np.float32).reshape(len(texts), self.dimensions)
        unit: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
        return unit

    def _row(self, text: str) -> list[float]:
        row = [0.0] * self.dimensions
        for word in text.casefold().replace(".", "").replace("?", "").split():
            row[zlib.crc32(f"{self.model} {ALIKE.get(word, word)}".encode()) % self.dimensions] += 1
        return row
