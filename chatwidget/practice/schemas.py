"""What a JSON schema allows, as far as a writer of instances needs to know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

from chatwidget.practice.api_error import PracticeAPIError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["FORMATS", "SHALLOW", "Schema", "allows", "kind", "numbers", "resolved"]

Schema: TypeAlias = "Mapping[str, Any]"

SHALLOW = 4
"""Below this depth, what may be left out is left out, so that recursive schemas end."""

FORMATS = {
    "date": "2026-01-15",
    "date-time": "2026-01-15T09:30:00Z",
    "duration": "PT15M",
    "email": "practice@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "09:30:00Z",
    "uri": "https://example.org/",
    "uuid": "3f2b8c1e-5d4a-4b6f-9a7c-1e2d3c4b5a69",
}

_DEEPEST = 40
_TYPICAL_SPAN = 10  # how many whole numbers to choose from, where a schema sets no limit
_MOST_NUMBERS = 1000
_ROUNDING = 9


def resolved(
    schema: Any, root: Schema, depth: int, pick: Callable[[Sequence[Any]], Any]
) -> dict[str, Any]:
    """Follow references, merge ``allOf``, and pick one of ``anyOf`` or ``oneOf``.

    Raises
    ------
    PracticeAPIError
        If a reference leads nowhere, or the schema never ends.
    """
    if depth > _DEEPEST:
        raise PracticeAPIError("The schema has no finite instance.", "response_format")
    merged = dict(schema) if isinstance(schema, dict) else {}
    for _ in range(_DEEPEST):
        if "$ref" in merged:
            merged = _merged(_target(merged.pop("$ref"), root), merged)
        elif "allOf" in merged:
            for part in merged.pop("allOf"):
                merged = _merged(part, merged)
        elif "anyOf" in merged or "oneOf" in merged:
            options = merged.pop("anyOf" if "anyOf" in merged else "oneOf")
            merged = _merged(_picked(options, depth, pick), merged)
        else:
            return merged
    raise PracticeAPIError("The schema refers to itself without end.", "response_format")


def kind(schema: Schema, depth: int, pick: Callable[[Sequence[Any]], Any]) -> str:
    """Return the type of the instances; a schema that says nothing allows strings."""
    types = schema.get("type")
    if isinstance(types, list):
        return str("null" if depth >= SHALLOW and "null" in types else pick(types))
    if isinstance(types, str):
        return types
    if "properties" in schema or "required" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    limits = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    return "number" if any(limit in schema for limit in limits) else "string"


def numbers(schema: Schema, *, whole: bool) -> list[float]:
    """Return numbers that a schema allows, lowest first, as many as one needs to choose from."""
    step = schema.get("multipleOf", 1 if whole else 0.01)
    if whole and step != int(step):
        step = 1  # rare, and then checked below like everything else
    low, high = _bounds(schema, step * _TYPICAL_SPAN if whole else 1.0)
    first, last = math.ceil(round(low / step, _ROUNDING)), math.floor(round(high / step, _ROUNDING))
    found = (round(n * step, _ROUNDING) for n in range(first, min(last, first + _MOST_NUMBERS) + 1))
    allowed = [int(number) if whole else number for number in found if _is_inside(number, schema)]
    return allowed or [(low + high) / 2]


def allows(schema: Schema, number: float, *, whole: bool) -> bool:
    """Tell whether a schema of numbers allows one of them."""
    step = schema.get("multipleOf", 1 if whole else 0)
    steps = round(number / step, _ROUNDING) if step else 0
    is_whole = not whole or number == int(number)
    return is_whole and steps == int(steps) and _is_inside(number, schema)


def _bounds(schema: Schema, span: float) -> tuple[float, float]:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None:
        low = 0 if high is None or high >= 0 else high - span
    return low, low + span if high is None else high


def _is_inside(number: float, schema: Schema) -> bool:
    return (
        number != schema.get("exclusiveMinimum")
        and number != schema.get("exclusiveMaximum")
        and number >= schema.get("minimum", -math.inf)
        and number <= schema.get("maximum", math.inf)
    )


def _target(reference: str, root: Schema) -> Any:
    node: Any = root
    path = str(reference).removeprefix("#").strip("/")
    for name in path.split("/") if path else ():
        key = name.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or key not in node:
            raise PracticeAPIError(
                f"The schema has no definition {reference!r}.", "response_format"
            )
        node = node[key]
    return node


def _merged(part: Any, schema: Schema) -> dict[str, Any]:
    """Add one part to a schema: objects get the properties of both."""
    added = dict(part) if isinstance(part, dict) else {}
    both = {**added, **schema}
    if "properties" in added and "properties" in schema:
        both["properties"] = {**added["properties"], **schema["properties"]}
    if "required" in added and "required" in schema:
        both["required"] = [*added["required"], *schema["required"]]
    return both


def _picked(options: Sequence[Any], depth: int, pick: Callable[[Sequence[Any]], Any]) -> Any:
    return min(options, key=_size) if depth >= SHALLOW else pick(options)


def _size(option: Any) -> int:
    """Say how far an alternative may lead: null nowhere, a scalar one step, a reference on."""
    if not isinstance(option, dict):
        return 1
    if option.get("type") == "null":
        return 0
    is_open = option.get("type") in ("object", "array") or "$ref" in option
    return 2 if is_open else 1
