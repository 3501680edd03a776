"""Completion of a line of ``%chat``: subcommands, and what stands behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.magic.commands.dispatcher import commands
from chatwidget.magic.completion.names import Names, Offer
from chatwidget.render.handbook_pages import topics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["complete_command"]


def complete_command(text: str, names: Names) -> Offer:
    """Offer what may stand at the end of the text behind ``%chat``."""
    command, space, rest = text.partition(" ")
    if not space:
        return names.of(command, commands(), "command")
    argument = _ARGUMENTS.get(command)
    return argument(names, rest.split(" ")[-1]) if argument else names.nothing()


def _assignment(names: Names, fragment: str) -> Offer:
    name, equals, value = fragment.partition("=")
    if not equals:
        offer = names.parameters(fragment)
        return Offer(fragment, tuple(f"{each}=" for each in offer.texts), offer.kind)
    choices = PARAMETERS[name].choices if name in PARAMETERS else ()
    return names.of(value, choices, "value")


def _topic(names: Names, fragment: str) -> Offer:
    return names.of(fragment, [*topics(), *commands()], "topic")


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


_ARGUMENTS: Mapping[str, Callable[[Names, str], Offer]] = {
    "use": Names.servers,
    "model": Names.models,
    "models": Names.models,
    "alias": Names.models,
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
