"""The words of the token view: a probability, a position with its alternatives, what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.tuning.tokens import least_certain, sentences
from chatwidget.tuning.visible import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatwidget.client.logprobs_probe import LogprobsMeaning
    from chatwidget.tuning.tokens import TokenPosition

__all__ = ["MEANINGS", "alternatives_text", "entropy_text", "share_text", "tokens_text"]

MEANINGS: dict[LogprobsMeaning | None, str] = {
    "raw": "The probabilities are raw: what the model thinks, whatever the temperature was.",
    "processed": (
        "The probabilities are processed: what the token was drawn from, so that the temperature "
        "and top_p are in them, and other settings cannot be computed from them."
    ),
    "absent": "The server sent no log probabilities when it was tried.",
    "unclear": "Whether the probabilities are raw or processed could not be told.",
    None: "Whether the probabilities are raw or processed was not tried: %chat doctor does.",
}
"""What the log probabilities of a server mean, as a sentence; None if that is not known."""


_EXACT = 0.1
_HARDLY_ANY = 0.005


def share_text(share: float | None) -> str:
    """Return a probability in three digits, as 0.53 or 0.00012."""
    if share is None:
        return "not told"
    return f"{share:.2f}" if share >= _EXACT else f"{share:.2g}"


def entropy_text(token: TokenPosition) -> str:
    """Return the entropy of a position; it is a bound where tokens are unseen."""
    at_least = "≥ " if token.others > _HARDLY_ANY else ""
    return f"entropy {at_least}{token.entropy:.1f} bits"


def alternatives_text(token: TokenPosition, count: int = 5) -> list[str]:
    """Return the likeliest tokens of a position, and what others have, a line each."""
    shown = token.alternatives[:count]
    lines = [f"{label(each.token)} {share_text(each.probability)}" for each in shown]
    rest = sum(each.probability for each in token.alternatives[count:]) + token.others
    bound = max([token.bound, *(each.probability for each in token.alternatives[count:])])
    return [*lines, f"<others> {share_text(rest)}, each ≤ {share_text(bound)}"]


def tokens_text(tokens: Sequence[TokenPosition], meaning: LogprobsMeaning | None = None) -> str:
    """Return the token view as plain text: the confidence of sentences, the least certain."""
    if not tokens:
        return "The answer came without log probabilities."
    shares = ", ".join(share_text(each.confidence) for each in sentences(tokens))
    lines = [f"{len(tokens)} tokens; confidence by sentence: {shares}", "The least certain tokens:"]
    for place in least_certain(tokens):
        token = tokens[place]
        others = "; ".join(alternatives_text(token))
        lines.append(
            f"  {place + 1}: {label(token.token)} {share_text(token.probability)} of {others}"
        )
    return "\n".join([*lines, MEANINGS[meaning]])
