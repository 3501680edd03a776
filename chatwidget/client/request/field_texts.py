"""What is written of a class and of its fields, in hints and docstrings, goes into its schema."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from chatwidget.client.request.docstrings import describe, docstrings_of_class

__all__ = ["add_texts"]

_QUALIFIERS = ("Required", "NotRequired", "ReadOnly")  # of a TypedDict; Python 3.10 has none


def add_texts(kind: type, fields: dict[str, str], schema: dict[str, Any]) -> None:
    """Add to a schema what is written of its class and of its fields.

    A text in a hint goes before one in a docstring, and those of the class before inherited ones.

    Parameters
    ----------
    kind
        The class.
    fields
        The names of its fields, by the names that JSON has.
    schema
        Its schema, which is changed.
    """
    kind = get_origin(kind) or kind  # of a generic class, itself
    description, texts = describe(*docstrings_of_class(kind))
    schema.pop("description", None)  # the whole docstring, or the signature of a dataclass
    if description:
        schema["description"] = description
    hints = _hints(kind)
    for name, described in schema.get("properties", {}).items():
        field = fields.get(name, name)
        text = _text_of(hints.get(field)) or described.get("description") or texts.get(field)
        if text:
            described["description"] = text


def _hints(kind: type) -> dict[str, Any]:
    try:
        return get_type_hints(kind, include_extras=True)
    except (NameError, TypeError):  # a name that is known to type checkers alone
        return {}


def _text_of(hint: Any) -> str:
    """Find the text in ``Annotated[str, "text"]``, also within a union."""
    origin = get_origin(hint)
    if origin is Annotated:
        return next(filter(None, map(_text_in, hint.__metadata__)), "")
    if origin in (Union, UnionType) or getattr(origin, "_name", "") in _QUALIFIERS:
        return next(filter(None, map(_text_of, get_args(hint))), "")
    return ""


def _text_in(note: Any) -> str:
    """Return the text of a note: itself, that of a ``Doc``, or the description of a field."""
    texts = (note, getattr(note, "documentation", None), getattr(note, "description", None))
    return next((each for each in texts if isinstance(each, str)), "")
