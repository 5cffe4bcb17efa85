"""Pipecat: its own pipeline, worker, aggregators, detector and turn strategies; the transport's ends and the three
services are the bench's.

Settings: `vad` and `smart_turn`, passed on as they are; `silence_only`: no turn model; `bare`: without its extras
(RTVI, turn tracking), and with chunks of 20 ms.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import anyio
from loguru import logger
from pipecat.audio.turn.smart_turn.base_smart_turn import SmartTurnParams
from pipecat.audio.turn.smart_turn.local_smart_turn_v3 import LocalSmartTurnAnalyzerV3
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams
from pipecat.frames.frames import (
    InputAudioRawFrame,
    InterruptionFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.services.llm_service import LLMService
from pipecat.services.settings import LLMSettings, STTSettings, TTSSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.services.tts_service import TTSService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.turns.user_stop import SpeechTimeoutUserTurnStopStrategy, TurnAnalyzerUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.utils.time import time_now_iso8601
from pipecat.workers.runner import WorkerRunner

from bench.peers.engines import RATE
from bench.peers.host import Host

LEAVING_SECONDS = 10.0
TURN_MODEL_THREADS = 2


class Input(BaseInputTransport):
    async def start(self, frame: Any) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)


class Output(BaseOutputTransport):
    """Writes in real time, as Pipecat's own web socket transports do."""

    def __init__(self, params: Any, host: Host) -> None:
        super().__init__(params)
        self._host = host
        self._due = 0.0

    async def start(self, frame: Any) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Any, direction: Any) -> None:
        if isinstance(frame, InterruptionFrame):
            self._host.mark("interrupt")
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            self._due = 0.0

    async def write_audio_frame(self, frame: Any) -> bool:
        self._host.speaker.play(frame.audio, frame.sample_rate)
        seconds = len(frame.audio) / 2 / frame.sample_rate
        wait = max(0.0, self._due - time.monotonic())
        await anyio.sleep(wait)
        self._due = (self._due if wait else time.monotonic()) + seconds
        return True


class Recogniser(SegmentedSTTService):
    def __init__(self, host: Host) -> None:
        super().__init__(settings=STTSettings(model=None, language=None))
        self._host = host

    @property
    def wants_wav_segments(self) -> bool:
        return False

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Any, None]:
        yield TranscriptionFrame(await self._host.engines.stt(audio), "user", time_now_iso8601())


class LanguageModel(LLMService):
    """As Pipecat's own service for OpenAI's API goes about it."""

    def __init__(self, host: Host) -> None:
        nothing = dict.fromkeys(
            (
                "system_instruction",
                "temperature",
                "max_tokens",
                "top_p",
                "top_k",
                "frequency_penalty",
                "presence_penalty",
                "seed",
                "user_turn_completion_config",
            )
        )
        super().__init__(settings=LLMSettings(model="stub", filter_incomplete_user_turns=False, **nothing))
        self._host = host

    async def process_frame(self, frame: Any, direction: Any) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        try:
            await self.push_frame(LLMFullResponseStartFrame())
            await self.start_processing_metrics()
            await self.start_ttfb_metrics()
            async for token in self._host.engines.llm():
                await self.stop_ttfb_metrics()
                await self._push_llm_text(token)
        finally:
            await self.stop_processing_metrics()
            await self.push_frame(LLMFullResponseEndFrame())


class Voice(TTSService):
    """With the options of Pipecat's own Piper service."""

    def __init__(self, host: Host) -> None:
        settings = TTSSettings(model=None, voice=None, language=None)
        super().__init__(push_start_frame=True, push_stop_frames=True, settings=settings)
        self._host = host

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Any, None]:
        yield TTSAudioRawFrame(await self._host.engines.tts(text), RATE, 1, context_id=context_id)


class PipecatTalk:
    def __init__(self, into: Input) -> None:
        self._into = into

    async def feed(self, pcm: bytes) -> None:
        await self._into.push_audio_frame(InputAudioRawFrame(pcm, 16_000, 1))


class Pipecat:
    def __init__(self, settings: dict[str, Any]) -> None:
        self.versions = {name: version(name) for name in ("pipecat-ai", "onnxruntime", "numpy")}
        self._vad = settings.get("vad")
        self._smart_turn = settings.get("smart_turn")
        self._silence_only: bool = settings.get("silence_only", False)
        self._bare: bool = settings.get("bare", False)

    @asynccontextmanager
    async def open_talk(self, host: Host) -> AsyncGenerator[PipecatTalk]:
        chunks = {"audio_out_10ms_chunks": 2} if self._bare else {}
        rates = {"audio_in_sample_rate": 16_000, "audio_out_sample_rate": RATE}
        transport = TransportParams(audio_in_enabled=True, audio_out_enabled=True, **rates, **chunks)
        into, out = Input(transport), Output(transport, host)
        user, assistant = LLMContextAggregatorPair(
            LLMContext(),
            user_params=LLMUserAggregatorParams(
                vad_analyzer=SileroVADAnalyzer(params=VADParams(**self._vad)) if self._vad else SileroVADAnalyzer(),
                user_turn_strategies=self._strategies(),
            ),
        )
        stages = [into, Recogniser(host), user, LanguageModel(host), Voice(host), out, assistant]
        extras = {"enable_rtvi": False, "enable_turn_tracking": False} if self._bare else {}
        worker = PipelineWorker(Pipeline(stages), params=PipelineParams(**rates), **extras)
        began, over = anyio.Event(), anyio.Event()

        @worker.event_handler("on_pipeline_started")
        async def _began(_worker: Any, _frame: Any) -> None:
            began.set()

        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)

        async def run() -> None:
            await runner.run()
            over.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run)
            await began.wait()
            yield PipecatTalk(into)
            await worker.cancel()
            with anyio.move_on_after(LEAVING_SECONDS):
                await over.wait()
            tasks.cancel_scope.cancel()

    def _strategies(self) -> Any:
        """None: its own."""
        if self._silence_only:
            return UserTurnStrategies(stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.0)])
        if self._smart_turn is None:
            return None
        model = LocalSmartTurnAnalyzerV3(params=SmartTurnParams(**self._smart_turn), cpu_count=TURN_MODEL_THREADS)
        return UserTurnStrategies(stop=[TurnAnalyzerUserTurnStopStrategy(turn_analyzer=model)])


@asynccontextmanager
async def open_system(settings: dict[str, Any]) -> AsyncGenerator[Pipecat]:
    logger.remove()
    yield Pipecat(settings)
