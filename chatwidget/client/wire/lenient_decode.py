"""Lenient decoding of bent JSON: what fits a typed struct is kept, field by field."""

from __future__ import annotations

from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

__all__ = ["decode_leniently"]

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def decode_leniently(raw: dict[str, Any], struct: type[_Struct]) -> _Struct:
    """Decode leniently: build a struct from the fields that fit; the others keep their defaults.

    Raises
    ------
    msgspec.ValidationError
        If a field that has no default is missing or does not fit.
    """
    fields = {}
    for field in msgspec.structs.fields(struct):
        kept = _convert_partly(raw.get(field.encode_name), field.type)
        if kept is not None:
            fields[field.name] = kept
        elif field.required:
            raise msgspec.ValidationError(f"{struct.__name__} needs {field.encode_name}.")
    return struct(**fields)


def _convert_partly(value: object, type_: Any) -> Any:
    """Return `value` as `type_`, as much of it as possible, or None."""
    try:
        return msgspec.convert(value, type_, strict=False)
    except msgspec.ValidationError:
        pass
    for option in get_args(type_) if get_origin(type_) in (Union, UnionType) else (type_,):
        if isinstance(value, dict) and _is_struct(option):
            return _struct_or_none(value, option)
        if isinstance(value, list) and _is_struct(*get_args(option)[:1]):
            items = (_struct_or_none(item, get_args(option)[0]) for item in value)
            return get_origin(option)(item for item in items if item is not None)
        if isinstance(value, (dict, list)) and option is str:
            return msgspec.json.encode(value).decode()
    return None


def _struct_or_none(value: object, struct: type[_Struct]) -> _Struct | None:
    try:
        return decode_leniently(value, struct) if isinstance(value, dict) else None
    except msgspec.ValidationError:
        return None


def _is_struct(type_: object = None) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)
