"""What was hardly made out is read back, and answered once the user has said yes.

    hardly made out ─▶ "I heard: … Is that right?" ┬─ yes ─▶ it is answered
                                                   ├─ no ─▶ its recording is on offer, its words are forgotten
                                                   └─ other words ─▶ they are answered instead
    not made out ────▶ "I did not catch that. …" ──▶ it is on offer, with what words there are

Until then it is a saying like any that waits: should the session end, it is on offer. "Stop" and the like are never
read back, nor the same words twice in a row, nor what goes on with a turn that is open. Nobody is asked to say
something again twice in a row: what was not made out the second time is read back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from anyio.abc import TaskGroup

from app.barge_in import bearing
from app.events import Understood
from app.keeping import Keeping
from app.own_manner import OwnManner
from app.replies import Replies
from graph.facts import facts_in
from graph.intent_words import Intent
from graph.intents import wish_of
from graph.strings import said as tell
from graph.types import Language
from graph.words import plain
from voice.types import Transcript


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of the confidence of a recogniser: what is below is not taken for what was said."""

    doubtful: float
    """It is read back."""
    weighty: float
    """The same, of what has consequences."""
    hopeless: float
    """It is to be said again."""


WHISPERS: Final = Bounds(doubtful=0.4, weighty=0.4, hopeless=0.0)
"""Confidence is the geometric mean probability of a token. Whisper's authors take 0.37 (a mean log probability of -1)
for a failed decoding.
"""
BOUNDS: Final[Mapping[str, Bounds]] = {"pocketsphinx": Bounds(doubtful=0.12, weighty=0.25, hopeless=0.03)}
"""By `bench/doubts.py`: so one in sixteen of what was made out rightly is asked about, and half of what was not."""
WEIGHTY: Final[frozenset[Intent]] = frozenset(
    {
        "remember",
        "forget",
        "forget-last",
        "forget-everything",
        "remove-document",
        "off-record",
        "on-record",
        "new-conversation",
        "open-conversation",
        "rename-conversation",
        "delete-conversation",
        "mute",
        "sleep",
        "undo",
        "meant",
    }
)
"""What changes more than how one is talked with."""
Judgement = Literal["answer", "ask", "again"]
_POLITE: Final = "please|thank you|thanks|s'il vous plaît|merci|bitte|danke|por favor|gracias|nightingale"
_RIGHT: Final = (
    "yes|yeah|yep|yup|yea|sure|okay|ok|correct|right|exactly|absolutely|certainly|of course|indeed|that's right|"
    "that's it|that's correct|that is right|that is correct|it is|i did|"
    "oui|ouais|exact|exactement|c'est ça|c'est bien ça|c'est juste|c'est exact|tout à fait|"
    "ja|jawohl|genau|richtig|stimmt|das stimmt|korrekt|sicher|"
    "sí|si|claro|correcto|exacto|eso es|así es|cierto"
)
_WRONG: Final = (
    "no|nope|nah|wrong|incorrect|not right|not quite|not really|not at all|that's not right|that's not it|that's wrong|"
    "that is not right|that is wrong|it is not|it isn't|i did not|i didn't|"
    "non|faux|ce n'est pas ça|c'est pas ça|pas du tout|"
    "nein|nee|nö|falsch|das stimmt nicht|stimmt nicht|"
    "incorrecto|no es correcto|no es así|no es eso|falso"
)
_YES, _NO = (re.compile(rf"(?:(?:oh|well|ah) )?(?:{each})(?: (?:{each}|{_POLITE}))*") for each in (_RIGHT, _WRONG))
_MEANT: Final = re.compile(
    r"(?i)^(?:no|non|nein)\b[\s,.;:!-]*(?:i (?:said|meant)|j'ai dit|je disais|ich (?:sagte|meinte)|he dicho|dije)\b"
    r"[\s,:]*"
)


def judge(transcript: Transcript, language: Language) -> Judgement:
    """By how sure the recogniser is, and what would come of it."""
    confidence, text = transcript.confidence, transcript.text
    bounds = BOUNDS.get(transcript.engine, WHISPERS)
    if confidence is None or confidence >= max(bounds.doubtful, bounds.weighty):
        return "answer"
    if confidence < bounds.hopeless:
        return "again"
    if confidence < bounds.doubtful or wish_of(text, language=language).intent in WEIGHTY or facts_in(text, language):
        return "ask"
    return "answer"


class ReadingBack:
    """Of one session."""

    def __init__(self, tasks: TaskGroup, *, replies: Replies, keeping: Keeping, manner: OwnManner) -> None:
        self._tasks = tasks
        self._replies = replies
        self._keeping = keeping
        self._manner = manner
        self._read: Understood | None = None
        """Of which we wait to be told whether it is right."""
        self._question = ""
        self._last = ""
        """The words that were read back last."""
        self._wanted_again = False
        """Whether the last thing was to be said again."""

    def judge(self, said: Understood) -> Judgement:
        """What is to be done with it first. Asked once of each."""
        last, self._last = self._last, ""
        before, self._wanted_again = self._wanted_again, False
        text = said.transcript.text
        if not self._manner.now.reads_back or bearing(text) != "words" or plain(text) == last:
            return "answer"
        judged = judge(said.transcript, self._manner.tongue)
        return "ask" if judged == "again" and before else judged

    async def have_said_again(self, said: Understood) -> None:
        self._wanted_again = True
        await self._keeping.settle([said.saying], "offered", reason="not-sure")
        self._replies.mention(tell(self._manner.tongue, "empty"))

    def ask(self, said: Understood) -> None:
        text = said.transcript.text
        self._read, self._last = said, plain(text)
        self._question = tell(self._manner.tongue, "heard-right", text=text)
        self._replies.mention(self._question)

    async def weigh(self, said: Understood) -> Understood | None:
        """What is to be answered now that this was said: itself, or what was read back. None: nothing yet."""
        read, text = self._read, plain(said.transcript.text)
        if read is None:
            return said
        self._read = None
        await self._replies.cut()
        self._replies.unsay(self._question)
        if _YES.fullmatch(text):
            await self._keeping.settle([said.saying], "no-words")
            return read
        if _NO.fullmatch(text):
            await self._keeping.settle([said.saying], "no-words")
            self._keeping.note(self._tasks, read.saying, Transcript(""))
            await self._keeping.settle([read.saying], "offered", reason="not-said")
            self._replies.mention(tell(self._manner.tongue, "say-again"))
            return None
        await self._keeping.settle([read.saying], "taken-up", reason="said-instead")
        return _without_no(said)


def _without_no(said: Understood) -> Understood:
    """What follows upon "no, I said"."""
    text = _MEANT.sub("", said.transcript.text)
    if not text.strip() or text == said.transcript.text:
        return said
    return replace(said, transcript=replace(said.transcript, text=text[:1].upper() + text[1:]))
