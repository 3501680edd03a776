"""A reversible tokenizer whose tokens are the words of the handbook."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["END", "Tokenizer"]

END = 0
"""The token that ends an answer; no text encodes to it."""

_FIRST_BYTE = 1
_FIRST_WORD = _FIRST_BYTE + 256

# Every character is matched by exactly one branch, and no branch looks further than its own run,
# so that hostile text costs no more than other text of its length.
_PIECE = re.compile(
    r"\s*\n[^\S\n]*"  # line ends, with the indentation of the next line
    r"| ?\w+(?:['\u2019]\w+)*"  # a word with the space before it: " temperature", "top_p", "don't"
    r"| ?([^\w\s])\1*"  # a run of one punctuation mark: ".", " ```", "%%"
    r"|[^\S\n]+(?=[^\S\n])"  # spaces that leave one for the word after them
    r"|\s"
)


class Tokenizer:
    """Turns text into tokens and tokens into exactly the same text.

    A word of the vocabulary is one token, and carries the space before it.
    Any other word is spelled: one token for each byte of its UTF-8 form.

    Parameters
    ----------
    texts
        The texts whose words become the vocabulary, the commonest with the lowest ids.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        counts = Counter(piece for text in texts for piece in pieces(text))
        words = sorted(counts, key=lambda piece: (-counts[piece], piece))
        # a single ASCII character is spelled anyway, so it needs no second token
        spelled = [_utf8(word) for word in words]
        self._bytes = [b"", *(bytes([byte]) for byte in range(256))]
        self._bytes += [word for word in spelled if len(word) > 1]
        self._ids = {word: token for token, word in enumerate(self._bytes) if token >= _FIRST_WORD}

    def __len__(self) -> int:
        """Return the size of the vocabulary."""
        return len(self._bytes)

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text."""
        tokens: list[int] = []
        for piece in pieces(text):
            word = _utf8(piece)
            token = self._ids.get(word)
            tokens += [_FIRST_BYTE + byte for byte in word] if token is None else [token]
        return tokens

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the text of tokens; bytes that are not UTF-8 become U+FFFD."""
        joined = b"".join(self._bytes[token] for token in tokens)
        try:
            return joined.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return joined.decode("utf-8", "replace")

    def bytes(self, token: int) -> bytes:
        """Return the bytes of one token; the end token has none."""
        return self._bytes[token]

    def label(self, token: int) -> str:
        r"""Return one token as text to show: half a character is written as ``\xe2``."""
        return "<|end|>" if token == END else self._bytes[token].decode("utf-8", "backslashreplace")


def pieces(text: str) -> Sequence[str]:
    """Split a text into words with their leading space, punctuation and line ends."""
    return [match[0] for match in _PIECE.finditer(text)]


def _utf8(text: str) -> bytes:
    # JSON can hold half of a surrogate pair, and a prompt may come with one
    return text.encode("utf-8", "surrogatepass")
