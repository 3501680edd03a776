"""What scores an answer, by what a person writes of it: a function's name, or an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.did_you_mean import did_you_mean
from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.measures import MEASURES
from chatwidget.tuning.scoring import ExpressionScorer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.tuning.scoring import Scorer

__all__ = ["scorer_named"]


_GIVEN = ("text", "completion", "True", "False")
"""What an expression knows by itself."""


def scorer_named(text: str, namespace: Mapping[str, object], what: str = "--pass") -> Scorer:
    """Return the function that scores an answer.

    Parameters
    ----------
    text
        The name of a function of the completion, or of a measure; or an expression in which
        ``text`` is the text of the answer and ``completion`` all of it.
    namespace
        The user's variables.
    what
        What takes it, for the error.

    Raises
    ------
    ConfigurationError
        If it is neither.
    """
    name = text.strip()
    value = namespace.get(name)
    if callable(value):
        return value
    if name in MEASURES:
        return name
    if name.isidentifier() and name not in (*namespace, *_GIVEN):
        raise ConfigurationError(
            f"There is no function {name}.",
            hint=did_you_mean(name, _functions(namespace), "Define it in a cell first."),
        )
    try:
        return ExpressionScorer(name, namespace)
    except (SyntaxError, ValueError) as error:
        raise ConfigurationError(
            f"{what} takes an expression or a function; {text!r} is neither: {error}.",
            hint="As in 'len(text) < 80', or is_valid for a function of yours.",
        ) from None


def _functions(namespace: Mapping[str, object]) -> list[str]:
    return [name for name, value in dict(namespace).items() if callable(value)]
