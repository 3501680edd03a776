"""``%%chat`` and ``%chat`` in a shell; what they do is loaded when they are first used."""

from __future__ import annotations

import sys
import warnings
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand
from IPython.display import display
from traitlets import TraitError

from chatwidget.chat.settings import Settings, settings_of
from chatwidget.client.errors import ChatWidgetError, ConfigurationError
from chatwidget.magic import completion, failed_cells, input_transformer, preloading
from chatwidget.render.short_tracebacks import short_tracebacks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from IPython.core.interactiveshell import InteractiveShell

    from chatwidget.chat.session import ChatSession
    from chatwidget.chat.settings import SettingsBase

__all__ = ["ChatCommands", "load", "unload"]

_KINDS = ("line", "cell")


def _explained_by(explain: Callable[[], str]) -> Callable[[Any], Any]:
    """Let IPython ask a function for the documentation of a magic, which is long."""

    def mark(magic: Any) -> Any:
        magic.getdoc = explain
        return magic

    return mark


def _cell_help() -> str:
    from chatwidget.magic.flag_help import usage  # noqa: PLC0415 - seldom asked for

    return usage()


def _line_help() -> str:
    from chatwidget.magic.commands import run_command  # noqa: PLC0415 - loads httpx

    return str(run_command("help"))


@magics_class
class ChatCommands(Magics):
    """The two magics of one shell.

    Attributes
    ----------
    replaced
        What stood for ``chat`` before, by the kind of the magic.
    """

    shell: InteractiveShell
    replaced: Mapping[str, Any] = MappingProxyType({})

    @_explained_by(_cell_help)
    @no_var_expand
    @cell_magic("chat")  # type: ignore[arg-type] # IPython types its decorators too narrowly
    def cell_chat(self, line: str, cell: str) -> None:
        """Ask a chat model: the text of the cell is the question, the answer streams below it.

        A flag on the first line holds for its cell; ``%%chat --help`` explains them. What lasts is
        ``%chat set``, a slider of ``%chat panel`` or code: they change the session.
        """
        from chatwidget.magic.cell import run_cell  # noqa: PLC0415 - loads httpx and Markdown

        with short_tracebacks():
            run_cell(self.shell, line, cell)

    @_explained_by(_line_help)
    @no_var_expand
    @line_magic("chat")  # type: ignore[arg-type] # IPython types its decorators too narrowly
    def line_chat(self, line: str) -> None:
        """Look at the session or change it; ``%chat help`` lists the commands."""
        from chatwidget.magic.commands import run_command  # noqa: PLC0415 - loads httpx

        with short_tracebacks():
            shown = run_command(line)
        if shown is not None:  # a value that is returned is seen on the last line of a cell alone
            display(shown)


def load(shell: InteractiveShell) -> None:
    """Register the magics, and what helps to type them.

    Raises
    ------
    ConfigurationError
        If a default that is configured cannot be used.
    """
    if ChatCommands.__name__ in shell.magics_manager.registry:
        unload(shell)
    with short_tracebacks():
        settings: Any = _configured(shell)  # the list is typed as if it held shells alone
    shell.configurables.append(settings)
    magics = ChatCommands(shell)
    known = shell.magics_manager.magics
    magics.replaced = {kind: known[kind]["chat"] for kind in _KINDS if "chat" in known[kind]}
    for other in magics.replaced.values():
        warnings.warn(_replacing(other), stacklevel=3)
    shell.register_magics(magics)
    input_transformer.install(shell)
    completion.install(shell)
    failed_cells.install(shell)
    preloading.install(shell)


def unload(shell: InteractiveShell) -> None:
    """Take everything back, and stop the answers that are still being written."""
    input_transformer.remove(shell)
    completion.remove(shell)
    failed_cells.remove(shell)
    preloading.remove(shell)
    magics = shell.magics_manager.registry.pop(ChatCommands.__name__, None)
    for kind in _KINDS:
        shell.magics_manager.magics[kind].pop("chat", None)
    settings: Any = settings_of(shell)
    if settings is not None:
        shell.configurables.remove(settings)
    if magics is not None:
        shell.configurables.remove(magics)
        for kind, other in magics.replaced.items():
            shell.magics_manager.magics[kind]["chat"] = other
    if session := _session(shell):
        session.running.stop()


def _configured(shell: InteractiveShell) -> SettingsBase:
    """Return the settings of the shell's session; what went wrong with them is not ignored.

    Without the server that somebody has configured, questions would go somewhere else. Those of a
    session that is there by now take what is configured once: they have the shell as their parent
    from then on, and their own state holds.
    """
    session = _session(shell)
    settings = session.settings if session is not None else Settings()
    try:
        if settings.parent is None:
            settings.update_config(shell.config)
            settings.parent = shell
    except (ChatWidgetError, TraitError) as error:
        raise ConfigurationError(
            f"chatwidget cannot be loaded as it is configured: {error}",
            hint="The defaults, c.ChatMagics, are in ipython_config.py.",
        ) from error
    return settings


def _replacing(other: Any) -> str:
    owner = getattr(other, "__module__", None) or "another extension"
    return (
        f"The magic chat of {owner} is replaced by chatwidget's; %unload_ext chatwidget brings it"
        " back."
    )


def _session(shell: InteractiveShell) -> ChatSession | None:
    """Return the session of a shell, if it has one by now; to make one costs the client."""
    module = sys.modules.get("chatwidget.chat.shell_session")
    return module.session_of(shell) if module else None
