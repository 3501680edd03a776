"""Values as Python writes them."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any

from chatwidget.client.request.output_type import wire_format
from chatwidget.client.request.tool_schema import wire_tools

__all__ = ["arguments", "is_named", "literal"]


def arguments(values: Mapping[str, Any]) -> list[str]:
    """Return keywords of a call; messages stand each on its own line."""
    return [
        f"{name}={_lines(value) if name == 'messages' else literal(value)}"
        for name, value in values.items()
    ]


def literal(value: Any) -> str:
    """Return a value as Python writes it: functions and types by their names.

    What has no name that could be written is described, as it goes on the wire.
    """
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {literal(item)}' for key, item in value.items())}}}"
    if is_named(value):
        name: str = value.__name__
        return name
    described = _described(value)
    return repr(value) if described is value else literal(described)


def is_named(value: object) -> bool:
    """Tell whether a function or a type can be written by its name."""
    name = getattr(value, "__name__", "")
    is_own = isinstance(value, type) or not hasattr(value, "__origin__")  # list[int] is no list
    return callable(value) and is_own and name.isidentifier() and not keyword.iskeyword(name)


def _described(value: object) -> object:
    form = wire_format(value)
    if form is not value or not callable(value):
        return form
    tools = wire_tools([value])
    return tools[0] if isinstance(tools, list) else value


def _lines(messages: list[dict[str, Any]]) -> str:
    return "\n".join(["[", *(f"    {literal(message)}," for message in messages), "]"])
