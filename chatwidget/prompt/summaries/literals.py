"""Values as Python writes them, bounded in depth and in length."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from chatwidget.prompt.instance_checks import is_a
from chatwidget.prompt.summaries.excerpt import Excerpt, excerpt

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["is_container", "literal", "written"]

_ITEMS = 2_000
_ITEMS_OF_ONE = 100
_DEPTH = 8
_CHARACTERS = 500
_BITS = 4_096
_WIDTH = 88
_NOTE = (
    f"… cut where it is longer than {_ITEMS:,} items, {_ITEMS_OF_ONE} of one collection, "
    f"{_CHARACTERS} characters of one item or {_DEPTH} levels …"
)

# A class that writes itself in its own way, to hide a field perhaps, is not taken apart.
_BRACKETS: dict[Any, tuple[str, str]] = {
    dict.__repr__: ("{", "}"),
    set.__repr__: ("{", "}"),
    list.__repr__: ("[", "]"),
    tuple.__repr__: ("(", ")"),
    frozenset.__repr__: ("{", "}"),
    deque.__repr__: ("[", "]"),
    Counter.__repr__: ("{", "}"),
    OrderedDict.__repr__: ("{", "}"),
    defaultdict.__repr__: ("{", "}"),
    type({}.keys()).__repr__: ("[", "]"),
    type({}.values()).__repr__: ("[", "]"),
    type({}.items()).__repr__: ("[", "]"),
}
_TEXTS: tuple[Any, ...] = (str.__repr__, bytes.__repr__, bytearray.__repr__)
_TABLES = ("numpy.ndarray", "pandas.NDFrame", "polars.DataFrame", "polars.Series", "torch.Tensor")


def literal(value: object, limit: int) -> Excerpt:
    """Return any value as Python writes it."""
    if not is_container(value) and type(value).__repr__ not in _TEXTS:
        return excerpt(written(value), limit)
    writer = _Writer()
    text = writer.write(value)
    if writer.is_cut:
        text += f"\n{_NOTE}"
    return excerpt(text, limit, is_cut=writer.is_cut)


def is_container(value: object) -> bool:
    """Tell whether a value is a plain collection of others."""
    return type(value).__repr__ in _BRACKETS


def written(value: object) -> str:
    """Return what ``repr`` says of a value, or that it fails."""
    if isinstance(value, int) and value.bit_length() > _BITS:
        return f"<{type(value).__name__} of {value.bit_length():,} bits>"
    try:
        return repr(value)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's class may raise anything
        return f"<{type(value).__name__} whose __repr__ raises {type(error).__name__}>"


class _Writer:
    """Writes one collection; collections within it share what there is of room."""

    def __init__(self) -> None:
        self.is_cut = False
        self._room = _ITEMS
        self._open: list[int] = []

    def write(self, value: Any) -> str:
        if is_container(value):
            opening, closing = _BRACKETS[type(value).__repr__]
            text = f"{opening}{self._inside(value)}{closing}"
            # what has no brackets of its own wears its name, as the empty set does
            is_plain = type(value) in (dict, list, tuple) or (type(value) is set and value)
            return text if is_plain else f"{type(value).__name__}({text})"
        return self._leaf(value)

    def _inside(self, collection: Collection[Any]) -> str:
        if id(collection) in self._open:
            return "..."
        if len(self._open) == _DEPTH:
            self.is_cut = True
            return "…"
        self._open.append(id(collection))
        items = self._items(collection)
        self._open.pop()
        return self._joined(items, is_single=isinstance(collection, tuple) and len(items) == 1)

    def _items(self, collection: Collection[Any]) -> list[str]:
        size = min(_ITEMS_OF_ONE, self._room, len(collection))
        self._room -= size
        if isinstance(collection, Mapping):
            pairs = islice(collection.items(), size)
            items = [f"{self.write(key)}: {self.write(value)}" for key, value in pairs]
        else:
            items = [self.write(item) for item in islice(collection, size)]
        if size < len(collection):
            self.is_cut = True
            items.append(f"… {len(collection) - size:,} more")
        return items

    def _joined(self, items: list[str], *, is_single: bool) -> str:
        """Return items with commas between them, as many on one line as there is room for."""
        lines = [""]
        for index, item in enumerate(items):
            more = f"{item}," if index < len(items) - 1 or is_single else item
            if lines[-1] and len(lines[-1]) + len(more) + len(self._open) >= _WIDTH:
                lines.append(more)
            else:
                lines[-1] = f"{lines[-1]} {more}".lstrip(" ")
        return "\n".join(lines).replace("\n", "\n ")

    def _leaf(self, value: Any) -> str:
        if is_a(value, *_TABLES):
            return f"<{type(value).__name__} of shape {tuple(value.shape)}>"
        is_text = type(value).__repr__ in _TEXTS
        whole = value if is_text else written(value)
        if len(whole) > _CHARACTERS:
            self.is_cut = True
            start = whole[:_CHARACTERS]
            return f"{start!r}… {len(whole) - _CHARACTERS:,} more" if is_text else f"{start}…"
        return repr(whole) if is_text else whole
