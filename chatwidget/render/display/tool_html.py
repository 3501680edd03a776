"""Calls of tools and their results: as safe HTML, as Markdown that runs nothing, and as text."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING

from chatwidget.client.text import clean, printable
from chatwidget.render.display.parts import part_html
from chatwidget.render.markup.markdown import code_html
from chatwidget.render.markup.markdown_writer import fenced, inert_markdown, inert_sentence
from chatwidget.render.markup.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatwidget.render.markup.formulas import FormulaBudget
    from chatwidget.tools.messages import ShownCall, ToolRound

__all__ = ["call_text", "calls_html", "result_line", "round_html", "round_markdown", "round_text"]

_LONGEST_PREVIEW = 80
_LONGEST_COLOURED = 20_000
_LINE_BREAK = re.compile(r"\n *")


def round_html(round_: ToolRound, formulas: FormulaBudget | None = None) -> str:
    """Return what a model wrote beside its calls, and the calls, as safe HTML."""
    text = part_html("content", render(round_.text, formulas)) if round_.text else ""
    return text + part_html("tools", calls_html(round_.calls))


def calls_html(calls: Iterable[ShownCall], pending: str | None = None) -> str:
    """Return calls as safe HTML, with their arguments; the results are folded away.

    Parameters
    ----------
    calls
        The calls.
    pending
        The identifier of the call that is asked about, or runs.
    """
    return "".join(
        _open_call(call, is_pending=call.id == pending)
        if call.result is None
        else _answered_call(call, call.result)
        for call in calls
    )


def round_markdown(round_: ToolRound) -> str:
    """Return what a model wrote beside its calls, and the calls, as Markdown that runs nothing."""
    text = [inert_markdown(round_.text)] if round_.text else []
    return "\n".join(text + list(map(_call_markdown, round_.calls)))


def round_text(round_: ToolRound) -> str:
    """Return what a model wrote beside its calls, and the calls, as text."""
    calls = [f"{call_text(call)}\n{result_line(call)}" for call in round_.calls]
    return "\n\n".join(filter(None, [round_.text, *calls]))


def call_text(call: ShownCall) -> str:
    """Return a call as text, with all of its arguments."""
    return f"Tool call {call.name} {call.arguments}"


def result_line(call: ShownCall) -> str:
    """Return what came of a call as text."""
    return f"→ {call.result or ''}"


def _open_call(call: ShownCall, *, is_pending: bool) -> str:
    kind = "chatwidget-tool chatwidget-pending" if is_pending else "chatwidget-tool"
    title = f'<div class="chatwidget-call">{_title(call)}</div>'
    return f'<div class="{kind}">{title}\n{_box(call.arguments)}</div>\n'


def _answered_call(call: ShownCall, result: str) -> str:
    """Return a call with all of its arguments in sight; its result is folded away."""
    line = _in_a_line(call.arguments)
    arguments = f" <code>{escape(printable(line))}</code>" if line else ""
    title = f'<div class="chatwidget-call">{_title(call)}{arguments}</div>'
    box = "" if line else _box(call.arguments)
    summary = f"<summary>Result → {escape(_preview(result))}</summary>"
    folded = f"<details>{summary}\n{_box(printable(result))}</details>"
    return f'<div class="chatwidget-tool">{title}\n{box}{folded}</div>\n'


def _in_a_line(arguments: str) -> str:
    """Return arguments in one short line; empty if they do not fit, or are no JSON."""
    line = _LINE_BREAK.sub(" ", arguments)
    if len(line) > _LONGEST_PREVIEW:
        return ""
    try:
        json.loads(arguments)  # then there is no line break inside of a text
    except ValueError:
        return ""
    return line


def _box(text: str) -> str:
    """Return arguments or a result as code; colours would take far more room than a long one."""
    is_json = text[:1] in {"[", "{"} and len(text) <= _LONGEST_COLOURED
    return code_html(clean(text), "json" if is_json else "")


def _title(call: ShownCall) -> str:
    return f"Tool call <code>{escape(printable(call.name))}</code>"


def _preview(result: str) -> str:
    line = " ".join(printable(result).split())
    return line if len(line) <= _LONGEST_PREVIEW else f"{line[:_LONGEST_PREVIEW]}…"


def _call_markdown(call: ShownCall) -> str:
    name = inert_sentence(call.name)
    arguments = fenced(printable(call.arguments), "json")
    return f"Tool call {name}\n\n{arguments}\n\nResult\n\n{fenced(printable(call.result or ''))}\n"
