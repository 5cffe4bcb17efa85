"""Whatever the order: every saying is settled exactly once, is on offer or in somebody's hands until then, and none is
lost. Against a dict.
"""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from app.packing import Packer
from app.sayings import LEFT, STOPPED
from app.turn import Offer, Outcome, SayingId, new_saying
from app.turns import ThreadLog, Turns, open_turns
from tests.made.sayer import KEEP_ALL, PATIENCE_SECONDS
from tests.made.speech import utterance
from voice.types import Transcript, Utterance

T = TypeVar("T")

THREADS = (str(uuid4()), str(uuid4()))
EXAMPLES = 25
A_LONG_TIME = 1e6
"""Nothing is packed but when the story says so."""
OUTCOMES: tuple[Outcome, ...] = ("answered", "cut", "silenced", "no-words", "offered")


@dataclass
class Modelled:
    thread: str
    content: str | Utterance
    holder: int | None
    """Which session has it in hand; none once it is settled, or when that session is no more."""
    process: int
    outcome: Outcome | None = None
    reason: str = ""
    text: str = ""
    settled: int = 0
    """How often a call said that it had settled it."""
    recorded: bool = field(init=False)
    packed: bool = False

    @property
    def sound(self) -> Utterance | None:
        """As long as it is there."""
        return self.content if isinstance(self.content, Utterance) and self.recorded else None

    def __post_init__(self) -> None:
        self.recorded = isinstance(self.content, Utterance)
        self.text = "" if isinstance(self.content, Utterance) else self.content


