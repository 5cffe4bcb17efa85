"""Smart Turn v3: has the speaker finished, going by how they sound? An ONNX network of 8 MB, for 23 languages.

Found as a file or a folder in the settings, or in an installed pipecat-ai, which carries it; that package is never
imported. It hears the last eight seconds.
"""

import importlib.util
import math
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import anyio
import numpy as np
from anyio import to_thread
from numpy.typing import NDArray

from resilience.errors import EngineFailed, EngineUnavailable
from voice.stt.sound import samples_of
from voice.turn_detection.melody import BANDS, FRAMES, spectrogram
from voice.types import Utterance

ENGINE: Final = "smart-turn"
_PATTERN: Final = "smart-turn-v3*.onnx"
_INPUT: Final = "input_features"


class SmartTurn:
    """A `TurnDetector` for the whole process. It judges one utterance at a time, and tells nothing of those that come
    meanwhile: their pauses would be over before it got to them, and the words are there at once.
    """

    def __init__(self, session: Any, share: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        """`share`: of the time, that it may be at work; in a crowd it would keep a core from all others."""
        self._session = session
        self._share = share
        self._clock = clock
        self._raised = _raised()
        self._one_at_a_time = anyio.CapacityLimiter(1)
        self._rests_until = -math.inf

    def by_words(self, text: str) -> None:
        """It hears no words."""

    async def completion(self, utterance: Utterance, text: str | None) -> float | None:
        samples = samples_of(utterance, ENGINE)
        if not len(samples) or self._one_at_a_time.available_tokens < 1 or self._clock() < self._rests_until:
            return None
        return await to_thread.run_sync(self._judge, samples, limiter=self._one_at_a_time, abandon_on_cancel=True)

    def _judge(self, samples: NDArray[np.int16]) -> float:
        began = self._clock()
        shown = spectrogram(samples)[None]
        try:
            (likely,) = self._session.run(None, {_INPUT: shown})
        except self._raised as exc:
            raise EngineFailed(ENGINE, type(exc).__name__) from exc
        finally:
            ended = self._clock()
            self._rests_until = ended + (ended - began) * (1 / self._share - 1)
        value = float(np.ravel(likely)[0])
        if not 0 <= value <= 1:
            raise EngineFailed(ENGINE, f"a probability of {value}")
        return value


def find_smart_turn(where: Path | None) -> Path | None:
    """The network: `where` itself, the newest in that folder, or the one that pipecat-ai carries; None when there is
    none.
    """
    if where is not None and where.is_file():
        return where
    if where is None:
        package = importlib.util.find_spec("pipecat")
        if package is None or package.origin is None:
            return None
        where = Path(package.origin).parent / "audio" / "turn" / "smart_turn" / "data"
    files = sorted(where.glob(_PATTERN))
    for_processors = [each for each in files if "gpu" not in each.stem]
    found = for_processors or files
    return found[-1] if found else None


@asynccontextmanager
async def open_smart_turn(file: Path, share: float = 1.0) -> AsyncGenerator[SmartTurn]:
    """`share`: of the time, that it may be at work. Raises `EngineUnavailable` when it cannot be loaded or is another
    network.
    """
    session = await to_thread.run_sync(_load, file)
    yield SmartTurn(session, share)


def _load(file: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except _raised() as exc:
        raise EngineUnavailable(ENGINE, f"{file.name} cannot be loaded: {type(exc).__name__}") from exc
    inputs = {each.name: each.shape for each in session.get_inputs()}
    if [*inputs] != [_INPUT] or inputs[_INPUT][1:] != [BANDS, FRAMES] or len(session.get_outputs()) != 1:
        raise EngineUnavailable(ENGINE, f"{file.name} is no Smart Turn v3: it takes {inputs}")
    return session


def _raised() -> tuple[type[Exception], ...]:
    """What onnxruntime raises; its exceptions have no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return (
        state.Fail,
        state.InvalidArgument,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.NoSuchFile,
        state.NotImplemented,
        state.RuntimeException,
    )
