"""Notices below an answer: one sentence each."""

from __future__ import annotations

from html import escape

from chatwidget.chat.text import printable

__all__ = ["notice_html"]


def notice_html(sentence: str, *, is_failure: bool = False) -> str:
    """Return a sentence as safe HTML; nothing, if there is nothing to say."""
    kind = "chatwidget-notice chatwidget-failure" if is_failure else "chatwidget-notice"
    return f'<div class="{kind}">{escape(printable(sentence))}</div>\n' if sentence else ""
