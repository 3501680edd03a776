"""The session at a glance."""

from __future__ import annotations

import sys
import traceback as tracebacks
from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from chatwidget.chat.front_end import NO_PANEL, is_console
from chatwidget.chat.session import HOW_TO_CHOOSE_A_MODEL
from chatwidget.client.errors import ConfigurationError
from chatwidget.client.prices.token_price import dollars_in_words
from chatwidget.client.text import counted
from chatwidget.magic.commands.command import Theme, say
from chatwidget.magic.commands.parameters import sent_in_words
from chatwidget.magic.commands.prices import price
from chatwidget.render.display.tables import Table

if TYPE_CHECKING:
    from chatwidget.chat.session import ChatSession
    from chatwidget.chat.usage_totals import Spent

__all__ = ["THEME", "model_in_words"]

_USAGE = ("Model", "Server", "Answers", "Prompt tokens", "Answer tokens", "Seconds", "Cost")


def status(session: ChatSession, _rest: str) -> None:
    """Show the server, the model, the key's source and the parameters that are sent."""
    rows = {
        "server": f"{session.server.name} ({session.server.place})",
        "model": model_in_words(session),
        "key": key_in_words(session),
        "system": session.system or "none",
        "parameters": sent_in_words(session),
        "conversation": f"{session.current}, {counted(len(session.conversation.path()), 'turn')}",
    }
    say("\n".join(f"{name:<14}{value}" for name, value in rows.items()))


def panel(session: ChatSession, _rest: str) -> Any:
    """Show the panel here; run again in another cell, it moves there."""
    if is_console(get_ipython()):
        raise ConfigurationError(NO_PANEL)
    from chatwidget.panel.panel import panel_of  # noqa: PLC0415 - loads ipywidgets

    return panel_of(session)


def usage(session: ChatSession, _rest: str) -> Any:
    """Show the tokens, the time and the money, where it is known, that answers took, by model."""
    spent = session.tally.by_model()
    if not spent:
        say("Nothing has been asked yet.")
        return None
    total = session.tally.total()
    if len(spent) > 1:
        spent["all", ""] = total
    columns = _USAGE if total.priced else _USAGE[:-1]
    rows = [(*place, *_spent_in_words(each))[: len(columns)] for place, each in spent.items()]
    remark = "Tokens are as the servers count them."
    if total.uncounted:
        remark += f" Of {counted(total.uncounted, 'answer')} the server told no number."
    return Table(columns, rows, frozenset(columns[2:]), remark)


def traceback(_session: ChatSession, _rest: str) -> None:
    """Show the last error in full."""
    error = getattr(sys, "last_value", None)
    say("".join(tracebacks.format_exception(error)) if error else "There was no error.")


def model_in_words(session: ChatSession) -> str:
    """Return the model that the next question goes to, or what to do about there being none."""
    model = session.model or session.server.default_model
    return model or f"none chosen yet: {HOW_TO_CHOOSE_A_MODEL}"


def key_in_words(session: ChatSession) -> str:
    """Return where the key of the current server is from, or what to do about there being none."""
    key = session.client.key
    if key is not None:
        return f"from {key.source}, for {key.origin}"
    if session.server.transport:
        return "none is needed"
    variable = session.server.key_variable
    return f"none: set {variable} or run %chat key" if variable else "none; %chat key takes one"


def _spent_in_words(spent: Spent) -> tuple[str, ...]:
    return (
        f"{spent.questions:,}",
        _tokens(spent.prompt_tokens, spent.cached_tokens, "cached"),
        _tokens(spent.completion_tokens, spent.reasoning_tokens, "reasoning"),
        f"{spent.seconds:,.1f}",
        _money(spent),
    )


def _money(spent: Spent) -> str:
    """Return what is known of the cost of some answers, and of how many; empty for none."""
    if not spent.priced:
        return ""
    some = "" if spent.priced == spent.questions else f" ({spent.priced:,} of {spent.questions:,})"
    return f"{dollars_in_words(spent.dollars)}{some}"


def _tokens(number: int, part: int, kind: str) -> str:
    return f"{number:,} ({part:,} {kind})" if part else f"{number:,}"


THEME = Theme("The session at a glance", (status, usage, price, panel, traceback))
