"""Code as HTML with a handful of class names, which the stylesheet gives the editor's colours."""

from __future__ import annotations

from functools import cache, lru_cache
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from pygments.lexers import find_lexer_class, get_all_lexers
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String, Token

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

__all__ = ["highlight"]

_CLASSES: dict[_TokenType, str] = {
    Comment: "c",
    Keyword: "k",
    Keyword.Constant: "kc",
    Literal: "s",
    String: "s",
    Number: "m",
    Operator.Word: "k",
    Name.Builtin: "nb",
    Name.Class: "nc",
    Name.Function: "nf",
    Name.Decorator: "nd",
    Name.Tag: "nt",
    Name.Attribute: "na",
    Generic.Deleted: "gd",
    Generic.Inserted: "gi",
    Generic.Heading: "k",
    Generic.Prompt: "c",
    Generic.Output: "c",
}
_LONGEST_LINE = 2000


def highlight(code: str, language: str) -> str:
    """Return the code escaped, with spans around what has a colour.

    Text in an unknown language, or with a line too long to have been written by hand, has none,
    nor has text that its lexer does not give back as it is.
    """
    lexer = _lexer(language.lower())
    if lexer is None or max(map(len, code.split("\n"))) > _LONGEST_LINE:
        return escape(code, quote=False)
    found = list(lexer.get_tokens(code))
    if "".join(value for _, value in found) != code:
        return escape(code, quote=False)
    spans = []
    for name, tokens in groupby(found, key=lambda token: _class(token[0])):
        text = escape("".join(value for _, value in tokens), quote=False)
        spans.append(f'<span class="{name}">{text}</span>' if name else text)
    return "".join(spans)


@cache
def _class(kind: _TokenType) -> str:
    while kind is not Token:
        if kind in _CLASSES:
            return _CLASSES[kind]
        kind = kind.parent or Token
    return ""


@cache
def _lexer_names() -> dict[str, str]:
    """Map every alias to the name of its lexer, without looking for plugins (slow, and unknown)."""
    every = get_all_lexers(plugins=False)
    return {alias.lower(): name for name, aliases, _, _ in every for alias in aliases}


@lru_cache(maxsize=32)
def _lexer(language: str) -> Lexer | None:
    name = _lexer_names().get(language)
    kind = find_lexer_class(name) if name else None
    return kind(stripnl=False, ensurenl=False) if kind else None
