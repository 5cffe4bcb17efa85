"""What an answer tells besides its words: how it came about, what is to be otherwise from now on, what is to be done
once it was heard. Or that the turn before was taken for something else: then what was meant is answered.
"""

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from contextlib import aclosing
from dataclasses import asdict

from app.ends import Answerer
from app.events import Chosen, Event
from app.joints import Joints
from app.turn import Turn
from graph.types import (
    Account,
    Delete,
    Directive,
    FallAsleep,
    Fetched,
    Forget,
    GoTo,
    LeafTo,
    Mute,
    Prefers,
    Rename,
    TakeBack,
)


class Directives:
    """Of one session."""

    def __init__(
        self,
        conversation: Answerer,
        joints: Joints,
        *,
        mention: Callable[[str], None],
        moved: Callable[[], None],
        tell: Callable[[Event], Awaitable[None]],
    ) -> None:
        """`moved` is called with all that comes. `tell`: to the inbox."""
        self._conversation = conversation
        self._manner = joints.manner
        self._loudspeaker = joints.loudspeaker
        self._meters = joints.around.meters
        self._deeds = joints.deeds
        self._mention = mention
        self._moved = moved
        self._tell = tell

    async def words_of(
        self, reply: AsyncIterable[str | Directive], turn: Turn, may_begin: Callable[[], Awaitable[None]]
    ) -> AsyncGenerator[str, None]:
        """What is left when the rest was seen to, or noted. `may_begin` returns when it may be seen and heard."""
        meant = ""
        async for item in reply:
            self._moved()
            match item:
                case str():
                    turn.steps.begin("phrasing")
                    yield item
                case Fetched():
                    turn.steps.begin("thinking")
                case Account():
                    turn.record |= asdict(item)
                    for trouble in item.troubles:
                        if trouble.endswith(":shed"):
                            self._meters.turn_shed(trouble)
                case TakeBack(meant=str(text)) if text:
                    meant = text
                case GoTo() | Rename() | Delete() | Mute() | FallAsleep() | TakeBack() | Forget() | LeafTo():
                    turn.deeds.append(item)
                    if self._deeds is not None:
                        await self._deeds.prepare(turn, item)
                case _:
                    if already := self._manner.follow(turn, item):
                        self._mention(already)
                    self._loudspeaker.set_volume(self._manner.now.volume)
                    if isinstance(item, Prefers) and item.what == "tier":  # elsewhere it holds for the next session
                        await self._tell(Chosen({"tier": item.value}))
        if meant:
            await may_begin()  # their own words are shown by then
            async with aclosing(self._instead(turn, meant, may_begin)) as words:
                async for piece in words:
                    yield piece

    async def _instead(
        self, turn: Turn, meant: str, may_begin: Callable[[], Awaitable[None]]
    ) -> AsyncGenerator[str, None]:
        if self._deeds is not None and (event := await self._deeds.instead(turn, meant)):
            await self._tell(event)
        async with (
            aclosing(self._conversation.reply(turn.id, meant)) as reply,
            aclosing(self.words_of(reply, turn, may_begin)) as words,
        ):
            async for piece in words:
                yield piece
