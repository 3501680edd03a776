"""Flags of ``%%chat`` that do not go together, refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatwidget.prompt.arguments import CellArguments

__all__ = ["check_flags"]

_APART = (
    ("background", "to_cell", "a cell can put another one below it only while it runs."),
    ("cached", "tool", "what a tool returns may differ from one time to the next."),
)


def check_flags(arguments: CellArguments, tools: Iterable[object] = ()) -> None:
    """Refuse flags that do not go together.

    Parameters
    ----------
    arguments
        The flags.
    tools
        The session's own tools; functions among them count as if they were named.

    Raises
    ------
    ConfigurationError
        If two of them do not; it says why.
    """
    has_functions = any(map(callable, tools))
    for one, other, reason in _APART:
        is_given = getattr(arguments, other) or (other == "tool" and has_functions)
        if getattr(arguments, one) and is_given:
            flags = [f"--{name.replace('_', '-')}" for name in (one, other)]
            raise ConfigurationError(
                f"{flags[0]} and {flags[1]} do not go together: {reason}",
                hint=f"Leave {flags[0]} out."
                + (" %chat unset tools takes those of the session away." if has_functions else ""),
            )
