"""Emphasis beside scripts that put no space between words.

CommonMark finds no bold text in ``**「重要」**です``, for a letter stands beside marks that have
punctuation on their other side. Where either of them is Chinese, Japanese or Korean, no space is to
be expected, and the mark opens or closes as it does beside a space.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline.state_inline import Scanned
    from markdown_it.token import Token
    from markdown_it.utils import EnvType

__all__ = ["add_emphasis_between_letters", "is_letter"]


def add_emphasis_between_letters(md: MarkdownIt) -> None:
    """Teach a parser that marks of emphasis need no space beside wide letters."""
    parser = _Parser()
    parser.ruler, parser.ruler2 = md.inline.ruler, md.inline.ruler2
    md.inline = parser


def is_letter(character: str) -> bool:
    """Tell whether CommonMark takes a character for part of a word: neither space nor mark."""
    return bool(character) and unicodedata.category(character)[0] not in "PSZC"


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803, FBT001
        """Tell whether a run of marks can open, and whether it can close."""
        scanned = super().scanDelims(start, canSplitWord)
        end = start + scanned.length
        before, after = self.src[max(start - 1, 0) : start], self.src[end : end + 1]
        if not canSplitWord or not (_is_wide(before) or _is_wide(after)):
            return scanned
        return type(scanned)(
            can_open=scanned.can_open or not _is_space(after),
            can_close=scanned.can_close or not _is_space(before),
            length=scanned.length,
        )


class _Parser(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Parse a text into tokens, as markdown-it does."""
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _is_space(character: str) -> bool:
    return not character or character.isspace()


def _is_wide(character: str) -> bool:
    return bool(character) and unicodedata.east_asian_width(character) in "WF"
