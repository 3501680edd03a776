"""Values of parameters in a few words."""

from __future__ import annotations

import json
from types import UnionType
from typing import Any

from chatwidget.client.request.output_type import type_name
from chatwidget.client.request.tool_schema import function_name

__all__ = ["name_of", "tool_name", "value_in_words"]

_LONGEST_TEXT = 40


def value_in_words(value: Any) -> str:
    """Return the value of a parameter for a line of all that is sent; empty if nothing is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, int | str):
        return _cut(str(value) or '""')
    if isinstance(value, list | tuple):
        return _cut(", ".join(map(_entry_in_words, value)))
    return _cut(_object_in_words(value))


def tool_name(tool: Any) -> str:
    """Return the name of a function, or that of a tool that is only described."""
    if callable(tool):
        return function_name(tool)
    described = tool.get("function") if isinstance(tool, dict) else None
    told = described if isinstance(described, dict) else tool
    return str(told.get("name") or told.get("type") or "?") if isinstance(told, dict) else "?"


def _entry_in_words(entry: Any) -> str:
    if isinstance(entry, str):
        return json.dumps(entry, ensure_ascii=False)
    return tool_name(entry) if callable(entry) or isinstance(entry, dict) else str(entry)


def _object_in_words(value: Any) -> str:
    """Return a format by its name, a function that has to be called by its own, and else JSON."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "json_schema":
        return f"JSON schema {value.get('json_schema', {}).get('name', '')}".strip()
    if kind in ("text", "json_object"):
        return {"text": "text", "json_object": "JSON"}[kind]
    if kind == "function":
        return tool_name(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else name_of(value)


def name_of(value: Any) -> str:
    """Return what a value that is no data is called: a function, a type, or else its type."""
    if isinstance(value, type | UnionType) or hasattr(value, "__origin__"):
        return type_name(value)
    return str(getattr(value, "__name__", type(value).__name__))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"
