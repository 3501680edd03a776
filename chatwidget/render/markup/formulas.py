r"""Which formulas a typesetter gets: those that only draw, at a cost that is bounded.

A typesetter runs in the page, on the thread that draws it. What it costs grows with the length of
formulas and with their number, and much faster with their depth, ``\frac{\frac{…``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chatwidget.render.markup.mathmarkup import with_delimiters
from chatwidget.render.markup.tex_commands import (
    COMMANDS,
    COSTLY_COMMANDS,
    ENVIRONMENTS,
    SWITCHES,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

__all__ = ["FormulaBudget", "add_formula_bounds"]

# MathJax 2 and 3 look for these classes: the answer around them is theirs to ignore
_TYPESET = "chatwidget-math tex2jax_process mathjax_process"

_DEEPEST = 16
_DEEPEST_COSTLY = 3

# What a typesetter makes of a letter or sign is 1: it takes about a tenth of a millisecond.
_COMMAND = 3
_COSTLY = 12
_SWITCH = 30
_EACH = 7
_MOST = 1_500
_MOST_TOGETHER = 5_000

_TOKEN = re.compile(
    r"\\(?P<limit>begin|end)\s*\{(?P<environment>[A-Za-z]+\*?)\}"
    r"|\\(?P<command>[A-Za-z]+)|\\[-,:;!>|{}\\%$#&_/'\"`^~=.\s]"
    # some take a percent sign for text: what follows it may be words
    r"|%[^\\{}\n]*(?:\n|\Z)|\^(?!\^)|[^\s\\%^]"
    r"|\s+"
)
_CLOSERS = {"{": "}", "left": "right", "begin": "end"}
_CUT_OFF = re.compile(r"\\(?:[A-Za-z]+|(?:begin|end)\s*\{[A-Za-z]*\*?)?\Z")


@dataclass(slots=True)
class FormulaBudget:
    """Budget of the formulas that are shown together: what typesetting may still cost."""

    left: int = _MOST_TOGETHER

    def admits(self, tex: str, *, unfinished: bool = False) -> bool:
        """Tell whether a formula is typeset, and charge for it.

        One that is unfinished may end in the middle of a command.
        """
        cost = _cost(_CUT_OFF.sub("", tex) if unfinished else tex)
        if cost is None or cost > self.left:
            return False
        self.left -= cost
        return True


def add_formula_bounds(md: MarkdownIt) -> None:
    """Teach a parser to make code of the formulas that a typesetter is not to get."""
    md.core.ruler.push("formulas", _bound_formulas)


def _bound_formulas(state: StateCore) -> None:
    for block in state.tokens:
        for token in block.children or [block]:
            if token.type in {"math_block", "math_inline"}:
                _bound(token, state.env)


def _bound(token: Token, env: Mapping[str, Any]) -> None:
    """Mark a formula for the typesetter, once no text will change it, or make code of it."""
    unfinished = env["unfinished"]
    if env["formulas"].admits(token.content, unfinished=unfinished):
        token.attrs = {"class": "chatwidget-math" if unfinished else _TYPESET}
    else:
        token.content = with_delimiters(token) + "\n" * token.block
        token.type = "code_block" if token.block else "code_inline"


def _cost(tex: str) -> int | None:
    """Return what typesetting costs; None if that is too much, or does more than draw."""
    cost, position = _EACH, 0
    closers: list[str] = []
    while position < len(tex):
        token = _TOKEN.match(tex, position)
        if token is None or not _only_draws(token, len(closers)) or not _nests(token, closers):
            return None
        position = token.end()
        cost += _cost_of(token)
        if cost > _MOST or len(closers) > _DEEPEST:
            return None
    return cost


def _cost_of(token: re.Match[str]) -> int:
    if token["command"] in SWITCHES:
        return _SWITCH
    if token["command"] in COSTLY_COMMANDS:
        return _COSTLY
    return _COMMAND if token["command"] else int(not token[0].isspace())


def _only_draws(token: re.Match[str], depth: int) -> bool:
    if token["environment"]:
        return token["environment"] in ENVIRONMENTS
    command = token["command"]
    if command in COSTLY_COMMANDS:
        return depth <= _DEEPEST_COSTLY
    return command is None or command in COMMANDS


def _nests(token: re.Match[str], closers: list[str]) -> bool:
    """Take what opens or closes something; tell whether it closes what was opened last."""
    kind = token["limit"] or token["command"] or token[0]
    if kind in _CLOSERS:
        closers.append(_CLOSERS[kind] + (token["environment"] or ""))
    elif kind in _CLOSERS.values():
        return bool(closers) and closers.pop() == kind + (token["environment"] or "")
    return True
