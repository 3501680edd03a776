"""JSON schemas of Python types, and JSON text as their instances.

msgspec knows its own Structs, dataclasses, TypedDicts and all plain types. The models of pydantic
describe and check themselves; they are told by their methods, so that pydantic is never imported.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect as types

from chatwidget.client.request.field_texts import add_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["definition", "json_schema", "parse_json", "sendable", "wire_name"]

_REFERENCE = "#/$defs/"
_NAME_LIMIT = 64
_ANYTHING = "chatwidget: anything"


def json_schema(kind: Any) -> dict[str, Any]:
    """Describe a type: an object at the root is written out, the others stand in ``$defs``.

    Raises
    ------
    TypeError
        If the type cannot be described.
    """
    try:
        (root,), definitions = msgspec.json.schema_components(
            [kind], schema_hook=_described, ref_template=_REFERENCE + "{name}"
        )
    except KeyError as error:  # msgspec loses a type whose full name another one has
        raise TypeError(f"two different types have the name {error}") from None
    _complete(kind, definitions)
    definitions = dict(definitions)
    root = _lifted(root, definitions)
    definitions |= {name: _lifted(each, definitions) for name, each in list(definitions.items())}
    root = definition(root, {"$defs": definitions})
    needed = _references(root, definitions)
    if needed:
        root["$defs"] = {name: each for name, each in definitions.items() if name in needed}
    return sendable(root)


def parse_json(text: str | bytes, kind: Any) -> Any:
    """Make an instance of a type of a JSON text.

    Raises
    ------
    ValueError, msgspec.DecodeError
        If the text is no JSON, or describes no instance.
    """
    return msgspec.json.decode(text, type=kind, dec_hook=_built)


def definition(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with what it refers to in its path."""
    found = dict(schema)
    while str(found.get("$ref", "")).startswith(_REFERENCE):
        name = found.pop("$ref").removeprefix(_REFERENCE)
        found = {**root["$defs"][name], **found}
    return found


def wire_name(name: str) -> str:
    """Return a name as the vendor allows it: letters, digits, underscores and dashes."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:_NAME_LIMIT] or "_"


def sendable(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without the values that JSON does not have, such as an infinite default."""
    kept = {name: each for name, each in schema.items() if name != _ANYTHING and _is_finite(each)}
    return {name: _sendable(each) for name, each in kept.items()}


def _sendable(value: Any) -> Any:
    if isinstance(value, list):
        return [_sendable(each) for each in value]
    return sendable(value) if isinstance(value, dict) else value


def _is_finite(value: Any) -> bool:
    """Tell whether a number, or a list of numbers, has no infinity and no NaN in it."""
    if isinstance(value, list | tuple):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _described(kind: Any) -> dict[str, Any]:
    """Let a model of pydantic describe itself; an ``object`` may be anything."""
    if kind is object:
        return {_ANYTHING: True}  # msgspec takes an empty description for none
    if not hasattr(kind, "model_json_schema"):
        raise NotImplementedError
    try:
        schema: dict[str, Any] = kind.model_json_schema()
    except RuntimeError as error:  # pydantic's own errors are of this kind
        raise TypeError(str(error)) from None
    return schema


def _built(kind: Any, value: Any) -> Any:
    """Let a model of pydantic check a value; of its report the first line is enough."""
    if kind is object:
        return value
    try:
        return kind.model_validate_json(msgspec.json.encode(value))
    except ValueError as error:
        if not hasattr(error, "errors"):
            raise
        first = error.errors()[0]
        path = "".join(f".{each}" for each in first["loc"])
        raise ValueError(f"{first['msg']} - at `${path}`") from None


def _lifted(schema: Any, definitions: dict[str, Any]) -> Any:
    """Move the definitions that pydantic puts inside to the root, where they are looked for."""
    if isinstance(schema, list):
        return [_lifted(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    for name, each in schema.get("$defs", {}).items():
        if definitions.setdefault(name, each) != each:
            raise TypeError(f"two different types have the name {name}")
    return {name: _lifted(each, definitions) for name, each in schema.items() if name != "$defs"}


def _references(schema: Any, definitions: dict[str, Any]) -> set[str]:
    """Find the names of all definitions that a schema needs."""
    needed: set[str] = set()
    waiting = [schema]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            waiting += each.values()
            name = str(each.get("$ref", "")).removeprefix(_REFERENCE)
            if name in definitions and name not in needed:
                needed.add(name)
                waiting.append(definitions[name])
    return needed


def _complete(kind: Any, definitions: dict[str, Any]) -> None:
    """Say of all classes in a type what msgspec does not say.

    That is what is written of their fields, and which strings are dates: msgspec tells these only
    where the time zone is settled, and a model may answer "next Monday".
    """
    for each in _classes(types.type_info(kind), {}):
        schema = definitions.get(wire_name(each.cls.__name__), {})
        add_texts(each.cls, {field.encode_name: field.name for field in each.fields}, schema)
        for field in each.fields:
            if field.encode_name in schema.get("properties", {}):
                _add_format(field.type, schema["properties"][field.encode_name])


def _add_format(kind: types.Type, schema: dict[str, Any]) -> None:
    if isinstance(kind, types.Metadata):
        _add_format(kind.type, schema)
    elif isinstance(kind, types.DateTimeType):
        schema.setdefault("format", "date-time")
    elif isinstance(kind, types.TimeType):
        schema.setdefault("format", "time")
    elif isinstance(kind, types.CollectionType) and "items" in schema:
        _add_format(kind.item_type, schema["items"])
    elif isinstance(kind, types.UnionType):
        # only one member of a union can be written as a string
        dates = [t for t in kind.types if isinstance(t, types.DateTimeType | types.TimeType)]
        for each in schema.get("anyOf", ()):
            if dates and each.get("type") == "string":
                _add_format(dates[0], each)


def _classes(kind: Any, seen: dict[int, Any]) -> Iterator[Any]:
    """Find the types with fields in a tree of types, which may go round in a circle."""
    if isinstance(kind, tuple):
        for each in kind:
            yield from _classes(each, seen)
    elif isinstance(kind, types.Type | types.Field) and id(kind) not in seen:
        seen[id(kind)] = kind
        if hasattr(kind, "fields"):
            yield kind
        for each in kind.__struct_fields__:
            yield from _classes(getattr(kind, each), seen)
