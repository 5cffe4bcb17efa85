"""Finding weights under which the right ones of some candidates come first.

The weights make a softmax over the candidates of a question as likely as can be to choose its evidence, with a
penalty that keeps them small. That is convex: Newton's steps, halved while they go too far, find the one answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
PENALTY = 0.05
_STEPS = 25
_ENOUGH = 1e-6


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: a row of signs for each candidate, and the share of the evidence that each is."""

    signs: Numbers
    evidence: Numbers


def fit(questions: Sequence[Asked], penalty: float = PENALTY) -> Numbers:
    spread = np.concatenate([each.signs for each in questions]).std(0)
    scale = np.where(spread > 0, spread, 1.0)
    rows = [Asked((each.signs - each.signs.mean(0)) / scale, each.evidence) for each in questions]
    weights = np.zeros(len(scale))
    loss, slope, bend = _loss(rows, weights, penalty)
    for _ in range(_STEPS):
        step = np.linalg.solve(bend, slope)
        while True:
            moved = _loss(rows, weights - step, penalty)
            if moved[0] <= loss or np.abs(step).max() < _ENOUGH:
                break
            step /= 2
        weights -= step
        done = loss - moved[0] < _ENOUGH
        loss, slope, bend = moved
        if done:
            break
    fitted: Numbers = weights / scale
    return fitted


def _loss(questions: Sequence[Asked], weights: Numbers, penalty: float) -> tuple[float, Numbers, Numbers]:
    """With its first and second derivatives."""
    loss, slope, bend = 0.0, np.zeros(len(weights)), np.zeros((len(weights), len(weights)))
    for each in questions:
        scores = each.signs @ weights
        scores -= scores.max()
        total = np.exp(scores).sum()
        chosen = np.exp(scores) / total
        share = each.evidence.sum()
        loss += share * float(np.log(total)) - float(each.evidence @ scores)
        slope += each.signs.T @ (share * chosen - each.evidence)
        mean = chosen @ each.signs
        bend += share * ((each.signs.T * chosen) @ each.signs - np.outer(mean, mean))
    count = len(questions)
    return (
        loss / count + penalty * float(weights @ weights) / 2,
        slope / count + penalty * weights,
        bend / count + penalty * np.eye(len(weights)),
    )


def recall_at(questions: Sequence[Asked], weights: Numbers, depths: Sequence[int]) -> Numbers:
    """For each question, the share of its evidence among so many of the first."""
    found = np.zeros((len(questions), len(depths)))
    for number, each in enumerate(questions):
        order = np.argsort(-(each.signs @ weights), kind="stable")
        sofar = np.concatenate([[0.0], np.cumsum(each.evidence[order])])
        found[number] = [sofar[min(depth, len(order))] for depth in depths]
    return found
