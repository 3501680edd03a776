"""What scores an answer, by what a person writes of it: a function's name, or an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError
from chatwidget.tuning.scoring import ExpressionScorer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chatwidget.tuning.scoring import Scorer

__all__ = ["scorer_named"]


def scorer_named(text: str, namespace: Mapping[str, object], what: str = "--pass") -> Scorer:
    """Return the function that scores an answer.

    Parameters
    ----------
    text
        The name of a function of the completion, or an expression in which ``text`` is the text of
        the answer and ``completion`` all of it.
    namespace
        The user's variables.
    what
        What takes it, for the error.

    Raises
    ------
    ConfigurationError
        If it is neither.
    """
    value = namespace.get(text.strip())
    if callable(value):
        return value
    try:
        return ExpressionScorer(text.strip(), namespace)
    except (SyntaxError, ValueError) as error:
        raise ConfigurationError(
            f"{what} takes an expression or a function; {text!r} is neither: {error}.",
            hint="As in 'len(text) < 80', or is_valid for a function of yours.",
        ) from None
