"""What a person sits at: a page with cells, or a console that shows each output once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["NO_PANEL", "is_console", "names_cells", "request_of"]

NO_PANEL = (
    "The panel needs a notebook that draws widgets; in a console, %%chat asks and %chat set changes"
    " what is sent."
)
"""What is said where a panel cannot be shown."""


def request_of(shell: InteractiveShell | None) -> dict[str, Any]:
    """Return the message of the front end that the shell obeys now; empty where there is none."""
    return getattr(shell, "parent_header", None) or {}


def names_cells(shell: InteractiveShell | None) -> bool:
    """Tell whether the front end says which cell it runs.

    Those do that have cells on a screen. What runs a notebook without one, such as nbclient and
    papermill, does not, nor does a console.
    """
    return "cellId" in request_of(shell).get("metadata", {})


def is_console(shell: InteractiveShell | None) -> bool:
    """Tell whether a person types in a terminal, in a Jupyter console or in a Qt console.

    They draw no widgets and ignore that an output is written anew. A Jupyter console is written in
    Python, so that its messages are numbered after the name of its session, and takes input, which
    programs that run notebooks do not.
    """
    if getattr(shell, "kernel", None) is None:
        return hasattr(shell, "simple_prompt")
    request = request_of(shell)
    header = request.get("header", {})
    is_numbered = str(header.get("msg_id")).startswith(f"{header.get('session')}_")
    takes_input = request.get("content", {}).get("allow_stdin") is True
    return is_numbered and takes_input and not names_cells(shell)
