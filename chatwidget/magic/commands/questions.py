"""Questions on a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.getipython import get_ipython

from chatwidget.client.errors import ConfigurationError
from chatwidget.magic.cell import run_cell
from chatwidget.magic.commands.argument_parsing import required
from chatwidget.magic.fixing import fixing_prompt

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.chat.session import ChatSession

__all__ = ["ask", "fix"]


def ask(_session: ChatSession, rest: str) -> None:
    """Ask what the rest of the line says, as it stands: ``%chat ask What is a token?``."""
    run_cell(_shell(), "", required(rest, "a question", "%chat ask What is a token?"))


def fix(_session: ChatSession, rest: str) -> None:
    """Ask what is wrong with the last cell that failed; the corrected one goes into a new cell."""
    run_cell(_shell(), "--to-cell --no-vars", fixing_prompt(_shell(), rest))


def _shell() -> InteractiveShell:
    shell = get_ipython()
    if shell is None:
        raise ConfigurationError("There is no IPython shell here.", hint="Use ChatSession.ask().")
    return shell
