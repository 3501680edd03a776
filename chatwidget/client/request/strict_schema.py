"""The strict subset of JSON schema, in which a model's answer cannot go astray.

It is the vendor's: see "Supported schemas" in the OpenAI guide to structured outputs. Every object
names all of its properties and requires them; what may be left out may be null in its place. What
a schema says beyond the subset goes into the description, where the model still reads it.
"""

from __future__ import annotations

import json
from typing import Any

from chatwidget.client.errors import ParameterError
from chatwidget.client.request.json_schema import definition

__all__ = ["strict_schema", "without_absent"]

_KEPT = frozenset(
    [
        "type",
        "title",
        "description",
        "enum",
        "const",
        "pattern",
        "format",
        "multipleOf",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minItems",
        "maxItems",
    ]
)
_STRUCTURE = frozenset(
    [
        "$ref",
        "$defs",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "anyOf",
        "oneOf",
        "allOf",
        "discriminator",
    ]
)
_FORMATS = frozenset(
    ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]
)
_NULL = {"type": "null"}
_JSON_TYPES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    list: "array",
    dict: "object",
}


def strict_schema(schema: dict[str, Any], name: str = "") -> dict[str, Any]:
    """Return a schema within the strict subset.

    Parameters
    ----------
    schema
        What is asked for, with its definitions in ``$defs``.
    name
        What to call it in an error.

    Raises
    ------
    ParameterError
        If it allows any value or any key somewhere.
    """
    strict = _strict(schema, schema, name)
    if "$defs" in schema:
        strict["$defs"] = {key: _strict(each, schema, key) for key, each in schema["$defs"].items()}
    return strict


def without_absent(value: Any, schema: Any, root: dict[str, Any]) -> Any:
    """Drop the nulls that stand for properties that may be left out, so that defaults apply.

    Parameters
    ----------
    value
        What was answered to the strict form of the schema.
    schema, root
        The schema as it was before, and the one that holds its definitions.
    """
    if not isinstance(value, dict | list) or not isinstance(schema, dict):
        return value
    schema = _chosen(value, schema, root)
    if isinstance(value, list):
        items = schema.get("prefixItems") or [schema.get("items")] * len(value)
        inside = [without_absent(v, s, root) for v, s in zip(value, items, strict=False)]
        return inside + value[len(inside) :]
    properties = schema.get("properties", {})
    optional = {
        name
        for name, each in properties.items()
        if name not in schema.get("required", ()) and not _allows_null(each, root)
    }
    return {
        name: without_absent(each, properties.get(name), root)
        for name, each in value.items()
        if each is not None or name not in optional
    }


def _strict(schema: Any, root: dict[str, Any], path: str) -> dict[str, Any]:
    if not isinstance(schema, dict):
        raise _too_loose(path, "any value")
    strict = _plain(schema)
    options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf")
    if "$ref" in schema:
        # beside a reference nothing else may stand
        reference = {"$ref": schema["$ref"]}
        strict = {**strict, "anyOf": [reference]} if strict else reference
    elif options and ("allOf" not in schema or len(options) == 1):
        strict["anyOf"] = [_strict(each, root, path) for each in options]
    elif schema.get("type") == "object":
        strict |= _object(schema, root, path)
    elif schema.get("type") == "array":
        strict |= _array(schema, root, path)
    elif "type" not in schema:
        strict["type"] = _type_of_values(schema, path)
    return strict


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what needs no change; what is not allowed is added to the description."""
    kept = {name: each for name, each in schema.items() if name in _KEPT}
    if kept.get("format") not in _FORMATS:
        kept.pop("format", None)
    others = {n: each for n, each in schema.items() if n not in kept and n not in _STRUCTURE}
    if others and others != {"default": None}:
        notes = ", ".join(f"{n}: {json.dumps(v, ensure_ascii=False)}" for n, v in others.items())
        kept["description"] = f"{kept.get('description', '')} ({notes})".lstrip()
    return kept


def _object(schema: dict[str, Any], root: dict[str, Any], path: str) -> dict[str, Any]:
    if "properties" not in schema:
        raise _too_loose(path, "any keys")
    properties = {}
    for name, each in schema["properties"].items():
        inside = _strict(each, root, f"{path}.{name}")
        if name not in schema.get("required", ()) and not _allows_null(each, root):
            inside = {"anyOf": [inside, _NULL]}
        properties[name] = inside
    return {"properties": properties, "required": list(properties), "additionalProperties": False}


def _array(schema: dict[str, Any], root: dict[str, Any], path: str) -> dict[str, Any]:
    """Describe a list; the subset has no tuples, so that only their description tells the order."""
    first = schema.get("prefixItems")
    if not first:
        return {"items": _strict(schema.get("items"), root, f"{path}[]")}
    options: list[dict[str, Any]] = []
    for each in first:
        inside = _strict(each, root, f"{path}[]")
        if inside not in options:
            options.append(inside)
    return {"items": options[0] if len(options) == 1 else {"anyOf": options}}


def _type_of_values(schema: dict[str, Any], path: str) -> str | list[str]:
    """Name the types of an enumeration's values, as the subset asks for."""
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    names = list(dict.fromkeys(_JSON_TYPES[type(value)] for value in values))
    if not names:
        raise _too_loose(path, "any value")
    return names[0] if len(names) == 1 else names


def _allows_null(schema: Any, root: dict[str, Any]) -> bool:
    if not isinstance(schema, dict):
        return True
    schema = definition(schema, root)
    options = schema.get("anyOf") or schema.get("oneOf") or ()
    return (
        "null" in (schema.get("type"), *_listed(schema.get("type")))
        or None in schema.get("enum", ())
        or any(_allows_null(each, root) for each in options)
    )


def _chosen(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """Follow references, and choose what a value was written for."""
    schema = definition(schema, root)
    options = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
    for each in options:
        found = _chosen(value, each, root)
        if _fits(value, found):
            return found
    return schema


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, list):
        return schema.get("type") == "array"
    properties = schema.get("properties", {})
    tags = {n: p["enum"] for n, p in properties.items() if "enum" in p}
    tags |= {n: [p["const"]] for n, p in properties.items() if "const" in p}
    named = set(value) <= set(properties)
    return named and all(value.get(name) in [*allowed, None] for name, allowed in tags.items())


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _too_loose(path: str, allowed: str) -> ParameterError:
    return ParameterError(
        f"response_format cannot be strict: {path or 'the answer'} allows {allowed}.",
        hint="Give it a type with named fields or a list of such, or give your own JSON schema.",
        parameter="response_format",
    )
