"""What becomes of a turn that is over: it is written up, settled in the thread and in the log, and what was to be done
at the user's word is done. Or it is given back to them.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import anyio
import structlog

from app.ends import Answerer
from app.events import Event
from app.joints import Joints
from app.notices import tell, why_offered
from app.turn import Outcome, SayingId, Turn, heard_text
from resilience.errors import EngineError
from voice.types import Heard

log = structlog.get_logger(__name__)

SETTLING_SECONDS: Final = 30.0


class Settling:
    """Of one session."""

    def __init__(
        self,
        conversation: Answerer,
        joints: Joints,
        *,
        speaking_with: Callable[[], str],
        tell: Callable[[Event], Awaitable[None]],
    ) -> None:
        """`tell`: to the inbox."""
        self._conversation = conversation
        self._screen = joints.screen
        self._keeping = joints.keeping
        self._meters = joints.around.meters
        self._manner = joints.manner
        self._deeds = joints.deeds
        self._speaking_with = speaking_with
        self._tell = tell

    def close(self, turn: Turn, *, silent: bool = False) -> None:
        """It is over, and was not given back. `silent`: nothing was said to it."""
        turn.closed = True
        if self._deeds is not None and (turn.deeds or turn.before or not silent):
            self._deeds.closes(turn)

    async def settle(self, turn: Turn, heard: tuple[Heard, ...], outcome: Outcome) -> None:
        """Off the clock, and even when the user has left meanwhile."""
        self._write_up(turn, heard)
        with anyio.CancelScope(shield=True):
            try:
                with anyio.move_on_after(SETTLING_SECONDS):
                    await self._conversation.settle(turn.id, heard_text(heard), complete=outcome == "answered")
            except EngineError as exc:
                log.warning("turn not remembered", code=exc.code, reason=exc.reason)
                await self._screen.show_notice("warning", exc.code, tell(self._manner.language, "not-stored"))
            await self._keeping.settle(turn.sayings, outcome, turn=turn.id, record=turn.record)
            if self._deeds is not None:
                await self._deeds.carry_out(turn, outcome, self._tell)

    async def give_back(self, sayings: Sequence[SayingId], why: str, turn: Turn | None) -> str:
        """It is kept, and may be answered later; what to tell the user. `why`: see `why_offered`."""
        log.warning("given back", code=why)
        if self._deeds is not None:
            self._deeds.here.trouble = why
        if turn is None:
            kept = await self._keeping.settle(sayings, "offered", reason=why)
        else:
            self._write_up(turn)
            kept = await self._keeping.settle(sayings, "offered", reason=why, turn=turn.id, record=turn.record)
        way_out = "say-it-again" if not kept else "kept-recording" if turn is None else "kept-question"
        language = self._manner.tongue
        return f"{why_offered(language, why)} {tell(language, way_out)}"

    def _write_up(self, turn: Turn, heard: Sequence[Heard] = ()) -> None:
        """The rest of its record."""
        if heard and heard[0].began_at is not None:
            turn.steps.sounded(heard[0].began_at)
        turn.steps.end()
        steps = turn.steps.as_record()
        self._meters.turn_timed(steps)
        turn.record |= {
            "tts": self._speaking_with(),
            "heard": [(each.sentence, round(each.fraction, 2)) for each in heard],
            "steps": steps,
        }
