"""Who is connected: for each of Chainlit's sessions, ours, with its microphone and its page.

A page that reloads comes back as a new session on the same thread; one that merely lost its network comes back as
the same one. So a session outlives its connection by a while, and then leaves.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import anyio
import structlog
from chainlit.context import context

from app import wire
from app.browser import PageLoudspeaker, PageScreen
from app.documents.desk import ReadingDesk
from app.documents.uploads import Attached, read_attached
from app.ends import Ends
from app.events import (
    Announce,
    BrowserCan,
    Chosen,
    Event,
    Left,
    Mention,
    MicrophoneOpened,
    OnOffer,
    PageCame,
    StopPressed,
    Typed,
)
from app.history import History
from app.keeping import Keeping
from app.microphone import Microphone
from app.session import Session
from app.turn import SayingId, new_saying
from app.wiring import House, troubles
from memory.types import UserId
from voice.errors import AudioRejected
from voice.own_voice import DeafToItself
from voice.tiers import Ability, Means
from voice.types import SAMPLE_RATE

log = structlog.get_logger(__name__)

GRACE_SECONDS = 60.0
SWEEP_SECONDS = 10.0
MENTION_SECONDS = 5.0
"""What was sent with a message is told of before it is answered, if that does not take longer."""


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
    troubles: Callable[[], list[Announce]]
    """What a page that has just opened should be told."""
    active_at: float = field(default_factory=anyio.current_time)
    """When its page last said anything, on the monotonic clock."""
    _told: set[str] = field(default_factory=set)

    async def tell(self, event: Event) -> None:
        try:
            await self.ends.inbox.send(event)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            await self.screen.show_notice("error", "session-ended", "This session has ended. Please reload the page.")

    async def typed(self, text: str, files: Sequence[Attached] = ()) -> None:
        if files:
            self.active_at = anyio.current_time()
            await self._read(files, name_of_thread=text.strip() or files[0].name)
        if not text.strip():
            return
        if len(text) > self.longest_message:
            much = f"That message has {len(text):,} characters; I can take {self.longest_message:,} at once."
            await self.screen.show_notice(
                "error", "message-too-long", f"{much} It is kept above; please send it in parts."
            )
            return
        self.active_at = anyio.current_time()
        saying = new_saying()
        await self.keeping.typed(saying, text)
        await self.screen.name_thread(text)
        await self.tell(Typed(text, saying))

    async def _read(self, files: Sequence[Attached], *, name_of_thread: str) -> None:
        """They came with a message, which may be about them."""
        await self.screen.name_thread(name_of_thread)
        await self.screen.show_state("thinking", "reading what you gave me")
        read = Mention(await read_attached(self.reading_desk, self.user, files))
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
        await self.screen.show_notice("error", exc.code, f"I cannot use that sound: {exc}.")
        await context.emitter.update_audio_connection("off")

    async def page_said(self, message: wire.FromPage) -> None:
        self.active_at = anyio.current_time()
        match message:
            case wire.Hello():
                self.screen.away_since = None
                await self.screen.name_thread_again()
                await self.screen.show_state_again()
                await self.tell(PageCame(_means(message)))
                for trouble in self.troubles():
                    if trouble.text not in self._told:  # once, however often the network goes
                        self._told.add(trouble.text)
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
                await self.tell(BrowserCan(hears=Ability(False, NO_MICROPHONE[message.state])))
            case wire.Playing():
                self.loudspeaker.playing(message)
            case wire.Output():
                self.loudspeaker.output(message.state)
                await self.tell(BrowserCan(speaks=_output(message.state)))
            case wire.Command(name="stop"):
                await self.tell(StopPressed())
            case wire.Choose():
                await self.tell(Chosen(message.tier, message.patience, message.ending, message.barge_in))
            case wire.Talk():
                self.microphone.talk(message.state == "began")
            case wire.OnOffer():
                await self.tell(OnOffer(SayingId(message.saying), answer=message.do == "answer"))


NO_MICROPHONE = {
    "denied": "The browser does not let me use the microphone.",
    "missing": "There is no microphone.",
    "busy": "Another program uses the microphone.",
    "insecure": "Browsers give the microphone to secure pages only.",
    "failed": "The microphone does not work.",
}


def _means(page: wire.Hello) -> Means:
    """A microphone that was not asked for yet may be had."""
    state = page.microphone if page.secure else "insecure"
    return Means(Ability(state not in NO_MICROPHONE, NO_MICROPHONE.get(state, "")), _output(page.output))


def _output(state: str) -> Ability:
    """One that waits for the user's first touch is no fault."""
    return Ability() if state != "failed" else Ability(False, "The browser plays no sound.")


