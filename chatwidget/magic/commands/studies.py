"""The ``%chat`` commands for studies: which there are, and what they have shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.display import display as show

from chatwidget.lab import grid
from chatwidget.magic.commands.argument_parsing import required
from chatwidget.magic.commands.command import Theme, say
from chatwidget.render.display.answer import best_mode
from chatwidget.tuning.shelf import remove_study, stored_studies, stored_study

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from chatwidget.tuning.results import Results

__all__ = ["THEME"]

_REMOVE = "--remove"


def studies(_session: ChatSession, _rest: str) -> None:
    """List the studies that are stored, the last one first."""
    lines = [f"{name}: {study.sentence}" for name, study in stored_studies().items()]
    say("\n".join(lines) or "No study has run yet; %%chat -t 0,0.7,1.4 asks one.")


def study(session: ChatSession, rest: str) -> Results | None:
    """Show the results of a study again: ``%chat study NAME``; with ``--remove``, forget it."""
    words = required(rest, "the name of a study", "%chat study NAME").split()
    name = " ".join(word for word in words if word != _REMOVE)
    found = stored_study(name)
    if _REMOVE not in words:
        if best_mode() == "live":
            show(grid(found, session=session))
        return found.results()
    remove_study(found)
    say(f"The study {name} is gone, with its answers.")
    return None


THEME = Theme("Studies", (studies, study))
