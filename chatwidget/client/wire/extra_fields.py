"""Extra fields, of which we know no more than their JSON: told apart, and put together from pieces.

Servers want some of them back as they were, such as signatures of thoughts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PartialFields", "fed", "value_of", "with_extra_fields"]

_DEPTH = 16
_STAY = ("id", "type", "format", "name", "role", "status", "index", "signature", "url", "title")
"""How names end whose texts do not come in pieces, but may be sent with each piece."""


def with_extra_fields(raw: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Return the known fields of an object, and the others together in ``extra_fields``."""
    extra = {name: value for name, value in raw.items() if name not in known and _says(value)}
    told = {name: value for name, value in raw.items() if name in known}
    return {**told, "extra_fields": extra} if extra else told


def _says(value: object) -> bool:
    return value is not None and value not in ("", [], {})


class PartialFields:
    """Fields in the making: texts are joined, objects merged, lists by the index in their items.

    A list without indices goes on, unless it is sent again as it is; all else is replaced.
    """

    def __init__(self, depth: int = _DEPTH) -> None:
        self._fields: dict[str, Any] = {}
        self._depth = depth

    def feed(self, fields: Mapping[str, Any] | None) -> None:
        """Take more of the fields."""
        for name, value in (fields or {}).items():
            if value is not None:
                self._fields[name] = self._merged(name, self._fields.get(name), value)

    def value(self) -> dict[str, Any]:
        """Return what has come so far and says anything; texts are joined anew at each look."""
        values = {name: _value(partial) for name, partial in self._fields.items()}
        return {name: value for name, value in values.items() if _says(value)}

    def _merged(self, name: str, known: Any, value: Any) -> Any:
        partial = known
        if isinstance(value, str) and not name.lower().endswith(_STAY):
            partial = known if isinstance(known, _Text) else _Text()
            partial.append(value)
        elif isinstance(value, dict) and self._depth:
            partial = known if isinstance(known, PartialFields) else PartialFields(self._depth - 1)
            partial.feed(value)
        elif isinstance(value, list) and self._depth:
            partial = known if isinstance(known, _PartialList) else _PartialList(self._depth - 1)
            partial.feed(value)
        else:
            partial = value
        return partial


def fed(partial: PartialFields | None, fields: Mapping[str, Any] | None) -> PartialFields | None:
    """Return fields in the making with more of them; most messages have none."""
    if fields:
        partial = partial or PartialFields()
        partial.feed(fields)
    return partial


def value_of(partial: PartialFields | None) -> dict[str, Any] | None:
    """Return what has come so far, or None if that is nothing."""
    return (partial.value() or None) if partial is not None else None


class _Text(list[str]):
    """The pieces of a text."""


class _PartialList:
    def __init__(self, depth: int) -> None:
        self._items: list[Any] = []
        self._by_index: dict[Any, PartialFields] = {}
        self._last: list[Any] = []
        self._depth = depth

    def feed(self, items: list[Any]) -> None:
        is_sent_again = items == self._last and not self._by_index
        for item in () if is_sent_again else items:
            self._add(item)
        self._last = items

    def value(self) -> list[Any]:
        return [_value(item) for item in self._items]

    def _add(self, item: Any) -> None:
        index = item.get("index") if isinstance(item, dict) else None
        if not isinstance(index, int) or not self._depth:
            self._items.append(item)
            return
        place = (index, str(item.get("type")))
        if place not in self._by_index:
            self._by_index[place] = PartialFields(self._depth - 1)
            self._items.append(self._by_index[place])
        self._by_index[place].feed(item)


def _value(partial: Any) -> Any:
    if isinstance(partial, _Text):
        return "".join(partial)
    return partial.value() if isinstance(partial, PartialFields | _PartialList) else partial
