"""The subcommands of the line magic: ``%chat``, ``%chat use``, ``%chat set`` and so on.

Each is a function of the session and of the rest of its line; it returns what is to be shown, or
None. The modules here hold them by theme, and `dispatcher` finds them by their names.
"""

from chatwidget.magic.commands.dispatcher import run_command

__all__ = ["run_command"]
