"""Making a prompt fit a context window: what is oldest goes first, what was just said goes last."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace

from graph.prompts import clip
from graph.types import Prompt
from resilience.errors import InputRejected

_SHORTEST_QUESTION = 40
"""Characters; less than that of a longer question says nothing."""


def fitted(prompt: Prompt, fits: Callable[[Prompt], bool], *, engine: str) -> Prompt:
    """The prompt, without as much of its oldest history as has to go; then without summary; then without memories
    and quotes; then with the middle of the question left out. Raises `InputRejected` when even that does not fit.
    """
    if fits(prompt):
        return prompt
    starts = [i for i, message in enumerate(prompt.history) if message.role == "user"] + [len(prompt.history)]
    shorter = [replace(prompt, history=prompt.history[start:]) for start in starts]
    bare = shorter[-1]
    shorter += [replace(bare, summary=""), replace(bare, summary="", memories=(), quotes=())]
    if (first := _first_that_fits(shorter, fits)) is not None:
        return first
    bare = shorter[-1]
    lengths = range(len(bare.question) - 1, _SHORTEST_QUESTION - 1, -1)
    longest = bisect_left(lengths, True, key=lambda length: fits(replace(bare, question=clip(bare.question, length))))
    if longest == len(lengths):
        raise InputRejected(engine, "the question does not fit the model's context window")
    return replace(bare, question=clip(bare.question, lengths[longest]))


def _first_that_fits(prompts: Sequence[Prompt], fits: Callable[[Prompt], bool]) -> Prompt | None:
    """They grow ever shorter, so that a few trials find the longest that fits."""
    first = bisect_left(prompts, True, key=fits)
    return prompts[first] if first < len(prompts) else None
