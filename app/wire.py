"""What our page and our server say to each other beside Chainlit's own messages.

The carrier is Chainlit's window message channel: JSON objects with `nightingale` (the version of this
protocol), `sender` and `type`. Microphone audio and speech travel on Chainlit's audio channel; each sentence
of a reply is a track of its own, `REPLY.N`, mono PCM16 at `PLAYBACK_RATE`. The page's half of this file is
`public/voice/wire.js`; both sides validate every message and drop what they do not know.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

VERSION = 1
PLAYBACK_RATE = 24_000
"""Hertz of all speech sent to the page."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    nightingale: Literal[1] = 1


class _FromPage(_Message):
    sender: Literal["page"]


class _FromServer(_Message):
    sender: Literal["server"] = "server"


class Hello(_FromPage):
    """The page is ready, again after every (re)connect."""

    type: Literal["hello"]
    secure: bool
    microphone: Literal["granted", "denied", "prompt", "missing", "unknown"]


class Microphone(_FromPage):
    """The state of the microphone changed. All but on, off and muted carry a way out, shown by the page itself."""

    type: Literal["microphone"]
    state: Literal["on", "off", "muted", "denied", "missing", "busy", "insecure", "failed"]
    rate: int | None = None
    """Hertz of the chunks that follow; with `on`. One that cannot be used is answered with a notice."""
    detail: Annotated[str, Field(max_length=300)] = ""


class Playing(_FromPage):
    """How much of a track has really sounded."""

    type: Literal["playing"]
    track: Annotated[str, Field(max_length=80)]
    samples: Annotated[int, Field(ge=0)]
    state: Literal["playing", "paused", "ended", "flushed"]


class Output(_FromPage):
    """Whether the browser lets us be heard; `blocked` until the user touches the page."""

    type: Literal["output"]
    state: Literal["running", "blocked", "failed"]


class Command(_FromPage):
    """A control was used."""

    type: Literal["command"]
    name: Literal["stop", "speak-replies-on", "speak-replies-off"]


FromPage = Annotated[Hello | Microphone | Playing | Output | Command, Field(discriminator="type")]


class Status(_FromServer):
    """What the assistant is doing, for the status line (text, icon, live region)."""

    type: Literal["status"] = "status"
    state: Literal["ready", "listening", "hearing", "thinking", "speaking"]
    """ready: microphone off; listening: on, silence; hearing: on, somebody speaks."""


class Player(_FromServer):
    """`pause` and `resume` what is sounding; `flush` throws away all that has not sounded yet; `ending`: no more
    audio will come for this track, so that its last sample can be reported as `ended`.
    """

    type: Literal["player"] = "player"
    do: Literal["pause", "resume", "flush", "ending"]
    track: str = ""


class Interim(_FromServer):
    """What has been made out so far of what the user is saying; empty to clear."""

    type: Literal["interim"] = "interim"
    text: str


class Caption(_FromServer):
    """A finished sentence of the reply, for screen readers."""

    type: Literal["caption"] = "caption"
    text: str


class Notice(_FromServer):
    """Something the user should know, in plain words; `code` is stable."""

    type: Literal["notice"] = "notice"
    level: Literal["info", "warning", "error"]
    code: str
    text: str


class Preferences(_FromServer):
    """What the page's own controls should show."""

    type: Literal["preferences"] = "preferences"
    speak_replies: bool


FromServer = Status | Player | Interim | Caption | Notice | Preferences

_from_page: TypeAdapter[FromPage] = TypeAdapter(FromPage)


class NotForUs(ValueError):
    """A window message that is not part of this protocol."""


def read(raw: object) -> FromPage:
    """A validated message from the page. Raises `NotForUs` for everything else."""
    if not isinstance(raw, dict) or raw.get("nightingale") != VERSION or raw.get("sender") != "page":
        raise NotForUs("not a message of this protocol")
    try:
        return _from_page.validate_python(raw)
    except ValidationError as exc:
        raise NotForUs(f"{raw.get('type')!s:.20}: {exc.error_count()} fault(s)") from exc
