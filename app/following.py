"""What a user has chosen takes effect in a session, whether it was chosen there, by voice, or in another of theirs.

But for the tier: who wants no sound on a train may want it at home, where another page of theirs is open. There it is
what a session begins with.
"""

from collections.abc import Awaitable, Callable

from app.barge_in import BargeIn
from app.ends import Screen
from app.events import Chosen, MannerChanged, PageCame
from app.manner import Manner, TierWord
from app.notices import tell
from app.own_manner import OwnManner
from app.tiering import Tiering
from voice.endpointing import Endpointer


class Following:
    """Of one session."""

    def __init__(
        self,
        manner: OwnManner,
        *,
        endpointer: Endpointer,
        barge_in: BargeIn,
        tier: Tiering,
        screen: Screen,
        tell: Callable[[MannerChanged], Awaitable[None]],
    ) -> None:
        """`tell`: to the inbox."""
        self._manner = manner
        self._endpointer = endpointer
        self._barge_in = barge_in
        self._tier = tier
        self._screen = screen
        self._tell = tell
        self._here, self._told = manner.now, manner.moves
        self._set()

    async def hear(self) -> None:
        """Run beside the session."""
        while True:
            self._told = await self._manner.changed(self._told)
            await self._tell(MannerChanged())

    async def handle(self, event: PageCame | Chosen | MannerChanged) -> None:
        match event:
            case PageCame():
                await self._screen.show_manner(self._here)
                lost, self._manner.lost = self._manner.lost, False  # once
                if lost:
                    text = tell(self._manner.language, "manner-lost")
                    await self._screen.show_notice("warning", "manner-lost", text)
            case Chosen():
                self._manner.choose(**event.manner)
                await self._follow(self._manner.now if "tier" in event.manner else self._with(self._here.tier))
            case MannerChanged():
                now = self._with(self._here.tier)
                if now != self._here:  # it was not chosen here
                    await self._follow(now)

    def _with(self, tier: TierWord) -> Manner:
        return self._manner.now.model_copy(update={"tier": tier})

    async def _follow(self, now: Manner) -> None:
        before, self._here = self._here, now
        self._set()
        await self._screen.show_manner(now)
        if now.tier != before.tier:
            await self._tier.choose(now.choice)

    def _set(self) -> None:
        self._endpointer.patience, self._endpointer.ending = self._here.patience, self._here.endpointed
        self._barge_in.mode = self._here.barge_in
