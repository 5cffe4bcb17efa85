"""The answer to what may be all that the user says: begun in the pause, so that it is there when it was the end.

Its words and the sound of its first sentence are kept back. When the session says that it stands, they are handed out
to whoever asks for that reply and for that sentence. Until then nobody knows of it; when it falls, nobody ever does.
"""

import math
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final, Generic, TypeVar

import anyio
from anyio import TaskHandle
from anyio.abc import TaskGroup

from app.ends import Conversation, Meters
from app.turnstile import Pass
from graph.types import Account, Directive, TurnId
from resilience.errors import AllRungsFailed, EngineError
from voice.protocols import TextToSpeech
from voice.sentences import sentences
from voice.types import AS_USUAL, AudioFrame, Delivery

T = TypeVar("T")

LONGEST_SECONDS: Final = 10.0
"""How long it waits for an end that does not come: the microphone may have gone silent altogether."""


class Foreseen:
    """Of one session, one answer at a time; the conversation and the voice as its replies see them."""

    def __init__(self, tasks: TaskGroup, conversation: Conversation, meters: Meters) -> None:
        self._tasks = tasks
        self._conversation = conversation
        self._meters = meters
        self._ahead: _Ahead | None = None
        """Nobody knows yet whether it stands."""
        self._stood: _Ahead | None = None

    def begin(self, turn: TurnId, text: str, let_through: Pass, tts: TextToSpeech | None, delivery: Delivery) -> None:
        """Instead of what was begun before. `let_through`: by the turnstile. `tts` None: nobody is to hear it."""
        self.falls()
        self._ahead = _Ahead(turn, text, let_through, tts, delivery)
        self._ahead.task = self._tasks.create_task(self._ahead.run(self._conversation))

    def falls(self) -> None:
        """It is not wanted any more."""
        if self._ahead is not None:
            self._ahead.cancel()
            self._ahead = None
            self._meters.foreseen(stood=False)

    def stands(self, turn: TurnId, text: str) -> Pass | None:
        """The user said just that, and it is asked next. None: nobody has begun on it."""
        if self._stood is not None:
            self._stood.cancel()
            self._stood = None
        ahead = self._ahead
        if ahead is None or not ahead.answers(turn, text) or not self._conversation.stands(turn):
            self.falls()
            return None
        self._ahead, self._stood = None, ahead
        ahead.stand()
        self._meters.foreseen(stood=True)
        return ahead.let_through

    async def reply(self, turn: TurnId, text: str, *, hurried: bool = False) -> AsyncGenerator[str | Directive, None]:
        ahead = self._stood
        if ahead is not None and ahead.answers(turn, text) and not ahead.is_being_told:
            asked = ahead.tell()
        else:
            asked = self._conversation.reply(turn, text, hurried=hurried)
        async with aclosing(asked) as pieces:
            async for piece in pieces:
                yield piece

    async def settle(self, turn: TurnId, heard: str, *, complete: bool) -> None:
        await self._conversation.settle(turn, heard, complete=complete)

    def voice(self, tts: TextToSpeech) -> TextToSpeech:
        """The same, and what of the answer it has said already."""
        return _Prepared(tts, self._stood.hand_over_speech()) if self._stood is not None else tts


