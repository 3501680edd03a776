"""Surrogate pairs, the halves of characters that a server cut in two.

A server that cuts its text by UTF-16 units, as JavaScript does, sends a character beyond the
first 65,536 in two halves, each of which no file and no terminal takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatwidget.client.wire.types import ChatCompletionChunk, ChunkChoice

__all__ = ["SurrogateJoiner", "join_surrogates"]

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
