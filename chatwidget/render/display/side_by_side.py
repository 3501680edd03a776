"""Several answers side by side, as HTML: a column for each; they wrap where there is no room."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["choices_html", "columns_html", "heading", "label_html", "turn_class"]


_COLUMNS = (
    "display:grid;gap:0 1.6em;grid-template-columns:repeat(auto-fit,minmax(min(100%,18em),1fr))"
)
"""They stand side by side as long as there is room, also in a page without our stylesheet."""


def heading(index: int, choices: int, *, is_chosen: bool = False) -> str:
    """Return the heading of one of several answers."""
    of_all = f" of {choices}" if index < choices else ""
    mark = ' <span class="chatwidget-mark">in use</span>' if is_chosen else ""
    return f'<div class="chatwidget-choice">Choice {index + 1}{of_all}{mark}</div>\n'


def label_html(label: str) -> str:
    """Return a heading of words of somebody else's."""
    return f'<div class="chatwidget-choice">{escape(label)}</div>\n'


def choices_html(answers: Sequence[str], *, turn: str = "", chosen: int | None = None) -> str:
    """Return one answer as it is, several in columns, each under its heading.

    Parameters
    ----------
    answers
        The safe HTML of each.
    turn
        The name of the turn that they are the answers of, if it is kept; `Picker` looks for it.
    chosen
        Which of them the conversation goes on with, if it does.
    """
    if len(answers) <= 1:
        return "".join(answers)
    columns = [
        heading(index, len(answers), is_chosen=index == chosen) + html
        for index, html in enumerate(answers)
    ]
    return columns_html(columns, turn=turn, chosen=chosen)


def columns_html(columns: Sequence[str], *, turn: str = "", chosen: int | None = None) -> str:
    """Return columns side by side; the parameters are those of `choices_html`."""
    name = f" {turn_class(turn)}" if turn else ""
    body = "".join(
        f'<div class="chatwidget-column{" chatwidget-chosen" * (index == chosen)}">\n{html}</div>\n'
        for index, html in enumerate(columns)
    )
    return f'<div class="chatwidget-choices{name}" style="{_COLUMNS}">\n{body}</div>\n'


def turn_class(turn: str) -> str:
    """Return the class by which the answers of a turn are found in a page."""
    return "chatwidget-turn-" + re.sub(r"[^-\w]", "", turn)
