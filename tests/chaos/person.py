"""One person at a page: takes turns as planned, whatever breaks meanwhile, and writes down how each of them ended."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final
from uuid import uuid4

import aiohttp
import anyio
import socketio.exceptions

from tests.chaos.accounts import Books, Entry, end_of, has_saying, is_answer, was_told
from tests.chaos.plan import Said
from tests.chaos.running import App
from tests.made.client import Client, a_tab
from tests.made.speech import silence, speech
from voice.settings import EndpointingSettings

LOST_SECONDS: Final = 50.0
"""A turn that has not ended after this is lost. A person would not wait so long; a busy machine may need it."""
OFFERING_SECONDS: Final = 10.0
"""What was left by an app that was killed is on offer as soon as its thread is opened again."""
IDLE_SECONDS: Final = 20.0
SILENCED_SECONDS: Final = 2.5
"""After a stop nothing more is expected once it has been quiet for so long."""
STORM: Final = 4
MOST_TURNED_AWAY: Final = 20
PIECE_SECONDS: Final = 0.1
ENDING_SECONDS: Final = EndpointingSettings().silence_seconds
"""Silence that ends what was said."""
MORE_SECONDS: Final = 0.3
NETWORK: Final = (
    aiohttp.ClientError,
    socketio.exceptions.SocketIOError,
    ConnectionError,
    TimeoutError,
)


class Person:
    def __init__(self, number: int, app: App, books: Books, turns: Iterator[Said], choice: str = "full") -> None:
        self.number = number
        self.choice = choice
        self.tab: Client | None = None
        """While connected, and the choice has been told."""
        self.refused: list[str] = []
        """Threads of theirs that could not be opened again."""
        self.troubles: Counter[str] = Counter()
        """Why connections ended or could not be had."""
        self._app = app
        self._books = books
        self._turns = turns
        self._thread = ""
        self._session = str(uuid4())
        self._open: list[Entry] = []
        """Put in, and not seen to end."""
        self._earlier: frozenset[str] = frozenset()
        """Replies that had begun when the newest turn was put in."""
        self._starts = 0
        """How often the app had been started when the open turns were put in."""
        self._answers = 0
        """Seen on this thread."""
        self._next: Said | None = None
        """Not put in yet, for there was no connection."""
        self._microphone_on = False
        self._wants_new_thread = False
        self._turned_away = 0
        """Times in a row."""
        self._done = False

    async def live(self) -> None:
        while not self._done:
            await self._app.up()
            starts = self._app.started
            try:
                async with a_tab(self._app.url, thread=self._thread, session=self._session, spoken=True) as tab:
                    self._microphone_on, self._turned_away = False, 0
                    await tab.choose(self.choice)
                    self.tab = tab
                    try:
                        await self._sit_at(tab, starts)
                    finally:
                        self._thread = "" if self._wants_new_thread else tab.thread or self._thread
                        self._wants_new_thread = False
            except NETWORK as exc:
                self.troubles[type(exc).__name__] += 1
                self._think_of_another(exc)
                await anyio.sleep(0.3)
            finally:
                self.tab = None

    def _think_of_another(self, trouble: Exception) -> None:
        """Who is turned away from a thread again and again goes on with another."""
        turned_away = isinstance(trouble, socketio.exceptions.ConnectionError) and self._app.is_up
        self._turned_away = self._turned_away + 1 if turned_away else 0
        if self._thread and self._turned_away >= MOST_TURNED_AWAY:
            self.refused.append(self._thread)
            self._thread, self._session, self._answers, self._turned_away = "", str(uuid4()), 0, 0

    async def _sit_at(self, tab: Client, starts: int) -> None:
        """Until there is nothing more to say, or the connection is gone, or another is wanted."""
        await self._find_again(tab)
        self._starts = starts
        while (said := self._next or next(self._turns, None)) is not None:
            self._next = said
            if not self._open:
                await anyio.sleep(said.pause_seconds)
            if not self._app.is_up or starts != self._app.started:
                return  # the page says so, too
            self._next = None
            stays = await self._take(tab, said)
            if said.manner == "new-thread" and not self._open:
                self._wants_new_thread, self._session, self._answers = True, str(uuid4()), 0
                return
            if not stays or not tab.connected:
                return
        self._done = True

    async def _take(self, tab: Client, said: Said) -> bool:
        """False when the connection is to go now."""
        since = len(tab.seen)
        entry = await self._put_in(tab, said)
        match said.manner:
            case "stop-at-once":
                await tab.command("stop")
                await self._until_silenced(tab, entry, since)
            case "stop-when-answered":
                await self._wait(tab, lambda: _begun(tab, since) or self._ended(tab, entry, since))
                await tab.command("stop")
                await self._until_silenced(tab, entry, since)
            case "go-on":
                pass
            case "talk-over":
                await self._wait(tab, lambda: _begun(tab, since) or self._ended(tab, entry, since))
            case "blip":
                return False
            case "storm":
                for _ in range(STORM):
                    await tab.command("stop")
                    await self._put_in(tab, said)
                await self._see_to_the_end(tab, since, said)
            case _:
                await self._see_to_the_end(tab, since, said)
        return True

    async def _put_in(self, tab: Client, said: Said) -> Entry:
        entry = self._books.put_in(self.number, "typed" if said.voice is None else "spoken", said.text, said.manner)
        entry.overlaps = bool(self._open)
        self._open.append(entry)
        self._earlier = frozenset(each.detail for each in tab.seen if each.kind == "reply" and each.detail)
        if said.voice is None:
            await tab.type(said.text)
        else:
            if not self._microphone_on:
                await tab.microphone_on()
                self._microphone_on = True
            await tab.speak(silence(0.2) + speech(said.text, said.voice))
            await _pause_in_real_time(tab, entry)
            return entry
        entry.at = anyio.current_time()
        return entry

    # -- ends ------------------------------------------------------------------------------------------------

    def _ended(self, tab: Client, entry: Entry, since: int) -> bool:
        entry.learn(tab.seen[since:], self._earlier)
        return entry.end is not None

    async def _wait(self, tab: Client, until: Callable[[], object], seconds: float = LOST_SECONDS) -> bool:
        """False when it did not come, or the connection went."""
        with anyio.move_on_after(seconds):
            await tab.until(lambda: until() or not tab.connected)
            return tab.connected or bool(until())
        return False

    async def _see_to_the_end(self, tab: Client, since: int, said: Said) -> None:
        """The end of the newest open turn is that of those before it, which it extended."""
        newest = self._open[-1]
        ended = await self._wait(tab, lambda: self._ended(tab, newest, since))
        if not ended:
            if not tab.connected:
                return
            newest.end = "told" if was_told(tab.seen[since:]) else "lost"
            newest.found_in = "nothing came within the time; last seen: " + ", ".join(
                f"{each.kind} {each.what!r:.60}" for each in tab.seen[since:][-8:]
            )
        self._close(tab)
        await self._see_to_offers(tab, said)
        await self._wait(tab, lambda: tab.states[-1] in ("ready", "listening"), IDLE_SECONDS)

    async def _until_silenced(self, tab: Client, entry: Entry, since: int) -> None:
        """Whoever presses stop wants quiet; what was said may still be transcribed, and answered after that."""
        while not self._ended(tab, entry, since):
            before = len(tab.seen)
            if not await self._wait(tab, lambda: len(tab.seen) > before, SILENCED_SECONDS):  # noqa: B023 - waited for here
                if not tab.connected:
                    return
                if tab.states[-1] in ("ready", "listening"):
                    entry.end = "silenced"
                elif anyio.current_time() - entry.at > LOST_SECONDS:
                    entry.end, entry.found_in = "lost", f"still {tab.states[-1]} long after a stop"
        self._close(tab)

    def _close(self, tab: Client) -> None:
        self._answers = sum(is_answer(each) for each in tab.answers)
        for each in self._open[:-1]:
            each.end = each.end or "extended"
        self._open.clear()

    async def _see_to_offers(self, tab: Client, said: Said) -> None:
        for saying, offer in list(tab.offers.items()):
            since = len(tab.seen)
            if not said.takes_offers:
                await tab.take(saying, "dismiss")
                continue
            entry = self._books.put_in(self.number, "taken-up", offer["text"])
            await tab.take(saying, "answer")
            self._open.append(entry)
            await self._wait(tab, lambda: self._ended(tab, entry, since))  # noqa: B023 - waited for here
            if not tab.connected:
                return
            entry.end = entry.end or "lost"
            self._close(tab)
            if entry.end == "offered":
                return

    async def _find_again(self, tab: Client) -> None:
        """What became of the turns that were open when the connection went, on the thread they were put in on."""
        if not self._open:
            return
        newest = self._open[-1]
        newest.interrupted = True
        killed = self._starts < self._app.started
        with anyio.move_on_after(OFFERING_SECONDS if killed else LOST_SECONDS):
            while newest.end is None and tab.connected:
                newest.end = end_of([each for each in tab.seen if each.kind != "notice"], self._earlier)
                if newest.end is not None:
                    newest.found_in = "the page that was opened again"
                elif self._thread and await self._kept_answers(tab) > self._answers:
                    newest.end, newest.found_in = "answered", "the history"
                else:
                    await self._wait_for_more(tab)
        if not tab.connected:
            return
        if newest.end is None and newest.manner.startswith("stop"):
            newest.end, newest.found_in = "silenced", "a page that was asked for nothing more"
        elif newest.end is None:
            newest.end = "never-arrived" if killed and not self._had_arrived(newest) else "lost"
            newest.found_in = "neither on offer nor in the history when the page was opened again"
        self._close(tab)
        self._answers = await self._kept_answers(tab) if self._thread else 0

    def _had_arrived(self, entry: Entry) -> bool:
        """Whether the app that was killed had it. Where turns overlap, what was shown may belong to the one before."""
        if entry.how == "typed" and has_saying(self._app.data / "turns.sqlite", entry.words):
            return True
        return entry.taken and not entry.overlaps

    async def _wait_for_more(self, tab: Client) -> None:
        before = len(tab.seen)
        with anyio.move_on_after(1.0):
            await tab.until(lambda: len(tab.seen) > before or not tab.connected)

    async def _kept_answers(self, tab: Client) -> int:
        with suppress(aiohttp.ClientResponseError):  # nothing of the thread was saved
            return sum(map(is_answer, await tab.kept(self._thread, "assistant_message")))
        return 0


async def _pause_in_real_time(tab: Client, entry: Entry) -> None:
    """What is said is sent faster than anybody speaks; the app catches up while it is waited for the end of it."""
    await tab.speak(silence(ENDING_SECONDS % PIECE_SECONDS))
    for _ in range(int(ENDING_SECONDS / PIECE_SECONDS)):
        await tab.speak(silence(PIECE_SECONDS))
        await anyio.sleep(PIECE_SECONDS)
    entry.at = anyio.current_time()
    await tab.speak(silence(MORE_SECONDS))


def _begun(tab: Client, since: int) -> bool:
    return any(each.kind in ("reply", "sound") for each in tab.seen[since:])
