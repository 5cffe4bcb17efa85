"""How one person talks with the house: what they chose, over what the house is set to, and what was learnt of them.

All of a person's sessions share it: what is chosen in one holds in the others.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import anyio

from app.desk_words import say
from app.manner import Manner
from app.notices import tell
from app.turn import Turn
from app.wishes import chosen_by, is_patience, limit_of
from graph.strings import LANGUAGES
from graph.types import Directive, Language, Prefers
from voice.choosing import voice_called
from voice.pauses import Pauses
from voice.types import Delivery, KnownVoice, Reason, Transcript

GOING_SECONDS: Final = 20.0
"""To another conversation: a page that opens it, and the time to begin to speak there."""


class OwnManner:
    """Of one person, shared by all their sessions."""

    def __init__(
        self,
        house: Manner,
        chosen: Mapping[str, Any] | None = None,
        pauses: Pauses | None = None,
        *,
        lost: bool = False,
        keep: Callable[["OwnManner", bool], None] = lambda *_: None,
        voices: Callable[[], Sequence[KnownVoice]] = lambda: (),
        language: Language = "en",
    ) -> None:
        """`house`: what holds where nothing was chosen. `keep` is told that there is something to keep, and whether at
        once. `lost`: what had been kept cannot be read, and the person should know. `language`: of the house.
        """
        self._house = house
        self.chosen: dict[str, Any] = dict(chosen or {})
        """By the names of `Manner`; and what only a newer version knows."""
        self.pauses = Pauses() if pauses is None else pauses
        self.lost = lost
        self._keep = keep
        self.voices = voices
        """Among which they may choose, as of now."""
        self._houses_language: Language = language
        self.pages_language: Language | None = None
        """Of the page that came last, where it says."""
        self._heard_language: Language | None = None
        self.owned_up: set[Reason] = set()
        """What they were told that the engines cannot do, and need not be told again."""
        self.now = self._over_house(self.chosen)
        self.moves = 0
        """How often something else was chosen."""
        self._goes_on_until = -math.inf
        self._left = ""
        self._moved = anyio.Event()

    @property
    def language(self) -> Language:
        """Of all that they are shown: the one that they chose, or their page's, or the house's."""
        return self.chosen_language or self.pages_language or self._houses_language

    @property
    def tongue(self) -> Language:
        """In which they are spoken to: where they chose none, the one that they were last heard to speak."""
        return self._tongue_in(self.now)

    @property
    def chosen_language(self) -> Language | None:
        return None if self.now.language == "auto" else self.now.language

    @property
    def hint(self) -> str | None:
        """For recognisers: the language that they speak, as `Utterance.language`. A page in the house's own language is
        no reason to doubt what its recognisers are set to.
        """
        if self.chosen_language is None and self.language != self._houses_language:
            return ""
        return self.chosen_language

    @property
    def delivery(self) -> Delivery:
        return self.now.delivery(self.tongue)

    def heard(self, transcript: Transcript) -> bool:
        """Go by the language that they were heard to speak; whether they are spoken to in another from now on. What was
        typed, or not heard for certain, tells nothing.
        """
        before = self.tongue
        if transcript.is_detected:
            self._heard_language = next((each for each in LANGUAGES if each == transcript.language), None)
        return self.tongue != before

    def choose(self, **fields: Any) -> None:
        """From now on, in all their sessions. None: as the house has it."""
        chosen = {name: value for name, value in (self.chosen | fields).items() if value is not None}
        if chosen != self.chosen:
            self.chosen, self.now = chosen, self._over_house(chosen)
            self.moves += 1
            self._moved.set()
            self._moved = anyio.Event()
            self._keep(self, True)

    def goes_to_another_conversation(self, left: str) -> None:
        """The user talks on there, without a word that wakes. `left`: the thread that they come from."""
        self._left = left
        self._goes_on_until = anyio.current_time() + GOING_SECONDS

    @property
    def seconds_to_go_on(self) -> float:
        """For which a session that begins now is awake; 0: none."""
        return max(0.0, self._goes_on_until - anyio.current_time())

    @property
    def came_from(self) -> str:
        """The thread that the user of a session that begins now has left; empty: none."""
        return self._left if self.seconds_to_go_on else ""

    async def changed(self, since: int) -> int:
        """Wait for more than so many `moves`; how many there are now."""
        while self.moves == since:
            await self._moved.wait()
        return self.moves

    def spoke(self) -> None:
        """They said something, and may have paused in it: the pauses themselves are with whoever listens."""
        self._keep(self, False)

    def begin(self, turn: Turn) -> None:
        """A turn that is asked again starts from where it was before it was first answered."""
        if turn.before:
            before, turn.before = turn.before, {}
            self.choose(**before)

    def delivery_for(self, turn: Turn) -> Delivery:
        """In which its answer will begin."""
        now = self._over_house(self.chosen | turn.before)
        return now.delivery(self._tongue_in(now))

    def follow(self, turn: Turn, directive: Directive) -> str:
        """Do as they asked; what to say of it where it was so already, cannot be done, or changes nothing yet."""
        if isinstance(directive, Prefers) and directive.what == "voice" and directive.value:
            voice = voice_called(self.voices(), str(directive.value))
            if voice is None:
                return self._say("voice-none", name=directive.value)
            directive = Prefers("voice", voice.name)
        as_before = self._ends_otherwise() if is_patience(directive) else ""
        try:
            wished = chosen_by(self.now, directive)
            before = {name: self.chosen.get(name) for name in wished}
            if (limit := limit_of(directive)) and all(getattr(self.now, name) == wished[name] for name in wished):
                return as_before or self._say(limit)
            self.choose(**wished)
        except ValueError:
            return self._say("too-much")
        turn.before = before | turn.before
        return as_before

    def _say(self, key: str, **values: object) -> str:
        return say(self.tongue, key, **values)

    def _ends_otherwise(self) -> str:
        """What ends a turn where patience does not."""
        ending = self.now.ending
        return "" if ending == "automatic" else tell(self.tongue, f"ends-{ending}")

    def _tongue_in(self, manner: Manner) -> Language:
        if manner.language != "auto":
            return manner.language
        return self._heard_language or self.pages_language or self._houses_language

    def _over_house(self, chosen: Mapping[str, Any]) -> Manner:
        given = {name: value for name, value in chosen.items() if value is not None}
        return Manner.model_validate(self._house.model_dump() | given)
