"""Tab completion of ``%%chat``, ``%chat`` and of ``{{name}}`` in a prompt.

It works wherever IPython completes: in a notebook as in a terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.completer import context_matcher

if TYPE_CHECKING:
    from IPython.core.completer import CompletionContext
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["install", "remove"]

_IDENTIFIER = "chatwidget"


def install(shell: InteractiveShell) -> None:
    """Let a shell complete the lines of our magics."""
    remove(shell)

    @context_matcher(identifier=_IDENTIFIER)
    def matcher(context: CompletionContext) -> Any:
        # IPython asks for every word of Python that is typed, too.
        if "chat" not in context.full_text:
            return {"completions": []}
        from chatwidget.magic.completion.matching import match  # noqa: PLC0415 - loads httpx

        return match(context, shell)

    shell.Completer.custom_matchers.append(matcher)


def remove(shell: InteractiveShell) -> None:
    """Let the shell complete as before."""
    known = shell.Completer.custom_matchers
    known[:] = [each for each in known if getattr(each, "matcher_identifier", "") != _IDENTIFIER]
