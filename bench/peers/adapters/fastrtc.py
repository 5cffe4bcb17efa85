"""FastRTC: its `ReplyOnPause` in its own WebRTC track, driven in this process: a media track before it, and after it
somebody who polls as aiortc's sender does. The reply is the obvious generator; FastRTC leaves it to the application.

The model that it fetches from a hub is not asked for: the same detector, a version later, lies in Pipecat's wheel,
which is installed here for that file alone. Settings: `pause` and `vad`, passed on as they are; `input_rate`.
"""

import fractions
import importlib.util
from asyncio import get_running_loop
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio
import av
import numpy as np
import onnxruntime
from aiortc.mediastreams import MediaStreamTrack
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from fastrtc import AlgoOptions, ReplyOnPause
from fastrtc.pause_detection.silero import SileroVADModel, SileroVadOptions
from fastrtc.tracks import AudioCallback
from fastrtc.utils import Context

from bench.peers.engines import RATE
from bench.peers.host import Host

QUEUED_FRAMES = 2_000
EMPTY_SECONDS = 0.02
WINDOW, CONTEXT = 512, 64
"""Samples, at 16 kHz."""


class Silero(SileroVADModel):
    """FastRTC asks for windows of 1,024 samples, this model knows 512: the likelier half counts."""

    def __init__(self, model: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def get_initial_state(self, batch_size: int) -> Any:
        return np.zeros((2, batch_size, 128), np.float32), np.zeros((batch_size, CONTEXT), np.float32)

    def __call__(self, x: Any, state: Any, sr: int) -> Any:
        samples, (memory, context), likeliest = np.atleast_2d(x), state, 0.0
        for at in range(0, samples.shape[1], WINDOW):
            shown = np.concatenate([context, samples[:, at : at + WINDOW]], axis=1)
            asked = {"input": shown, "state": memory, "sr": np.array(sr, np.int64)}
            answer, memory = self.session.run(None, asked)
            context = shown[:, -CONTEXT:]
            likeliest = max(likeliest, float(answer[0, 0]))
        return np.array([[likeliest]], np.float32), (memory, context)


class Source(MediaStreamTrack):
    kind = "audio"

    def __init__(self, frames: MemoryObjectReceiveStream[bytes]) -> None:
        super().__init__()
        self._frames = frames
        self._samples = 0

    async def recv(self) -> Any:
        samples = np.frombuffer(await self._frames.receive(), np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 16_000
        frame.pts, frame.time_base = self._samples, fractions.Fraction(1, 16_000)
        self._samples += samples.shape[1]
        return frame


class Channel:
    """Where FastRTC tells its page what it does."""

    def send(self, _message: str) -> None: ...


class FastrtcTalk:
    def __init__(self, frames: MemoryObjectSendStream[bytes]) -> None:
        self._frames = frames

    async def feed(self, pcm: bytes) -> None:
        self._frames.send_nowait(pcm)


class Fastrtc:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.versions = {name: version(name) for name in ("fastrtc", "aiortc", "gradio", "numpy")}
        self._pause = AlgoOptions(**settings["pause"]) if "pause" in settings else None
        self._vad = SileroVadOptions(**settings["vad"]) if "vad" in settings else None
        self._input_rate: int = settings.get("input_rate", 48_000)
        self._model = Silero(_model())
        self._model.warmup()

    @asynccontextmanager
    async def open_talk(self, host: Host) -> AsyncGenerator[FastrtcTalk]:
        handler = ReplyOnPause(
            lambda heard: _reply(host, heard),
            algo_options=self._pause,
            model_options=self._vad,
            can_interrupt=True,
            model=self._model,
            input_sample_rate=self._input_rate,
            output_sample_rate=RATE,
        )
        handler._loop = get_running_loop()
        into, frames = anyio.create_memory_object_stream[bytes](QUEUED_FRAMES)
        track = AudioCallback(Source(frames), event_handler=handler, context=Context(webrtc_id="bench"))
        clear = handler._clear_queue

        def cleared() -> None:
            host.mark("interrupt")
            clear()

        handler._clear_queue = cleared
        track.set_channel(Channel())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_listen, track, host)
            yield FastrtcTalk(into)
            tasks.cancel_scope.cancel()
        track.stop()


def _model() -> Path:
    package = importlib.util.find_spec("pipecat")
    if package is None or package.origin is None:
        raise RuntimeError("Pipecat's wheel, which carries the detector, is not installed beside FastRTC")
    return Path(package.origin).parent / "audio" / "vad" / "data" / "silero_vad.onnx"


def _reply(host: Host, heard: tuple[int, Any]) -> Generator[tuple[int, Any], None, None]:
    engines, sentence = host.engines, ""
    engines.stt_blocking(heard[1].astype(np.int16).tobytes())
    for token in engines.llm_blocking():
        sentence += token
        if token.endswith((".", "!", "?")):
            yield RATE, np.frombuffer(engines.tts_blocking(sentence), np.int16).reshape(1, -1)
            sentence = ""


async def _listen(track: Any, host: Host) -> None:
    while True:
        frame = await track.recv()
        if frame is None:
            await anyio.sleep(EMPTY_SECONDS)
            continue
        samples = frame.to_ndarray()
        if samples.dtype != np.int16:
            samples = (samples * 32_767).astype(np.int16)
        mono = samples.reshape(-1)[:: 2 if frame.layout.name == "stereo" else 1]
        host.speaker.play(np.ascontiguousarray(mono).tobytes(), frame.sample_rate)


@asynccontextmanager
async def open_system(settings: dict[str, Any]) -> AsyncGenerator[Fastrtc]:
    yield Fastrtc(settings)
