"""Watched words: how probable ``yes`` or ``no`` was, at the first token of an answer or at any."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.tokens import tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chatwidget.tuning.result import Result, Setting
    from chatwidget.tuning.tokens import TokenPosition

__all__ = ["Watched", "Where", "watch", "watch_settings"]

Where: TypeAlias = Literal["first", "any"]
"""At the first token that is no space, or wherever it is likeliest."""


@dataclass(frozen=True, slots=True)
class Watched:
    """How probable a word was.

    Attributes
    ----------
    word
        The word.
    low, high
        The least and the most that its forms can have together; they are one number if each form
        is in the list of the server.
    position
        The place of the token, from 0; None if the answer came without log probabilities.
    """

    word: str
    low: float
    high: float
    position: int | None


def watch(
    tokens: Sequence[TokenPosition], words: Iterable[str], where: Where = "first"
) -> list[Watched]:
    """Return how probable words were, in any of their forms, as the first token or anywhere.

    Tokens carry the space before them: the forms of ``yes`` are ``yes``, ``Yes`` and ``YES``, each
    with and without a space. What is not in the list of the server lies below its last entry.

    Parameters
    ----------
    tokens
        The tokens of the answer.
    words
        The words; each has to be one token of the model.
    where
        At the ``first`` token that is no space; or at ``any``, the one where it is likeliest.
    """
    return [_watched(tokens, word, where) for word in words]


def watch_settings(
    results: Iterable[Result], words: Sequence[str], where: Where = "first"
) -> list[dict[str, Any]]:
    """Return how probable words were, for each setting of a study: the means of its answers.

    Answers that came without log probabilities do not count.

    Raises
    ------
    ConfigurationError
        If none of them has any.
    """
    watched: dict[Setting, list[list[Watched]]] = {}
    for result in results:
        if tokens := tokens_of(result.completion):
            watched.setdefault(result.setting, []).append(watch(tokens, words, where))
    if not watched:
        raise ConfigurationError(
            "None of the answers has log probabilities.",
            hint="Study(…, fixed={'logprobs': True, 'top_logprobs': 20}, keep_logprobs=True) "
            "asks for them and stores them.",
        )
    return [each for setting, answers in watched.items() for each in _means(setting, answers)]


def _means(setting: Setting, answers: list[list[Watched]]) -> Iterator[dict[str, Any]]:
    for of_word in zip(*answers, strict=True):
        yield setting.values | {
            "word": of_word[0].word,
            "low": fmean(each.low for each in of_word),
            "high": fmean(each.high for each in of_word),
            "answers": len(of_word),
        }


def forms_of(word: str) -> list[str]:
    """Return the forms of a word as tokens have them."""
    spelled = dict.fromkeys([word, word.lower(), word.capitalize(), word.upper()])
    return [f"{space}{form}" for space in ("", " ") for form in spelled]


def _watched(tokens: Sequence[TokenPosition], word: str, where: Where) -> Watched:
    places = [place for place, token in enumerate(tokens) if token.text.strip() or not token.text]
    if where == "first":
        places = places[:1]
    ranges = [(*_range(tokens[place], word), -place) for place in places]
    if not ranges:
        return Watched(word, 0.0, 1.0, None)
    low, high, place = max(ranges)
    return Watched(word, low, high, -place)


def _range(token: TokenPosition, word: str) -> tuple[float, float]:
    """Return the least and the most that all forms of a word have together."""
    forms = forms_of(word)
    known = [each.probability for each in token.alternatives if each.token in forms]
    unseen = min(token.others, (len(forms) - len(known)) * token.bound)
    return sum(known), min(1.0, sum(known) + unseen)
