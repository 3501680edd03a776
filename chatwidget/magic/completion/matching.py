"""Completion of a cell's first line and of ``%chat``, in IPython's words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IPython.core.completer import SimpleCompletion

from chatwidget.chat.shell_session import current_session
from chatwidget.client.errors import ChatWidgetError
from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.magic.commands.dispatcher import commands
from chatwidget.magic.completion.names import Names, Offer
from chatwidget.prompt.cell_text import from_magic
from chatwidget.prompt.flags import build_parser
from chatwidget.render.handbook_pages import in_brief, topics

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

    from IPython.core.completer import CompletionContext
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["match"]


def complete_command(text: str, names: Names) -> Offer:
    """Offer what may stand at the end of the text behind ``%chat``."""
    command, space, rest = text.partition(" ")
    if not space:
        return _commands(names.of(command, commands(), "command"))
    argument = _ARGUMENTS.get(command)
    return argument(names, rest.split(" ")[-1]) if argument else names.nothing()


def _commands(offer: Offer) -> Offer:
    """Return an offer that says what those do that are commands."""
    return replace(offer, notes={name: in_brief(each) for name, each in commands().items()})


def _assignment(names: Names, fragment: str) -> Offer:
    name, equals, value = fragment.partition("=")
    if not equals:
        offer = names.parameters(fragment)
        return Offer(fragment, tuple(f"{each}=" for each in offer.texts), offer.kind)
    parameter = PARAMETERS.get(name)
    choices = (*parameter.choices, *parameter.words) if parameter else ()
    return names.of(value, choices, "value")


def _topic(names: Names, fragment: str) -> Offer:
    return _commands(names.of(fragment, [*topics(), *commands()], "topic"))


def _target(names: Names, fragment: str) -> Offer:
    if fragment.startswith("-"):
        return names.of(fragment, ("--all", "--force"), "flag")
    return names.files(fragment, (".json", ".md", ".ipynb"))


def _source(names: Names, fragment: str) -> Offer:
    return names.files(fragment, (".json", ".ipynb"))


def _own_notebook(names: Names, fragment: str) -> Offer:
    return names.files(fragment, (".ipynb",))


def _key(names: Names, fragment: str) -> Offer:
    return names.of(fragment, ("--save", "--forget", "--env"), "flag")


def _forget(names: Names, fragment: str) -> Offer:
    return names.of(fragment, ("--answers",), "flag")


def _price(names: Names, fragment: str) -> Offer:
    if fragment.startswith("-"):
        return names.of(fragment, ("--forget",), "flag")
    return names.models(fragment)


_ARGUMENTS: Mapping[str, Callable[[Names, str], Offer]] = {
    "use": Names.servers,
    "model": Names.models,
    "models": Names.models,
    "alias": Names.models,
    "price": _price,
    "set": _assignment,
    "unset": Names.sent,
    "key": _key,
    "allow": Names.functions,
    "disallow": Names.allowed,
    "forget": _forget,
    "switch": Names.conversations,
    "export": _target,
    "import": _source,
    "restore": _own_notebook,
    "help": _topic,
}


_VALUES: Mapping[str, Callable[[Names, str], Offer]] = {
    "server": Names.servers,
    "conversation": Names.conversations,
    "out": Names.variables,
    "stream_to": Names.variables,
    "schema": Names.types,
    "tool": Names.functions,
    "images": Names.variables_and_files,
    "files": Names.variables_and_files,
}


def complete_cell_line(text: str, names: Names) -> Offer:
    """Offer what may stand at the end of the text behind ``%%chat``."""
    *before, fragment = text.split(" ")
    words = [word for word in before if word]
    actions = _actions()
    flag, equals, value = fragment.partition("=")
    if equals and flag in actions:
        return _values(actions[flag], value, names, words)
    if fragment.startswith("-"):
        return _flags(names.of(fragment, actions, "flag"))
    waiting = _waiting(words, actions)
    if waiting is not None:
        return _values(waiting, fragment, names, words)
    models = names.models(fragment, _server(words))
    return models if fragment else _flags(Offer("", models.texts + tuple(actions), "flag"))


def _flags(offer: Offer) -> Offer:
    """Return an offer that says what the flags in it do."""
    notes = {flag: (each.help or "").replace("%%", "%") for flag, each in _actions().items()}
    return replace(offer, notes=notes)


def _actions() -> dict[str, argparse.Action]:
    """Return all flags as they are written, and how each is read."""
    actions = build_parser()._actions  # noqa: SLF001 - argparse tells its flags nowhere else
    return {flag: action for action in actions for flag in action.option_strings}


def _waiting(words: list[str], actions: dict[str, argparse.Action]) -> argparse.Action | None:
    """Return the flag that the next word is a value of, if there is one."""
    numbers = [number for number, word in enumerate(words) if word in actions]
    if not numbers:
        return None
    action = actions[words[numbers[-1]]]
    if action.nargs == "+":
        return action
    return action if action.nargs is None and numbers[-1] == len(words) - 1 else None


def _values(action: argparse.Action, fragment: str, names: Names, words: list[str]) -> Offer:
    if action.dest == "model":
        return names.models(fragment, _server(words))
    if action.dest in _VALUES:
        return _VALUES[action.dest](names, fragment)
    parameter = PARAMETERS.get(action.dest)
    choices = (*parameter.choices, *parameter.words) if parameter else action.choices or ()
    return names.of(fragment, choices, "value")


def _server(words: list[str]) -> str | None:
    """Return the server that the line names, if it does."""
    pairs = zip(["", *words], words, strict=False)
    return next((word for before, word in pairs if before in ("--server", "--base-url")), None)


_FIRST_LINE = re.compile(r"%%chat[ \t]+(.*)")
_COMMAND = re.compile(r"[ \t]*%chat[ \t]+(.*)")
_MARKER = re.compile(r"\{\{[ \t]*((?:[^\W\d]\w*)?)$")


def match(context: CompletionContext, shell: InteractiveShell) -> dict[str, Any]:
    """Return what may stand at the cursor; empty where it is not ours to say.

    It is what IPython calls a SimpleMatcherResult.
    """
    names = Names(shell, current_session())
    try:
        offer = _offer(context, names)
    except ChatWidgetError:  # what is wrong with the line, it says when it runs
        offer = names.nothing()
    return {
        "completions": [SimpleCompletion(text=text, type=offer.note(text)) for text in offer.texts],
        "matched_fragment": offer.fragment,
        "suppress": True,
        "ordered": True,
    }


def _offer(context: CompletionContext, names: Names) -> Offer:
    line = context.text_until_cursor
    text = context.full_text
    if cell := from_magic(text):
        is_first = context.cursor_line == text[: len(text) - len(cell)].count("\n")
        first = _FIRST_LINE.match(line) if is_first else None
        marker = None if is_first else _MARKER.search(line)
        if first:
            return complete_cell_line(first[1], names)
        return names.variables(marker[1]) if marker else names.nothing()
    command = _COMMAND.match(line)
    return complete_command(command[1], names) if command else names.nothing()
