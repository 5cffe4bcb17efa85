"""What the engines at hand cannot do of what a person wants, told them once: a voice, or an ear, for their language."""

from collections.abc import Callable

from app.ends import Screen
from app.notices import told
from app.own_manner import OwnManner
from voice.types import Delivery, Reason


class OwningUp:
    """Of one session; what was told in one is not told in their others."""

    def __init__(
        self,
        manner: OwnManner,
        *,
        screen: Screen,
        lacking: Callable[[Delivery], Reason | None],
        deaf_to: Callable[[str], Reason | None],
    ) -> None:
        """`lacking`, `deaf_to`: as `app.ends.Voice` has them."""
        self._manner = manner
        self._screen = screen
        self._lacking = lacking
        self._deaf_to = deaf_to

    def spoke(self) -> str:
        """A voice has answered them: what to say of it; nothing, mostly."""
        return self._once(self._lacking(self._manner.delivery))

    async def listens(self) -> str:
        """Their microphone is open: what to say of that; it is shown here."""
        deaf = self._deaf_to(self._manner.language)
        text = self._once(deaf)
        if text and deaf:
            await self._screen.show_notice("warning", "language-unheard", told(self._manner.language, deaf))
        return text

    def _once(self, reason: Reason | None) -> str:
        if reason is None or reason in self._manner.owned_up:
            return ""
        self._manner.owned_up.add(reason)
        return told(self._manner.tongue, reason)