class Connections:
    def __init__(self, house: House, history: History) -> None:
        self._house = house
        self.history = history
        self._by_session: dict[str, Connection] = {}
        self._beginning = anyio.Lock()

    async def here(self) -> Connection:
        """The connection of the Chainlit session that is calling; begun if there is none yet."""
        found = self.known()
        if found is not None:  # at once: what a page says keeps its order only if nobody awaits
            found.screen.away_since = None
            return found
        async with self._beginning:
            session_id: str = context.session.id
            known = self._by_session.get(session_id)
            if known is None or not self._house.sessions.lives(known.ends):
                known = self._by_session[session_id] = await self._begin()
            known.screen.away_since = None
            return known

    async def _begin(self) -> Connection:
        screen = PageScreen()
        loudspeaker = PageLoudspeaker(screen)
        user = UserId(context.session.user.identifier if context.session.user else "local")
        thread = context.session.thread_id
        keeping = self._house.keeping(thread, user, screen)
        voice = self._house.voice(await self._house.manners.of(user))
        if voice.barge_in.own_voice:
            voice = replace(voice, vad=DeafToItself(voice.vad, loudspeaker.playback.played))
        session = Session(
            voice=voice,
            conversation=self._house.conversations.of(thread, user),
            screen=screen,
            loudspeaker=loudspeaker,
            keeping=keeping,
            around=self._house.surroundings,
        )
        ends = await self._house.sessions.start(session)
        return Connection(
            user,
            ends,
            screen,
            loudspeaker,
            Microphone(ends.microphone),
            keeping,
            self._house.reading_desk,
            self._house.settings.longest_message,
            troubles=lambda: troubles(self._house.engines),
        )

    def known(self) -> Connection | None:
        """The connection of the Chainlit session that is calling, if it is alive; found without awaiting."""
        found = self._by_session.get(context.session.id)
        return found if found is not None and self._house.sessions.lives(found.ends) else None

    def lost(self) -> None:
        """The page is gone, perhaps for a moment; what was being said is over."""
        connection = self.known()
        if connection is not None:
            connection.screen.away_since = anyio.current_time()
            connection.microphone_closed()

    async def send_home(self, user: UserId) -> int:
        """End all sessions of this user, and see them gone; how many there were."""
        return await self._end(lambda each: each.user == user)

    async def end_idle(self, idle: timedelta) -> int:
        """End the sessions whose pages have said nothing for so long."""
        since = anyio.current_time() - idle.total_seconds()
        return await self._end(lambda each: each.active_at < since)

    async def _end(self, chosen: Callable[[Connection], bool]) -> int:
        leaving = {session_id: each for session_id, each in self._by_session.items() if chosen(each)}
        living = [each for each in leaving.values() if self._house.sessions.lives(each.ends)]
        for session_id in leaving:
            del self._by_session[session_id]
        for each in living:
            await each.tell(Left())
        await self._house.sessions.gone([each.ends for each in living])
        return len(living)

    async def sweep(self) -> None:
        """End the sessions of pages that did not come back."""
        while True:
            await anyio.sleep(SWEEP_SECONDS)
            now = anyio.current_time()
            for session_id, connection in list(self._by_session.items()):
                away = connection.screen.away_since
                if away is not None and now - away > GRACE_SECONDS:
                    del self._by_session[session_id]
                    await connection.tell(Left())


_open: Connections | None = None


def connections() -> Connections:
    """Those of the house that is open; Chainlit's callbacks have no other way to find it."""
    assert _open is not None, "the house is not open"
    return _open


@asynccontextmanager
async def open_connections(house: House, history: History) -> AsyncGenerator[Connections]:
    global _open
    _open = Connections(house, history)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_open.sweep)
        try:
            yield _open
        finally:
            _open = None
            tasks.cancel_scope.cancel()
