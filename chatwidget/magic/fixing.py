"""The question of ``%chat fix``: what is wrong with the cell that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.errors import ConfigurationError
from chatwidget.magic.failed_cells import failed_cell
from chatwidget.prompt.secrets import refuse_secrets
from chatwidget.prompt.summaries import summarize
from chatwidget.render.markup.markdown_writer import fenced

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["fixing_prompt"]

_TASK = (
    "This cell of a notebook fails. Answer with the whole cell, corrected, in one block of code,"
    " and say in one or two sentences what was wrong."
)


def fixing_prompt(shell: InteractiveShell, wish: str = "") -> str:
    """Return a question about the last cell that failed, with its code and its error.

    Parameters
    ----------
    shell
        Where it failed.
    wish
        What else is to be said to the model.

    Raises
    ------
    ConfigurationError
        If no cell has failed, or the cell holds a secret.
    """
    failed = failed_cell(shell)
    if failed is None:
        raise ConfigurationError(
            "No cell has failed.", hint="%chat fix mends the last cell that ended with an error."
        )
    refuse_secrets("The cell that failed", failed.source)
    source = fenced(summarize(failed.source).text, "python")
    error = fenced(summarize(failed.error).text, "text")
    return "\n\n".join(filter(None, [_TASK, source, error, wish]))
