"""The turn that is open: what the user says extends it, or begins one, and is answered.

An answer may be begun before it is certain that the user has finished (`app.foreseen`); what was hardly made out is
read back first (`app.reading_back`).
"""

from collections.abc import Callable, Sequence

import anyio

from app.ends import Screen, Surroundings, Voice
from app.events import Understood
from app.foreseen import Foreseen
from app.keeping import Keeping
from app.own_manner import OwnManner
from app.reading_back import ReadingBack
from app.replies import Replies
from app.steps import Steps
from app.tiering import Tiering
from app.turn import SayingId, Turn


class Answering:
    """Of one session."""

    def __init__(
        self,
        *,
        voice: Voice,
        screen: Screen,
        keeping: Keeping,
        around: Surroundings,
        manner: OwnManner,
        tier: Tiering,
        foreseen: Foreseen,
        replies: Replies,
        reading_back: ReadingBack,
        user_speaks: Callable[[], bool],
        busy: Callable[[], bool],
    ) -> None:
        """`busy`: something else that was said is being made out."""
        self._voice = voice
        self._screen = screen
        self._keeping = keeping
        self._around = around
        self._manner = manner
        self._tier = tier
        self._foreseen = foreseen
        self._replies = replies
        self._reading_back = reading_back
        self._user_speaks = user_speaks
        self._busy = busy
        self._turn = Turn()
        self.has_begun = False
        """Whether anything was said on this thread by this user."""

    async def accept(self, said: Understood, *, asks: bool = True) -> bool:
        """Words for us: answered, unless they should be read back first, or tell what is to become of what was; whether
        they are. `asks`: whether they may be read back.
        """
        if self._manner.heard(said.transcript):  # what was begun is in another language
            self._foreseen.falls()
        meant = await self._reading_back.weigh(said)
        if meant is None:
            return False
        judged = self._reading_back.judge(said) if asks and meant is said else "answer"
        if judged != "answer":
            await self._replies.cut()
            if self._turn.closed or not self._turn.sayings:
                self._foreseen.falls()
                if judged == "ask":
                    self._reading_back.ask(said)
                else:
                    await self._reading_back.have_said_again(said)
                return False
        transcript = meant.transcript
        await self.take(transcript.text, meant.saying, said.steps, heard_by=transcript.engine or None)
        return True

    async def take(self, text: str, saying: SayingId, steps: Steps, *, heard_by: str | None = None) -> None:
        """The user said something: extend the open turn, or begin one; then answer it. `heard_by`: the recogniser, of
        what does not stand on the screen yet.
        """
        await self._replies.cut()
        self.has_begun = True
        turn = self._open()
        turn.said.append(text)
        turn.sayings.append(saying)
        turn.steps = steps
        await self._tier.update()
        turn.record["tier"] = self._tier.shown.word
        let_through = self._foreseen.stands(turn.id, "\n".join(turn.said))
        turn.record["foreseen"] = let_through is not None
        shown = anyio.Event()
        self._replies.answer(turn, let_through, shown.wait)
        try:
            if self._user_speaks():  # they went on before their words were made out
                await self._replies.hold()
            await self._keeping.on_disk(saying)
            if heard_by is not None:
                turn.record["stt"] = heard_by
                turn.spoken.append(text)
                await self._screen.show_user(turn.id, " ".join(turn.spoken))
        finally:
            shown.set()

    def foresee(self, text: str) -> None:
        """These words may well be all that the user says now: begin to answer them, unless others would wait for it."""
        if not self._voice.foresees or self._busy() or self._replies.going:
            return
        let_through = self._around.turnstile.at_once()
        if let_through is None:
            return
        turn = self._open()
        tts = self._voice.tts if self._tier.shown.speaks else None
        said = "\n".join([*turn.said, text])
        self._foreseen.begin(turn.id, said, let_through, tts, self._replies.delivery_for(turn))

    def left_of(self, sayings: Sequence[SayingId]) -> list[SayingId]:
        """What nobody answers: these, and those of the open turn, which is closed; unless it is being answered."""
        if self._replies.answering:
            return [each for each in sayings if each not in self._turn.sayings]
        if self._turn.closed:
            return [*sayings]
        self._turn.closed = True
        return [*dict.fromkeys([*sayings, *self._turn.sayings])]

    def _open(self) -> Turn:
        if self._turn.closed:
            self._turn = Turn()
        return self._turn
