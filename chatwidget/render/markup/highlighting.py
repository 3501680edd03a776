"""Code as HTML with a handful of class names, which the stylesheet gives the editor's colours.

Which lexer reads the code is the model's choice, and many of them take the square or the cube of
its length for what nobody would write. So only the languages that people use have colours, code is
read in stretches, and what takes too long has none.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from html import escape
from itertools import groupby
from time import thread_time
from typing import TYPE_CHECKING

from pygments.lexers import find_lexer_class, get_all_lexers
from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String, Token

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygments.lexer import Lexer
    from pygments.token import _TokenType

__all__ = ["LANGUAGES", "highlight"]

LANGUAGES = frozenset(
    """
    abap abnf actionscript ada agda apacheconf arduino awk bash batch bibtex c clojure cmake cobol
    coffeescript common-lisp console coq cpp cr csharp css cuda cypher cython d dart delphi
    diff django docker ebnf elixir elm emacs-lisp erlang fish fortran fsharp gas gdscript glsl
    gnuplot go graphql graphviz groovy handlebars haskell hlsl html html+django html+php http idris
    ini java javascript json json5 jsonld jsonnet jsx julia kotlin lean less llvm lua make
    markdown mathematica matlab matlabsession meson mysql nasm nginx nimrod nixos objective-c ocaml
    octave perl php plpgsql postgresql powershell prolog promql properties protobuf psql puppet
    pwsh-session pycon pytb python qbasic racket rbcon rconsole registry restructuredtext ruby
    rust sas sass scala scheme scss sed smalltalk solidity sparql splus sql sqlite3 stan stata swift
    systemd systemverilog tcl tcsh terraform tex thrift toml tsql tsx turtle typescript typst
    vb.net vbscript verilog vhdl vim vue wast wgsl xml xslt yaml zig
    """.split()  # noqa: SIM905 - words read better than quoted words
)
"""What has colours: each by the first name that Pygments has for it."""

_OTHER_NAMES = {"yml": "yaml"}
"""What people write and older versions of Pygments do not know."""

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
_NOT_BY_HAND = re.compile(r"[^\n]{2001}|\w{201}")
_ROOMY = 2_000
_LARGEST = 4_000
_LEAST_SECONDS = 0.1
_SECONDS_EACH = 20e-6
"""For a character: ten times what a usual one takes."""


def highlight(code: str, language: str) -> str:
    """Return the code escaped, with spans around what has a colour.

    Text in a language that is not on the list has none, nor have stretches with a line or a word
    too long to have been written by hand, and those that the lexer takes too long for, or does not
    give back as they are.
    """
    lexer = _lexer(language.lower())
    if lexer is None:
        return escape(code, quote=False)
    until = thread_time() + _LEAST_SECONDS + _SECONDS_EACH * len(code)
    return "".join(_coloured(stretch, lexer, until) for stretch in _stretches(code))


def _stretches(code: str) -> Iterator[str]:
    """Yield code in parts that lexers read one by one: within them they look far ahead."""
    lines: list[str] = []
    size = 0
    for line in code.split("\n"):
        is_good_place = size >= _ROOMY and lines[-1] == "" and line[:1].strip()
        if lines and (is_good_place or size + len(line) >= _LARGEST):
            yield "\n".join([*lines, ""])
            lines, size = [], 0
        lines.append(line)
        size += len(line) + 1
    yield "\n".join(lines)


def _coloured(code: str, lexer: Lexer, until: float) -> str:
    found = list(_tokens(code, lexer, until))
    if "".join(value for _, value in found) != code:
        return escape(code, quote=False)
    spans = []
    for name, tokens in groupby(found, key=lambda token: _class(token[0])):
        text = escape("".join(value for _, value in tokens), quote=False)
        spans.append(f'<span class="{name}">{text}</span>' if name else text)
    return "".join(spans)


def _tokens(code: str, lexer: Lexer, until: float) -> Iterator[tuple[_TokenType, str]]:
    if thread_time() < until and not _NOT_BY_HAND.search(code):
        for token in lexer.get_tokens(code):
            yield token
            if thread_time() > until:
                return


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
    known = [(name, aliases) for name, aliases, *_ in every if LANGUAGES.intersection(aliases[:1])]
    return {alias.lower(): name for name, aliases in known for alias in aliases}


@lru_cache(maxsize=32)
def _lexer(language: str) -> Lexer | None:
    name = _lexer_names().get(_OTHER_NAMES.get(language, language))
    kind = find_lexer_class(name) if name else None
    return kind(stripnl=False, ensurenl=False) if kind else None
