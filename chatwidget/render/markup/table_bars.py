r"""Bars within a formula in a table, which part no cells: ``| $P(A|B)$ | 0.2 |`` has two.

The parser parts a row at each bar. So those in formulas are masked by a character of the same
length before it looks for blocks, and are bars again before it reads what stands in them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore

__all__ = ["add_table_bars"]

_MASK = "\ufdd0"  # no character, so that no text has it
# Between single dollars as elsewhere; a word right after the second one means that neither is one.
_FORMULA = re.compile(
    r"\\[\\$] | \\\((?:(?!\\\))[^`\n]){1,500}\\\) | \\\[(?:(?!\\\])[^`\n]){1,500}\\\]"
    r" | \$\$[^$`\n]{1,500}\$\$ | \$(?![\s$])(?:\\.|[^\\$`\n]){1,500}(?<!\s)\$(?![\w$])",
    re.VERBOSE,
)
_BAR = re.compile(r"(?<!\\)\|")


def add_table_bars(md: MarkdownIt) -> None:
    """Teach a parser that bars in formulas are none of the table's."""
    md.core.ruler.before("block", "mask_bars", _mask)
    md.core.ruler.after("block", "unmask_bars", _unmask)


def _mask(state: StateCore) -> None:
    if "|" in state.src and _MASK not in state.src:
        state.src = _FORMULA.sub(lambda found: _BAR.sub(_MASK, found[0]), state.src)


def _unmask(state: StateCore) -> None:
    for token in state.tokens:
        token.content = token.content.replace(_MASK, "|")
        token.info = token.info.replace(_MASK, "|")
