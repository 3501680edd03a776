"""What a value is, as text for a model: whole where it is short, else the parts that tell most."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import dataclass
from numbers import Number
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from chatwidget.client.wire.types import ChatCompletion
from chatwidget.prompt.summaries.code import has_source, short_traceback, source
from chatwidget.prompt.summaries.excerpt import Excerpt, excerpt
from chatwidget.prompt.summaries.figures import figure, is_figure
from chatwidget.prompt.summaries.literals import literal
from chatwidget.prompt.summaries.tables import array, is_array, is_table, is_tensor, table, tensor

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LIMIT", "Summary", "summarize"]

LIMIT = 20_000
"""How many characters of one value are shown, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A value as text.

    Attributes
    ----------
    text
        The text; where it is cut, it says what is left out.
    kind
        The name of the value's type.
    is_cut
        Whether something is left out.
    """

    text: str
    kind: str
    is_cut: bool


def summarize(value: object, limit: int = LIMIT) -> Summary:
    """Return any value as text.

    A text stays as it is; a table, an array, a figure, an exception, a function and a class each
    have a form of their own; anything else is written as Python writes it. Nothing here raises,
    or grows with the value beyond the limit.
    """
    kind = type(value).__name__
    for form in (_fitting, literal):
        # Libraries and users' classes may raise anything, and what they warn of, a mean that
        # overflows, would be shown under the cell.
        with suppress(Exception, SystemExit), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            written = form(value, limit)
            return Summary(written.text, kind, written.is_cut)
    return Summary(f"<{kind} that cannot be shown>", kind, is_cut=True)


def _fitting(value: object, limit: int) -> Excerpt:
    form = next((form for is_one, form in _FORMS if is_one(value)), literal)
    return form(value, limit)


def _is_text(value: object) -> bool:
    return isinstance(value, str | PurePath | Number | ChatCompletion)


def _text(value: Any, limit: int) -> Excerpt:
    return excerpt(value.text if isinstance(value, ChatCompletion) else str(value), limit)


_FORMS: tuple[tuple[Callable[[object], bool], Callable[[Any, int], Excerpt]], ...] = (
    (_is_text, _text),
    (lambda value: isinstance(value, BaseException), short_traceback),
    (has_source, source),
    (is_table, table),
    (is_array, array),
    (is_tensor, tensor),
    (is_figure, figure),
)
