"""The search for a key in texts: as it is, within quotes of any depth, cut, and in pieces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KeyFinder", "KeyFinders"]

_BACKSLASHES = r"\\{0,8}"


class KeyFinder:
    """Finds a key, or a beginning of it; shows itself to nobody.

    JSON and Python put backslashes into a key that they quote, an excerpt ends within it, and a
    stream cuts it anywhere.

    Parameters
    ----------
    secret
        The key.
    least
        How many of its first letters give it away.

    Attributes
    ----------
    first
        Its first letter: a text without it holds nothing of the key. Of several keys that begin
        differently it is empty, which every text holds.
    """

    __slots__ = ("_least", "_letters", "_opening", "_opening_bytes", "first")

    def __init__(self, secret: str, least: int) -> None:
        self._letters = secret.replace("\\", "")
        self._least = least
        self._opening = self._letters[:least]
        self._opening_bytes = self._opening.encode()
        self.first = self._letters[0]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the key stands in a text."""
        if self._opening not in text.replace("\\", ""):
            return []
        return [match.span() for match in self._pattern().finditer(text)]

    def replace(self, text: str, placeholder: str) -> str:
        """Return a text with a placeholder where the key stood."""
        if self._opening not in text.replace("\\", ""):
            return text
        return self._pattern().sub(lambda _: placeholder, text)

    def open_end(self, text: str) -> int:
        """Return how many letters at the end of a text may be the beginning of the key."""
        tail = text[-2 * len(self._letters) :]
        start = tail.find(self.first)
        while start >= 0:
            letters = tail[start:].replace("\\", "")
            if len(letters) < len(self._letters) and self._letters.startswith(letters):
                return len(tail) - start
            start = tail.find(self.first, start + 1)
        return 0

    def may_be_in(self, data: bytes) -> bool:
        """Tell whether a piece of JSON may hold the whole key, at the cost of a glance."""
        # Looking for one byte is three times as fast by find as by "in".
        if data.find(b"\\") < 0:
            return self._opening_bytes in data
        return b"\\u00" in data or self._opening_bytes in data.replace(b"\\", b"")

    def _pattern(self) -> re.Pattern[str]:
        """Return what finds the first letters, and those of the rest that follow in their order.

        No variable here holds more than one letter.
        """
        return re.compile(
            "".join(
                f"{_BACKSLASHES}{re.escape(letter)}"
                if position < self._least
                else f"(?:{_BACKSLASHES}{re.escape(letter)})?"
                for position, letter in enumerate(self._letters)
            )
        )

    def __repr__(self) -> str:
        return "<KeyFinder>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("What finds a key is not pickled, as the key is not.")

    def __getstate__(self) -> NoReturn:
        self.__reduce__()


class KeyFinders(KeyFinder):
    """Finds any of several keys.

    Parameters
    ----------
    finders
        What finds one of them each.
    """

    __slots__ = ("_finders",)

    def __init__(self, finders: Sequence[KeyFinder]) -> None:
        self._finders = finders
        letters = {finder.first for finder in finders}
        self.first = letters.pop() if len(letters) == 1 else ""

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where one of the keys stands in a text."""
        return [span for finder in self._finders for span in finder.spans(text)]

    def replace(self, text: str, placeholder: str) -> str:
        """Return a text with a placeholder where a key stood."""
        for finder in self._finders:
            text = finder.replace(text, placeholder)
        return text

    def open_end(self, text: str) -> int:
        """Return how many letters at the end of a text may be the beginning of a key."""
        return max(finder.open_end(text) for finder in self._finders)

    def may_be_in(self, data: bytes) -> bool:
        """Tell whether a piece of JSON may hold a whole key."""
        return any(finder.may_be_in(data) for finder in self._finders)
