"""One page that is connected: what it says, and what is typed and heard there, is brought to its session."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import anyio
import structlog

from app import wire
from app.browser import PageScreen
from app.documents.desk import ReadingDesk
from app.documents.uploads import Attached, read_attached
from app.ends import Ends
from app.events import (
    Announce,
    BrowserCan,
    Chosen,
    Event,
    Mention,
    MicrophoneOpened,
    OnOffer,
    PageCame,
    SleepAsked,
    StopPressed,
    Typed,
    WakeAsked,
)
from app.keeping import Keeping
from app.loudspeaker import PageLoudspeaker
from app.microphone import Microphone
from app.notices import tell, told
from app.own_manner import OwnManner
from app.turn import SayingId, new_saying
from app.welcome.asking import Welcome
from memory.types import UserId
from voice.errors import AudioRejected
from voice.tiers import Ability, Means
from voice.types import SAMPLE_RATE, Reason

log = structlog.get_logger(__name__)

MENTION_SECONDS = 5.0
"""What was sent with a message is told of before it is answered, if that does not take longer."""
COMMANDS: dict[str, Event] = {"stop": StopPressed(), "sleep": SleepAsked(), "wake": WakeAsked()}
NO_MICROPHONE = frozenset({"denied", "missing", "busy", "insecure", "failed"})


@dataclass(slots=True)
class Connection:
    user: UserId
    ends: Ends
    screen: PageScreen
    loudspeaker: PageLoudspeaker
    microphone: Microphone
    keeping: Keeping
    reading_desk: ReadingDesk
    longest_message: int
    welcome: Welcome
    manner: OwnManner
    troubles: Callable[[], list[Announce]]
    """What a page that has just opened should be told."""
    active_at: float = field(default_factory=anyio.current_time)
    """When its page last said anything, on the monotonic clock."""
    _told: set[Announce] = field(default_factory=set)

    async def tell(self, event: Event) -> None:
        try:
            await self.ends.inbox.send(event)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            await self.screen.show_notice("error", "session-ended", self._tell("session-ended"))

    async def typed(self, text: str, files: Sequence[Attached] = ()) -> None:
        if files:
            self.active_at = anyio.current_time()
            await self._read(files, name_of_thread=text.strip() or files[0].name)
        if not text.strip():
            return
        if len(text) > self.longest_message:
            much = self._tell("message-too-long", count=f"{len(text):,}", most=f"{self.longest_message:,}")
            await self.screen.show_notice("error", "message-too-long", much)
            return
        self.active_at = anyio.current_time()
        saying = new_saying()
        await self.keeping.typed(saying, text)
        await self.screen.name_thread(text)
        await self.tell(Typed(text, saying))

    async def _read(self, files: Sequence[Attached], *, name_of_thread: str) -> None:
        """They came with a message, which may be about them."""
        await self.screen.name_thread(name_of_thread)
        await self.screen.show_state("thinking", self._tell("state-reading"))
        read = Mention(await read_attached(self.reading_desk, self.user, files, self.manner.tongue))
        await self.tell(read)
        with anyio.move_on_after(MENTION_SECONDS):
            await read.begun.wait()

    async def microphone_opened(self, rate: int = SAMPLE_RATE) -> None:
        try:
            self.microphone.open(rate)
        except AudioRejected as exc:
            await self._refuse(exc)
            return
        await self.tell(MicrophoneOpened())
        if greeting := self.welcome.begins():
            await self.tell(Mention(greeting))

    async def heard(self, data: object, mime_type: object) -> None:
        """The caller must not have awaited anything since the chunk came."""
        self.active_at = anyio.current_time()
        try:
            self.microphone.take(data, mime_type)
        except AudioRejected as exc:
            await self._refuse(exc)

    def microphone_closed(self) -> None:
        self.screen.voice_ended()
        try:
            self.microphone.close()
        except AudioRejected:
            log.warning("a microphone closed behind a full queue")

    async def _refuse(self, exc: AudioRejected) -> None:
        """What was said before the bad sound is kept: it ends there."""
        self.microphone_closed()
        log.warning("sound refused", reason=str(exc))
        await self.screen.show_notice("error", exc.code, told(self.manner.language, exc.why))
        await self.screen.close_microphone()

    def _tell(self, key: str, **values: object) -> str:
        return tell(self.manner.language, key, **values)

    async def page_said(self, message: wire.FromPage) -> None:
        self.active_at = anyio.current_time()
        match message:
            case wire.Hello():
                self.screen.away_since = None
                self.manner.pages_language = message.language
                await self.screen.name_thread_again()
                await self.screen.show_state_again()
                await self.tell(PageCame(_means(message)))
                for trouble in self.troubles():
                    if trouble not in self._told:  # once, however often the network goes
                        self._told.add(trouble)
                        await self.tell(trouble)
            case wire.Microphone(state="on"):
                await self.tell(BrowserCan(hears=Ability()))
                await self.microphone_opened(SAMPLE_RATE if message.rate is None else message.rate)
            case wire.Microphone(state="muted"):
                self.microphone_closed()
            case wire.Microphone(state="off"):
                pass  # Chainlit says so itself, with the end of the audio
            case wire.Microphone():
                log.info("microphone not to be had", state=message.state, detail=message.detail)
                await self.tell(BrowserCan(hears=_no_microphone(message.state)))
            case wire.Playing():
                self.loudspeaker.playing(message)
            case wire.Output():
                self.loudspeaker.output(message.state)
                await self.tell(BrowserCan(speaks=_output(message.state)))
            case wire.Command():
                await self._commanded(message.name)
            case wire.Choose():
                await self.tell(Chosen(message.manner))
            case wire.Talk():
                self.microphone.talk(message.state == "began")
            case wire.OnOffer():
                await self.tell(OnOffer(SayingId(message.saying), answer=message.do == "answer"))

    async def _commanded(self, name: str) -> None:
        if name != "listen":
            await self.tell(COMMANDS[name])
            return
        await self.screen.open_microphone()


def _means(page: wire.Hello) -> Means:
    """A microphone that was not asked for yet may be had."""
    state = page.microphone if page.secure else "insecure"
    return Means(_no_microphone(state) if state in NO_MICROPHONE else Ability(), _output(page.output))


def _no_microphone(state: str) -> Ability:
    return Ability(False, Reason(f"microphone-{state}"))


def _output(state: str) -> Ability:
    """One that waits for the user's first touch is no fault."""
    return Ability() if state != "failed" else Ability(False, Reason("no-sound"))
