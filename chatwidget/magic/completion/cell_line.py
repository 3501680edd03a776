"""Completion of the first line of a cell: flags, and what stands behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.client.request.parameters import PARAMETERS
from chatwidget.magic.completion.names import Names, Offer
from chatwidget.prompt.flags import build_parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

__all__ = ["complete_cell_line"]

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
        return names.of(fragment, actions, "flag")
    waiting = _waiting(words, actions)
    if waiting is not None:
        return _values(waiting, fragment, names, words)
    models = names.models(fragment, _server(words))
    return models if fragment else Offer("", models.texts + tuple(actions), "flag")


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
    choices = parameter.choices if parameter else action.choices or ()
    return names.of(fragment, choices, "value")


def _server(words: list[str]) -> str | None:
    """Return the server that the line names, if it does."""
    pairs = zip(["", *words], words, strict=False)
    return next((word for before, word in pairs if before in ("--server", "--base-url")), None)
