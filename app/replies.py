"""What is said to one user: the answer to their turn, which they may interrupt, and what else they should hear.

One thing is said at a time, as a task. An answer that was not heard at all leaves its turn open; of one that was cut,
the thread keeps what was heard.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final, NamedTuple

import anyio
import structlog
from anyio import TaskHandle
from anyio.abc import TaskGroup

from app.company import Company
from app.directives import Directives
from app.ends import Answerer
from app.events import Event
from app.joints import Joints
from app.notices import tell
from app.settling import Settling
from app.steps import Steps
from app.turn import SayingId, Turn, is_question
from app.turnstile import Pass
from resilience.errors import AllRungsFailed, EngineError
from voice.protocols import TextToSpeech
from voice.sentences import sentences
from voice.speaking import speak
from voice.types import Delivery

log = structlog.get_logger(__name__)

SHOWING_SECONDS: Final = 4.0
CUTTING_SECONDS: Final = 5.0
"""A reply that takes longer to end is left behind: it has been told."""


class _Mention(NamedTuple):
    text: str
    begun: Callable[[], None]


class Replies:
    def __init__(
        self,
        tasks: TaskGroup,
        conversation: Answerer,
        joints: Joints,
        *,
        company: Company,
        tts: Callable[[], TextToSpeech],
        speaking_with: Callable[[], str],
        spoke: Callable[[], str],
        idle: Callable[[], Awaitable[None]],
        tell: Callable[[Event], Awaitable[None]],
    ) -> None:
        """`tts`: the voice to speak with from now on; `speaking_with`: its name. `spoke` is called when an answer was
        given, and has what is to be said of that, if anything; `idle`, when nothing more is said. `tell`: to the inbox.
        """
        self._tasks = tasks
        self._conversation = conversation
        self._screen = joints.screen
        self._loudspeaker = joints.loudspeaker
        self._company = company
        self._around = joints.around
        self._manner = joints.manner
        self._tts = tts
        self._spoke = spoke
        self._idle = idle
        self._settling = Settling(conversation, joints, speaking_with=speaking_with, tell=tell)
        self._directives = Directives(conversation, joints, mention=self.mention, moved=self._move, tell=tell)
        self._loudspeaker.set_volume(self._manner.now.volume)
        self._began = anyio.current_time()
        self._saying: TaskHandle[None] | None = None
        self._answering: Turn | None = None
        """The turn whose answer is being given; None while something else is said."""
        self._has_begun = False
        self._mentions: list[_Mention] = []
        """What is to be said as soon as nobody speaks."""
        self._mentioned: _Mention | None = None
        """Which of them is just being said."""
        self.asked = False
        """Whether the last thing that was said to its end is a question."""
        self._moves = 0
        self._queues = False
        self.held = False
        """Whether the sound is paused, for somebody speaks."""

    @property
    def going(self) -> bool:
        return self._saying is not None and self._saying.status is TaskHandle.Status.PENDING

    @property
    def answering(self) -> bool:
        """Whether an answer is being given, and not something else said."""
        return self.going and self._answering is not None

    @property
    def awaited(self) -> bool:
        """Whether there will be an answer, and nothing of it was shown yet."""
        return self.answering and not self._has_begun

    @property
    def begun(self) -> bool:
        """Whether something is being said that the user has seen or heard of."""
        return self.going and not self.awaited

    @property
    def aside(self) -> str:
        """What else than an answer is being said."""
        return self._mentioned.text if self.going and self._mentioned is not None else ""

    @property
    def moves(self) -> int | None:
        """Grows with every step that what is being said takes; None while it waits for others."""
        return None if self._queues else self._moves

    def delivery_for(self, turn: Turn) -> Delivery:
        """In which its answer will begin to be spoken."""
        return self._manner.delivery_for(turn)

    def answer(self, turn: Turn, let_through: Pass | None, may_begin: Callable[[], Awaitable[None]]) -> None:
        """Nothing else may be being said. `let_through`: the answer has passed the turnstile already. `may_begin`
        returns when it may be seen and heard.
        """
        self._has_begun = False
        self._may_begin = may_begin
        self._saying = self._tasks.create_task(self._answer(turn, let_through))

    def mention(self, text: str, begun: Callable[[], None] = lambda: None) -> None:
        """Something to be said as soon as nobody speaks; the thread keeps it."""
        self._mentions.append(_Mention(text, begun))

    def unsay(self, text: str) -> None:
        """It need not be said any more."""
        self._mentions = [each for each in self._mentions if each.text != text]

    def speak_up(self) -> None:
        """Nobody speaks: say what waits to be said."""
        if self._mentions and not self.going:
            self._saying = self._tasks.create_task(self._say_mentions())

    async def give_back(self, sayings: Sequence[SayingId], why: str, *, turn: Turn | None = None) -> None:
        """It could not be answered: it is kept, and the user is told and may have it answered later. `why`: see
        `why_offered`.
        """
        self._company.over()
        self.mention(await self._settling.give_back(sayings, why, turn))

    async def hold(self) -> None:
        if self.going and not self.held:
            self.held = True
            await self._loudspeaker.pause()

    async def go_on(self) -> None:
        if self.held:
            self.held = False
            await self._loudspeaker.resume()

    async def stop(self) -> None:
        """Be silent, at the user's word: whatever was not heard was not said."""
        self._mentions.clear()
        self._mentioned = None
        turn = self._answering
        if turn is not None:
            turn.stopped = True
        await self.cut()
        if turn is not None and not turn.closed:
            turn.closed = True
            self._tasks.start_soon(self._settling.settle, turn, (), "silenced")

    async def give_up(self) -> None:
        """It does not move any more: whatever is missing of it will not come."""
        turn = self._answering
        await self.cut()
        if turn is None:
            return
        if turn.closed:
            self.mention(tell(self._manner.tongue, "rest-missing"))
        else:
            turn.closed = True
            await self.give_back(turn.sayings, "no-answer", turn=turn)

    async def cut(self) -> None:
        """Stop it, see it gone, then clear the air. Its turn stays open if nothing of the answer was heard."""
        if self._saying is None or not self.going:
            return
        turn, self._answering = self._answering, None
        self._saying.cancel()
        with anyio.move_on_after(CUTTING_SECONDS) as patience:
            await self._saying.wait()
        if patience.cancelled_caught:
            log.error("a reply does not end")
        self._saying = None
        self.held = False
        heard = await self._loudspeaker.interrupt()
        if self._mentioned is not None and not heard:  # it was cut before it began: it is said another time
            self._mentions.insert(0, self._mentioned)
        self._mentioned = None
        if turn is not None and not any(each.fraction > 0 for each in heard):
            await self._screen.reply_discarded()
            return
        if turn is not None:
            self._settling.close(turn)
            self._tasks.start_soon(self._settling.settle, turn, heard, "cut")
        await self._show_ended()

    async def _answer(self, turn: Turn, let_through: Pass | None) -> None:
        """One reply. Trouble ends the turn, never the session."""
        self._answering = turn
        self._move()
        self._queues = False
        turn.deeds.clear()
        turn.undoing.clear()
        await self._screen.show_state("thinking")
        self._manner.begin(turn)
        self._loudspeaker.set_volume(self._manner.now.volume)
        turn.steps.begin("waiting")
        try:
            async with self._around.turnstile.passage(self._began, self._queue, own=let_through) as way:
                self._queues = False
                self._company.begin("thinking")
                turn.steps.begin("fetching")

                def begun() -> None:
                    self._has_begun = True
                    self._move()
                    turn.steps.begin("speaking")
                    self._company.over()
                    way.give_back()

                hurried = self._company.seconds > self._around.turn_seconds / 2
                late = self._company.seconds > self._around.turn_seconds
                if late:
                    self._around.meters.turn_shed("look-ahead")
                    turn.record["look_ahead"] = False
                async with (
                    aclosing(self._conversation.reply(turn.id, "\n".join(turn.said), hurried=hurried)) as reply,
                    aclosing(self._directives.words_of(reply, turn, self._may_begin)) as deltas,
                    aclosing(sentences(deltas)) as clauses,
                    aclosing(_phrased(clauses, turn.steps)) as lines,
                ):
                    await speak(
                        lines,
                        self._tts(),
                        self._loudspeaker,
                        delivery=lambda: self._manner.delivery,
                        look_ahead=not late,
                        may_begin=self._may_begin,
                        begun=begun,
                    )
                heard = await self._loudspeaker.finish()
            self.asked = bool(heard) and is_question(heard[-1].sentence)
            if aside := self._spoke():
                self.mention(aside)
            turn.closed = True
            self._answering = None
            if await self._show_ended():
                self._settling.close(turn, silent=not heard)
                self._tasks.start_soon(self._settling.settle, turn, heard, "answered")
            else:
                await self.give_back(turn.sayings, "nobody-there", turn=turn)
        except (AllRungsFailed, EngineError) as exc:
            turn.closed = True
            self._answering = None
            log.warning("turn failed", code=exc.code)
            await self._show_ended()
            await self.give_back(turn.sayings, "failed", turn=turn)
        self._company.over()
        await self._say_mentions()

    async def _show_ended(self) -> bool:
        """Whoever ends it, and however: a turn that is over must be settled."""
        with anyio.move_on_after(SHOWING_SECONDS, shield=True):
            return await self._screen.reply_ended()
        return False

    def _move(self) -> None:
        self._moves += 1

    async def _queue(self) -> None:
        self._queues = True
        self._company.begin("queueing")

    async def _say_mentions(self) -> None:
        while self._mentions:
            self._mentioned = self._mentions.pop(0)
            self._move()
            text, begun = self._mentioned
            async with aclosing(_only(text)) as line:
                await speak(line, self._tts(), self._loudspeaker, delivery=lambda: self._manner.delivery, begun=begun)
            await self._loudspeaker.finish()
            self.asked = is_question(text)
            self._mentioned = None
            await self._screen.reply_ended()
        await self._idle()


async def _phrased(clauses: AsyncIterable[str], steps: Steps) -> AsyncGenerator[str, None]:
    async for clause in clauses:
        steps.begin("voicing")
        yield clause


async def _only(text: str) -> AsyncGenerator[str, None]:
    yield text