class EverySayingIsSettledOnce(RuleBasedStateMachine):
    sessions: Bundle[int] = Bundle("sessions")
    sayings: Bundle[SayingId] = Bundle("sayings")

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.portal: BlockingPortal = self.stack.enter_context(start_blocking_portal("asyncio"))
        self.model: dict[SayingId, Modelled] = {}
        self.logs: dict[int, ThreadLog] = {}
        self.born = 0
        self.process = 0

    def teardown(self) -> None:
        self.closing.__exit__(None, None, None)
        self.stack.close()

    def call(self, method: Callable[..., Any], *args: object) -> Any:
        return self.portal.call(lambda: method(*args))

    @initialize()
    def begin(self) -> None:
        self.closing: AbstractContextManager[Turns] = self.portal.wrap_async_context_manager(
            open_turns(self.folder, KEEP_ALL, answer_seconds=PATIENCE_SECONDS, pause_seconds=A_LONG_TIME)
        )
        self.turns = self.closing.__enter__()

    # -- sessions come and go, and so does the process -------------------------------------------------------

    @rule(target=sessions, thread=st.sampled_from(THREADS))
    def open_thread(self, thread: str) -> int:
        self.born += 1
        self.logs[self.born] = self.turns.of(thread, "local")
        return self.born

    @rule(session=sessions)
    def let_go(self, session: int) -> None:
        if session in self.logs:
            self.call(self.logs[session].let_go)
            self.given_back(lambda each: each.holder == session, LEFT)

    @rule(session=consumes(sessions))
    def end_without_a_word(self, session: int) -> None:
        self.logs.pop(session, None)
        for each in self.model.values():
            each.holder = None if each.holder == session else each.holder

    @rule()
    def reopen(self) -> None:
        self.closing.__exit__(None, None, None)
        self.logs.clear()
        self.process += 1
        for each in self.model.values():
            each.holder = None
        self.begin()

    @rule()
    def pack(self) -> None:
        self.call(Packer(self.turns, "flac").pack_all)
        for each in self.model.values():
            each.packed |= each.recorded and each.outcome is not None

    @rule()
    def sweep(self) -> None:
        self.call(self.turns.sweep_temporary)

    @rule()
    def expire(self) -> None:
        self.call(self.turns.expire, datetime.now(UTC) + timedelta(days=91))
        self.given_back(lambda each: each.holder is None, None)
        for each in self.model.values():
            if each.recorded and each.outcome is not None:
                each.recorded = False
                each.reason += " kept-days:90" if each.outcome == "offered" else ""

    @rule(session=sessions)
    def look_back(self, session: int) -> None:
        if session not in self.logs:
            return
        thread = self.logs[session].thread
        told = [said for turn in self.call(self.turns.thread_review, thread, "local") for said in turn.sayings]
        assert [(said.id, said.text, said.outcome, said.recorded) for said in told] == [
            (saying, each.text, each.outcome, each.recorded)
            for saying, each in self.model.items()
            if each.thread == thread
        ]

    # -- what is said and becomes of it ----------------------------------------------------------------------

    @rule(target=sayings, session=sessions, content=st.sampled_from(["hello", "and so on", utterance(bytes(640))]))
    def say(self, session: int, content: str | Utterance) -> Any:
        if session not in self.logs:
            return multiple()
        saying, log = new_saying(), self.logs[session]
        self.call(log.typed if isinstance(content, str) else log.recorded, saying, content)
        self.model[saying] = Modelled(log.thread, content, session, self.process)
        return saying

    @rule(session=sessions, saying=sayings)
    def understand(self, session: int, saying: SayingId) -> None:
        each = self.model[saying]
        if session in self.logs:
            self.call(self.logs[session].understood, saying, Transcript("made out"))
            if self.logs[session].thread == each.thread and each.outcome in (None, "offered"):
                each.text = "made out"

    @rule(session=sessions, which=st.lists(sayings, min_size=1, max_size=3), outcome=st.sampled_from(OUTCOMES))
    def settle(self, session: int, which: list[SayingId], outcome: Outcome) -> None:
        if session not in self.logs:
            return
        thread = self.logs[session].thread
        count = self.call(
            lambda: self.logs[session].settle(which, outcome, reason="given back" if outcome == "offered" else "")
        )
        due = {saying for saying in which if self.model[saying].thread == thread and not self.model[saying].outcome}
        assert count == len(due)
        for saying in due:
            self.becomes(saying, outcome, "given back")

    @rule(target=sayings, session=sessions, saying=sayings)
    def take_up(self, session: int, saying: SayingId) -> Any:
        if session not in self.logs:
            return multiple()
        each, anew = self.model[saying], new_saying()
        on_offer = self.is_on_offer(each, self.logs[session].thread)
        content = self.call(self.logs[session].take_up, saying, anew)
        assert content == ((each.text or each.sound) if on_offer else None)
        if not on_offer:
            return multiple()
        self.becomes(saying, "dismissed" if content is None else "taken-up")
        if content is None:
            return multiple()
        self.model[anew] = Modelled(self.logs[session].thread, content, session, self.process)
        each.recorded &= not self.model[anew].recorded
        return anew

    @rule(session=sessions, saying=sayings)
    def dismiss(self, session: int, saying: SayingId) -> None:
        if session in self.logs:
            self.call(self.logs[session].dismiss, saying)
            each = self.model[saying]
            if self.is_on_offer(each, self.logs[session].thread):
                self.becomes(saying, "dismissed")

    @rule(session=sessions)
    def look_at_offers(self, session: int) -> None:
        if session not in self.logs:
            return
        offers: tuple[Offer, ...] = self.call(self.logs[session].offers)
        self.given_back(lambda each: each.holder is None, None)
        expected = [
            (saying, each.text, each.recorded, each.reason)
            for saying, each in self.model.items()
            if self.is_on_offer(each, self.logs[session].thread)
        ]
        assert [(each.saying, each.text, each.seconds is not None, each.reason) for each in offers] == expected

    # -- the model -------------------------------------------------------------------------------------------

    def is_on_offer(self, each: Modelled, thread: str) -> bool:
        """On its own thread, and everywhere where its own never had a word."""
        has_words = any(other.text for other in self.model.values() if other.thread == each.thread)
        return each.outcome == "offered" and (each.thread == thread or not has_words)

    def becomes(self, saying: SayingId, outcome: Outcome, reason: str = "") -> None:
        each = self.model[saying]
        assert each.outcome in (None, "offered")
        each.settled += each.outcome is None
        each.outcome, each.holder, each.reason = outcome, None, reason
        each.recorded &= outcome not in ("no-words", "dismissed")

    def given_back(self, which: Callable[[Modelled], bool], reason: str | None) -> None:
        for saying, each in self.model.items():
            if each.outcome is None and which(each):
                self.becomes(saying, "offered", reason or (LEFT if each.process == self.process else STOPPED))

    @invariant()
    def nothing_is_settled_twice_or_lost(self) -> None:
        assert all(each.settled <= 1 for each in self.model.values())
        there = {file.name for file in self.folder.glob("recordings/*/*")}
        assert there == {
            f"{saying}.{'flac' if each.packed else 'wav'}" for saying, each in self.model.items() if each.recorded
        }


EverySayingIsSettledOnce.TestCase.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestEverySayingIsSettledOnce = EverySayingIsSettledOnce.TestCase
