"""The source of a cell that asks: written for a turn, and read for its prompts."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from chatwidget.chat.request_config import RequestConfig
from chatwidget.client.auth.servers import PROFILES
from chatwidget.client.errors import ChatWidgetError
from chatwidget.prompt.arguments import parse_cell_line
from chatwidget.prompt.cell_text import from_magic
from chatwidget.prompt.request_snippet import as_magic, read_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatwidget.chat.conversation import Turn

__all__ = ["names_conversation", "prompts_in", "source_of", "untold"]

_ASK = re.compile(r"^[ \t]*%chat[ \t]+ask[ \t]+(.*\S)", re.MULTILINE)


def prompts_in(source: str) -> list[str]:
    """Return the prompts of a cell: its text below ``%%chat``, or its lines with ``%chat ask``."""
    if cell := from_magic(source):
        return [cell.partition("\n")[2].strip("\n")]
    return [match[1] for match in _ASK.finditer(source)]


def names_conversation(source: str) -> bool:
    """Tell whether a cell asks in a conversation that it names, whichever is the current one."""
    first = from_magic(source).partition("\n")[0]
    try:
        return parse_cell_line(first.removeprefix("%%chat")).conversation is not None
    except ChatWidgetError:
        return False


def untold(prompt: str, source: str) -> str | None:
    """Return a prompt that the source of its cell does not tell, or not alone."""
    return None if prompts_in(source) == [prompt] else prompt


def source_of(turn: Turn, conversation: str) -> str:
    """Return a cell that asks what a turn asked, as far as flags can say it.

    Where variables were filled in, it has their values, since nobody else has them.
    """
    body = turn.content if isinstance(turn.content, str) else turn.prompt
    facts = turn.facts
    given = facts.get("parameters", {}).items()
    config = RequestConfig(
        model=facts.get("model") or "",
        system=turn.system,
        parameters={name: value for name, value in given if _can_be_said(name, value)},
    )
    flags = filter(_is_readable, _other_flags(facts.get("server"), conversation, body))
    return " ".join([as_magic(config), *flags]) + f"\n{body}"


def _other_flags(server: str | None, conversation: str, body: str) -> Iterator[str]:
    if server in PROFILES:
        yield f"--server {server}"
    yield f"-c {shlex.quote(conversation)}"
    if "{{" in body:
        yield "--no-vars"


def _can_be_said(name: str, value: Any) -> bool:
    """Tell whether a flag gives a value back: a type, for one, is known by its name only."""
    try:
        read = read_request(as_magic(RequestConfig(parameters={name: value})))
    except ChatWidgetError:
        return False
    return read.parameters == {name: value}


def _is_readable(flag: str) -> bool:
    """Tell whether a flag stands on one line and means what it says."""
    try:
        parse_cell_line(flag)
    except ChatWidgetError:
        return False
    return flag.isprintable()
