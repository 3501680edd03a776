"""What a cell says: its text with variables filled in, and the images and files that go along."""

from __future__ import annotations

import sys
from collections import ChainMap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatwidget.client.request.markers import escape_markers
from chatwidget.client.text import counted
from chatwidget.prompt.attachments import file, image
from chatwidget.prompt.template import Insertion, fill

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.client.auth.keys import ApiKey
    from chatwidget.prompt.arguments import CellArguments

__all__ = ["CellContent", "cell_content"]


@dataclass(frozen=True, slots=True)
class CellContent:
    """What is sent in place of a cell's text.

    Attributes
    ----------
    content
        The text, or its parts; None if it is the cell's text as it stands.
    insertions
        The variables that were filled in.
    """

    content: str | list[dict[str, Any]] | None
    insertions: tuple[Insertion, ...] = ()

    def note(self) -> str:
        """Say which variables were filled in, as a sentence; empty if there were none."""
        said = [
            f"{each.name} ({each.kind}, {counted(each.characters, 'character')}"
            f"{', cut' if each.is_cut else ''})"
            for each in self.insertions
        ]
        return f"Filled in: {', '.join(said)}." if said else ""


def cell_content(
    prompt: str,
    arguments: CellArguments,
    shell: InteractiveShell,
    keys: list[ApiKey],
    columns: Collection[str] = (),
) -> CellContent:
    """Return what a cell says.

    Parameters
    ----------
    prompt
        Its text.
    arguments
        Its flags.
    shell
        Whose variables are meant.
    keys
        The keys in use, which are not sent.
    columns
        The names that rows of data fill in afterwards.

    Raises
    ------
    ConfigurationError
        If a variable or a file is not there, cannot be sent, or holds a secret.
    """
    text = prompt
    insertions: tuple[Insertion, ...] = ()
    if arguments.fill:
        error = getattr(sys, "last_value", None)
        filled = fill(prompt, _names(shell), error=error, keys=keys, later=columns)
        text, insertions = filled.text, tuple(filled.insertions)
    names: Mapping[str, object] = shell.user_ns
    parts: list[dict[str, Any]] = [dict(image(word, names)) for word in arguments.images]
    parts += [dict(file(word, names, keys=keys)) for word in arguments.files]
    if columns:
        parts = list(map(_escaped, parts))
    if parts:
        return CellContent([{"type": "text", "text": text}, *parts], insertions)
    return CellContent(None if text == prompt else text, insertions)


def _escaped(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a message in which nothing is filled in any more."""
    return part | {"text": escape_markers(part["text"])} if "text" in part else part


def _names(shell: InteractiveShell) -> Mapping[str, object]:
    """Return the user's variables, with ``In`` as it was typed: IPython rewrites magics there."""
    history = getattr(shell, "history_manager", None)
    typed = {"In": history.input_hist_raw} if history is not None else {}
    return ChainMap(typed, shell.user_ns)
