"""Bent JSON into typed structs: what fits is kept, field by field, what does not is left out."""

from __future__ import annotations

from typing import Any, TypeVar, get_args

import msgspec

__all__ = ["salvage"]

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def salvage(raw: dict[str, Any], struct: type[_Struct]) -> _Struct:
    """Build a struct from the fields of `raw` that fit; the others keep their defaults."""
    fields = {}
    for field in msgspec.structs.fields(struct):
        value = raw.get(field.encode_name)
        if value is not None:
            kept = _fitted(value, field.type)
            if kept is not None or field.required:
                fields[field.name] = [] if kept is None else kept
    return struct(**fields)


def _fitted(value: object, type_: Any) -> Any:
    """Return `value` as `type_`, as much of it as possible, or None."""
    try:
        return msgspec.convert(value, type_, strict=False)
    except msgspec.ValidationError:
        pass
    inner = _struct_in(type_)
    if inner is not None and isinstance(value, dict):
        return salvage(value, inner)
    if inner is not None and isinstance(value, list):
        return [salvage(item, inner) for item in value if isinstance(item, dict)]
    if isinstance(value, (dict, list)) and str in (type_, *get_args(type_)):
        return msgspec.json.encode(value).decode()
    return None


def _struct_in(type_: Any) -> type[msgspec.Struct] | None:
    """Return the struct inside an optional or a list of structs."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return type_
    return next(filter(None, map(_struct_in, get_args(type_))), None)
