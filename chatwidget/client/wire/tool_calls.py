"""Tool calls in the making: which call a delta belongs to is decided here, for all who hear of it.

The vendor numbers the calls of a message. Other servers leave the number out, give every call the
same one, give each fragment an id of its own, or send the name again with each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatwidget.client.errors import StreamError
from chatwidget.client.wire.extra_fields import fed, value_of
from chatwidget.client.wire.surrogates import join_surrogates
from chatwidget.client.wire.types import CustomCall, FunctionCall, FunctionCallDelta, ToolCall

if TYPE_CHECKING:
    from chatwidget.client.wire.extra_fields import PartialFields
    from chatwidget.client.wire.types import ToolCallDelta

__all__ = ["PartialFunction", "PartialToolCalls"]

_MOST_CALLS = 1024


class PartialFunction:
    """A function call in the making: the name comes once, the arguments in pieces."""

    def __init__(self, index: int = 0) -> None:
        self.index = index
        self.id = ""
        self.type = "function"
        self.is_custom = False
        self.name = ""
        self.arguments: list[str] = []
        self.extra_content: dict[str, Any] | None = None
        self.extra_fields: PartialFields | None = None
        self._of_function: PartialFields | None = None
        self._json = _JsonEnd()

    def feed(self, delta: FunctionCallDelta) -> None:
        """Add a piece."""
        self.name = self.name or delta.name or ""
        if delta.arguments:
            self.arguments.append(delta.arguments)
        self._of_function = fed(self._of_function, delta.extra_fields)

    @property
    def is_whole(self) -> bool:
        """Whether the arguments are JSON from its beginning to its end."""
        return self._json.is_reached(self.arguments)

    def call(self) -> FunctionCall:
        """Return the call as far as it has come."""
        arguments = join_surrogates("".join(self.arguments))
        return FunctionCall(self.name, arguments, value_of(self._of_function))

    def custom(self) -> CustomCall | None:
        """Return the call as far as it has come, if it is one of a custom tool."""
        call = self.call()
        return CustomCall(call.name, call.arguments) if self.is_custom else None


class PartialToolCalls:
    """The tool calls of one message.

    A delta belongs to the call of its index, without one to that of its id, and without both to
    the last. But there a new call begins if the delta cannot go on with what has come. Each call
    has a number of its own, which replaces the index of its deltas.
    """

    def __init__(self) -> None:
        self._calls: dict[int, PartialFunction] = {}
        self._by_index: dict[int, PartialFunction] = {}
        self._by_id: dict[str, PartialFunction] = {}
        self._last: PartialFunction | None = None

    def feed(self, deltas: list[ToolCallDelta]) -> None:
        """Add deltas, and number them.

        Raises
        ------
        StreamError
            If one has an impossible index, or there are too many calls.
        """
        for delta in deltas:
            is_custom = delta.custom is not None
            if delta.custom is not None:  # all who hear of it see the call in the one place
                delta.function = FunctionCallDelta(delta.custom.name, delta.custom.input)
                delta.type, delta.custom = "custom", None
            call = self._last = self._call_of(delta)
            call.id = call.id or delta.id or ""
            call.type = delta.type or call.type
            call.is_custom = call.is_custom or is_custom
            call.extra_content = delta.extra_content or call.extra_content
            call.extra_fields = fed(call.extra_fields, delta.extra_fields)
            if delta.function is not None:
                call.feed(delta.function)
            delta.index = call.index

    def calls(self) -> list[ToolCall]:
        """Return the calls as far as they have come, in the order of their numbers."""
        in_order = (self._calls[number] for number in sorted(self._calls))
        return [
            ToolCall(c.id, c.type, c.call(), c.extra_content, value_of(c.extra_fields), c.custom())
            for c in in_order
        ]

    def _call_of(self, delta: ToolCallDelta) -> PartialFunction:
        index = delta.index
        if index is not None and not 0 <= index < _MOST_CALLS:
            raise StreamError(f"The server sent a tool call with the index {index}.")
        found = self._known(delta)
        if found is None or _begins_anew(delta, found):
            found = self._begun(index)
        if index is not None:
            self._by_index[index] = found
        if delta.id:
            self._by_id.setdefault(delta.id, found)
        return found

    def _known(self, delta: ToolCallDelta) -> PartialFunction | None:
        if delta.index is not None:
            return self._by_index.get(delta.index)
        known = self._by_id.get(delta.id) if delta.id else None
        return known or self._last

    def _begun(self, index: int | None) -> PartialFunction:
        if len(self._calls) >= _MOST_CALLS:
            raise StreamError(f"The server sent more than {_MOST_CALLS} tool calls.")
        number = index if index is not None and index not in self._calls else None
        number = max(self._calls, default=-1) + 1 if number is None else number
        call = self._calls[number] = PartialFunction(number)
        return call


def _begins_anew(delta: ToolCallDelta, call: PartialFunction) -> bool:
    """Tell whether a delta, which would belong to a call, cannot go on with it."""
    if delta.id and delta.id == call.id:
        return False
    name = delta.function.name if delta.function is not None else None
    arguments = (delta.function.arguments or "").strip() if delta.function is not None else ""
    is_other = bool(name and call.name and name != call.name)
    has_new_id = bool(delta.id and call.id)
    if is_other and (has_new_id or delta.index is None):
        return True
    if not arguments and not is_other:
        # A name or an id, and no more: two such headings are two calls.
        return has_new_id and bool(name) and (not call.arguments or call.is_whole)
    return (bool(name) or has_new_id) and call.is_whole


class _JsonEnd:
    """Finds the end of JSON that comes in pieces; each piece is looked at once, if anybody asks."""

    def __init__(self) -> None:
        self._seen = 0
        self._depth = 0
        self._has_begun = self._in_text = self._after_backslash = False

    def is_reached(self, pieces: list[str]) -> bool:
        """Tell whether the brackets that the pieces open are closed again."""
        for piece in pieces[self._seen :]:
            for character in piece:
                self._take(character)
        self._seen = len(pieces)
        return self._has_begun and self._depth <= 0 and not self._in_text

    def _take(self, character: str) -> None:
        if self._in_text:
            self._in_text = self._after_backslash or character != '"'
            self._after_backslash = character == "\\" and not self._after_backslash
        elif character == '"':
            self._in_text = True
        elif character in "{[":
            self._has_begun = True
            self._depth += 1
        elif character in "}]":
            self._depth -= 1
