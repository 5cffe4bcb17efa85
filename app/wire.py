"""What our page and our server say to each other beside Chainlit's own messages.

The carrier is Chainlit's window message channel: JSON objects with `nightingale` (the version of this
protocol), `sender` and `type`. Microphone audio and speech travel on Chainlit's audio channel; each sentence
of a reply is a track of its own, `REPLY.N`, mono PCM16 at `PLAYBACK_RATE`. The page's half of this file is
`public/voice/wire.js`; both sides validate every message and drop what they do not know.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.manner import Manner, TierWord, checked

VERSION = 1
PLAYBACK_RATE = 24_000
"""Hertz of all speech sent to the page."""

Text = Annotated[str, Field(max_length=80)]


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
    output: Literal["running", "blocked", "failed", "unknown"]
    """Unknown until something was to be played."""
    language: Literal["en", "de", "fr", "es"] | None = None
    """In which the page is shown to who has chosen none."""


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
    track: Text
    samples: Annotated[int, Field(ge=0)]
    state: Literal["playing", "paused", "ended", "flushed"]
    ago: Annotated[float, Field(ge=-10, le=60)] | None = None
    """With a track's first report: seconds since its first sample came out of the loudspeaker, by the page's own clock;
    below zero while that is yet to come."""


class Output(_FromPage):
    """Whether the browser lets us be heard; `blocked` until the user touches the page."""

    type: Literal["output"]
    state: Literal["running", "blocked", "failed"]


class Command(_FromPage):
    """A control was used."""

    type: Literal["command"]
    name: Literal["stop", "listen", "sleep", "wake"]
    """listen: the page begins by itself, or goes on in another conversation, and wants Chainlit to do so as well."""


class Choose(_FromPage):
    """How the user wants to talk, as far as it is new."""

    type: Literal["choose"]
    manner: Annotated[dict[str, object], AfterValidator(checked)]
    """Fields of `app.manner.Manner`, by their names; null: as is usual."""


class Talk(_FromPage):
    """The talk button went down, or up: where it is what ends a turn, nothing else does."""

    type: Literal["talk"]
    state: Literal["began", "ended"]


class OnOffer(_FromPage):
    """What the user wants done with something that was said and never answered."""

    type: Literal["on-offer"]
    saying: Text
    do: Literal["answer", "dismiss"]


FromPage = Annotated[
    Hello | Microphone | Playing | Output | Command | Choose | Talk | OnOffer, Field(discriminator="type")
]


class Status(_FromServer):
    """What the assistant is doing, for the status line (text, icon, live region)."""

    type: Literal["status"] = "status"
    state: Literal["ready", "asleep", "listening", "hearing", "thinking", "speaking"]
    """ready: microphone off; asleep: on, and only the wake word is heeded; listening: on, silence; hearing: on, and
    somebody speaks."""
    detail: str = ""
    """What takes so long, in plain words, once it does; a sign of life that is worth an earcon."""


class Player(_FromServer):
    """`pause` and `resume` what is sounding; `flush` throws away all that has not sounded yet; `ending`: no more
    audio will come for this track, so that its last sample can be reported as `ended`.
    """

    type: Literal["player"] = "player"
    do: Literal["pause", "resume", "flush", "ending"]
    track: str = ""


class Interim(_FromServer):
    """What has been made out so far of what the user is saying; both empty to clear."""

    type: Literal["interim"] = "interim"
    text: str
    """Only grows while they speak."""
    tentative: str = ""
    """What follows it, and may yet change."""


class Caption(_FromServer):
    """For captions: a sentence of the reply, which screen readers are told too; or all that the user said in a turn."""

    type: Literal["caption"] = "caption"
    text: str
    speaker: Literal["assistant", "user"] = "assistant"


class Go(_FromServer):
    """Leave this conversation for another."""

    type: Literal["go"] = "go"
    thread: str
    """Empty: a new one."""


class Muted(_FromServer):
    """The user asked for the microphone to be closed: only the page opens it again."""

    type: Literal["mute"] = "mute"


class Notice(_FromServer):
    """Something the user should know, in plain words; `code` is stable."""

    type: Literal["notice"] = "notice"
    level: Literal["info", "warning", "error"]
    code: str
    text: str


class Preferences(_FromServer):
    """What the page's own controls should show."""

    type: Literal["preferences"] = "preferences"
    manner: Manner


class Tier(_FromServer):
    """What the user can do now, for the badge; and what has just become of it."""

    type: Literal["tier"] = "tier"
    tier: TierWord
    why: str = ""
    """What stands in the way of more, in plain words."""
    change: Literal["none", "down", "up", "chosen"] = "none"
    """none: nothing new, said to a page that has just come."""


class Offer(_FromServer):
    """Something the user said that was never answered, kept for them to have answered now, to hear, or to dismiss.
    Its recording is at `/api/recordings/SAYING`.
    """

    type: Literal["offer"] = "offer"
    saying: str
    text: str = ""
    """As typed, or as far as it was made out."""
    seconds: float | None = None
    """Length of the recording, if there is one."""
    reason: str
    """Why it was not answered, in plain words."""


class OfferGone(_FromServer):
    """It was answered, or dismissed."""

    type: Literal["offer-gone"] = "offer-gone"
    saying: str


FromServer = Status | Player | Interim | Caption | Notice | Preferences | Tier | Offer | OfferGone | Go | Muted

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
