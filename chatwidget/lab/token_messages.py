"""The messages between the tokens of an answer and their view in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chatwidget.lab.token_scale import SCALE, Scale
from chatwidget.lab.tokens_text import MEANINGS
from chatwidget.render.display.from_page import read_message
from chatwidget.tuning.distributions import VOCABULARY
from chatwidget.tuning.tokens import sentences
from chatwidget.tuning.visible import flowing, label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chatwidget.client.logprobs_probe import LogprobsMeaning
    from chatwidget.tuning.tokens import TokenPosition

__all__ = [
    "Scale",
    "SentenceState",
    "TokenState",
    "TokenViewReady",
    "TokenViewTraits",
    "TokensState",
    "asks_for_tokens",
    "tokens_state",
]

_MOVED = ("temperature", "top_p", "presence_penalty", "frequency_penalty")
_DIGITS = 6
_NO_MORE_THAN_ALL = 0.0


class TokenState(msgspec.Struct, frozen=True):
    """A token as its view draws it.

    Attributes
    ----------
    text
        What it adds to the text, with marks for what cannot be seen.
    id
        Which token of the vocabulary it is.
    is_told
        Whether its probability is told.
    ids, logprobs
        The tokens that are known at its position, the likeliest first, and their log probabilities.
    floor
        The most that the log probability of any other one can be.
    """

    text: str
    id: int
    is_told: bool
    ids: list[int]
    logprobs: list[float]
    floor: float


class SentenceState(msgspec.Struct, frozen=True):
    """A sentence: its first token, and the one after its last."""

    start: int
    end: int


class TokensState(msgspec.Struct, frozen=True, tag_field="type", tag="tokens"):
    """The tokens of an answer.

    Attributes
    ----------
    vocabulary
        The names of all tokens that are mentioned, by their ids.
    tokens
        The tokens.
    sentences
        The sentences.
    meaning
        What the probabilities are, as a sentence.
    is_raw
        Whether they are what the model thinks, so that other settings can be computed.
    asked
        What the answer was asked with, of what can be moved.
    vocabulary_size
        How many tokens the model has at most.
    scale
        How probability and entropy look.
    """

    vocabulary: list[str]
    tokens: list[TokenState]
    sentences: list[SentenceState]
    meaning: str
    is_raw: bool
    asked: dict[str, float] = {}
    vocabulary_size: int = VOCABULARY
    scale: Scale = SCALE


class TokenViewTraits(msgspec.Struct, frozen=True):
    """What the tools of a token view share with its page: the class of the view."""

    place: str


class TokenViewReady(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="ready"
):
    """The page has found a view, and wants its tokens."""


def asks_for_tokens(content: object) -> bool:
    """Tell whether what a page sends asks for the tokens."""
    return read_message(content, TokenViewReady) is not None


def tokens_state(
    tokens: Sequence[TokenPosition],
    meaning: LogprobsMeaning | None,
    sent: Mapping[str, Any] | None = None,
) -> TokensState:
    """Return the tokens of an answer for a page.

    Parameters
    ----------
    tokens
        The tokens.
    meaning
        What the log probabilities mean; None if that is not known.
    sent
        The parameters of the request.
    """
    ids: dict[str, int] = {}
    states = [_state(token, ids) for token in tokens]
    return TokensState(
        vocabulary=[label(token) for token in ids],
        tokens=states,
        sentences=[SentenceState(each.start, each.end) for each in sentences(tokens)],
        meaning=MEANINGS[meaning],
        is_raw=meaning == "raw",
        asked=dict(_moved(sent or {})),
    )


def _state(token: TokenPosition, ids: dict[str, int]) -> TokenState:
    def number(name: str) -> int:
        return ids.setdefault(name, len(ids))

    return TokenState(
        text=flowing(token.text),
        id=number(token.token),
        is_told=token.logprob is not None,
        ids=[number(each.token) for each in token.alternatives],
        logprobs=[round(each.logprob, _DIGITS) for each in token.alternatives],
        floor=_NO_MORE_THAN_ALL if token.floor is None else round(token.floor, _DIGITS),
    )


def _moved(sent: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name in _MOVED:
        value = sent.get(name)
        if isinstance(value, int | float):
            yield name, float(value)
