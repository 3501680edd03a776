"""Autolinks: a bare web or mail address in the text of a model is a link.

As GitHub reads them: ``https://``, ``http://``, ``www.`` and ``name@host.tld``, without the
punctuation that ends the sentence. Beside letters of scripts without spaces, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it.token import Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

__all__ = ["MAY_BE_ADDRESS", "add_autolinks"]

MAY_BE_ADDRESS = r"://|www\.|@"
"""What every bare address has in it, as a regular expression."""

# Full-width punctuation ends an address, and so do characters that cannot be seen.
_ENDS = r"\s<>\"`\u2018-\u201f\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_UNSEEN = r"\x00-\x1f\x7f-\xa0\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
_BARE = re.compile(
    rf"""
    (?<![A-Za-z0-9._+/@:-])
    (?: (?P<web>(?:https?://|www\.)[^{_ENDS}{_UNSEEN}]{{1,4000}})
      | (?P<mail>[A-Za-z0-9._+-]{{1,64}}@[A-Za-z0-9-]{{1,63}}(?:\.[A-Za-z0-9-]{{1,63}})+)
        (?![@/\w-]|\.\w|:\S)
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CLOSING = {")": "(", "]": "["}
_PUNCTUATION = "?!.,:;*_~'"


def add_autolinks(md: MarkdownIt) -> None:
    """Teach a parser to make links of bare addresses, where they are neither code nor in a link."""
    md.core.ruler.push("autolinks", _link_addresses)


def _link_addresses(state: StateCore) -> None:
    for token in state.tokens:
        if token.children and re.search(MAY_BE_ADDRESS, token.content):
            token.children = list(_with_links(token.children, state.md))


def _with_links(tokens: Sequence[Token], md: MarkdownIt) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += token.nesting * (token.type in {"link_open", "link_close"})
        if token.type == "text" and not depth:
            yield from _split(token, md)
        else:
            yield token


def _split(token: Token, md: MarkdownIt) -> Iterator[Token]:
    """Yield a text in parts: addresses as links, and what stands between them."""
    text, start = token.content, 0
    for found in _BARE.finditer(text):
        shown = _without_end(found[0])
        href = md.normalizeLink(_prefix(found) + shown)
        if _names_host(shown) and md.validateLink(href):
            yield _text(text[start : found.start()], token.level)
            yield Token("link_open", "a", 1, attrs={"href": href}, markup="autolink")
            yield _text(shown, token.level + 1)
            yield Token("link_close", "a", -1, markup="autolink")
            start = found.start() + len(shown)
    yield _text(text[start:], token.level)


def _prefix(found: re.Match[str]) -> str:
    if found["mail"]:
        return "mailto:"
    return "" if "://" in found[0][:8] else "http://"


def _names_host(address: str) -> bool:
    host = re.split("[/?#]", address.partition("://")[2] or address, maxsplit=1)[0]
    return any(map(str.isalnum, host.removeprefix("www.")))


def _without_end(address: str) -> str:
    """Return an address without what belongs to the sentence: its stop, a bracket around it."""
    surplus = {each: address.count(each) - address.count(_CLOSING[each]) for each in _CLOSING}
    end = len(address)
    while end and (address[end - 1] in _PUNCTUATION or surplus.get(address[end - 1], 0) > 0):
        if address[end - 1] in surplus:
            surplus[address[end - 1]] -= 1
        end -= 1
    return address[:end]


def _text(text: str, level: int) -> Token:
    return Token("text", "", 0, content=text, level=level)
