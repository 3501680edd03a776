"""The tree of answers: what a question is answered with at several temperatures, by probability.

Branches that are likely at one of the temperatures are all followed.
Of the others so many are drawn as they are worth together, and those count for the rest: so every
mean over the leaves is right on average, and far closer than that of as many draws.

References
----------
P. Fearnhead, P. Clifford, "On-line inference for hidden Markov models via particle filters",
J. R. Stat. Soc. B 65 (2003).
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

from chatwidget.practice.sampling import probabilities
from chatwidget.practice.tokenizer import END

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chatwidget.practice.model import Continuation, PracticeModel

__all__ = ["Leaf", "answer_tree"]


class Leaf(NamedTuple):
    """An answer, with its probability at each temperature; if it was drawn, of what it is for."""

    text: str
    probabilities: tuple[float, ...]
    is_cut: bool


class _Branch(NamedTuple):
    answer: Continuation
    tokens: tuple[int, ...]
    weights: tuple[float, ...]


def answer_tree(
    model: PracticeModel,
    question: str,
    temperatures: Sequence[float],
    limit: int,
    smallest: float = 0.002,
) -> Iterator[Leaf]:
    """Yield the answers to a question.

    Parameters
    ----------
    model, question
        Who is asked what.
    temperatures
        At which temperatures.
    limit
        After how many tokens an answer is cut.
    smallest
        Branches that are less likely than this are drawn.
    """
    chance = Random(0)
    open_branches = [_Branch(model.answer(question), (), (1.0,) * len(temperatures))]
    while open_branches:
        branch = open_branches.pop()
        if len(branch.tokens) == limit:
            yield Leaf(_text(model, branch.tokens), branch.weights, is_cut=True)
            continue
        for token, weights in _onward(branch, temperatures, smallest, chance):
            if token == END:
                yield Leaf(_text(model, branch.tokens), weights, is_cut=False)
            else:
                answer = branch.answer.copy()
                answer.accept(token)
                open_branches.append(_Branch(answer, (*branch.tokens, token), weights))


def _onward(
    branch: _Branch, temperatures: Sequence[float], smallest: float, chance: Random
) -> Iterator[tuple[int, tuple[float, ...]]]:
    """Yield the next tokens that are followed, with their weights at each temperature."""
    shares = [
        [weight * share for share in probabilities(branch.answer.logits, temperature)]
        for weight, temperature in zip(branch.weights, temperatures, strict=True)
    ]
    owed = chance.random() * smallest
    for token, found in enumerate(zip(*shares, strict=True)):
        highest = max(found)
        if highest >= smallest:
            yield token, found
            continue
        owed += highest
        if owed >= smallest:
            owed -= smallest
            yield token, tuple(share * smallest / highest for share in found)


def _text(model: PracticeModel, tokens: Sequence[int]) -> str:
    return b"".join(map(model.tokenizer.bytes, tokens)).decode("utf-8", "replace")
