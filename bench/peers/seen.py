"""What was seen of one turn, or of one interruption, read off the marks and the loudspeaker.

The reply that counts is the first whose language model was asked after a transcript of *all* that the user said. What
sounds before it answers half a sentence, and is stale; what sounds before the user's last word talks into it.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bench.peers.clips import Clip
from bench.peers.host import Host, Mark

_A_LITTLE: Final = 0.0005
"""Marks of one moment are not in one order for every system."""
_EARLY_SECONDS: Final = 0.05
"""A recogniser that is asked this much before the last sound has heard the last word."""
_STALE_SECONDS: Final = 0.005
_LATE_SECONDS: Final = 0.02
_NEXT_SENTENCE_SECONDS: Final = 0.5
"""A longer silence is no late chunk."""


@dataclass(frozen=True, slots=True)
class TurnSeen:
    """Seconds after the user's last sound; all None for a turn that was lost."""

    clip: str
    lost: bool
    talked_into: bool
    """Sound was heard before the user's last."""
    stale: bool
    """Something was heard that answered half of what was said."""
    stt_asked: float | None = None
    stt_done: float | None = None
    llm_asked: float | None = None
    first_sentence: float | None = None
    tts_asked: float | None = None
    tts_done: float | None = None
    first_sound: float | None = None
    chunks: int = 0
    late_chunks: int = 0
    """Of the reply: those that came more than 20 ms after the one before had sounded."""
    certain: float | None = None
    """When a system knew that the user had finished, of one that tells; it may ask its engines before."""

    @property
    def overhead(self) -> float | None:
        """What the system added to its engines: the wait that makes sure, and all between the calls."""
        return _minus(self.first_sound, self._engines)

    @property
    def after_stt(self) -> float | None:
        """What it added once it had the transcript. Where it went on to make sure meanwhile, and its engines were done
        first, they are not what it waited for: that wait is part of the overhead, and not of this.
        """
        added = _minus(self.overhead, self.stt_asked)
        wait = _minus(self.certain, self.tts_done)
        return added if added is None or wait is None else added - max(0.0, wait)

    @property
    def _engines(self) -> float | None:
        spans = (
            _minus(self.stt_done, self.stt_asked),
            _minus(self.first_sentence, self.llm_asked),
            _minus(self.tts_done, self.tts_asked),
        )
        return sum(span for span in spans if span is not None)


@dataclass(frozen=True, slots=True)
class BargeSeen:
    """Seconds after the first sound of the interruption; None: never."""

    noticed: float | None
    silent: float | None
    """When the last sample of the reply was heard."""
    answered: bool


@dataclass(frozen=True, slots=True)
class _Path:
    """The moments on the way to the reply that counts."""

    stt_asked: float
    stt_done: float
    llm_asked: float
    first_sentence: float
    tts_asked: float
    tts_done: float
    first_sound: float


def turn_seen(host: Host, clip: Clip, began: float, over: float) -> TurnSeen:
    """`began`: when the clip's first sample sounded; `over`: when it was looked at no longer."""
    ends = began + clip.ends
    heard = list(host.speaker.audible(began, over))
    path = _path(list(host.between(began, over)), ends, [chunk.at for chunk, _, _ in heard])
    counts = path.first_sound if path is not None else over
    stale = sum(max(0.0, stops - max(starts, ends)) for chunk, starts, stops in heard if chunk.at < counts)
    talked_into = any(starts < ends and stops > starts for _, starts, stops in heard)
    if path is None:
        return TurnSeen(clip.name, lost=True, talked_into=talked_into, stale=stale > _STALE_SECONDS)
    reply = [(starts, chunk) for chunk, starts, _ in heard if chunk.at >= counts]
    gaps = [later - (earlier + chunk.seconds) for (earlier, chunk), (later, _) in pairwise(reply)]
    return TurnSeen(
        clip.name,
        lost=False,
        talked_into=talked_into,
        stale=stale > _STALE_SECONDS,
        stt_asked=path.stt_asked - ends,
        stt_done=path.stt_done - ends,
        llm_asked=path.llm_asked - ends,
        first_sentence=path.first_sentence - ends,
        tts_asked=path.tts_asked - ends,
        tts_done=path.tts_done - ends,
        first_sound=path.first_sound - ends,
        chunks=len(reply),
        late_chunks=sum(_LATE_SECONDS < gap < _NEXT_SENTENCE_SECONDS for gap in gaps),
        certain=_minus(_first(list(host.between(began, over)), "certain", ends, path.first_sound), ends),
    )


def barge_seen(host: Host, onset: float, stopped: float | None, *, answered: bool) -> BargeSeen:
    noticed = [mark.at for mark in host.between(onset) if mark.what == "interrupt"]
    noticed += [cut.at for cut in host.speaker.cuts if cut.at >= onset and cut.kind == "pause"]
    return BargeSeen(
        min(noticed) - onset if noticed else None, None if stopped is None else stopped - onset, answered=answered
    )


def _path(marks: list[Mark], ends: float, sounds: list[float]) -> _Path | None:
    heard = _whole_transcript(marks, ends)
    if heard is None:
        return None
    stt_asked, stt_done = heard
    calls = [mark.at for mark in marks if mark.what == "llm asked" and mark.at >= stt_done - _A_LITTLE]
    for call, next_call in pairwise([*calls, float("inf")]):
        tts_asked = _first(marks, "tts asked", call, next_call)
        tts_done = None if tts_asked is None else _first(marks, "tts done", tts_asked, next_call)
        if tts_asked is None or tts_done is None:
            continue
        sound = next((at for at in sounds if at >= tts_done - _A_LITTLE), None)
        if sound is None:
            continue
        # A voice that is asked before the sentence is over asks with less of it.
        sentence = min(_first(marks, "first sentence", call, next_call) or tts_asked, tts_asked)
        return _Path(stt_asked, stt_done, call, sentence, tts_asked, tts_done, sound)
    return None


def _whole_transcript(marks: list[Mark], ends: float) -> tuple[float, float] | None:
    """When a recogniser was asked that had heard everything, and when it answered."""
    asked = {mark.number: mark.at for mark in marks if mark.what == "stt asked"}
    for mark in marks:
        at = asked.get(mark.number) if mark.what == "stt done" else None
        if at is not None and at >= ends - _EARLY_SECONDS:
            return at, mark.at
    return None


def _first(marks: list[Mark], what: str, since: float, until: float) -> float | None:
    return next((mark.at for mark in marks if mark.what == what and since <= mark.at < until), None)


def _minus(later: float | None, earlier: float | None) -> float | None:
    return None if later is None or earlier is None else later - earlier
