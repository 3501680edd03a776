"""Surrogate pairs, the halves of characters that a server cut in two.

A server that cuts its text by UTF-16 units, as JavaScript does, sends a character beyond the
first 65,536 in two halves, each of which no file and no terminal takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from chatwidget.client.wire.types import ChatCompletionChunk, ChunkChoice

__all__ = ["SurrogateJoiner", "join_surrogates", "repaired"]

_Root = TypeVar("_Root")
_PIECES = frozenset({"content", "refusal", "reasoning_content", "reasoning", "arguments", "input"})
"""The fields of structs whose texts may go on in the next chunk."""
_TEXTS = ("content", "refusal", "reasoning_content", "reasoning")


class SurrogateJoiner:
    """Joins surrogate pairs: holds first halves back until their second halves come.

    Attributes
    ----------
    pending
        The halves that wait, by choice and field.
    """

    def __init__(self) -> None:
        self.pending: dict[tuple[int, str], str] = {}

    def join(self, chunk: ChatCompletionChunk) -> None:
        """Move the halves at the ends of a chunk's texts to where they belong."""
        for choice in chunk.choices:
            for name in _TEXTS if choice.delta is not None else ():
                text = getattr(choice.delta, name)
                pending = self.pending.pop((choice.index, name), "")
                if text or pending:
                    setattr(
                        choice.delta, name, self._join_text(choice, name, pending + (text or ""))
                    )

    def _join_text(self, choice: ChunkChoice, name: str, text: str) -> str:
        is_cut = "\ud800" <= text[-1] <= "\udbff" and not choice.finish_reason
        if is_cut:
            self.pending[choice.index, name] = text[-1]
        return join_surrogates(text[:-1] if is_cut else text)


def join_surrogates(text: str) -> str:
    """Join the surrogate pairs in a text; a lone surrogate becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def repaired(root: _Root) -> _Root:
    """Join the surrogate pairs in all texts of a struct, in place, but for those that may go on."""
    waiting: list[Any] = [root]
    while waiting:
        holder = waiting.pop()
        for name, value in _items(holder):
            if isinstance(value, str):
                _put(holder, name, join_surrogates(value), value)
            elif isinstance(value, (dict, list, tuple, msgspec.Struct)):
                waiting.append(value)
    return root


def _items(holder: Any) -> list[tuple[Any, Any]]:
    if isinstance(holder, msgspec.Struct):
        fields = [(name, getattr(holder, name)) for name in holder.__struct_fields__]
        return [(name, value) for name, value in fields if not _may_go_on(name, value)]
    if isinstance(holder, dict):
        for name in [each for each in holder if join_surrogates(each) is not each]:
            holder[join_surrogates(name)] = holder.pop(name)
        return list(holder.items())
    return list(enumerate(holder))


def _may_go_on(name: str, value: object) -> bool:
    return name in _PIECES and isinstance(value, str)


def _put(holder: Any, name: Any, text: str, before: str) -> None:
    if text is before:
        return
    if isinstance(holder, msgspec.Struct):
        setattr(holder, name, text)
    else:
        holder[name] = text
