"""Who is connected: for each of Chainlit's sessions, ours, with its microphone and its page.

A page that reloads comes back as a new session on the same thread; one that merely lost its network comes back as
the same one. So a session outlives its connection by a while, and then leaves.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import anyio
from chainlit.context import context

from app.browser import PageScreen
from app.deeds import Deeds
from app.events import Left
from app.history import History
from app.house import House
from app.joints import Joints
from app.loudspeaker import PageLoudspeaker
from app.microphone import Microphone
from app.page import Connection
from app.part_news import troubles
from app.past import Past
from app.session import Session
from app.welcome.asking import Welcome
from app.whereabouts import Whereabouts
from memory.types import UserId
from voice.own_voice import DeafToItself

GRACE_SECONDS = 60.0
SWEEP_SECONDS = 10.0


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
        manner = await self._house.manners.of(user)
        keeping = self._house.keeping(thread, user, screen, manner)
        voice = self._house.voice(manner)
        if voice.barge_in.own_voice:
            voice = replace(voice, vad=DeafToItself(voice.vad, loudspeaker.playback.played))
        here = Whereabouts(came_from=manner.came_from)
        past, learnt = Past(self.history, self._house.turns), self._house.learnt(user)
        desk = self._house.desk(user, thread, manner, here, past)
        conversation = self._house.conversations.of(thread, user, desk)
        welcome = Welcome(conversation, manner)
        joints = Joints(
            voice=voice,
            screen=screen,
            loudspeaker=loudspeaker,
            keeping=keeping,
            around=self._house.surroundings,
            manner=manner,
            deeds=Deeds(
                user,
                thread,
                here=here,
                past=past,
                learnt=learnt,
                manner=manner,
                conversation=conversation,
                page=screen,
            ),
        )
        ends = await self._house.sessions.start(Session(welcome, joints))
        return Connection(
            user,
            ends,
            screen,
            loudspeaker,
            Microphone(ends.microphone),
            keeping,
            self._house.reading_desk,
            self._house.settings.longest_message,
            welcome,
            manner,
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
