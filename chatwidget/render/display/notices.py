"""Notices below an answer: one sentence each."""

from __future__ import annotations

from html import escape

from chatwidget.chat.text import printable

__all__ = ["cut_off", "notice_html"]

_CUT_OFF = {
    "length": "The answer was cut off: it reached the limit of tokens.",
    "content_filter": "The answer was cut off by the server's content filter.",
}


def cut_off(finish_reason: str | None) -> str:
    """Return why an answer is not whole, as a sentence; nothing if it is."""
    return _CUT_OFF.get(finish_reason or "", "")


def notice_html(sentence: str, *, is_failure: bool = False) -> str:
    """Return a sentence as safe HTML; nothing, if there is nothing to say."""
    kind = "chatwidget-notice chatwidget-failure" if is_failure else "chatwidget-notice"
    return f'<div class="{kind}">{escape(printable(sentence))}</div>\n' if sentence else ""
