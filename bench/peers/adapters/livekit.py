"""LiveKit Agents: its own session without a room, between an input and an output of the bench. The recogniser and the
voice are declared as not streaming, so LiveKit wraps them as it does any local engine.

Settings: `turn_handling` and `vad`, passed on as they are; `short_sentences`: the voice is asked as early as LiveKit's
tokenizer allows, nothing is held back for the echo canceller, and the text is left as it is.
"""

import logging
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream
from livekit import local_inference, rtc
from livekit.agents import Agent, AgentSession, inference, llm, stt, tokenize, tts, utils
from livekit.agents.inference import eot  # noqa: F401 - loads the turn detector's library
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN
from livekit.agents.voice import io

from bench.peers.engines import RATE
from bench.peers.host import FRAME_SECONDS, Host

QUEUED_FRAMES = 500


class Recogniser(stt.STT):
    def __init__(self, host: Host) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._host = host

    async def _recognize_impl(
        self, buffer: Any, *, language: Any = NOT_GIVEN, conn_options: Any = DEFAULT_API_CONNECT_OPTIONS
    ) -> Any:
        frame = utils.merge_frames(buffer) if isinstance(buffer, list) else buffer
        text = await self._host.engines.stt(bytes(frame.data))
        said = [stt.SpeechData(text=text, language="en")]
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=said)


class Written(llm.LLMStream):
    def __init__(self, model: "LanguageModel", host: Host, **more: Any) -> None:
        super().__init__(model, **more)
        self._host = host

    async def _run(self) -> None:
        async for token in self._host.engines.llm():
            delta = llm.ChoiceDelta(role="assistant", content=token)
            self._event_ch.send_nowait(llm.ChatChunk(id="x", delta=delta))


class LanguageModel(llm.LLM):
    def __init__(self, host: Host) -> None:
        super().__init__()
        self._host = host

    def chat(
        self, *, chat_ctx: Any, tools: Any = None, conn_options: Any = DEFAULT_API_CONNECT_OPTIONS, **_more: Any
    ) -> Written:
        return Written(self, self._host, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class Voiced(tts.ChunkedStream):
    def __init__(self, host: Host, **more: Any) -> None:
        super().__init__(**more)
        self._host = host

    async def _run(self, output_emitter: Any) -> None:
        output_emitter.initialize(request_id="x", sample_rate=RATE, num_channels=1, mime_type="audio/pcm")
        output_emitter.push(await self._host.engines.tts(self._input_text))
        output_emitter.flush()


class Voice(tts.TTS):
    def __init__(self, host: Host) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1)
        self._host = host

    def synthesize(self, text: str, *, conn_options: Any = DEFAULT_API_CONNECT_OPTIONS) -> Voiced:
        return Voiced(self._host, tts=self, input_text=text, conn_options=conn_options)


class Input(io.AudioInput):
    def __init__(self, frames: MemoryObjectReceiveStream[bytes]) -> None:
        super().__init__(label="bench")
        self._frames = frames

    async def __anext__(self) -> Any:
        return rtc.AudioFrame(await self._frames.receive(), 16_000, 1, 320)


class Output(io.AudioOutput):
    """A sound card: plays in real time, is cut at once, can be paused, and says how much was heard."""

    def __init__(self, host: Host, tasks: TaskGroup) -> None:
        capabilities = io.AudioOutputCapabilities(pause=True)
        super().__init__(label="bench", next_in_chain=None, sample_rate=RATE, capabilities=capabilities)
        self._host = host
        self._tasks = tasks
        self._given = self._discarded = 0.0
        """Seconds of the segment under way."""
        self._cut = anyio.Event()
        self._finished = anyio.Event()
        self._finished.set()

    async def capture_frame(self, frame: Any) -> None:
        await super().capture_frame(frame)
        await self._finished.wait()
        self._host.speaker.play(bytes(frame.data), frame.sample_rate)
        if not self._given:
            self.on_playback_started(created_at=time.time())
        self._given += frame.duration

    def flush(self) -> None:
        super().flush()
        if self._given and self._finished.is_set():
            self._finished = anyio.Event()
            self._tasks.start_soon(self._play_out)

    def clear_buffer(self) -> None:
        if not self._given:
            return
        self._discarded = self._host.speaker.left
        self._host.speaker.clear()
        self._host.speaker.resume()
        self._host.mark("interrupt")
        self._cut.set()

    def pause(self) -> None:
        super().pause()
        self._host.speaker.pause()

    def resume(self) -> None:
        super().resume()
        self._host.speaker.resume()

    async def _play_out(self) -> None:
        while self._host.speaker.left and not self._cut.is_set():
            with anyio.move_on_after(max(self._host.speaker.left, FRAME_SECONDS)):
                await self._cut.wait()
        cut = self._cut.is_set()
        played = self._given - (self._discarded if cut else 0.0)
        self._given = self._discarded = 0.0
        self._cut = anyio.Event()
        self._finished.set()
        self.on_playback_finished(playback_position=max(0.0, played), interrupted=cut)


class LivekitTalk:
    def __init__(self, frames: Any) -> None:
        self._frames = frames

    async def feed(self, pcm: bytes) -> None:
        self._frames.send_nowait(pcm)


class Livekit:
    def __init__(self, settings: dict[str, Any]) -> None:
        packages = ("livekit-agents", "livekit", "livekit-local-inference", "numpy")
        self.versions = {name: version(name) for name in packages}
        self._turn_handling = settings.get("turn_handling", {})
        self._vad = settings.get("vad")
        self._short: bool = settings.get("short_sentences", False)
        local_inference.init_vad()
        if self._turn_handling.get("turn_detection") != "vad":
            local_inference.init_eot()  # what LiveKit's workers do before their first call

    @asynccontextmanager
    async def open_talk(self, host: Host) -> AsyncGenerator[LivekitTalk]:
        voice: Any = Voice(host)
        options: dict[str, Any] = {}
        if self._short:
            split = tokenize.blingfire.SentenceTokenizer(min_sentence_len=8, stream_context_len=1, retain_format=True)
            voice = tts.StreamAdapter(tts=voice, sentence_tokenizer=split)
            options |= {"tts_text_transforms": None, "aec_warmup_duration": None}
        if self._turn_handling:
            options["turn_handling"] = dict(self._turn_handling)
        if self._vad:
            options["vad"] = inference.VAD(**self._vad)
        into, frames = anyio.create_memory_object_stream[bytes](QUEUED_FRAMES)
        session = AgentSession(stt=Recogniser(host), llm=LanguageModel(host), tts=voice, **options)
        async with anyio.create_task_group() as tasks:
            session.input.audio = Input(frames)
            session.output.audio = Output(host, tasks)
            await session.start(Agent(instructions="You are a helpful assistant."))
            yield LivekitTalk(into)
            await session.aclose()
            tasks.cancel_scope.cancel()


@asynccontextmanager
async def open_system(settings: dict[str, Any]) -> AsyncGenerator[Livekit]:
    logging.basicConfig(level=logging.CRITICAL)
    logging.getLogger("livekit").setLevel(logging.CRITICAL)
    yield Livekit(settings)
