"""The visible form of a token: its spaces, line ends and controls as marks that can be seen."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chatwidget.client.wire.types import TokenLogprob, TopLogprob

__all__ = ["flowing", "label", "spelled", "texts"]

_MARKS = {"\n": "↵", "\r": "↵", "\t": "⇥", "\u00a0": "⍽"}
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
_JOINERS = "\u200c\u200d"
"""What makes one sign of several, as in emoji and many scripts."""
_INCOMPLETE = "⋯"
_OUTER_SPACES = re.compile(r"\A +| +\Z")


def spelled(token: TokenLogprob | TopLogprob) -> str:
    r"""Return a token as text; half a character is written as ``\xe2``, if its bytes are known."""
    if token.bytes is None:
        return token.token
    try:
        return bytes(token.bytes).decode("utf-8", "backslashreplace")
    except ValueError:  # a server may send numbers that are no bytes
        return token.token


def texts(tokens: Iterable[TokenLogprob]) -> Iterator[str]:
    """Yield what each token adds to the text; a character that takes several comes with the last.

    Servers that send no bytes name what they can.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for token in tokens:
        try:
            known = bytes(token.bytes) if token.bytes else None
        except ValueError:
            known = None
        if known is None:
            yield decoder.decode(b"", final=True) + token.token
            decoder.reset()
        else:
            yield decoder.decode(known)


def label(text: str) -> str:
    """Return a token by itself: spaces at its ends are dots, what moves the line has a mark."""
    dotted = _OUTER_SPACES.sub(lambda spaces: "·" * len(spaces[0]), text)
    return "".join(map(_seen, dotted)) or "∅"


def flowing(text: str) -> str:
    """Return a token within its text, where spaces between words are spaces, and lines are lines.

    Spaces without a word are dots. What is only a part of a character is ``⋯``.
    """
    if not text:
        return _INCOMPLETE
    shown = "".join(f"↵{each}" if each == "\n" else _seen(each) for each in text)
    return shown if text.strip(" ") else "·" * len(text)


def _seen(character: str) -> str:
    if character == " " or character in _JOINERS:
        return character
    if character in _MARKS:
        return _MARKS[character]
    if unicodedata.category(character) in _UNSEEN:
        return f"<U+{ord(character):04X}>"
    return character
