"""The Chainlit callbacks of `page_app`: remember what the page sent, and give it something to show and to play.

A typed message that is a JSON object is sent to the page as it stands; what the first start understands is answered in
its words; any other is answered with text and two tracks of sound. Imported only once Chainlit's folder is laid out.
"""

import json
import math
from array import array
from typing import Any

import chainlit as cl
from chainlit.data.base import BaseDataLayer
from chainlit.input_widget import Select, Slider, Switch
from chainlit.types import PageInfo, PaginatedResponse
from chainlit.user import PersistedUser

from app.manner import Manner
from graph.strings import said

SEEN: dict[str, Any] = {
    "window": [],
    "audio_bytes": [],
    "numbers": [],
    "audio": [],
    "recordings": [],
    "listens": True,
    "hands_free": False,
}
"""`numbers`: the first sample of each frame of the microphone."""
WELCOME = {"set up": ("hello", "sound"), "fine": ("good", "speed")}
"""What the first start answers to what is said: the keys of its words."""
DAWN = "2026-01-01T00:00:00Z"


class InMemory(BaseDataLayer):
    """Enough of a history for the sidebar."""

    def __init__(self) -> None:
        self.threads: dict[str, dict[str, Any]] = {}

    async def get_user(self, identifier: str) -> PersistedUser:
        return PersistedUser(id="u", createdAt=DAWN, identifier=identifier)

    async def create_user(self, user: Any) -> PersistedUser:
        return await self.get_user(user.identifier)

    async def list_threads(self, pagination: Any, filters: Any) -> Any:
        page = PageInfo(hasNextPage=False, startCursor=None, endCursor=None)
        return PaginatedResponse(data=list(self.threads.values()), pageInfo=page)

    async def update_thread(self, thread_id: str, name: str | None = None, **more: Any) -> None:
        fresh = {"id": thread_id, "createdAt": DAWN, "userIdentifier": "local", "steps": [], "name": ""}
        thread = self.threads.setdefault(thread_id, fresh)
        thread["name"] = name or thread["name"]

    async def delete_thread(self, thread_id: str) -> None:
        self.threads.pop(thread_id, None)

    async def get_thread(self, thread_id: str) -> Any:
        return self.threads.get(thread_id)

    async def get_thread_author(self, thread_id: str) -> str:
        return "local"

    async def delete_feedback(self, feedback_id: str) -> bool:
        return True

    async def upsert_feedback(self, feedback: Any) -> str:
        return ""

    async def get_favorite_steps(self, user_id: str) -> list[Any]:
        return []

    async def build_debug_url(self) -> str:
        return ""

    async def create_element(self, element: Any) -> None: ...
    async def get_element(self, thread_id: str, element_id: str) -> None: ...
    async def delete_element(self, element_id: str, thread_id: str | None = None) -> None: ...
    async def create_step(self, step_dict: Any) -> None: ...
    async def update_step(self, step_dict: Any) -> None: ...
    async def delete_step(self, step_id: str) -> None: ...
    async def close(self) -> None: ...


HISTORY = InMemory()


def tone(hertz: float, seconds: float) -> bytes:
    count = int(24_000 * seconds)
    return array("h", [round(9_000 * math.sin(math.tau * hertz * n / 24_000)) for n in range(count)]).tobytes()


async def say(**message: object) -> None:
    await cl.send_window_message({"nightingale": 1, "sender": "server", **message})


@cl.data_layer
def layer() -> InMemory:
    return HISTORY


@cl.header_auth_callback
async def admit(_headers: Any) -> Any:
    return cl.User(identifier="local")


@cl.on_chat_start
async def started() -> None:
    rate = Slider(id="rate", label="Speaking rate", initial=1, min=0.5, max=3, step=0.1)
    voice = Select(id="voice", label="Voice", values=["one", "two"], initial_index=0)
    await cl.ChatSettings([rate, voice, Switch(id="earcons", label="Earcons", initial=True)]).send()
    await say(type="preferences", manner=Manner(hands_free=bool(SEEN["hands_free"])).model_dump(mode="json"))


@cl.on_audio_start
async def listen() -> bool:
    SEEN["audio"].append("start")
    return bool(SEEN["listens"])


@cl.on_audio_chunk
async def heard(chunk: Any) -> None:
    SEEN["audio_bytes"].append(len(chunk.data))
    starts = range(0, len(chunk.data), 1024)
    SEEN["numbers"] += [int.from_bytes(chunk.data[at : at + 2], "little", signed=True) for at in starts]


@cl.on_audio_end
async def ended() -> None:
    SEEN["audio"].append("end")


@cl.on_window_message
async def told(message: Any) -> None:
    if message.get("saying") == "greet":  # of the tests alone
        await cl.Message("Good morning.").send()
        return
    SEEN["window"].append(message)
    if message.get("type") == "command" and message.get("name") == "listen":
        await cl.context.emitter.update_audio_connection("on")


@cl.on_message
async def answer(message: Any) -> None:
    if message.content.startswith("{"):
        await cl.send_window_message(json.loads(message.content))
        return
    if message.content in WELCOME:
        question = " ".join(said("en", key, "welcome") for key in WELCOME[message.content])
        await cl.Message(question).send()
        await say(type="caption", text=question)
        return
    await cl.Message(f"You said: {message.content}. " + "A long answer. " * 60).send()
    await say(type="status", state="speaking")
    for number, hertz in enumerate((440, 660)):
        track = f"reply-{message.id}.{number}"
        pcm = tone(hertz, 1.0)
        for start in range(0, len(pcm), 4_800):
            piece = cl.OutputAudioChunk(mimeType="pcm16", track=track, data=pcm[start : start + 4_800])
            await cl.context.emitter.send_audio_chunk(piece)
        await say(type="player", do="ending", track=track)
        await say(type="caption", text=f"Sentence {number}.")
