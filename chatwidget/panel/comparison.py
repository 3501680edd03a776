"""The comparison of two answers: rendered side by side, with the words that differ marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatwidget.panel.state import ComparisonState
from chatwidget.render.display.footer import footer_facts
from chatwidget.render.markup.rendering import render
from chatwidget.render.markup.word_marks import MarkedPair, marked_pair

if TYPE_CHECKING:
    from chatwidget.chat.conversation import Turn

__all__ = ["compare_turns"]

_LONGEST = 200_000
_CUT = "\n\n*The rest is not compared.*"


def compare_turns(pinned: Turn, newest: Turn) -> ComparisonState:
    """Return the answers of two turns as columns of safe HTML.

    The cost grows linearly with their length; of answers over 200,000 characters the rest is left
    out, and said so.
    """
    pair = marked_pair(render(_text(pinned)), render(_text(newest)))
    return ComparisonState(
        titles=_titles(_facts(pinned), _facts(newest)),
        columns=(pair.before, pair.after),
        summary=_summary(pair),
    )


def _summary(pair: MarkedPair) -> str:
    if not pair.words:
        return "Neither answer has text."
    if pair.same == pair.words:
        return "Both answers are the same, word for word."
    return f"{100 * pair.same // pair.words} % of the words are the same."


def _titles(pinned: list[str], newest: list[str]) -> tuple[str, str]:
    """Return what either was asked with: the difference alone, if each has something of its own."""
    alone = [[fact for fact in pinned if fact not in newest]]
    alone += [[fact for fact in newest if fact not in pinned]]
    one, other = alone if all(alone) else (pinned, newest)
    return " · ".join(one), " · ".join(other)


def _facts(turn: Turn) -> list[str]:
    facts = {key: turn.facts.get(key) for key in ("model", "parameters", "extra_body")}
    return footer_facts(facts)


def _text(turn: Turn) -> str:
    text = (turn.answer.content or "") if turn.answer else ""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + _CUT