class _Ahead:
    """One answer that was begun."""

    def __init__(
        self, turn: TurnId, text: str, let_through: Pass, tts: TextToSpeech | None, delivery: Delivery
    ) -> None:
        self._turn = turn
        self._text = text
        self.let_through = let_through
        self._tts = tts
        self._delivery = delivery
        self.task: TaskHandle[None] | None = None
        self._scope = anyio.CancelScope(deadline=anyio.current_time() + LONGEST_SECONDS)
        self._stands = self._is_about_manner = self.is_being_told = False
        self._pieces = _Tape[str | Directive]()
        self._speech: _Speech | None = None

    def answers(self, turn: TurnId, text: str) -> bool:
        is_alive = self._pieces.failure is None and not self._scope.cancel_called
        return is_alive and (self._turn, self._text) == (turn, text)

    def stand(self) -> None:
        self._stands = True
        self._scope.deadline = math.inf

    def cancel(self) -> None:
        self._scope.cancel()

    def hand_over_speech(self) -> "_Speech | None":
        speech, self._speech = self._speech, None
        return speech

    async def run(self, conversation: Conversation) -> None:
        try:
            with self._scope:
                async with anyio.create_task_group() as tasks:
                    try:
                        await self._think(conversation, tasks)
                    except (AllRungsFailed, EngineError) as exc:
                        self._pieces.end(exc)
                    self._pieces.end()
        finally:
            self.let_through.give_back()

    async def tell(self) -> AsyncGenerator[str | Directive, None]:
        """Once. Closing it ends the work on it."""
        self.is_being_told = True
        through = False
        try:
            async with aclosing(self._pieces.read()) as pieces:
                async for piece in pieces:
                    yield piece
            through = True
        finally:
            if not through and self.task is not None:
                self.cancel()
                with anyio.CancelScope(shield=True):
                    await self.task.wait()

    async def _think(self, conversation: Conversation, tasks: TaskGroup) -> None:
        """Its last piece but for the end, which comes when it stands, is the account."""
        async with aclosing(conversation.reply(self._turn, self._text, provisional=True)) as reply:
            async with aclosing(self._taken_down(reply)) as words:
                async with aclosing(sentences(words)) as lines:
                    first = await anext(lines, None)
                # Whoever asks for it from now on is quicker with a voice of their own.
                if first and self._tts is not None and not self._is_about_manner and not self._stands:
                    self._speech = _Speech(self._tts, first, self._delivery)
                    tasks.start_soon(self._speech.make)
                async for _ in words:
                    pass
            async for piece in reply:
                self._pieces.add(piece)

    async def _taken_down(self, reply: AsyncGenerator[str | Directive, None]) -> AsyncGenerator[str, None]:
        async for piece in reply:
            self._pieces.add(piece)
            match piece:
                case str():
                    yield piece
                case Account():
                    return
                case _:
                    self._is_about_manner = True


class _Speech:
    """The sound of one sentence."""

    def __init__(self, tts: TextToSpeech, sentence: str, delivery: Delivery) -> None:
        self._tts = tts
        self._asked = sentence, delivery
        self._scope = anyio.CancelScope()
        self.sound = _Tape[AudioFrame]()

    def says(self, tts: TextToSpeech, sentence: str, delivery: Delivery) -> bool:
        return self._tts is tts and self._asked == (sentence, delivery) and self.sound.failure is None

    def cancel(self) -> None:
        self._scope.cancel()

    async def make(self) -> None:
        sentence, delivery = self._asked
        with self._scope:
            try:
                async with aclosing(self._tts.synthesize(sentence, delivery)) as sound:
                    async for frame in sound:
                        self.sound.add(frame)
            except (AllRungsFailed, EngineError) as exc:
                self.sound.end(exc)
            self.sound.end()


class _Prepared:
    """A voice that may have begun on the first sentence it is asked for."""

    def __init__(self, tts: TextToSpeech, speech: _Speech | None) -> None:
        self._tts = tts
        self._speech = speech

    async def synthesize(self, sentence: str, delivery: Delivery = AS_USUAL) -> AsyncGenerator[AudioFrame, None]:
        speech, self._speech = self._speech, None
        if speech is not None:
            sounds = False
            try:
                if speech.says(self._tts, sentence, delivery):
                    async with aclosing(speech.sound.read()) as sound:
                        async for frame in sound:
                            sounds = True
                            yield frame
                    return
            except (AllRungsFailed, EngineError):
                if sounds:
                    raise
            finally:
                speech.cancel()
        async with aclosing(self._tts.synthesize(sentence, delivery)) as anew:
            async for frame in anew:
                yield frame


class _Tape(Generic[T]):
    """What is to be read once, from its beginning, and may still be growing."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._is_over = False
        self.failure: AllRungsFailed | EngineError | None = None
        self._news = anyio.Event()

    def add(self, item: T) -> None:
        self._items.append(item)
        self._news.set()

    def end(self, failure: AllRungsFailed | EngineError | None = None) -> None:
        self.failure = self.failure or failure
        self._is_over = True
        self._news.set()

    async def read(self) -> AsyncGenerator[T, None]:
        """Raises what it ended with."""
        while True:
            while self._items:
                yield self._items.popleft()
            if self._is_over:
                break
            self._news = anyio.Event()
            await self._news.wait()
        if self.failure is not None:
            raise self.failure
