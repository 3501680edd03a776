"""Notices below an answer: one sentence each."""

from __future__ import annotations

from html import escape

from chatwidget.client.text import printable

__all__ = ["SILENT", "broke_off", "notice_html"]

SILENT = "Without a text, the answer and its question are not sent with later questions."

_BROKE_OFF = "The answer broke off"


def broke_off(error: str) -> str:
    """Return that an answer broke off, and why; an error that says so itself says it once."""
    return error if error.startswith(_BROKE_OFF) else f"{_BROKE_OFF}: {error}"


def notice_html(sentence: str, *, is_failure: bool = False) -> str:
    """Return a sentence as safe HTML; nothing, if there is nothing to say."""
    kind = "chatwidget-notice chatwidget-failure" if is_failure else "chatwidget-notice"
    return f'<div class="{kind}">{escape(printable(sentence))}</div>\n' if sentence else ""
